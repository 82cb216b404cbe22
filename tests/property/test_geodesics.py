"""Laws of distances and of tracks that are geodesics, against pyproj: degenerate, polar and over the seam."""

import numpy as np
import pyproj
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import ZoneIndex
from geo.geodesic_edges import densified
from geo.index.borders import border_edges
from geo.zones import ZoneSet
from tests.geo.geodesic import nearest_m
from tests.property.test_geo import ANYWHERE, PLACE, places, zone_sets

GEOD = pyproj.Geod(ellps="WGS84")
CENTIMETRE_M = 0.01
SPECIAL = st.sampled_from(
    [(0.0, 90.0), (77.0, 90.0), (0.0, -90.0), (180.0, 0.0), (-180.0, 0.0), (180.0, 89.999), (0.0, 0.0)]
)


@settings(max_examples=25, deadline=None)
@given(zone_sets(), st.lists(PLACE, min_size=1, max_size=4), st.floats(0, 0.04))
def test_distance_is_the_geodesic(zones: ZoneSet, drawn: list[tuple[float, float]], away_deg: float) -> None:
    """Law: within 5 km of a border, also on its corners and beyond the seam, the distance is pyproj's to a centimetre;
    beyond there is none."""
    index = ZoneIndex.from_zones(zones)
    edges = border_edges(index._layers, None)
    points = places(zones, drawn)
    points = np.vstack([points, points + np.array([away_deg, away_deg / 2])])
    points = np.column_stack([(points[:, 0] + 180) % 360 - 180, np.clip(points[:, 1], -90, 90)])
    for (lon, lat), found in zip(points.tolist(), index.distance(points).tolist(), strict=True):
        metres = nearest_m(edges, lon, lat) if len(edges) else np.inf
        if np.isnan(found):
            assert metres > 5000 - CENTIMETRE_M
        else:
            assert abs(abs(found) - metres) <= CENTIMETRE_M


@given(st.one_of(ANYWHERE, SPECIAL), st.one_of(ANYWHERE, SPECIAL), st.sampled_from([0.5, 20.0, 1_000.0]))
def test_a_drawn_geodesic_is_that_geodesic(a: tuple[float, float], b: tuple[float, float], error_m: float) -> None:
    """Law: between any two places, poles, antipodes and one and the same place among them, every place that is put in
    lies on the geodesic, in order, and both ends stay."""
    line = densified(np.array([a, b]), error_m)
    assert line[0].tolist() == list(a)
    assert line[-1].tolist() == list(b)
    assert np.isfinite(line).all()
    assert (np.abs(line) <= [180, 90]).all()
    _, _, whole = GEOD.inv(*a, *b)
    _, _, steps = GEOD.inv(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1])
    # over the pole it goes along the meridians: between nearly opposite places that may be a little longer
    assert steps.sum() <= whole * 1.01 + 1e-3
    assert steps.sum() >= whole - 1e-3


@settings(max_examples=40, deadline=None)
@given(zone_sets(), st.lists(PLACE, min_size=2, max_size=4), st.one_of(ANYWHERE, SPECIAL))
def test_geodesic_tracks_join_the_sets_of_their_ends(
    zones: ZoneSet, drawn: list[tuple[float, float]], far: tuple[float, float]
) -> None:
    """Law: along tracks near zones and from there to anywhere, the crossings lead in order from the set at the start to
    the set at the end, and lie on the map."""
    index = ZoneIndex.from_zones(zones)
    near = places(zones, drawn)[: len(drawn) + 2]
    track = np.vstack([near, [far], near[:1], near[:1]])
    rows = index.crossings(track[:-1], track[1:], geodesic_error_m=50.0)
    state = index.sets(track)
    for segment in range(len(track) - 1):
        mine = rows[rows["segment"] == segment]
        assert (np.diff(mine["u"]) >= 0).all()
        assert [*mine["before"].tolist(), int(state[segment + 1])] == [int(state[segment]), *mine["after"].tolist()]
    assert ((rows["u"] >= 0) & (rows["u"] <= 1)).all()
    assert (np.abs(rows["lon"]) <= 180).all()
    assert (np.abs(rows["lat"]) <= 90).all()
