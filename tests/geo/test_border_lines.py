"""Directed lines: inside is to the left."""

import itertools

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo.fence import Fence
from geo.zones import ZoneKind, ZoneSet
from tests.geo.shapes import Points, zone

WEST_TO_EAST = shapely.LineString([(0, 0), (1, 0), (2, 0.5), (3, 0)])  # the north is inside


def fence_of(*lines: shapely.LineString) -> Fence:
    """A fence of border lines."""
    return Fence(ZoneSet(tuple(zone(f"l{i}", line, ZoneKind.BORDER_LINE) for i, line in enumerate(lines))))


def crossed(fence: Fence, *track: tuple[float, float]) -> NDArray[np.void]:
    """Line crossings along a track."""
    xy = np.array(track, float)
    return fence.line_crossings(xy[:-1], xy[1:])


def test_direction_is_inbound_to_the_left() -> None:
    """Law: from right to left of the line's direction is inbound, back is outbound."""
    rows = crossed(fence_of(WEST_TO_EAST), (0.5, -1), (0.5, 1), (0.5, -1))
    assert rows["direction"].tolist() == [1, -1]
    assert rows["u"].tolist() == pytest.approx([0.5, 0.5])
    assert rows["lat"].tolist() == pytest.approx([0, 0])


def test_beside_the_ends_nothing_is_crossed() -> None:
    """Law: a line ends; passing beyond its end is no crossing."""
    assert len(crossed(fence_of(WEST_TO_EAST), (-0.5, -1), (-0.5, 1))) == 0
    assert len(crossed(fence_of(WEST_TO_EAST), (3.5, -1), (3.5, 1))) == 0


@pytest.mark.parametrize("x", [1.0, 2.0, 0.25])
def test_through_a_corner_is_one_crossing(x: float) -> None:
    """Law: crossing exactly through a corner of the line counts once."""
    assert crossed(fence_of(WEST_TO_EAST), (x, -1), (x, 2))["direction"].tolist() == [1]


@pytest.mark.parametrize("x", [0.5, 1.0, 2.0])
def test_a_fix_on_the_line_neither_loses_nor_doubles_the_crossing(x: float) -> None:
    """Law: right → on the line → left is one inbound crossing; on the line → right is one outbound."""
    on = float(np.interp(x, [0, 1, 2, 3], [0, 0, 0.5, 0]))
    fence = fence_of(WEST_TO_EAST)
    assert crossed(fence, (x, -1), (x, on), (x, 2))["direction"].tolist() == [1]
    assert crossed(fence, (x, 2), (x, on), (x, -1))["direction"].tolist() == [-1]
    assert crossed(fence, (x, 2), (x, on), (x, 2))["direction"].tolist() == []


def test_rows_are_ordered_and_name_their_line() -> None:
    """Law: several lines along one segment come in order of u, each by its index."""
    fence = fence_of(shapely.LineString([(0, 2), (1, 2)]), shapely.LineString([(1, 1), (0, 1)]))
    rows = crossed(fence, (0.5, 0), (0.5, 3))
    assert rows["line"].tolist() == [1, 0]
    assert rows["direction"].tolist() == [-1, 1]


def test_over_the_antimeridian() -> None:
    """Law: a line near longitude 180 is crossed by a segment that goes the short way."""
    rows = crossed(fence_of(shapely.LineString([(-179.5, 1), (-179.5, -1)])), (179.5, 0), (-179, 0))
    assert rows["direction"].tolist() == [1]
    assert rows["u"].tolist() == pytest.approx([2 / 3])


def test_random_tracks_balance() -> None:
    """Law: for a closed ring drawn counter-clockwise, crossings alternate and the sum says whether one is inside."""
    rng = np.random.default_rng(3)
    angle = np.linspace(0, 2 * np.pi, 40)
    ring = shapely.LineString(np.column_stack([np.cos(angle), np.sin(angle)]))
    xy = np.asarray(ring.coords)
    xy[-1] = xy[0]
    fence, area = fence_of(shapely.LineString(xy)), shapely.Polygon(xy)
    track = np.vstack([[[-3, 0]], rng.uniform(-1.5, 1.5, (400, 2))])
    rows = fence.line_crossings(track[:-1], track[1:])
    net = np.concatenate([[0], np.cumsum(np.bincount(rows["segment"], rows["direction"], 400))])
    assert (net == shapely.covers(area, shapely.points(track))).all()
    assert set(np.cumsum(rows["direction"].astype(int)).tolist()) == {0, 1}


