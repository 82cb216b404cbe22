"""Maps from the command line: by the file's suffix, from files alone, with the next step where something is missing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geo.zones import as_features
from streams.cli.show import command as show
from streams.cli.zones import command as zones_command
from streams.inputs import parse_input, settings_for
from streams.messages import ZonesVersion
from streams.replay import replay
from streams.zones import ZoneVersions
from tests.streams.console.map.sample import SOURCE, zones

TRACK = """time,lat,lon,vessel_id,speed,course
2026-06-01T06:00:00Z,45.05,-30.05,heron,12,90
2026-06-01T06:05:00Z,45.05,-30.01,heron,12,90
2026-06-01T06:10:00Z,45.05,-29.98,heron,12,90
"""


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """A folder with zones, a track and the alerts a replay makes of them."""
    collection = as_features(zones())
    (tmp_path / "zones.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (tmp_path / "boats.csv").write_text(TRACK, encoding="utf-8")
    versions, inputs = ZoneVersions(), [parse_input(str(tmp_path / "boats.csv"))]
    versions.add(ZonesVersion(version=1, in_force_from_us=None, zones=collection))
    lines = replay(inputs, versions, settings_for(inputs)).lines()
    (tmp_path / "alerts.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    return tmp_path


def alert_id(day: Path, zone: str) -> str:
    """The id of the alert of a zone."""
    alerts = [json.loads(line) for line in (day / "alerts.jsonl").read_text().splitlines()]
    return str(next(alert["alert_id"] for alert in alerts if alert["zone_id"] == zone))


def run(day: Path, *arguments: str) -> Result:
    """``vedette show`` over the day's files."""
    files = ("--alerts", str(day / "alerts.jsonl"), "--zones", str(day / "zones.geojson"))
    return CliRunner().invoke(show, [*arguments, *files, "--track", str(day / "boats.csv")])


@pytest.mark.parametrize("zone", ["quiet-bay", "line"])
def test_an_alert_is_drawn_from_files(day: Path, zone: str) -> None:
    """Law: with alerts, zones and track from files no broker is needed, and the page shows segment and crossing."""
    result = run(day, alert_id(day, zone)[:8], "--map", str(day / "alert.html"))
    assert result.exit_code == 0, result.output
    page = (day / "alert.html").read_text(encoding="utf-8")
    for words in ('class="deciding"', 'class="crossing"', 'class="track"', SOURCE, "heron"):
        assert words in page


def test_the_suffix_says_what_is_drawn(day: Path) -> None:
    """Law: .png is a PNG, .svg an SVG, and another suffix is refused before anything is read."""
    for suffix, start in ((".png", b"\x89PNG"), (".svg", b"<?xml")):
        target = day / f"alert{suffix}"
        assert run(day, alert_id(day, "quiet-bay"), "--map", str(target)).exit_code == 0
        assert target.read_bytes().startswith(start)
    result = run(day, "x", "--map", str(day / "alert.pdf"))
    assert result.exit_code == 2
    assert ".html" in result.output


def test_json_stays_json_beside_a_map(day: Path) -> None:
    """Law: with --json stdout is the alert and nothing else; the map is told of on stderr."""
    result = run(day, alert_id(day, "quiet-bay"), "--json", "--map", str(day / "alert.html"))
    assert json.loads(result.stdout)["zone_id"] == "quiet-bay"
    assert "wrote" in result.stderr


def test_what_is_missing_is_named(day: Path) -> None:
    """Law: an alerts file alone is not enough for a map, and a line that is no alert is named by its number."""
    alone = ["x", "--alerts", str(day / "alerts.jsonl"), "--map", str(day / "a.html")]
    assert "--zones" in CliRunner().invoke(show, alone).output
    (day / "alerts.jsonl").write_text("{}\n")
    result = run(day, "x")
    assert result.exit_code == 2
    assert "line 1" in result.output


def test_zones_are_drawn_as_a_page(day: Path) -> None:
    """Law: `zones show --html` writes one page that names every zone and every source."""
    target = day / "map.html"
    result = CliRunner().invoke(zones_command, ["show", str(day / "zones.geojson"), "--html", str(target)])
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, f"wrote {target}")
    page = target.read_text(encoding="utf-8")
    assert all(zone.zone_id in page for zone in zones())
    assert SOURCE in page
