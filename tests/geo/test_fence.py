"""Positions and segments against plain shapely."""

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo.fence import CROSSING, Fence
from geo.zones import ZoneKind, ZoneSet
from tests.geo.shapes import Points, covering, edge_world, hard_points, overlapping_world, zone


def named(fence: Fence, points: Points) -> list[tuple[str, ...]]:
    """Zone ids at each position."""
    return [fence.zones_of(set_id) for set_id in fence.sets(points).tolist()]


@pytest.mark.parametrize("seed", [1, 2])
def test_sets_equal_covers_on_hard_points(seed: int) -> None:
    """Law: the set of zones is what ``covers`` says, on vertices, edges, beside them and far away."""
    zones = overlapping_world(seed)
    fence = Fence(zones)
    far = np.random.default_rng(seed).uniform([-180, -90], [180, 90], (500, 2))
    near = np.random.default_rng(seed).uniform([-26, -21], [26, 21], (1500, 2))
    points = np.vstack([hard_points(zones, seed, 250), far, near])
    assert named(fence, points) == covering(zones, points)


def test_sets_at_the_edge_of_the_map() -> None:
    """Law: at the antimeridian and the poles the set is what ``covers`` says."""
    zones = edge_world()
    fence = Fence(zones)
    lon = np.array([-180.0, -179.999999, -178, 0, 178, 179.999999, 180])
    lat = np.array([-90.0, -89.99, -70, -65, -20, -15, -10, 0, 79.999, 80, 89.99, 90])
    points = np.stack(np.meshgrid(lon, lat), -1).reshape(-1, 2)
    points = np.vstack([points, hard_points(zones, 3, 60)])
    assert named(fence, points) == covering(zones, points)


def test_corners_of_the_raster() -> None:
    """Law: a position on a line of the raster belongs to the same zones as for ``covers``."""
    zones = overlapping_world(4)
    fence = Fence(zones)
    step = 360 / 2048
    x, y = np.meshgrid(np.arange(-60, 60) * step, np.arange(-50, 50) * step)
    points = np.column_stack([x.ravel(), y.ravel()])
    assert named(fence, points) == covering(zones, points)


def test_batch_size_does_not_matter() -> None:
    """Law: one at a time and all at once give the same sets and crossings."""
    zones = overlapping_world(5)
    fence = Fence(zones)
    rng = np.random.default_rng(5)
    p0 = rng.uniform([-20, -15], [20, 15], (200, 2))
    p1 = p0 + rng.normal(0, 1, (200, 2))
    together = fence.crossings(p0, p1)
    apart = [fence.crossings(p0[i : i + 1], p1[i : i + 1]) for i in range(200)]
    for i, rows in enumerate(apart):
        rows["segment"] = i
    assert np.concatenate(apart).tolist() == together.tolist()
    assert [int(fence.sets(p0[i : i + 1])[0]) for i in range(200)] == fence.sets(p0).tolist()


def check_chain(fence: Fence, p0: Points, p1: Points, rows: NDArray[np.void]) -> None:
    """Crossings are ordered, chained, and agree with the sets at both ends."""
    assert rows.dtype == CROSSING
    before, after = fence.sets(p0), fence.sets(p1)
    assert (np.diff(rows["segment"]) >= 0).all()
    assert (rows["before"] != rows["after"]).all()
    assert ((rows["u"] >= 0) & (rows["u"] <= 1)).all()
    for segment in range(len(p0)):
        mine = rows[rows["segment"] == segment]
        states = [int(before[segment]), *mine["after"].tolist()]
        assert mine["before"].tolist() == states[:-1]
        assert states[-1] == after[segment]
        assert (np.diff(mine["u"]) >= 0).all()


def inside_fraction(fence: Fence, rows: NDArray[np.void], start: int, name: str) -> float:
    """How much of a segment lies in a zone, from its crossings."""
    u = [0.0, *rows["u"].tolist(), 1.0]
    states = [start, *rows["after"].tolist()]
    parts = zip(u[:-1], u[1:], states, strict=True)
    return float(sum(b - a for a, b, state in parts if name in fence.zones_of(state)))


def test_crossings_equal_the_intersection_of_segment_and_zone() -> None:
    """Law: the part of a segment inside each zone, from its crossings, is what shapely's intersection says."""
    zones = overlapping_world(6)
    fence = Fence(zones)
    rng = np.random.default_rng(6)
    p0 = rng.uniform([-20, -15], [20, 15], (300, 2))
    p1 = p0 + rng.normal(0, 1, (300, 2)) * 10.0 ** rng.uniform(-3, 1, (300, 1))
    rows = fence.crossings(p0, p1)
    check_chain(fence, p0, p1, rows)
    start = fence.sets(p0)
    lines = shapely.linestrings(np.stack([p0, p1], axis=1))
    for item in zones.areas:
        expected = np.atleast_1d(shapely.length(shapely.intersection(lines, item.geometry)) / shapely.length(lines))
        for segment in range(300):
            mine = rows[rows["segment"] == segment]
            found = inside_fraction(fence, mine, int(start[segment]), item.zone_id)
            assert found == pytest.approx(expected[segment], abs=1e-9)


