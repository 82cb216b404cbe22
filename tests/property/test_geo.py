"""Laws of geometry over any zones, positions and segments."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.distance import distance_m
from geo.fence import Fence
from geo.zones import ZoneSet
from tests.geo.shapes import covering, zone

# Coordinates on a coarse grid meet each other's vertices, edges and cell lines all the time; the others never do.
COARSE = st.integers(-8, 8).map(lambda n: n * 0.17578125 / 2)
FINE = st.floats(-0.8, 0.8, allow_subnormal=False)
PLACE = st.tuples(st.one_of(COARSE, FINE), st.one_of(COARSE, FINE))
ANYWHERE = st.tuples(st.floats(-180, 180, allow_subnormal=False), st.floats(-90, 90, allow_subnormal=False))


@st.composite
def zone_sets(draw: st.DrawFn) -> ZoneSet:
    """One to four triangles and boxes, moved to anywhere on the map: also over its edge, cut there."""
    shift = draw(st.sampled_from([(0.0, 0.0), (179.5, 0.0), (-179.5, 60.0), (10.0, 89.5), (3.0, -89.5)]))
    made = []
    for index in range(draw(st.integers(1, 4))):
        corners = np.array(draw(st.lists(PLACE, min_size=3, max_size=3))) + shift
        polygon = shapely.Polygon(np.clip(corners, [-180, -90], [180, 90]))
        if draw(st.booleans()) and polygon.area > 1e-9:
            polygon = shapely.box(*polygon.bounds)
        if polygon.is_valid and polygon.area > 1e-9:
            made.append(zone(f"z{index}", polygon))
    return ZoneSet(tuple(made))


def places(zones: ZoneSet, drawn: list[tuple[float, float]]) -> np.ndarray:
    """The drawn positions near the zones, and the zones' own corners."""
    around = [shapely.get_coordinates(item.geometry) for item in zones]
    home = around[0][0] if around else np.zeros(2)
    near = np.clip(np.array(drawn) + np.round(home / 0.17578125) * 0.17578125, [-180, -90], [180, 90])
    return np.vstack([near, *around])


@given(zone_sets(), st.lists(PLACE, min_size=1, max_size=8))
def test_sets_are_what_covers_says(zones: ZoneSet, drawn: list[tuple[float, float]]) -> None:
    """Law: the fence and shapely's ``covers`` agree on every position."""
    points = places(zones, drawn)
    fence = Fence(zones)
    assert [fence.zones_of(s) for s in fence.sets(points).tolist()] == covering(zones, points)


@given(zone_sets(), st.lists(PLACE, min_size=2, max_size=8))
def test_crossings_join_the_sets_of_both_ends(zones: ZoneSet, drawn: list[tuple[float, float]]) -> None:
    """Law: along every segment the crossings lead, in order, from the set at its start to the set at its end."""
    track = places(zones, drawn)
    fence = Fence(zones)
    rows = fence.crossings(track[:-1], track[1:])
    state = fence.sets(track)
    for segment in range(len(track) - 1):
        mine = rows[rows["segment"] == segment]
        assert (np.diff(mine["u"]) >= 0).all()
        assert [*mine["before"].tolist(), int(state[segment + 1])] == [int(state[segment]), *mine["after"].tolist()]


@given(zone_sets(), st.lists(PLACE, min_size=2, max_size=2))
def test_a_segment_and_its_halves_see_the_same_zones(zones: ZoneSet, drawn: list[tuple[float, float]]) -> None:
    """Law: a segment visits, up to a grazing contact, the zones its two halves visit."""
    start, end = places(zones, drawn)[:2]
    middle = (start + end) / 2
    fence = Fence(zones)

    def visited(*track: np.ndarray) -> set[int]:
        xy = np.array(track)
        rows = fence.crossings(xy[:-1], xy[1:])
        return {*fence.sets(xy).tolist(), *rows["before"].tolist(), *rows["after"].tolist()}

    line = shapely.LineString([start, end])
    grazed = any(0 < shapely.distance(item.geometry.boundary, shapely.Point(middle)) < 1e-9 for item in zones)
    strip = shapely.buffer(line, 1e-9)
    parallel = any(shapely.intersection(item.geometry.boundary, strip).length > 1e-6 for item in zones)
    whole, halves = visited(start, end), visited(start, middle, end)
    assert whole <= halves or grazed or parallel


@given(ANYWHERE, ANYWHERE)
def test_distance_is_symmetric_and_bounded(a: tuple[float, float], b: tuple[float, float]) -> None:
    """Law: distance is the same both ways, never negative, at most half way round."""
    there, back = float(distance_m(*a, *b)), float(distance_m(*b, *a))
    assert 0 <= there < 20_100_000
    assert abs(there - back) <= 1e-6 + 1e-12 * there
