"""Bearings steer a track, start none, and two of them make a plot."""

import math

import numpy as np
import pytest

from streams.tracks.identity.filter import Bools, Floats
from streams.tracks.registration.residuals import polar
from streams.tracks.sensors.bearing import BearingRules, Bearings, Steered, seen, steer
from streams.tracks.sensors.triangulate import LEAST_CROSSING_RAD, triangulate
from tests.streams.tracks.identity import scalar

RULES = BearingRules()
CAMERA = np.zeros(2)


def tracks(*places: tuple[float, float]) -> tuple[Floats, Floats, Floats, Bools]:
    """Standing confirmed tracks known to 20 m at time 0."""
    n = len(places)
    mean = np.concatenate([np.array(places).reshape(n, 2), np.zeros((n, 2))], axis=1)
    return np.zeros(n), mean, np.broadcast_to(np.diag([400.0, 400.0, 1.0, 1.0]), (n, 4, 4)).copy(), np.ones(n, np.bool_)


def look(azimuth_deg: float, at_s: float = 1.0, sigma_deg: float = 0.2) -> Bearings:
    """One bearing from the origin."""
    return Bearings(
        np.array([at_s]), CAMERA[None, :], np.array([math.radians(azimuth_deg)]), np.array([math.radians(sigma_deg)])
    )


def steered(places: list[tuple[float, float]], bearing: Bearings) -> Steered:
    """One bearing on tracks."""
    return steer(*tracks(*places), bearing, RULES)


def test_a_bearing_is_the_scalar_extended_filter() -> None:
    """Law: a used bearing equals the textbook extended Kalman step, and narrows the track across itself only."""
    time_s, mean, covariance, confirmed = tracks((1000.0, 1000.0))
    bearing = look(45.3, 2.0)
    out = steer(time_s, mean, covariance, confirmed, bearing, RULES)
    assert out.track.tolist() == [0]
    ahead, spread = scalar.predict(mean[0], covariance[0], 2.0, RULES.noise)
    h = np.array([1000.0, -1000.0, 0.0, 0.0]) / 2e6
    s = float(h @ spread @ h) + math.radians(0.2) ** 2
    gain = spread @ h / s
    np.testing.assert_allclose(out.mean[0], ahead + gain * math.radians(0.3), rtol=1e-9)
    np.testing.assert_allclose(out.covariance[0], spread - np.outer(gain, h @ spread), rtol=1e-9, atol=1e-9)
    along, across = np.array([1.0, 1.0]) / math.sqrt(2), np.array([1.0, -1.0]) / math.sqrt(2)
    after, before = out.covariance[0][:2, :2], spread[:2, :2]
    assert along @ after @ along == pytest.approx(along @ before @ along)
    assert across @ after @ across < 0.2 * (across @ before @ across)


def test_the_derivative_is_that_of_differences() -> None:
    """Law: the bearing's derivative equals a finite difference."""
    mean = np.array([[700.0, -300.0, 1.0, 2.0]])
    _, by, range_m, _ = seen(mean, np.eye(4)[None], CAMERA, 0.0)
    for axis in (0, 1):
        more = mean.copy()
        more[0, axis] += 1e-3
        change = seen(mean, np.eye(4)[None], CAMERA, 0.0)[0] - seen(more, np.eye(4)[None], CAMERA, 0.0)[0]
        assert by[0, axis] == pytest.approx(change[0] / 1e-3, rel=1e-4)
    assert range_m[0] == pytest.approx(math.hypot(700.0, 300.0))


@pytest.mark.parametrize(
    "places, bearing",
    [
        ([], look(45.0)),
        ([(1000.0, 1000.0)], look(60.0)),
        ([(1000.0, 1000.0), (2000.0, 2010.0)], look(45.0)),
        ([(9000.0, 9000.0)], look(45.0)),
        ([(1000.0, 1000.0)], look(45.0, -1.0)),
    ],
    ids=["no track", "none in the gate", "two in the gate", "too coarse at 12 km", "late"],
)
def test_a_bearing_that_says_nothing_changes_nothing(places: list[tuple[float, float]], bearing: Bearings) -> None:
    """Law: no birth, and no change where it is ambiguous, coarser than the track, beside it, or late."""
    before = tracks(*places)
    out = steered(places, bearing)
    assert out.track.tolist() == [-1]
    np.testing.assert_array_equal(out.mean, before[1])
    np.testing.assert_array_equal(out.covariance, before[2])


def test_an_unconfirmed_track_is_not_steered() -> None:
    """Law: bearings are for confirmed tracks."""
    time_s, mean, covariance, confirmed = tracks((1000.0, 1000.0))
    assert steer(time_s, mean, covariance, ~confirmed, look(45.0), RULES).track.tolist() == [-1]


def test_two_bearings_meet_where_the_object_is() -> None:
    """Law: exact bearings meet in the object; the covariance equals that of a numerical derivative."""
    one, other, real = np.array([[0.0, 0.0]]), np.array([[900.0, 100.0]]), np.array([[300.0, 800.0]])
    sigma = np.array([0.004]), np.array([0.007])

    def azimuth(camera: Floats) -> Floats:
        return polar(real, camera[0])[1]

    out = triangulate(one, azimuth(one), sigma[0], other, azimuth(other), sigma[1])
    np.testing.assert_allclose(out.position_m, real, atol=1e-9)
    assert out.good.tolist() == [True]
    moved = [
        triangulate(one, azimuth(one) + d1, sigma[0], other, azimuth(other) + d2, sigma[1]).position_m[0] - real[0]
        for d1, d2 in ((1e-6, 0.0), (0.0, 1e-6))
    ]
    by = np.stack(moved, axis=1) / 1e-6
    np.testing.assert_allclose(out.covariance[0], by @ np.diag([0.004**2, 0.007**2]) @ by.T, rtol=1e-4)


def test_the_covariance_holds() -> None:
    """Law: over 4,000 objects the normalised squared error has mean 2 (NEES), within 5 %."""
    rng = np.random.default_rng(6)
    n, sigma = 4000, math.radians(0.2)
    one, other = np.zeros((n, 2)), np.tile([1500.0, 0.0], (n, 1))
    real = np.stack([rng.uniform(0, 1500, n), rng.uniform(300, 3000, n)], axis=1)
    seen_at = [np.arctan2(*(real - camera).T) + sigma * rng.standard_normal(n) for camera in (one, other)]
    out = triangulate(one, seen_at[0], np.full(n, sigma), other, seen_at[1], np.full(n, sigma))
    off = (out.position_m - real)[out.good]
    nees = np.einsum("ni,nij,nj->n", off, np.linalg.inv(out.covariance[out.good]), off)
    assert out.good.mean() > 0.8
    assert 1.9 < nees.mean() < 2.1


def test_flat_crossings_and_bearings_apart_are_no_plot() -> None:
    """Law: below 20° between the bearings, or meeting behind a camera, there is no plot."""
    one, other = np.zeros((3, 2)), np.tile([100.0, 0.0], (3, 1))
    first = np.array([0.0, math.radians(-30.0), 0.0])
    second = np.array([-0.9 * LEAST_CROSSING_RAD, math.radians(30.0), math.radians(-45.0)])
    spread = np.full(3, 0.01)
    assert triangulate(one, first, spread, other, second, spread).good.tolist() == [False, False, True]