def test_crossings_of_hard_segments_are_chained() -> None:
    """Law: segments through vertices, along edges and of no length keep order, chain and ends."""
    zones = overlapping_world(7)
    fence = Fence(zones)
    points = hard_points(zones, 7, 40)
    p0, p1 = points[:-1], points[1:]
    check_chain(fence, p0, p1, fence.crossings(p0, p1))
    assert len(fence.crossings(points, points)) == 0


def test_pass_through_is_seen() -> None:
    """Law: a segment with both ends outside that cuts a corner enters and leaves."""
    fence = Fence(ZoneSet((zone("a", shapely.box(0, 0, 1, 1)),)))
    rows = fence.crossings(np.array([[-0.5, 0.5]]), np.array([[0.5, 1.4]]))
    assert [fence.zones_of(s) for s in rows["after"].tolist()] == [("a",), ()]
    assert rows["lon"][0] == pytest.approx(0.0)
    assert rows["lat"][1] == pytest.approx(1.0)


def test_touching_a_corner_changes_nothing() -> None:
    """Law: a segment that meets a zone in one point of its inside makes no crossing."""
    fence = Fence(ZoneSet((zone("a", shapely.box(0, 0, 1, 1)),)))
    assert len(fence.crossings(np.array([[-1.0, 1.0]]), np.array([[1.0, -1.0]]))) == 0


def test_track_that_stops_on_the_border_enters_once() -> None:
    """Law: outside → on the border → inside is one entry; the border belongs to the zone."""
    fence = Fence(ZoneSet((zone("a", shapely.box(0, 0, 1, 1)),)))
    track = np.array([[-1.0, 0.5], [0.0, 0.5], [0.5, 0.5]])
    rows = fence.crossings(track[:-1], track[1:])
    assert rows["segment"].tolist() == [0]
    assert rows["u"].tolist() == [1.0]


def test_segment_over_the_antimeridian_goes_the_short_way() -> None:
    """Law: 179 → -179 crosses two degrees, not 358, and a cut country has no border at longitude 180."""
    fence = Fence(edge_world())
    rows = fence.crossings(np.array([[177.0, -15], [179, -15]]), np.array([[-176.0, -14], [-179, -15]]))
    assert rows["segment"].tolist() == [0, 0]
    assert rows["lon"].tolist() == pytest.approx([178.0, -177.0])
    assert rows["lat"].tolist() == pytest.approx([-15 + 1 / 7, -15 + 6 / 7])
    assert [fence.zones_of(s) for s in rows["after"].tolist()] == [("cut",), ()]
    back = fence.crossings(np.array([[-176.0, -14]]), np.array([[177.0, -15]]))
    assert back["lon"].tolist() == pytest.approx([-177.0, 178.0])


def test_port_of_entry_is_a_hole_in_every_territory() -> None:
    """Law: inside a port one is in the port and not in the territory; other zones stay."""
    zones = ZoneSet(
        (
            zone("land", shapely.box(0, 0, 4, 4)),
            zone("other", shapely.box(0, 0, 2, 4)),
            zone("reserve", shapely.box(0, 0, 4, 4), ZoneKind.PROTECTED),
            zone("port", shapely.box(-1, 1, 1, 2), ZoneKind.PORT_OF_ENTRY),
        )
    )
    fence = Fence(zones)
    points = np.array([[0.5, 1.5], [-0.5, 1.5], [1.0, 1.5], [1.5, 1.5], [3.0, 3.0]])
    assert named(fence, points) == covering(zones, points)
    assert named(fence, points)[0] == ("port", "reserve")
    rows = fence.crossings(np.array([[-2.0, 1.5]]), np.array([[0.5, 1.5]]))
    assert [fence.zones_of(s) for s in rows["after"].tolist()] == [("port",), ("port", "reserve")]


@pytest.mark.parametrize("count", [4, 249])
def test_many_zones(count: int) -> None:
    """Law: the number of zones does not change the answers."""
    rng = np.random.default_rng(count)
    lows = rng.uniform(-60, 60, (count, 2)).tolist()
    made = [zone(f"z{i:03}", shapely.box(x, y, x + 3, y + 2)) for i, (x, y) in enumerate(lows)]
    zones = ZoneSet(tuple(made))
    fence = Fence(zones)
    points = np.vstack([rng.uniform(-60, 60, (400, 2)), hard_points(zones, 1, 40)])
    assert named(fence, points) == covering(zones, points)


def test_no_areas_and_no_rows() -> None:
    """Law: a fence of lines only, and a batch of no rows, are ordinary."""
    line = shapely.LineString([(0, 0), (1, 1)])
    fence = Fence(ZoneSet((zone("line", line, ZoneKind.BORDER_LINE),)))
    assert fence.sets(np.array([[0.5, 0.5]])).tolist() == [0]
    assert fence.zones_of(0) == ()
    none = np.empty((0, 2))
    assert len(fence.sets(none)) == len(fence.crossings(none, none)) == len(fence.line_crossings(none, none)) == 0
