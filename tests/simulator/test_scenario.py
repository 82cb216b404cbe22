"""Scenario files."""

from pathlib import Path

import pytest

from geo.zones import ZoneKind, read_zones
from simulator.scenario import SCENARIOS, BadScenario, find, load, open_bundle
from simulator.setup import read_units

STRAIT = SCENARIOS / "strait.toml"


def test_the_scenario_that_comes_along_is_whole() -> None:
    """Its zones have no problems and no notes, cover both coasts, a line, an exclusion, ports and an anchorage; its
    units are for exercises."""
    bundle = open_bundle("strait")
    zones = read_zones(bundle.zones)
    kinds = [zone.kind for zone in zones]
    assert not zones.notes
    assert kinds.count(ZoneKind.TERRITORY) == 2
    assert {ZoneKind.BORDER_LINE, ZoneKind.EXCLUSION, ZoneKind.PORT_OF_ENTRY, ZoneKind.ANCHORAGE} <= set(kinds)
    assert bundle.units is not None
    assert len(read_units(bundle.units)) >= 3


def test_a_name_finds_what_comes_along_and_a_path_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``strait`` works from any directory; a file of that name in it is meant first."""
    monkeypatch.chdir(tmp_path)
    assert find("strait") == STRAIT
    (tmp_path / "strait").write_text("")
    assert find("strait") == Path("strait")


@pytest.mark.parametrize(
    "before, after, told",
    [
        ('name = "strait"', 'name = "strait"\nsped = 1', "sped"),
        ("interval_s = 600.0", 'interval_s = "often"', "interval_s"),
        ("interval_s = 600.0", "interval_s = 0.0", "interval_s"),
        ("position = [-28.45547, 46.50138]", "position = [46.50138, -128.45547]", "position"),
        ("start = 2026-06-01T04:00:00Z", "start = 2026-06-01T04:00:00", "UTC"),
        ('name = "eastbound"', 'name = "westbound"', "westbound"),
        ('zones = "strait-zones.geojson"', "", "zones"),
    ],
)
def test_a_bad_file_is_refused_by_name_of_key(before: str, after: str, told: str, tmp_path: Path) -> None:
    """The message names the file and the key, so that it can be mended without reading code."""
    text = STRAIT.read_text()
    assert before in text
    path = tmp_path / "bad.toml"
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(BadScenario, match=r"bad\.toml") as problem:
        load(path)
    assert told in str(problem.value)


def test_files_beside_the_scenario_must_be_there(tmp_path: Path) -> None:
    """A scenario copied without its zones says which file is missing."""
    path = tmp_path / "alone.toml"
    path.write_text(STRAIT.read_text())
    with pytest.raises(BadScenario, match=r"strait-zones\.geojson"):
        open_bundle(str(path))


def test_a_unit_of_operations_is_refused(tmp_path: Path) -> None:
    """A real patrol must never be sent after a simulated boat."""
    path = tmp_path / "units.json"
    path.write_text('[{"unit_id": "real", "position": [1.0, 2.0], "speed_mps": 10.0}]')
    with pytest.raises(BadScenario, match="exercise"):
        read_units(path)
