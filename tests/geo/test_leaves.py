"""Many positions and segments at a time, against the same tables read one position or segment at a time."""

import numpy as np
import pytest

from geo import ZoneIndex
from geo.index.build import build
from geo.index.leaves import sets_in_leaves
from geo.index.scalar import FEW, FEW_UNSURE, Scalar
from geo.zones import ZoneSet
from tests.geo.shapes import Points, corners_of, edge_world, overlapping_world

WORLDS = pytest.mark.parametrize("world", [overlapping_world(51), edge_world()], ids=["overlaps", "edge"])


def near_corners(world: ZoneSet, seed: int, count: int) -> Points:
    """Positions from a millimetre to a kilometre from vertices."""
    rng = np.random.default_rng(seed)
    corners = corners_of(tuple(world))
    at = corners[rng.integers(0, len(corners), count)]
    return np.clip(at + rng.normal(size=(count, 2)) * 10.0 ** rng.uniform(-8, -2, (count, 1)), [-180, -90], [180, 90])


def test_leaves_of_many_positions() -> None:
    """Law: whatever the leaf, a position within it or not, all at once and each by itself see the same parity of the
    edges to the west; what is left open is exactly leaves of several kinds of edges, and positions close to an edge."""
    points = build(overlapping_world(52).areas)
    tables, rng = points.tables, np.random.default_rng(52)
    leaf = rng.integers(0, len(tables.records), 9_500).astype(np.int32)
    first, count = tables.records[leaf, 0], tables.records[leaf, 1] & 255
    edge = tables.packed[first + rng.integers(0, 1 << 30, len(leaf)) % count]
    x, y = (edge[:, :2] + rng.random((len(leaf), 1)) * (edge[:, 2:] - edge[:, :2])).T
    y = y + np.where(rng.random(len(leaf)) < 0.1, 0.0, rng.normal(0, 1e-3, len(leaf)))
    found, unsure = sets_in_leaves(tables, leaf, x, y)
    assert len(np.unique(unsure)) < len(leaf) / 2
    sure = np.ones(len(leaf), bool)
    sure[unsure] = False
    for row in range(len(leaf)):
        record = tables.records[leaf[row]].tolist()
        odd, close = False, record[2] < 0
        for nth, (x0, y0, x1, y1) in enumerate(tables.packed[record[0] : record[0] + (record[1] & 255)].tolist()):
            turn = (x1 - x0) * (y[row] - y0) - (y1 - y0) * (x[row] - x0)
            flags = record[1] >> (8 + 2 * nth) & 3
            odd ^= turn < 0 and y0 <= y[row] < y1
            odd ^= bool(flags & 1) and y0 <= y[row]
            odd ^= bool(flags & 2) and y1 <= y[row]
            close |= abs(turn) <= tables.bounds[record[1] >> 28]
        assert sure[row] != close
        if not close:
            assert found[row] == record[3 if odd else 2]


@WORLDS
@pytest.mark.parametrize("doubtful", [1, FEW_UNSURE, 400])
def test_a_few_doubtful_positions_among_many(world: ZoneSet, doubtful: int) -> None:
    """Law: however many positions of a batch lie on vertices, each gets the set it gets by itself."""
    index = ZoneIndex.from_zones(world)
    places = near_corners(world, doubtful, 1_200)
    corners = corners_of(tuple(world))
    places[:doubtful] = corners[np.random.default_rng(doubtful).integers(0, len(corners), doubtful)]
    alone = [int(index.sets(places[row : row + 1])[0]) for row in range(len(places))]
    assert index.sets(places).tolist() == alone


@WORLDS
def test_short_segments_in_any_company(world: ZoneSet) -> None:
    """Law: short segments near corners, over lines between cells of every size, have the same crossings to the last
    bit one by one, a few at a time and all at once."""
    index = ZoneIndex.from_zones(world)
    rng = np.random.default_rng(53)
    start = near_corners(world, 54, 3_000)
    end = start + rng.normal(size=start.shape) * 10.0 ** rng.uniform(-6, -1.3, (len(start), 1))
    end = np.clip(end, [-180, -90], [180, 90])
    together = index.crossings(start, end).tolist()
    assert len(together) > 300
    for size in (1, FEW):
        apart = []
        for first in range(0, len(start), size):
            rows = index.crossings(start[first : first + size], end[first : first + size]).copy()
            rows["segment"] += first
            apart += rows.tolist()
        assert apart == together


def test_distances_of_many_positions() -> None:
    """Law: more positions than are worked out at a time have the distances they have by themselves."""
    world = overlapping_world(55, count=4)
    index = ZoneIndex.from_zones(world)
    places = near_corners(world, 55, 9_000)
    together = index.distance(places)
    assert np.isfinite(together).sum() > 8_000
    some = np.arange(0, len(places), 97)
    assert np.array_equal(together[some], [index.distance(places[[row]])[0] for row in some], equal_nan=True)


def test_no_zones_at_all() -> None:
    """Law: an index of nothing answers, by both paths, that there is nothing."""
    assert Scalar(build(())).sets(np.zeros((2, 2))).tolist() == [0, 0]
    index = ZoneIndex.from_zones(ZoneSet(()))
    assert not index.sets(np.zeros((300, 2))).any()
    assert not index.crossings(np.zeros((300, 2)), np.ones((300, 2))).size
