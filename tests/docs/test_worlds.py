"""The page on worlds against the scenario files' own types."""

import re

import msgspec

from simulator.scenario import SCENARIOS, Scenario, load
from simulator.track_score import TrackScore, score_tracks
from streams.cli.track_score import lines
from tests.docs.pages import ROOT
from tests.simulator.test_track_score import standing

PAGE = (ROOT / "docs" / "how-to" / "simulate-and-score.md").read_text()


def test_every_table_and_every_scenario_is_named() -> None:
    """Law: each ``[[table]]`` a scenario can hold, and each scenario that comes along, is on the page; no other."""
    tables = {field.name for field in msgspec.structs.fields(Scenario) if str(field.type).startswith("tuple[simulator")}
    assert set(re.findall(r"`\[\[(\w+)\]\]`", PAGE)) == tables
    shipped = {path.stem for path in SCENARIOS.glob("*.toml")}
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == shipped


def test_every_figure_of_the_score_is_explained() -> None:
    """Law: each column that the score of tracks prints is a row of the page's table."""
    result: TrackScore = score_tracks({0.0: [standing("a", 0.0, "r")]}, {})
    head = re.split(r"  +", lines([result])[1].strip())
    rows = " ".join(re.findall(r"^\| ([^|`]+) \|", PAGE, re.MULTILINE))
    assert [name for name in head if name.split()[0] not in rows and name not in ("sensors", "p95 s")] == []


def test_the_example_of_a_radar_is_a_radar() -> None:
    """Law: the TOML on the page can be put into a scenario as it stands."""
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    text = (SCENARIOS / "radars.toml").read_text() + example
    scenario = msgspec.toml.decode(text, type=Scenario)
    assert scenario.radars[-1].azimuth_bias_deg == 0.5
    assert len(scenario.radars) == len(load(SCENARIOS / "radars.toml").radars) + 1
