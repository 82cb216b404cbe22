"""Geodesics drawn with straight edges, against pyproj place by place."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geodesic_edges import densified, subdivided

GEOD = pyproj.Geod(ellps="WGS84")
LON = st.one_of(st.floats(-180, 180, allow_subnormal=False), st.sampled_from([-180.0, 180.0, 0.0, 179.999]))
LAT = st.one_of(st.floats(-89.9, 89.9, allow_subnormal=False), st.sampled_from([-89.99, 89.99, 0.0]))


def worst_m(line: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """The farthest a place of the geodesic is from the line's edges; the nearest place is searched four times finer."""
    azimuth, _, metres = GEOD.inv(start[0], start[1], end[0], end[1])
    t = np.linspace(0, 1, 60)[:, None]
    drawn = np.vstack([line[at] + t * step for at, step in enumerate(wrapped(np.diff(line, axis=0)))])
    worst = 0.0
    for share in np.linspace(0, 1, 21):
        lon, lat, _ = GEOD.fwd(start[0], start[1], azimuth, share * metres)
        near = drawn
        for _ in range(4):
            _, _, away = GEOD.inv(np.full(len(near), lon), np.full(len(near), lat), near[:, 0], near[:, 1])
            at = int(np.argmin(away))
            around = near[max(at - 1, 0) : at + 2]
            near = np.vstack([around[i] + t * step for i, step in enumerate(wrapped(np.diff(around, axis=0)))])
        worst = max(worst, float(away.min()))
    return worst


def wrapped(step: np.ndarray) -> np.ndarray:
    """Steps the short way round."""
    return np.column_stack([(step[:, 0] + 180) % 360 - 180, step[:, 1]])


@pytest.mark.parametrize(
    "start, end",
    [
        ((5.0, 60.0), (6.5, 60.3)),
        ((0.0, 60.0), (0.05, 60.0)),
        ((178.0, -65.0), (-177.0, -66.0)),
        ((-20.0, -30.0), (25.0, 30.0)),
        ((10.0, 88.0), (150.0, 87.0)),
        ((10.0, 89.99), (189.0 - 360, 89.995)),
        ((-179.0, 51.0), (179.5, 52.0)),
        ((3.0, 40.0), (3.0, 70.0)),
        ((0.0, 80.0), (180.0, 85.0)),
    ],
)
@pytest.mark.parametrize("error_m", [1.0, 50.0])
def test_the_error_is_kept(start: tuple[float, float], end: tuple[float, float], error_m: float) -> None:
    """Law: the geodesic leaves the drawn line by no more than was allowed, and both ends stay to the bit."""
    line = densified(np.array([start, end]), error_m)
    assert line[0].tolist() == list(start)
    assert line[-1].tolist() == list(end)
    assert (np.abs(line[:, 0]) <= 180).all()
    assert worst_m(line, np.array(start), np.array(end)) <= error_m


@given(LON, LAT, st.floats(0, 360), st.floats(1, 400_000))
def test_anywhere(lon: float, lat: float, azimuth_deg: float, metres: float) -> None:
    """Law: the error is kept from any place in any direction."""
    x, y, _ = GEOD.fwd(lon, lat, azimuth_deg, metres)
    ends = np.array([[lon, lat], [x, y]])
    line = densified(ends, 25.0)
    assert (line[[0, -1]] == ends).all()
    assert worst_m(line, ends[0], ends[1]) <= 25.0


def test_a_line_stays_where_it_may() -> None:
    """Law: short edges, meridians, the equator and the edge of the map come back as they are."""
    plain = np.array([[5.0, 60.0], [5.01, 60.0], [5.01, 59.0], [5.01, 0.0], [40.0, 0.0]])
    assert densified(plain, 0.1).tolist() == plain.tolist()
    cap = np.array([[-180.0, -90.0], [180.0, -90.0], [180.0, -80.0]])
    assert densified(cap, 0.1).tolist() == cap.tolist()
    assert densified(plain[:1], 0.1).tolist() == plain[:1].tolist()


def test_places_are_not_more_than_needed() -> None:
    """Law: 100 km at 60 north (373 m off when straight) take about sqrt(373 / error) parts, up to the next halving."""
    for error_m in (100.0, 10.0, 1.0):
        parts = len(densified(np.array([[0.0, 60.0], [1.79, 60.0]]), error_m)) - 1
        least = np.sqrt(373 / error_m)
        assert least * 0.9 <= parts <= 2.4 * least


def test_parts_know_their_share() -> None:
    """Law: the parts of every segment run from 0 to 1 without a gap, and u is the share of the way by distance."""
    rng = np.random.default_rng(3)
    p0 = rng.uniform([-180, -85], [180, 85], (60, 2))
    x, y, _ = GEOD.fwd(p0[:, 0], p0[:, 1], rng.uniform(0, 360, 60), rng.uniform(10, 300_000, 60))
    p1 = np.column_stack([x, y])
    parts = subdivided(p0, p1, 5.0)
    assert np.unique(parts.segment).tolist() == list(range(60))
    azimuth, _, metres = GEOD.inv(p0[:, 0], p0[:, 1], p1[:, 0], p1[:, 1])
    for segment in range(60):
        mine = parts.segment == segment
        u0, u1 = parts.u0[mine], parts.u1[mine]
        assert (u0[0], u1[-1]) == (0.0, 1.0)
        assert (u0[1:] == u1[:-1]).all()
        assert (parts.start[mine][1:] == parts.end[mine][:-1]).all()
        for u, place in zip(u0.tolist(), parts.start[mine], strict=True):
            lon, lat, _ = GEOD.fwd(p0[segment, 0], p0[segment, 1], azimuth[segment], u * metres[segment])
            assert GEOD.inv(lon, lat, place[0], place[1])[2] < 1e-3


@pytest.mark.parametrize("error_m", [0.0, -1.0, float("nan")])
def test_an_error_that_is_none(error_m: float) -> None:
    """Law: an error must be above zero."""
    with pytest.raises(ValueError, match="max_error_m"):
        densified(np.array([[0.0, 0.0], [1.0, 1.0]]), error_m)
