"""Directed lines: inside is to the left."""

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo.fence import Fence
from geo.zones import ZoneKind, ZoneSet
from tests.geo.shapes import zone

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
