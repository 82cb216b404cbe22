"""``vedette replay`` as it is used: files and pipes in, one JSON object per alert out, exit codes, and refusals."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.cli.replay import command

HEADER = "time,lat,lon,mmsi,speed,course"
ENTERS = (
    HEADER,
    "2026-01-01T00:00:00,0.5,-0.1,123456789,20,90",
    "2026-01-01T00:10:00Z,0.5,-0.02,123456789,20,90",
    "2026-01-01T00:20:00,0.5,0.05,123456789,20,90",
    "2026-01-01T00:20:00,0.5,0.6,987654321,0,0",  # first seen inside
)
BAD = ("bad,0.5,0.7,123456789,20,90", "2026-01-01T03:40:00,95,0.7,123456789,20,90")


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    """One square degree of territory."""
    ring = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
    feature = {
        "type": "Feature",
        "properties": {"zone_id": "T1", "kind": "territory", "name": "T"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def run(*arguments: object) -> Result:
    """Run the verb in this process."""
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def alerts(lines: str) -> list[dict[str, Any]]:
    """What was printed or written."""
    return [json.loads(line) for line in lines.splitlines()]


def written(path: Path, *lines: str) -> Path:
    """A file of these lines."""
    path.write_text("\n".join(lines) + "\n")
    return path


def test_an_entry_is_one_alert_with_what_is_promised_of_it(zones: Path, tmp_path: Path) -> None:
    """Every field that readers may rely on; a time without a zone is UTC; who is first seen inside is no incursion."""
    done = run(written(tmp_path / "a.csv", *ENTERS), "--zones", zones)
    assert done.exit_code == 0
    assert done.stderr == ""
    (alert,) = alerts(done.stdout)
    assert alert["kind"] == "incursion"
    assert alert["zone_id"] == "T1"
    assert alert["state"] == "active-unack"
    assert alert["event_time"] == "2026-01-01T00:20:00Z"
    assert alert["position"] == [0.05, 0.5]
    assert alert["direction"] == "inbound"
    assert alert["subject"]["identity"] == {"mmsi": 123456789}
    assert len(alert["subject"]["track_ids"]) == 1
    assert len(alert["evidence"]) == 2
    assert alert["reasons"]
    assert alert["simulated"] is False
    assert {"alert_id", "version", "severity", "confidence"} <= alert.keys()


def test_a_file_a_compressed_one_and_a_pipe_say_the_same(zones: Path, tmp_path: Path) -> None:
    """The bytes decide, not how they came, and ``--out`` leaves stdout alone."""
    path = written(tmp_path / "a.csv", *ENTERS)
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    first = alerts(run(path, "--zones", zones).stdout)
    assert alerts(run(packed, "--zones", zones).stdout) == first
    verb = (str(Path(sys.executable).with_name("vedette")), "replay", "-", "--format", "csv", "--zones", str(zones))
    pipe = subprocess.run(verb, input=path.read_bytes(), capture_output=True, check=True)
    (piped,) = alerts(pipe.stdout.decode())
    assert (piped["zone_id"], piped["event_time"]) == (first[0]["zone_id"], first[0]["event_time"])
    out = tmp_path / "alerts.jsonl"
    quiet = run(path, "--zones", zones, "--out", out)
    assert quiet.stdout == ""
    assert alerts(out.read_text()) == first


def test_rows_that_cannot_be_used_are_told_by_reason(zones: Path, tmp_path: Path) -> None:
    """On stderr, with where to read more; only ``--strict`` makes them the exit code 1."""
    path = written(tmp_path / "a.csv", *ENTERS, *BAD)
    loose, strict = run(path, "--zones", zones), run(path, "--zones", zones, "--strict")
    assert (loose.exit_code, strict.exit_code) == (0, 1)
    assert "bad-time 1, out-of-range 1" in loose.stderr
    assert "vedette check" in loose.stderr
    assert len(alerts(loose.stdout)) == len(alerts(strict.stdout)) == 1
    assert run(written(tmp_path / "b.csv", *ENTERS), "--zones", zones, "--strict").exit_code == 0


def test_units_are_those_asked_for(zones: Path, tmp_path: Path) -> None:
    """Knots unless ``--units si`` says metres per second."""
    path = written(tmp_path / "a.csv", *ENTERS)
    (nautical,) = alerts(run(path, "--zones", zones).stdout)
    (si,) = alerts(run(path, "--zones", zones, "--units", "si").stdout)
    assert nautical["speed_mps"] == pytest.approx(20 * 1852 / 3600)
    assert si["speed_mps"] == 20.0


@pytest.mark.parametrize("arguments", [("missing.csv",), (), ("a.csv", "--format", "xml")])
def test_wrong_use_ends_with_2(zones: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A file that is not there, none at all, a format nobody knows."""
    written(tmp_path / "a.csv", *ENTERS)
    paths = (tmp_path / name if name.endswith(".csv") else name for name in arguments)
    assert run(*paths, "--zones", zones).exit_code == 2
