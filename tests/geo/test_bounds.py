"""Cells that tell how far the nearest border is at least or at most, against the distance itself."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import ZoneIndex
from geo.zones import ZoneKind, ZoneSet
from tests.geo.shapes import edge_world, star, zone


def check(index: ZoneIndex, points: np.ndarray, d_m: float) -> np.ndarray:
    """No answer of the cells contradicts the distance; the answers."""
    metres = np.abs(index.distance(points, max_m=2 * d_m + 100))
    bound = index.depth_bound(points, d_m)
    assert not (bound[metres < d_m - 0.01] == 1).any()
    assert not (bound[~(metres < d_m + 0.01)] == -1).any()
    deeper = index.deeper_than(points, d_m)
    clear = ~(np.abs(metres - d_m) < 0.01)
    assert (deeper == ~(metres <= d_m))[clear].all()
    return bound


def world(seed: int) -> ZoneSet:
    """Coasts, some of them at the ends of the map."""
    rng = np.random.default_rng(seed)
    places = [(10, 54), (10.5, 54.2), (179.6, -17), (-179.6, -17), (-60, 76), (0, 0)]
    made = [zone(f"c{i}", star(rng, *at, 0.35, 300), ZoneKind.EXCLUSION) for i, at in enumerate(places)]
    return ZoneSet(tuple(item for item in made if item.geometry.is_valid))


@pytest.mark.parametrize("d_m", [50.0, 500.0, 2_500.0, 5_000.0, 40_000.0])
def test_cells_never_lie(d_m: float) -> None:
    """Law: near coasts, over the seam of the map and far away, yes and no are true."""
    zones = world(1)
    index = ZoneIndex.from_zones(zones)
    rng = np.random.default_rng(2)
    home = np.vstack([shapely.get_coordinates(item.geometry) for item in zones])
    points = home[rng.integers(0, len(home), 600)] + rng.normal(0, 1, (600, 2)) * 10.0 ** rng.uniform(-3, 0, (600, 1))
    points = np.column_stack([(points[:, 0] + 180) % 360 - 180, np.clip(points[:, 1], -90, 90)])
    check(index, points, d_m)


def test_most_are_settled() -> None:
    """Law: 500 m from a border, cells settle four of five positions around a coast."""
    index = ZoneIndex.from_zones(world(3))
    points = np.random.default_rng(4).uniform([9, 53], [12, 55], (3_000, 2))
    assert (check(index, points, 500.0) != 0).mean() > 0.8


@given(
    st.sampled_from([(0.0, 0.0), (180.0, 10.0), (-180.0, -60.0), (30.0, 90.0), (30.0, -89.9), (-45.0, 83.0)]),
    st.integers(0, 2**32 - 1),
    st.floats(10, 30_000),
)
def test_anywhere(home: tuple[float, float], seed: int, d_m: float) -> None:
    """Law: at the poles and the antimeridian too."""
    rng = np.random.default_rng(seed)
    points = np.array(home) + rng.normal(0, 0.3, (20, 2))
    points = np.column_stack([(points[:, 0] + 180) % 360 - 180, np.clip(points[:, 1], -90, 90)])
    check(EDGE, points, d_m)


EDGE = ZoneIndex.from_zones(
    ZoneSet((*edge_world(), zone("small", shapely.box(-45.001, 83, -45, 83.001), ZoneKind.EXCLUSION)))
)


def test_after_an_edit_and_with_a_port() -> None:
    """Law: what was edited away is no border, and neither is a coast within a port."""
    land = zone("land", shapely.box(0, 0, 4, 4))
    port = zone("port", shapely.box(-0.2, 1, 0.2, 1.4), ZoneKind.PORT_OF_ENTRY)
    rng = np.random.default_rng(5)
    points = rng.uniform([-0.3, 0.9], [0.3, 1.5], (300, 2))
    built = ZoneIndex.from_zones(ZoneSet((land, port)))
    check(built, points, 3_000.0)
    edited = ZoneIndex.from_zones(ZoneSet((land,))).edited([port])
    assert (edited.deeper_than(points, 3_000.0) == built.deeper_than(points, 3_000.0)).all()
    gone = ZoneIndex.from_zones(ZoneSet((land, zone("b", shapely.box(8, 0, 9, 1))))).edited(removed=["land"])
    assert gone.deeper_than(points, 3_000.0).all()


def test_a_world_without_borders() -> None:
    """Law: everything is far from nothing; no positions give no answers; a depth must be above zero."""
    index = ZoneIndex.from_zones(ZoneSet(()))
    assert index.depth_bound(np.array([[0.0, 0.0], [100.0, 50.0]]), 5_000.0).tolist() == [1, 1]
    assert index.deeper_than(np.empty((0, 2)), 5.0).shape == (0,)
    for d_m in (0.0, -1.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="d_m"):
            index.depth_bound(np.zeros((1, 2)), d_m)
