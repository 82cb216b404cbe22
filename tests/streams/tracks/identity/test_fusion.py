"""The shown state: fused, never too confident, and without effect on the track."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.tracks.identity.evidence import Evidence, Tracks
from streams.tracks.identity.fusion import intersect, shown
from streams.tracks.identity.reporters import Reporters
from tests.streams.tracks.identity import scalar


def test_many_are_fused_as_one_by_one() -> None:
    """Law: covariance intersection over rows equals the formula with determinants, row by row."""
    rng = np.random.default_rng(4)
    one, other = rng.normal(size=(30, 4)) * 50, rng.normal(size=(30, 4)) * 50
    p1, p2 = scalar.spread(rng, 30), scalar.spread(rng, 30)
    out = intersect(one, p1, other, p2)
    for i in range(30):
        a, b = np.linalg.inv(p1[i]), np.linalg.inv(p2[i])
        da, db, ds = (float(np.linalg.det(m)) for m in (a, b, a + b))
        w = min(max((ds - db + da) / (2 * ds), 0.02), 0.98)
        p = np.linalg.inv(w * a + (1 - w) * b)
        np.testing.assert_allclose(out.covariance[i], p, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(out.mean[i], p @ (w * a @ one[i] + (1 - w) * b @ other[i]), rtol=1e-6, atol=1e-6)


@given(st.integers(0, 10_000), st.floats(-0.99, 0.99))
def test_the_fused_covariance_covers_the_error_at_any_correlation(seed: int, correlation: float) -> None:
    """Law: however the two errors depend on each other, the true error covariance is not larger than the stated one."""
    rng = np.random.default_rng(seed)
    p1, p2 = scalar.spread(rng, 1)[0], scalar.spread(rng, 1)[0]
    root1, root2 = np.linalg.cholesky(p1), np.linalg.cholesky(p2)
    cross = correlation * root1 @ root2.T
    zero = np.zeros((1, 4))
    out = intersect(zero, p1[None], zero, p2[None])
    p, w = out.covariance[0], float(out.weight[0])
    k1, k2 = p @ (w * np.linalg.inv(p1)), p @ ((1 - w) * np.linalg.inv(p2))
    real = k1 @ p1 @ k1.T + k2 @ p2 @ k2.T + k1 @ cross @ k2.T + k2 @ cross.T @ k1.T
    assert np.linalg.eigvalsh(p - real).min() >= -1e-6 * np.trace(p)


def test_only_bound_tracks_are_fused() -> None:
    """Law: a bound track shows its sender and the fused state; others, and the tracks themselves, stay as they are."""
    covariance = np.broadcast_to(np.diag([100.0, 100.0, 4.0, 4.0]), (2, 4, 4)).copy()
    mean = np.array([[0.0, 0.0, 1.0, 0.0], [900.0, 0.0, 0.0, 0.0]])
    tracks = Tracks(np.array([3, 8], np.uint64), np.zeros(2), mean, covariance, np.ones(2, np.bool_))
    senders = Reporters(
        np.array([40]), np.zeros(1), np.array([[20.0, 0.0, 1.0, 0.0]]), covariance[:1].copy(),
        np.array([5]), np.array([6.0]), np.zeros((1, 3)),
    )  # fmt: skip
    bond = Evidence(np.array([40]), np.array([3], np.uint64), np.array([9.0]), np.zeros(1), np.ones(1, np.bool_))
    before = mean.copy()
    out = shown(tracks, senders, bond, 2.0)
    assert out.part.tolist() == [40, -1]
    assert out.score.tolist() == [9.0, 0.0]
    np.testing.assert_allclose(out.mean, [[12.0, 0.0, 1.0, 0.0], [900.0, 0.0, 0.0, 0.0]], atol=1e-9)
    np.testing.assert_array_equal(tracks.mean, before)