def test_long_segments_cross_a_short_line() -> None:
    """Law: segments across half the map find the one line they cross, and are cheap to answer by the hundred."""
    fence = fence_of(shapely.LineString([(10, 10), (10, 11)]))
    start = np.column_stack([np.full(300, -79.0), np.linspace(-60, 80, 300)])
    end = np.column_stack([np.full(300, 99.0), np.linspace(81, -59, 300)])
    rows = fence.line_crossings(start, end)
    at = start[:, 1] + (10 + 79) / 178 * (end[:, 1] - start[:, 1])
    assert rows["segment"].tolist() == np.flatnonzero((at >= 10) & (at <= 11)).tolist()
    assert set(rows["direction"].tolist()) == {-1}  # eastwards over a line that runs north


def test_touching_from_the_left_and_along_it_crosses_nothing() -> None:
    """Law: the line is inside: who comes to it from the left, runs along it and goes back has not crossed."""
    fence = fence_of(WEST_TO_EAST)
    assert crossed(fence, (0.2, 1), (0.2, 0), (0.8, 0), (0.8, 1))["direction"].tolist() == []
    assert crossed(fence, (0.5, 1), (2, 0.5), (2.5, 1))["direction"].tolist() == []  # at a corner
    assert crossed(fence, (1.5, 0.5), (2.5, 0.5))["direction"].tolist() == []  # in passing, from the left
    assert crossed(fence, (0.5, -1), (1, 0), (1.5, -1))["direction"].tolist() == [1, -1]  # from the right, stopping
    assert (
        crossed(fence_of(shapely.LineString([(0, 1), (1, 0), (2, 1)])), (0.5, 0), (1.5, 0))["direction"].tolist() == []
    )


def test_running_along_the_line_crosses_once_where_it_is_left() -> None:
    """Law: right → along the line → left is one inbound crossing, at the fix that comes on to it; left → along it →
    right is one outbound, at the fix that leaves it; right → along → right is both, in that order."""
    fence = fence_of(WEST_TO_EAST)
    inbound = crossed(fence, (0.2, -1), (0.2, 0), (0.8, 0), (0.8, 1))
    assert (inbound["segment"].tolist(), inbound["direction"].tolist()) == ([0], [1])
    outbound = crossed(fence, (0.2, 1), (0.2, 0), (0.8, 0), (0.8, -1))
    assert (outbound["segment"].tolist(), outbound["direction"].tolist()) == ([2], [-1])
    assert crossed(fence, (0.2, -1), (0.2, 0), (0.8, 0), (0.8, -1))["direction"].tolist() == [1, -1]
    over_corner = crossed(fence, (0.2, -1), (0.2, 0), (1, 0), (2, 0.5), (2, 1))  # along two of its edges
    assert over_corner["direction"].tolist() == [1]


def test_the_lines_own_end_is_crossed_at_most_once() -> None:
    """Law: through the very end of a line is at most one crossing, and back is its opposite; along the line's
    direction, over its end, is none."""
    fence = fence_of(WEST_TO_EAST)
    for end in ((0.0, 0.0), (3.0, 0.0)):
        there = crossed(fence, (end[0], -1), (end[0], 1))["direction"].tolist()
        back = crossed(fence, (end[0], 1), (end[0], -1))["direction"].tolist()
        assert there in ([], [1])
        assert back == [-way for way in there]
    assert len(crossed(fence_of(shapely.LineString([(0, 0), (1, 0)])), (-1, 0), (2, 0))) == 0


