"""Ground truth."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.zones import ZoneKind
from simulator.truth import Change, Watch, What
from tests.simulator.small import PLANE, place, zones


def walk(steps: list[tuple[float, float]]) -> tuple[list[Change], np.ndarray]:
    """The changes along a way given in kilometres, one step a second, and its places."""
    watch = Watch(zones())
    track = np.array([place(*step) for step in steps])
    changes = watch.begin(0, 0.0, track[0])
    for second, (a, b) in enumerate(pairwise(track)):
        changes += watch.step(np.array([0]), a[None], b[None], float(second), 1.0)
    return changes, track


_STEP = st.tuples(st.floats(-30.0, 30.0), st.floats(-10.0, 30.0))


@given(st.lists(_STEP, min_size=2, max_size=12))
def test_membership_is_shapelys_at_every_step(steps: list[tuple[float, float]]) -> None:
    """After each step the zones entered and not left are exactly those whose shape (a territory without its ports)
    covers the place."""
    watch, held = Watch(zones()), set[str]()
    track = np.array([place(*step) for step in steps])
    shapes = {str(zone.zone_id): zone.geometry for zone in zones().areas}
    shapes["north"] = shapely.difference(shapes["north"], shapes["port"])
    found = watch.begin(0, 0.0, track[0])
    for second in range(len(track)):
        for change in found:
            if change.what in (What.PRESENT, What.ENTRY):
                assert change.zone.zone_id not in held
                held.add(change.zone.zone_id)
            elif change.what is What.EXIT:
                held.remove(change.zone.zone_id)
        assert held == {name for name, shape in shapes.items() if shapely.intersects_xy(shape, *track[second])}
        if second + 1 < len(track):
            found = watch.step(np.array([0]), track[second][None], track[second + 1][None], float(second), 1.0)


def test_the_moment_lies_on_the_border() -> None:
    """A craft at 1 km a second enters after the share of the step that lies outside, at a place on the border."""
    changes, _ = walk([(-10.0, 4.25), (-10.0, 5.25)])
    entry = next(change for change in changes if change.what is What.ENTRY)
    assert (entry.zone.zone_id, entry.direction) == ("north", "inbound")
    assert entry.time_s == pytest.approx(0.75, abs=1e-6)
    x, y = PLANE.to_metres(np.array([entry.lon, entry.lat]))
    assert (x, y) == (pytest.approx(-10_000, abs=0.1), pytest.approx(5_000, abs=0.1))


def test_a_port_of_entry_is_a_hole() -> None:
    """Who comes in through the port has not entered the territory; who leaves the port into it has."""
    inside, _ = walk([(22.0, 3.0), (22.0, 12.0)])
    assert {(change.what, change.zone.zone_id) for change in inside if change.what is What.ENTRY} == {
        (What.ENTRY, "port")
    }
    beyond, _ = walk([(22.0, 12.0), (30.0, 12.0)])
    assert (What.ENTRY, "north") in {(change.what, change.zone.zone_id) for change in beyond}


def test_a_line_is_crossed_inbound_to_its_left() -> None:
    """The line runs west to east, so north is its inside."""
    there, _ = walk([(-20.0, 5.5), (-20.0, 6.5)])
    back, _ = walk([(-20.0, 6.5), (-20.0, 5.5)])
    assert [c.direction for c in there if c.zone.kind is ZoneKind.BORDER_LINE] == ["inbound"]
    assert [c.direction for c in back if c.zone.kind is ZoneKind.BORDER_LINE] == ["outbound"]


def test_who_begins_inside_has_not_entered() -> None:
    """An object first seen inside is present; there is no entry and no alert to expect."""
    changes, _ = walk([(0.0, 12.0), (0.5, 12.5)])
    assert {(change.what, change.zone.zone_id) for change in changes} == {
        (What.PRESENT, "north"),
        (What.PRESENT, "platform"),
    }
