"""A radar's bias from pairs nobody has associated."""

import math

import numpy as np
import pytest

from streams.tracks.registration.residuals import PolarPlots, References, cartesian, polar, residuals
from streams.tracks.registration.vote import CELL_M, CELL_RAD, Accuracy, peak, survey, vote

RADAR = np.array([100.0, -50.0])
ACCURACY = Accuracy(8.0, math.radians(0.15), 8.0)


def scene(
    seed: int, bias: tuple[float, float, float], senders: int = 60, false: int = 0
) -> tuple[PolarPlots, References]:
    """Boats on straight courses for 60 s, a plot a second, a report every 6 s; ``false`` plots of others near by."""
    rng = np.random.default_rng(seed)
    start, velocity = rng.uniform(-8000, 8000, (senders, 2)), rng.normal(size=(senders, 2)) * 6.0
    time = np.tile(np.arange(3.0, 57.0), senders)
    who = np.repeat(np.arange(senders), 54)
    place = start[who] + time[:, None] * velocity[who]
    ghosts = place[rng.integers(0, len(place), false * senders * 54)]
    ghosts = ghosts + rng.uniform(-200, 200, ghosts.shape)
    all_time = np.r_[time, np.resize(time, len(ghosts))]
    range_m, azimuth = polar(np.concatenate([place, ghosts]), RADAR)
    n = len(all_time)
    plots = PolarPlots(
        all_time + bias[2],
        range_m + bias[0] + 8.0 * rng.standard_normal(n),
        azimuth + bias[1] + math.radians(0.15) * rng.standard_normal(n),
    )
    heard = np.tile(np.arange(0.0, 61.0, 6.0), senders)
    sender = np.repeat(np.arange(senders), 11)
    where = start[sender] + heard[:, None] * velocity[sender] + 8.0 * rng.standard_normal((len(heard), 2))
    return plots, References(sender, heard, where)


def test_residuals_are_those_of_a_loop() -> None:
    """Law: pairs and differences equal those of a loop over plots and senders."""
    plots, references = scene(1, (12.0, 0.002, 0.0), 6, 1)
    found = residuals(plots, references, RADAR, 150.0)
    expected = []
    for sender in range(6):
        own = np.flatnonzero(references.sender == sender)
        for row in range(len(plots.time_s)):
            at = float(plots.time_s[row])
            x, y = (float(np.interp(at, references.time_s[own], references.position_m[own, axis])) for axis in (0, 1))
            here = RADAR + plots.range_m[row] * np.array(
                [math.sin(plots.azimuth_rad[row]), math.cos(plots.azimuth_rad[row])]
            )
            if math.hypot(here[0] - x, here[1] - y) < 150.0:
                turn = plots.azimuth_rad[row] - math.atan2(x - RADAR[0], y - RADAR[1])
                turn = math.remainder(turn, 2 * math.pi)
                expected.append((row, sender, plots.range_m[row] - math.hypot(x - RADAR[0], y - RADAR[1]), turn))
    assert list(zip(found.plot.tolist(), found.sender.tolist(), strict=True)) == [pair[:2] for pair in expected]
    np.testing.assert_allclose(found.range_m, [pair[2] for pair in expected], atol=1e-8)
    np.testing.assert_allclose(found.azimuth_rad, [pair[3] for pair in expected], atol=1e-12)


def test_a_place_and_back() -> None:
    """Law: polar and cartesian are inverse, azimuth clockwise from north."""
    place = np.random.default_rng(2).uniform(-5000, 5000, (50, 2))
    np.testing.assert_allclose(cartesian(*polar(place, RADAR), RADAR), place, atol=1e-8)
    east = polar(RADAR[None, :] + np.array([[100.0, 0.0]]), RADAR)
    np.testing.assert_allclose([east[0][0], east[1][0]], [100.0, math.pi / 2])


def test_the_peak_is_the_fullest_three_by_three() -> None:
    """Law: the peak equals a count of every three by three block in Python."""
    rng = np.random.default_rng(3)
    range_m = np.r_[rng.uniform(-240, 240, 400), rng.normal(37, 8, 60)]
    azimuth = np.r_[rng.uniform(-0.034, 0.034, 400), rng.normal(0.006, 0.002, 60)]
    found = peak(range_m, azimuth)
    block = (np.abs(range_m - found[0]) <= 1.5 * CELL_M) & (np.abs(azimuth - found[1]) <= 1.5 * CELL_RAD)
    for i in range(-25, 25):
        for j in range(-20, 20):
            centre = ((i + 0.5) * CELL_M, (j + 0.5) * CELL_RAD)
            near = (np.abs(range_m - centre[0]) <= 1.5 * CELL_M) & (np.abs(azimuth - centre[1]) <= 1.5 * CELL_RAD)
            assert near.sum() <= block.sum()


@pytest.mark.parametrize("bias", [(30.0, math.radians(0.5), 0.2), (-20.0, math.radians(-0.3), -0.1), (0.0, 0.0, 0.0)])
def test_the_bias_is_found_among_false_pairs(bias: tuple[float, float, float]) -> None:
    """Law: within 1 m, 0.03° and 0.1 s although three plots of four are of nobody, and within four own sigmas."""
    plots, references = scene(4, bias, false=3)
    found = survey(plots, references, RADAR, ACCURACY)
    off = found.value - np.array(bias)
    assert (np.abs(off) < [1.0, math.radians(0.03), 0.1]).all()
    assert (np.abs(off) < 4.0 * np.sqrt(found.covariance.diagonal())).all()
    assert found.share < 0.6


def test_nothing_seen_is_nothing_known() -> None:
    """Law: without pairs the bias is 0 with the prior's sigma."""
    plots, references = scene(5, (0.0, 0.0, 0.0), 3)
    away = references._replace(position_m=references.position_m + 1e6)
    found = survey(plots, away, RADAR, ACCURACY)
    assert found.value.tolist() == [0.0, 0.0, 0.0]
    assert found.pairs == 0
    assert found.covariance[0, 0] >= 100.0**2
    assert vote(residuals(plots, away, RADAR), ACCURACY).pairs == 0


def test_the_sigma_is_honest() -> None:
    """Law: over twenty scenes the normalised squared error has a mean near 3, as a consistent estimate has."""
    bias = (25.0, math.radians(0.2), 0.1)
    squared = []
    for seed in range(20):
        found = survey(*scene(100 + seed, bias, 30), RADAR, ACCURACY)
        off = found.value - np.array(bias)
        squared.append(float(off @ np.linalg.solve(found.covariance, off)))
    assert 1.5 < float(np.mean(squared)) < 5.5
