"""Ground truth."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.zones import Schedule, ZoneKind, ZoneSet
from sensors.observation import Identity
from simulator.concerned import NEVER, not_concerned
from simulator.craft import Craft, Status, Transponder
from simulator.truth import Change, Watch, What
from tests.simulator.small import PLANE, START, place, zones


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


def timed(zone_id: str, **schedule: object) -> Watch:
    """The small world with a schedule for one of its zones; second 0 is 2026-06-01T04:00."""
    changed = [replace(zone, schedule=Schedule(schedule)) if zone.zone_id == zone_id else zone for zone in zones()]
    return Watch(ZoneSet(tuple(changed)), round(START.timestamp() * 1e6))


def stand(watch: Watch, where: tuple[float, float], seconds: int) -> list[Change]:
    """The changes for one that stands still."""
    here = np.array([place(*where)])
    changes = watch.begin(0, 0.0, here[0])
    for second in range(seconds):
        changes += watch.step(np.array([0]), here, here, float(second), 1.0)
    return changes


def told(changes: list[Change]) -> list[tuple[str, What, float]]:
    """Zone, what, and when."""
    return [(str(change.zone.zone_id), change.what, change.time_s) for change in changes]


def test_a_zone_that_comes_into_force_finds_who_is_inside() -> None:
    """Standing still is no entry; when it ceases to be in force, that is no exit."""
    watch = timed("platform", **{"from": "2026-06-01T04:00:03Z", "until": "2026-06-01T04:00:06Z"})
    assert told(stand(watch, (0.0, 12.0), 9)) == [
        ("north", What.PRESENT, 0.0),
        ("platform", What.PRESENT, 2.0),
        ("platform", What.OVER, 5.0),
    ]


def test_a_port_is_a_hole_while_it_is_open() -> None:
    """The territory has who lies in it while the port is closed, and not while it is open."""
    watch = timed("port", **{"from": "2026-06-01T04:00:03Z", "until": "2026-06-01T04:00:06Z"})
    assert told(stand(watch, (22.0, 12.0), 9)) == [
        ("north", What.PRESENT, 0.0),
        ("port", What.PRESENT, 2.0),
        ("north", What.OVER, 2.0),
        ("north", What.PRESENT, 5.0),
        ("port", What.OVER, 5.0),
    ]


def test_out_of_an_open_port_says_since_when_it_was_there() -> None:
    """An entry into the territory by leaving its port carries the moment the craft came into the port."""
    out, _ = walk([(22.0, 3.0), (22.0, 12.0), (30.0, 12.0)])
    (entry,) = [change for change in out if change.what is What.ENTRY and change.zone.zone_id == "north"]
    assert entry.port_since_s == 1.0
    plain, _ = walk([(-10.0, 4.25), (-10.0, 5.25)])
    assert all(change.port_since_s is None for change in plain)


def test_a_line_out_of_force_is_not_crossed() -> None:
    """A schedule takes a border line away like any other zone."""
    watch = timed("line", **{"until": "2026-06-01T04:00:00Z"})
    south, north = (np.array([place(-20.0, y)]) for y in (5.5, 6.5))
    watch.begin(0, 0.0, south[0])
    assert watch.step(np.array([0]), south, north, 0.0, 1.0) == []


@pytest.mark.parametrize(
    "words, ship_type, why",
    [
        ([], 70, None),
        (["vessel"], 70, None),
        (["aircraft"], 70, NEVER),
        (["fishing"], 30, None),
        (["fishing"], 70, "the zone does not concern it, for who knows what it is"),
        (["radar"], 70, "the zone does not concern it, for who knows what it is"),
    ],
)
def test_whom_a_zone_concerns(words: list[str], ship_type: int, why: str | None) -> None:
    """What an identity rules out, nobody may alert; what only the truth rules out, nobody need know."""
    zone = replace(zones().by_id["platform"], applies_to=tuple(words))
    identity = Identity(mmsi=291_000_001)
    craft = Craft("boat-1", identity, Transponder.A, Status.UNDER_WAY, Status.ANCHORED, 0.1, 1.0, ship_type, 30)
    assert not_concerned(zone, craft) == why
