"""Plots and sensors as files for the tracker, and load at a wanted rate."""

import csv
import tomllib
from pathlib import Path

import pytest

from geo.zones import read_zones
from simulator.plots import HEADER, PlotTable, sensors_toml
from simulator.scaling import at_rate, plot_rate, scaled
from simulator.scenario import BadScenario, open_bundle
from simulator.world import World
from streams.tracks.offline.sensor_file import read_sensors
from tests.simulator.small import scenario, zones


def test_the_table_holds_every_good_position_in_order(tmp_path: Path) -> None:
    """One row for each report and each sighting with a position, by the sensor's clock, with its variance."""
    bundle = open_bundle("radars")
    world = World(bundle.scenario, read_zones(bundle.zones))
    table = PlotTable(bundle.scenario, world.start_us)
    moments = list(table.watch(world.run(5.0)))
    wanted = sum(len(moment.sightings) + len(moment.reports) for moment in moments)
    table.write(tmp_path / "plots.csv")
    with (tmp_path / "plots.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == list(HEADER)
    assert len(rows) - 1 == wanted > 3000
    times = [float(row[0]) for row in rows[1:]]
    assert times == sorted(times)
    first = min((s for moment in moments for s in moment.sightings), key=lambda s: s.mark.stamp_s)
    assert first.mark.xy_m is not None
    row = next(row for row in rows[1:] if row[1] == first.sensor_id)
    assert [float(value) for value in row[2:4]] == pytest.approx(first.mark.xy_m, abs=1e-3)
    assert float(row[4]) > 0.0


@pytest.mark.parametrize("name", ["radars", "frontier"])
def test_the_tracker_reads_what_is_said_of_the_sensors(name: str) -> None:
    """The description is accepted whole, names every sensor of the table, and nothing of any bias."""
    shown = open_bundle(name).scenario
    text = sensors_toml(shown).decode()
    names = [part.name for part in (*shown.radars, *shown.videos, *shown.receivers)]
    assert [sensor.sensor_id for sensor in read_sensors(text)] == names
    assert "bias" not in text
    radar = tomllib.loads(text)["sensor"][0]
    assert (radar["modality"], radar["revisit_s"]) == ("radar", shown.radars[0].revisit_s)
    assert radar["coverage"]["max_range_m"] == shown.radars[0].range_m


def test_load_comes_at_the_wanted_rate() -> None:
    """Four radars scaled to 3,000 plots/s give it within 5 %, though crowds merge."""
    bundle = open_bundle("radars")
    shapes = read_zones(bundle.zones)
    busy = at_rate(bundle.scenario, shapes, 3000.0)
    assert plot_rate(busy, shapes, 6.0) == pytest.approx(3000.0, rel=0.05)
    assert len(busy.radars) == 4


def test_scaling_multiplies_what_is_counted() -> None:
    """Counts, arrival rates and clutter grow by the factor; nothing with a count vanishes."""
    small = scenario()
    double = scaled(small, 2.0)
    assert [boats.count for boats in double.fishing] == [2 * boats.count for boats in small.fishing]
    assert double.crossings[0].interval_s == small.crossings[0].interval_s / 2.0
    assert scaled(small, 0.01).fishing[0].count == 1


def test_a_world_without_radars_has_no_rate() -> None:
    """Scaling what makes no plots is refused by the scenario's name."""
    with pytest.raises(BadScenario, match="small"):
        at_rate(scenario(), zones(), 100.0)