def test_two_lines_that_meet_are_crossed_once_between_them() -> None:
    """Law: a line cut in two at a corner is crossed as the whole is, also exactly through the cut."""
    parts = fence_of(shapely.LineString([(0, 0), (1, 0)]), shapely.LineString([(1, 0), (2, 0.5), (3, 0)]))
    rng = np.random.default_rng(8)
    start, end = rng.uniform([0.2, -1], [2.8, -0.5], (200, 2)), rng.uniform([0.2, 1], [2.8, 2], (200, 2))
    start[:50, 0] = end[:50, 0] = 1.0
    whole = fence_of(WEST_TO_EAST).line_crossings(start, end)
    cut = parts.line_crossings(start, end)
    assert cut["segment"].tolist() == whole["segment"].tolist() == list(range(200))
    assert set(cut["direction"].tolist()) == {1}


def test_the_signed_side_and_the_crossings_agree() -> None:
    """Law: where a short step changes the sign of the distance beside a line, and is nearer to the line than to its
    ends, the step crosses it, inbound where the distance becomes positive (left)."""
    fence, rng = fence_of(WEST_TO_EAST), np.random.default_rng(9)
    on = np.array([WEST_TO_EAST.interpolate(part, normalized=True).coords[0] for part in rng.uniform(0.02, 0.98, 150)])
    aside = rng.normal(0, 2e-4, (150, 2))
    start, end = on + aside, on - aside
    rows = fence.line_crossings(start, end)
    told = dict(zip(rows["segment"].tolist(), rows["direction"].tolist(), strict=True))
    for number in range(150):
        before, after = (fence.distance_m(x, y, "l0") for x, y in (start[number], end[number]))
        if before * after < 0:
            assert told[number] == (1 if after > 0 else -1)
        else:
            assert number not in told
    assert len(told) > 100


def test_signed_distance_goes_on_past_the_ends() -> None:
    """Law: beyond an end the distance is that to the end itself, and its side is that of the line drawn on."""
    fence = fence_of(shapely.LineString([(0, 0), (1, 0)]))
    left, right = fence.distance_m(1.003, 0.004, "l0"), fence.distance_m(1.003, -0.004, "l0")
    assert left == pytest.approx(-right, abs=1e-6)
    east, north = 0.003 * 111_319.49, 0.004 * 110_574.28
    assert left == pytest.approx(float(np.hypot(east, north)), abs=0.01)


def shifted(line: Points) -> Points:
    """The oracle's line: a millionth to the right, and a billionth of that further along."""
    along = np.diff(line, axis=0)
    along /= np.hypot(along[:, 0], along[:, 1])[:, None]
    before, after = np.vstack([along[:1], along]), np.vstack([along, along[-1:]])
    both = before + after
    aside = np.column_stack([-both[:, 1], both[:, 0]]) / (1 + (before * after).sum(1))[:, None]
    return np.asarray(line - 1e-6 * aside + 1e-9 * both)


def plainly_crossed(line: Points, start: Points, end: Points) -> int:
    """Net crossings of a line by a segment that meets none of its corners: inbound less outbound."""

    def side(p: Points, q: Points, r: Points) -> bool:
        return bool((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]) > 0)

    net = 0
    for a, b in itertools.pairwise(line):
        if side(a, b, start) != side(a, b, end) and side(start, end, a) != side(start, end, b):
            net += 1 if side(a, b, end) else -1
    return net


def test_on_a_coarse_grid_it_is_the_line_a_little_to_the_right() -> None:
    """Law: segments that start, end, turn and run on corners and edges, all of them on a grid, cross what they would
    cross if the line lay a millionth to its right: the scalar oracle of every degenerate case."""
    rng, checked = np.random.default_rng(12), 0
    for _ in range(40):
        line = rng.integers(0, 5, (4, 2)).astype(float)
        step = np.diff(line, axis=0)
        turn = (step[1:] * step[:-1]).sum(1) / np.maximum(np.hypot(*step[1:].T) * np.hypot(*step[:-1].T), 1e-9)
        if (np.hypot(*step.T) == 0).any() or (turn < -0.99).any():
            continue  # a line that turns on its heel has no side there
        start, end = rng.integers(0, 5, (2, 200, 2)).astype(float)
        rows = fence_of(shapely.LineString(line)).line_crossings(start, end)
        found = np.bincount(rows["segment"], rows["direction"], 200)
        oracle = [plainly_crossed(shifted(line), a, b) for a, b in zip(start, end, strict=True)]
        assert found.astype(int).tolist() == oracle
        checked += int(np.count_nonzero(oracle))
    assert checked > 500
