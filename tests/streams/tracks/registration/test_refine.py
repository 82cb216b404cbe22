"""Registration kept up to date: converges, alarms, and corrects plots as it says."""

import math

import numpy as np

from streams.tracks.identity.columns import take
from streams.tracks.registration.antenna import centred
from streams.tracks.registration.refine import RefineRules, Registration, Standing, corrected, refine, registered
from streams.tracks.registration.residuals import PolarPlots, Residuals, polar
from streams.tracks.registration.vote import PRIOR_SIGMA, Accuracy, Bias, design, variances

ACCURACY = Accuracy(8.0, math.radians(0.15), 8.0)
RULES = RefineRules()
TRUE = np.array([30.0, math.radians(0.5), 0.2])


def pairs(seed: int, bias: np.ndarray[tuple[int], np.dtype[np.float64]] = TRUE, count: int = 40) -> Residuals:
    """Pairs of known identity as a radar with this bias makes them."""
    rng = np.random.default_rng(seed)
    zero = np.zeros(count)
    rates = rng.normal(size=count) * 6.0, rng.normal(size=count) * 0.002
    blank = Residuals(np.arange(count), np.arange(count), zero, zero, rng.uniform(1e3, 2e4, count), *rates, zero)
    noise = np.sqrt(variances(blank, ACCURACY)) * rng.standard_normal((count, 2))
    measured = design(blank) @ bias + noise
    return blank._replace(range_m=measured[:, 0], azimuth_rad=measured[:, 1])


def test_a_batch_is_the_pairs_one_after_another() -> None:
    """Law: a batch in information form equals scalar Kalman updates, one measurement after another."""
    start = Registration(np.array([28.0, 0.0088, 0.1]), np.diag([25.0, 1e-6, 0.04]), 0.0, 100, 0.0, Standing.REGISTERED)
    some = pairs(1, count=12)
    out = refine(start, some, 0.0, ACCURACY, RULES)
    value, covariance = start.value.copy(), start.covariance.copy()
    by, noise = design(some), variances(some, ACCURACY) * RULES.dependence
    for i in range(12):
        for c, measured in enumerate((some.range_m[i], some.azimuth_rad[i])):
            h = by[i, c]
            gain = covariance @ h / (h @ covariance @ h + noise[i, c])
            value = value + gain * (measured - h @ value)
            covariance = covariance - np.outer(gain, h @ covariance)
    np.testing.assert_allclose(out.value, value, rtol=1e-7)
    np.testing.assert_allclose(out.covariance, covariance, rtol=1e-6, atol=1e-15)


def test_an_unknown_radar_becomes_registered() -> None:
    """Law: unregistered until enough pairs are seen and sigma is small; then the bias is the true one."""
    state = Registration.unknown()
    assert state.standing is Standing.UNREGISTERED
    for step in range(30):
        state = refine(state, pairs(step), 10.0 * step, ACCURACY, RULES)
    assert state.standing is Standing.REGISTERED
    off = np.abs(state.value - TRUE)
    assert off[0] < 1.0
    assert off[1] < math.radians(0.04)
    assert (off < 4.0 * state.sigma).all()


def test_a_jump_is_an_alarm_and_stays_one() -> None:
    """Law: a radar that turned by 2° is JUMPED in a few batches, is not dragged along, and stays so until a vote."""
    state = Registration(TRUE, np.diag([1.0, 1e-8, 1e-4]), 0.0, 500, 0.0, Standing.REGISTERED)
    moved = TRUE + np.array([0.0, math.radians(2.0), 0.0])
    for step in range(5):
        state = refine(state, pairs(step, moved), float(step), ACCURACY, RULES)
    assert state.standing is Standing.JUMPED
    assert abs(state.value[1] - TRUE[1]) < math.radians(0.05)
    for step in range(5, 30):
        state = refine(state, pairs(step), float(step), ACCURACY, RULES)
    assert state.standing is Standing.JUMPED
    again = registered(Bias(moved, np.diag([1.0, 1e-8, 1e-4]), 400, 0.5), 30.0, RULES)
    assert again.standing is Standing.REGISTERED


def test_what_is_not_fed_grows_uncertain() -> None:
    """Law: without pairs sigma grows by the drift, and the radar ends unregistered only by what is judged later."""
    state = Registration(TRUE, np.diag([1.0, 1e-8, 1e-4]), 0.0, 500, 0.0, Standing.REGISTERED)
    none = take(pairs(1), np.zeros(0, np.int64))
    later = refine(state, none, 100.0, ACCURACY, RULES)
    assert later.covariance[0, 0] == 1.0 + 100.0 * RULES.drift[0] ** 2
    assert later.value.tolist() == TRUE.tolist()


def test_a_restart_changes_nothing() -> None:
    """Law: load(dump) is the same registration, bit for bit."""
    state = refine(Registration.unknown(), pairs(1), 3.0, ACCURACY, RULES)
    again = Registration.load(state.dump())
    assert again.dump() == state.dump()
    one, other = (refine(s, pairs(2), 4.0, ACCURACY, RULES).dump() for s in (state, again))
    assert one == other
    assert (Registration.unknown().sigma == PRIOR_SIGMA).all()


def test_corrected_plots_lie_where_the_object_is() -> None:
    """Law: plots with the bias taken off scatter about the truth by the covariance they state (NEES near 2)."""
    rng = np.random.default_rng(9)
    radar = np.array([10.0, 20.0])
    real = rng.uniform(-9000, 9000, (4000, 2))
    range_m, azimuth = polar(real, radar)
    plots = PolarPlots(
        np.full(4000, 7.2),
        range_m + 30.0 + 8.0 * rng.standard_normal(4000),
        azimuth + 0.01 + ACCURACY.azimuth_rad * rng.standard_normal(4000),
    )
    exact = Registration(np.array([30.0, 0.01, 0.2]), np.zeros((3, 3)), 0.0, 99, 0.0, Standing.REGISTERED)
    time_s, place, covariance = corrected(plots, exact, radar, ACCURACY)
    off = place - real
    squared = np.einsum("ni,nij,nj->n", off, np.linalg.inv(covariance), off)
    assert 1.85 < squared.mean() < 2.15
    np.testing.assert_allclose(time_s, 7.0)


def test_an_antenna_aft_moves_the_point_forward() -> None:
    """Law: 180 m before the antenna and 20 m behind put the middle 80 m ahead; spread over the hull is length²/12."""
    place, extent = centred(np.zeros((2, 2)), np.array([[180.0, 20.0, 10.0, 22.0], [np.nan] * 4]), np.zeros(2))
    np.testing.assert_allclose(place, [[6.0, 80.0], [0.0, 0.0]])
    np.testing.assert_allclose(extent[0], [[32.0**2 / 12, 0.0], [0.0, 200.0**2 / 12]])
    np.testing.assert_allclose(extent[1], np.zeros((2, 2)))
