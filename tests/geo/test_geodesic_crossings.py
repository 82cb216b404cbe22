"""Crossings of tracks that are geodesics, not straight lines in lon, lat."""

import numpy as np
import pyproj
import pytest
import shapely

from geo import ZoneIndex
from geo.index.points import NotAPlace
from geo.zones import ZoneKind, ZoneSet
from tests.geo.shapes import zone

GEOD = pyproj.Geod(ellps="WGS84")


def test_a_zone_that_only_the_geodesic_meets() -> None:
    """Law: 900 km along 60 north, the geodesic runs 30 km north of the parallel, and is found to."""
    north = ZoneIndex.from_zones(ZoneSet((zone("n", shapely.box(7.9, 60.2, 8.1, 60.5), ZoneKind.EXCLUSION),)))
    p0, p1 = np.array([[0.0, 60.0]]), np.array([[16.0, 60.0]])
    assert not len(north.crossings(p0, p1))
    rows = north.crossings(p0, p1, geodesic_error_m=1.0)
    assert [north.zones_of(s) for s in rows["after"]] == [("n",), ()]


@pytest.mark.parametrize("count", [3, 300])
def test_u_is_the_share_of_the_distance(count: int) -> None:
    """Law: each crossing lies where the geodesic is after that share, to the error; states lead from end to end."""
    rng = np.random.default_rng(5)
    boxes = [
        zone(f"b{i}", shapely.box(x, 50, x + 3, 70), ZoneKind.EXCLUSION) for i, x in enumerate((-170, -2, 20, 175))
    ]
    index = ZoneIndex.from_zones(ZoneSet(tuple(boxes)))
    p0 = np.column_stack([rng.choice([-175.0, -5.0, 15.0, 171.0], count), rng.uniform(55, 65, count)])
    x, y, _ = GEOD.fwd(p0[:, 0], p0[:, 1], rng.uniform(40, 140, count), rng.uniform(2e5, 8e5, count))
    p1 = np.column_stack([x, y])
    rows = index.crossings(p0, p1, geodesic_error_m=0.5)
    assert len(rows) > count / 2
    azimuth, _, metres = GEOD.inv(p0[:, 0], p0[:, 1], p1[:, 0], p1[:, 1])
    at = rows["segment"]
    x, y, _ = GEOD.fwd(p0[at, 0], p0[at, 1], azimuth[at], rows["u"] * metres[at])
    _, _, away = GEOD.inv(x, y, rows["lon"], rows["lat"])
    assert away.max() < 2.0  # across by 0.5 m, and along by what the place's share of a part is rounded to
    starts, ends = index.sets(p0), index.sets(p1)
    for segment in range(count):
        mine = rows[at == segment]
        assert [*mine["before"].tolist(), ends[segment]] == [starts[segment], *mine["after"].tolist()]
        assert (np.diff(mine["u"]) >= 0).all()


def test_short_segments_are_what_they_were() -> None:
    """Law: where straight is right to the error, nothing changes, to the bit."""
    rng = np.random.default_rng(6)
    index = ZoneIndex.from_zones(ZoneSet((zone("a", shapely.box(0, 50, 1, 51)),)))
    p0 = rng.uniform([-0.1, 49.9], [1.1, 51.1], (500, 2))
    p1 = p0 + rng.normal(0, 0.002, (500, 2))
    assert index.crossings(p0, p1, geodesic_error_m=1.0).tolist() == index.crossings(p0, p1).tolist()


def test_what_is_no_place_is_refused() -> None:
    """Law: positions of another shape, count or off the map are an error that says so, on every path."""
    index = ZoneIndex.from_zones(ZoneSet((zone("a", shapely.box(0, 50, 1, 51)),)))
    for count in (2, 200):
        for bad in (np.zeros(count), np.zeros((count, 3)), np.zeros((2, count, 2))):
            for ask in (index.sets, index.distance, lambda p: index.crossings(p, p)):
                with pytest.raises(NotAPlace, match="shape"):
                    ask(bad)
        with pytest.raises(NotAPlace, match="as many"):
            index.crossings(np.zeros((count, 2)), np.zeros((count + 1, 2)))
        with pytest.raises(NotAPlace):
            index.crossings(np.full((count, 2), 91.0), np.zeros((count, 2)), geodesic_error_m=1.0)


def test_other_forms_of_positions() -> None:
    """Law: lists, single precision and whole numbers are asked as the positions they are; none give none."""
    index = ZoneIndex.from_zones(ZoneSet((zone("a", shapely.box(0, 50, 1, 51)),)))
    for count in (1, 200):
        for form in ([[0.5, 50.5]] * count, np.full((count, 2), (0.5, 50.5), np.float32)):
            assert [index.zones_of(s) for s in index.sets(form).tolist()] == [("a",)] * count  # type: ignore[arg-type]
        assert index.sets(np.full((count, 2), (1, 51))).tolist() == index.sets(np.array([[1.0, 51.0]])).tolist() * count
    assert index.sets(np.empty((0, 2))).tolist() == []
    assert index.distance(np.empty((0, 2))).tolist() == []
    assert index.crossings(np.empty((0, 2)), np.empty((0, 2))).segment.tolist() == []  # type: ignore[attr-defined]


def test_numbers_that_mean_nothing() -> None:
    """Law: a set id that was never given, and a distance that is none, are errors."""
    index = ZoneIndex.from_zones(ZoneSet((zone("a", shapely.box(0, 50, 1, 51)),)))
    for set_id in (-1, 99):
        with pytest.raises(ValueError, match="set id"):
            index.zones_of(set_id)
    for max_m in (0.0, -5.0, float("nan")):
        with pytest.raises(ValueError, match="max_m"):
            index.distance(np.zeros((1, 2)), max_m)
