"""Tracks of other trackers, and heights."""

import numpy as np

from streams.tracks.sensors import altitude
from streams.tracks.sensors.external import GATE, Counts, associated, fused
from tests.streams.tracks.identity import scalar


def test_association_is_the_test_of_every_pair() -> None:
    """Law: pairs are inside the gate of the difference, each at most once; far ones and bad fits are left alone."""
    rng = np.random.default_rng(3)
    own = np.c_[rng.uniform(0, 3000, (8, 2)), rng.normal(size=(8, 2))]
    order = rng.permutation(8)
    external = own[order] + rng.normal(size=(8, 4)) * [5.0, 5.0, 0.5, 0.5]
    external[0, 0] += 500.0
    p = np.broadcast_to(np.diag([36.0, 36.0, 0.5, 0.5]), (8, 4, 4)).copy()
    pairs = associated(own, p, external, p)
    expected = set()
    for i in range(8):
        for j in range(8):
            off = own[i] - external[j]
            if float(off @ np.linalg.inv(p[i] + p[j]) @ off) < GATE:
                expected.add((i, j))
    assert set(zip(pairs.own.tolist(), pairs.external.tolist(), strict=True)) == expected
    assert int(order[0]) not in pairs.own.tolist()


def test_a_fused_pair_is_not_surer_than_the_surest_direction_allows() -> None:
    """Law: the same track twice gains no confidence: fused with itself it stays itself."""
    rng = np.random.default_rng(4)
    own, p = rng.normal(size=(3, 4)) * 100, scalar.spread(rng, 3)
    pairs = associated(own, p, own, p)
    out = fused(pairs, own, p, own, p)
    np.testing.assert_allclose(out.mean, own, rtol=1e-6)
    np.testing.assert_allclose(out.covariance, p, rtol=1e-6, atol=1e-6)


def test_without_covariance_it_is_counted() -> None:
    """Law: near in six of the last eight looks is the same object."""
    counts = Counts()
    for near in (True, True, True, False, True, True):
        counts = counts.after(10.0 if near else 90.0, 50.0)
    assert not counts.same
    counts = counts.after(10.0, 50.0)
    assert counts.same
    for _ in range(4):
        counts = counts.after(90.0, 50.0)
    assert not counts.same


def test_heights_are_the_scalar_filter() -> None:
    """Law: height and climb follow the two-state Kalman filter, object by object."""
    rng = np.random.default_rng(5)
    heights = altitude.begin(np.zeros(3), np.array([100.0, 50.0, 0.0]), np.full(3, 10.0))
    for at in (2.0, 5.0, 6.5):
        measured = heights.height_m + rng.normal(size=3) * 8
        after = altitude.corrected(heights, np.full(3, at), measured, np.full(3, 10.0))
        for i in range(3):
            dt = at - float(heights.time_s[i])
            f = np.array([[1.0, dt], [0.0, 1.0]])
            q = np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
            mean = f @ np.array([heights.height_m[i], heights.climb_mps[i]])
            p = f @ heights.covariance[i] @ f.T + q
            gain = p[:, 0] / (p[0, 0] + 100.0)
            np.testing.assert_allclose(
                [after.height_m[i], after.climb_mps[i]], mean + gain * (measured[i] - mean[0]), rtol=1e-9
            )
            np.testing.assert_allclose(after.covariance[i], p - np.outer(gain, p[0]), rtol=1e-9)
        heights = after
