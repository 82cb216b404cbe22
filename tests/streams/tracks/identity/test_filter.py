"""The algebra for many objects is that for one."""

import numpy as np

from streams.tracks.identity.filter import correct, distance2, predict
from tests.streams.tracks.identity import scalar


def test_many_are_predicted_as_one_by_one() -> None:
    """Law: predict over rows equals the textbook step of each row, forward and back."""
    rng = np.random.default_rng(1)
    mean, covariance = rng.normal(size=(40, 4)) * 100, scalar.spread(rng, 40)
    dt, noise = rng.uniform(-8, 30, 40), rng.uniform(0.01, 4, 40)
    out = predict(mean, covariance, dt, noise)
    for i in range(40):
        expected = scalar.predict(mean[i], covariance[i], float(dt[i]), float(noise[i]))
        np.testing.assert_allclose(out[0][i], expected[0], rtol=1e-12)
        np.testing.assert_allclose(out[1][i], expected[1], rtol=1e-10, atol=1e-9)


def test_many_are_corrected_as_one_by_one() -> None:
    """Law: correct over rows equals the plain Kalman formula of each row, and stays symmetric."""
    rng = np.random.default_rng(2)
    mean, covariance = rng.normal(size=(40, 4)) * 100, scalar.spread(rng, 40)
    z, r = mean[:, :2] + rng.normal(size=(40, 2)) * 30, scalar.spread(rng, 40, 2)
    out = correct(mean, covariance, z, r)
    for i in range(40):
        expected = scalar.correct(mean[i], covariance[i], z[i], r[i])
        np.testing.assert_allclose(out.mean[i], expected[0], rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(out.covariance[i], expected[1], rtol=1e-7, atol=1e-6)
        np.testing.assert_allclose(out.distance2[i], expected[2], rtol=1e-8)
    np.testing.assert_array_equal(out.covariance, out.covariance.transpose(0, 2, 1))


def test_the_density_is_the_normal_one() -> None:
    """Law: distance2 gives the log density of a two-dimensional normal."""
    rng = np.random.default_rng(3)
    off, covariance = rng.normal(size=(20, 2)) * 30, scalar.spread(rng, 20, 2)
    _, density = distance2(off, covariance)
    np.testing.assert_allclose(
        density, [scalar.log_normal(o, c) for o, c in zip(off, covariance, strict=True)], rtol=1e-10
    )
