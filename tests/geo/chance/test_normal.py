"""The normal distribution against scipy."""

import numpy as np
from scipy.special import ndtr
from scipy.special import owens_t as scipy_owens_t
from scipy.stats import multivariate_normal

from geo.chance.normal import both_below, owens_t, phi


def test_phi_is_the_normal_integral() -> None:
    """Law: within 1e-10 everywhere, never beyond 0 and 1, and rising."""
    x = np.concatenate([np.linspace(-12, 12, 20_001), [-1e9, 1e9]])
    found = phi(x)
    assert np.abs(found - ndtr(x)).max() < 1e-10
    assert found.min() >= 0
    assert found.max() <= 1
    assert (np.diff(phi(np.linspace(-9, 9, 20_001))) >= -1e-15).all()


def test_owens_t_is_scipys() -> None:
    """Law: within 1e-10 for all slopes from 1e-3 to 1e12, both signs, and heights near 0."""
    rng = np.random.default_rng(1)
    h = rng.uniform(-9, 9, 60_000)
    h[::5] *= 1e-9
    a = 10.0 ** rng.uniform(-3, 12, len(h)) * rng.choice([-1.0, 1.0], len(h))
    assert np.abs(owens_t(h, a) - scipy_owens_t(h, a)).max() < 1e-10


def test_both_below_is_the_bivariate_integral() -> None:
    """Law: within 1e-8 of scipy's; independent, opposite and equal variables by themselves."""
    rng = np.random.default_rng(2)
    h, k, rho = rng.normal(0, 2, 150), rng.normal(0, 2, 150), rng.uniform(-0.99, 0.99, 150)
    oracle = [multivariate_normal.cdf([a, b], cov=[[1, r], [r, 1]]) for a, b, r in zip(h, k, rho, strict=True)]
    assert np.abs(both_below(h, k, rho) - oracle).max() < 1e-8
    assert np.allclose(both_below(h, k, 0.0), phi(h) * phi(k), atol=1e-10)
    assert np.allclose(both_below(h, k, 1.0), phi(np.minimum(h, k)), atol=1e-6)
    assert np.allclose(both_below(h, k, -1.0), np.maximum(phi(h) + phi(k) - 1, 0), atol=1e-6)
