"""Gating finds every pair, the assignment is the best one, existence follows Bayes."""

import numpy as np
import pytest

from streams.tracks.assign import best
from streams.tracks.existence import after_misses, after_plot, likelihood_ratio, score
from streams.tracks.gate import near
from tests.streams.tracks import scalar


@pytest.mark.parametrize("tracks,plots,side", [(5, 7, 200.0), (300, 400, 9000.0), (500, 2500, 3000.0), (300, 300, 1.0)])
def test_the_gate_finds_every_pair_and_no_other(tracks: int, plots: int, side: float) -> None:
    """The strips find what comparing every pair does, whatever the shape of the plane."""
    rng = np.random.default_rng(3)
    x, y, radius = rng.uniform(0, side, tracks), rng.uniform(0, side / 3, tracks), rng.uniform(5.0, 60.0, tracks)
    px, py = rng.uniform(-50, side + 50, plots), rng.uniform(-50, side / 3, plots)
    track, plot = near(x, y, radius, px, py)
    inside = (np.abs(px - x[:, None]) < radius[:, None]) & (np.abs(py - y[:, None]) < radius[:, None])
    assert sorted(zip(track.tolist(), plot.tolist(), strict=True)) == list(map(tuple, np.argwhere(inside).tolist()))


def test_the_assignment_is_the_best_of_all() -> None:
    """Small random problems, against trying every combination."""
    rng = np.random.default_rng(4)
    for _ in range(40):
        scores = {(t, p): float(rng.uniform(0.1, 9.0)) for t in range(4) for p in range(4) if rng.random() < 0.5}
        if not scores:
            continue
        track, plot = (np.array(side, np.intp) for side in zip(*scores, strict=True))
        value = np.array(list(scores.values()))
        chosen = best(track, plot, value, 4, 4)
        assert len(set(track[chosen])) == len(set(plot[chosen])) == chosen.size
        assert value[chosen].sum() == pytest.approx(scalar.best(scores))


def test_the_sparse_search_is_as_good_as_the_dense_one() -> None:
    """A chain of contested plots too large for the dense search: the sum is that of linear_sum_assignment."""
    from scipy.optimize import linear_sum_assignment

    rng = np.random.default_rng(6)
    n = 120
    track = np.concatenate([np.arange(n), np.arange(n)])
    plot = np.concatenate([np.arange(n), (np.arange(n) + 1) % n])
    value = rng.uniform(0.1, 5.0, 2 * n)
    gain = np.zeros((n, n))
    gain[track, plot] = value
    rows, columns = linear_sum_assignment(gain, maximize=True)
    assert value[best(track, plot, value, n, n)].sum() == pytest.approx(gain[rows, columns].sum())


def test_existence_follows_bayes() -> None:
    """After a plot and after misses, from the joint probabilities written out."""
    r, detection, likelihood, density = 0.3, 0.9, 2e-4, 1e-6
    ratio = likelihood_ratio(np.array([likelihood]), detection, np.array([density]))
    # Exists and seen here, exists and unseen with this plot false; does not exist and this plot false.
    exists = r * (detection * likelihood / density + (1 - detection))
    assert after_plot(np.array([r]), ratio, detection)[0] == pytest.approx(exists / (exists + 1 - r))
    unseen = r * (1 - detection) ** 3
    assert after_misses(np.array([r]), detection, 3)[0] == pytest.approx(unseen / (unseen + 1 - r))
    one = after_misses(after_misses(np.array([r]), detection, 1), detection, 2)
    assert one[0] == pytest.approx(after_misses(np.array([r]), detection, 3)[0])
    owned = r * detection * likelihood / density
    assert score(np.array([r]), ratio, detection)[0] == pytest.approx(np.log(owned / (1 - r * detection)))
