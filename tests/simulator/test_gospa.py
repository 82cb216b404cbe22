"""GOSPA against brute force."""

from itertools import combinations, permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.gospa import gospa

Floats = NDArray[np.float64]


def brute(truth: Floats, track: Floats, c_m: float, p: float) -> float:
    """The least of ``sum d**p + c**p / 2 * (left over)`` over every one-to-one choice of pairs."""
    best = float("inf")
    for k in range(min(len(truth), len(track)) + 1):
        for chosen in combinations(range(len(truth)), k):
            for partners in permutations(range(len(track)), k):
                near = sum(float(np.hypot(*(truth[i] - track[j]))) ** p for i, j in zip(chosen, partners, strict=True))
                best = min(best, near + c_m**p / 2.0 * (len(truth) + len(track) - 2 * k))
    return float(best ** (1.0 / p))


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("p", [1, 2])
def test_it_is_the_least_over_all_assignments(seed: int, p: int) -> None:
    """The total equals brute force over every choice of pairs, crowded or sparse, and the split adds up to it."""
    rng = np.random.default_rng(seed)
    n, m = rng.integers(0, 5, 2)
    truth, track = rng.uniform(0.0, 40.0, (n, 2)), rng.uniform(0.0, 40.0, (m, 2))
    found = gospa(truth, track, c_m=15.0, p=p)
    assert found.total == pytest.approx(brute(truth, track, 15.0, p))
    assert found.total**p == pytest.approx(found.localisation + 15.0**p / 2 * (found.missed + found.false))
    distance = np.hypot(*(truth[found.pairs[:, 0]] - track[found.pairs[:, 1]]).T)
    assert found.localisation == pytest.approx(np.sum(distance**p))
    assert (distance < 15.0).all()
    assert (found.missed, found.false) == (n - len(found.pairs), m - len(found.pairs))
    assert len(set(found.pairs[:, 0])) == len(set(found.pairs[:, 1])) == len(found.pairs)


def test_islands_change_nothing() -> None:
    """Many objects solved island by island cost what one dense assignment over all costs."""
    from scipy.optimize import linear_sum_assignment

    rng = np.random.default_rng(1)
    truth = rng.uniform(0.0, 2000.0, (300, 2))
    track = np.concatenate([truth[:250] + rng.normal(0.0, 15.0, (250, 2)), rng.uniform(0.0, 2000.0, (60, 2))])
    cost = np.minimum(np.hypot(*np.moveaxis(truth[:, None] - track, 2, 0)), 50.0) ** 2
    rows, columns = linear_sum_assignment(cost)
    left = len(truth) + len(track) - 2 * len(rows)
    assert gospa(truth, track, c_m=50.0).total ** 2 == pytest.approx(cost[rows, columns].sum() + 50.0**2 / 2 * left)


def test_a_worked_example() -> None:
    """One truth found at 3 m, one missed, one track false, c = 10 m: √(9 + 50 · 2); nothing at all costs nothing."""
    truth, track = np.array([[0.0, 0.0], [100.0, 0.0]]), np.array([[0.0, 3.0], [500.0, 0.0]])
    found = gospa(truth, track, c_m=10.0)
    assert found.total == pytest.approx(109.0**0.5)
    assert (found.localisation, found.missed, found.false, found.pairs.tolist()) == (9.0, 1, 1, [[0, 0]])
    assert gospa(np.zeros((0, 2)), np.zeros((0, 2)), c_m=10.0).total == 0.0


def test_at_the_cut_off_nothing_is_assigned() -> None:
    """A track exactly ``c_m`` away does not stand for a truth: missed and false cost as much."""
    found = gospa(np.zeros((1, 2)), np.array([[10.0, 0.0]]), c_m=10.0)
    assert (found.missed, found.false) == (1, 1)
    assert found.total == pytest.approx(10.0)


def test_twins_at_one_place_are_counted_each() -> None:
    """Two tracks at the very place of one truth: one stands for it, the other is false."""
    found = gospa(np.zeros((1, 2)), np.zeros((2, 2)), c_m=10.0)
    assert (found.localisation, found.missed, found.false) == (0.0, 0, 1)


@pytest.mark.parametrize("c_m, p", [(0.0, 2), (-1.0, 2), (10.0, 0.5)])
def test_a_metric_that_is_none_is_refused(c_m: float, p: float) -> None:
    """A cut-off must be positive and the order at least 1."""
    with pytest.raises(ValueError, match="expected c_m > 0 and p >= 1"):
        gospa(np.zeros((1, 2)), np.zeros((1, 2)), c_m=c_m, p=p)
