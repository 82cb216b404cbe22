"""Bearings and triggers find their owners: one counts them, the others are told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.sectors import sector, sectors
from sensors.convert import to_columns
from sensors.observation import Bearing, Observation
from streams.config import PlotSensor
from streams.ingest.placeless import WALK_M, Placeless, around
from streams.partitioning import Owners
from streams.tracks.sharing.plane import Plane
from tests.streams.surveil.others_world import BEGIN, GROUND

SITE = st.tuples(st.floats(-179.0, 179.0), st.floats(-70.0, 70.0))


def bearing_of(sensor_id: str) -> Observation:
    """Of a camera."""
    return Observation(sensor_id=sensor_id, event_time=BEGIN, bearing=Bearing(10.0, 0.1))


@settings(max_examples=25, deadline=None)
@given(SITE, st.floats(100.0, 60_000.0), st.sampled_from([2, 16]))
def test_a_bearing_goes_to_all_that_its_camera_can_see(site: tuple[float, float], range_m: float, owners: int) -> None:
    """Law: its owner is that of the site; told are the other owners of ground within the range and no others, but for
    slivers. Oracle: two thousand places drawn evenly over the disc."""
    table = Owners(owners)
    camera = PlotSensor("c", "camera", site=site, max_range_m=range_m, sigma_deg=0.2)
    reach = Placeless([camera], table).of(to_columns([bearing_of("c")]), 0)
    assert reach is not None
    assert reach.sector == sector(*site)
    own = int(table.owner_of(np.array([reach.sector], np.uint64))[0])
    far_m = range_m * np.sqrt(np.linspace(0.0, 1.001, 2_000))
    angle = 2.399963 * np.arange(2_000)  # the golden angle: even over the disc
    places = Plane(*site).to_lonlat(far_m[:, None] * np.column_stack([np.sin(angle), np.cos(angle)]))
    drawn = table.owner_of(sectors(places))
    assert list(reach.others) == sorted(set(reach.others) - {own})
    for other in set(drawn.tolist()) - {own, *reach.others}:
        assert np.mean(drawn == other) < 0.02
    for other in reach.others:
        assert other in drawn or range_m > 10_000.0


def test_a_trigger_goes_to_the_owner_of_its_footprint() -> None:
    """Law: the owner is that of the footprint's middle; a footprint or a sensor nobody described has none."""
    placeless = Placeless([GROUND], Owners(4))
    known = Observation(sensor_id="geophones", event_time=BEGIN, zone_id="z1")
    elsewhere = Observation(sensor_id="geophones", event_time=BEGIN, zone_id="z99")
    rows = to_columns([known, elsewhere, bearing_of("geophones")])
    middle, reach_m = around(GROUND.footprints["z1"])
    found = placeless.of(rows, 0)
    assert found is not None
    assert found.sector == sector(*middle)
    assert reach_m == pytest.approx(WALK_M + np.hypot(30.0, 30.0), abs=0.1)
    assert placeless.of(rows, 1) is None
    assert placeless.of(rows, 2) is None
