"""The chance to have crossed between two uncertain fixes."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.chance import Label, covariance_of, crossed, label_of, shared, wander_m2
from tests.geo.chance.shapes import COAST, HOOK, by_lot, chance, fence_of, place, polygon

CHANCE = st.floats(0, 1)


@given(CHANCE, CHANCE, st.floats(0, 0.999))
def test_it_keeps_to_both_chances(start: float, end: float, correlation: float) -> None:
    """Law: inbound less outbound is what being inside gained; both are chances, and no more than being there."""
    both = crossed(np.array([start]), np.array([end]), correlation)
    inbound, outbound = float(both.inbound[0]), float(both.outbound[0])
    assert inbound - outbound == pytest.approx(end - start, abs=1e-7)
    assert 0 <= inbound <= end + 1e-7
    assert 0 <= outbound <= start + 1e-7
    free = crossed(np.array([start]), np.array([end]))
    assert float(free.inbound[0]) == pytest.approx((1 - start) * end, abs=1e-7)
    assert inbound <= float(free.inbound[0]) + 1e-7  # what both fixes share cannot have been crossed


@pytest.mark.parametrize("accuracy_m", [0.0, 40.0, 200.0])
def test_beside_a_straight_edge_it_is_as_lots_tell(accuracy_m: float) -> None:
    """Law: with one border, itself uncertain, between two fixes: the share of drawn worlds in which it was crossed."""
    rng = np.random.default_rng(5)
    fence = fence_of(polygon(COAST), accuracy_m)
    draws = 200_000
    for metres0, metres1, sigma0, sigma1 in [(-12, 9, 10, 10), (-40, 60, 25, 5), (5, 8, 10, 10), (-90, 90, 30, 30)]:
        covariance = [np.eye(2) * sigma**2 for sigma in (sigma0, sigma1)]
        told = [chance(fence, (20_000.0, float(y)), c) for y, c in zip((metres0, metres1), covariance, strict=True)]
        both = crossed(np.array(told[:1]), np.array(told[1:]), shared(sigma0**2, sigma1**2, accuracy_m))
        border = rng.normal(0, accuracy_m / 1.959964, draws)
        first = metres0 + rng.normal(0, sigma0, draws) > border
        second = metres1 + rng.normal(0, sigma1, draws) > border
        assert float(both.inbound[0]) == pytest.approx(float((~first & second).mean()), abs=5e-3)
        assert float(both.outbound[0]) == pytest.approx(float((first & ~second).mean()), abs=5e-3)


def test_at_a_corner_independent_fixes_are_exact() -> None:
    """Law: with an exact border any outline will do: outside at first and inside then, as independent lots."""
    shape = polygon(HOOK)
    fence = fence_of(shape)
    spots, sigmas = [(-10.0, -5.0), (12.0, 8.0)], [12.0, 9.0]
    told = [chance(fence, spot, covariance_of(sigma)[0]) for spot, sigma in zip(spots, sigmas, strict=True)]
    drawn = [by_lot(shape, spot, covariance_of(s)[0], 200_000, 3) for spot, s in zip(spots, sigmas, strict=True)]
    found = float(crossed(np.array(told[:1]), np.array(told[1:])).inbound[0])
    assert found == pytest.approx((1 - drawn[0]) * drawn[1], abs=5e-3)


def test_at_a_corner_a_shared_border_is_nearly_right() -> None:
    """Law: at a corner with an uncertain border the copula is within 0.03 of drawn worlds."""
    shape, accuracy_m, draws = polygon(HOOK), 20.0, 40_000
    fence, rng = fence_of(shape, accuracy_m), np.random.default_rng(6)
    spots, sigma = np.array([(-6.0, -6.0), (14.0, 10.0)]), 8.0
    told = [chance(fence, (x, y), covariance_of(sigma)[0]) for x, y in spots.tolist()]
    border = rng.normal(0, accuracy_m / 1.959964, (draws, 2))
    inside = []
    for spot in spots:
        lots = place(spot + rng.normal(0, sigma, (draws, 2)) - border)
        inside.append(shapely.intersects_xy(shape, lots[:, 0], lots[:, 1]))
    found = crossed(np.array(told[:1]), np.array(told[1:]), shared(sigma**2, sigma**2, accuracy_m))
    assert float(found.inbound[0]) == pytest.approx(float((~inside[0] & inside[1]).mean()), abs=0.03)


def test_wander_is_what_random_ways_do() -> None:
    """Law: the variance between two ends at which place and velocity are known is that of simulated white
    acceleration conditioned on both ends."""
    steps, seconds, q = 40, 60.0, 0.05
    dt = seconds / steps
    transition = np.array([[1, dt], [0, 1]])
    noise = q * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    covariance = np.zeros((steps + 1, steps + 1, 2, 2))  # of the states at all times, started from a known one
    for i in range(1, steps + 1):
        covariance[i, i] = transition @ covariance[i - 1, i - 1] @ transition.T + noise
        for j in range(i):
            covariance[i, j] = transition @ covariance[i - 1, j]
            covariance[j, i] = covariance[i, j].T
    for at in (10, 20, 30):
        gain = covariance[at, steps] @ np.linalg.inv(covariance[steps, steps])
        left = covariance[at, at] - gain @ covariance[steps, at]
        assert wander_m2(seconds, at / steps, q) == pytest.approx(left[0, 0], rel=1e-9)


def test_words() -> None:
    """Law: above 0.3 possible, 0.7 probable, 0.95 confirmed; two kinds of sensors confirm what is possible."""
    words = [label_of(chance).word for chance in (0.3, 0.31, 0.7, 0.71, 0.95, 0.96)]
    assert words == ["doubtful", "possible", "possible", "probable", "probable", "confirmed"]
    assert label_of(0.31, independent=2) is Label.CONFIRMED
    assert label_of(0.3, independent=2) is Label.DOUBTFUL
