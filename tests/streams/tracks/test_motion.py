"""The blocks of numbers move and are corrected as the matrices are."""

import numpy as np
import pytest

from streams.tracks import imm, motion
from streams.tracks.motion import innovation
from tests.streams.tracks import scalar


@pytest.fixture
def rng() -> np.random.Generator:
    """The same numbers each time."""
    return np.random.default_rng(5)


def test_prediction_is_that_of_the_matrices_forwards_and_backwards(rng: np.random.Generator) -> None:
    """F P F' + Q for each track, whatever its own interval and noise."""
    states = np.stack([scalar.random_state(rng) for _ in range(20)], axis=1)
    dt_s, noise = rng.uniform(-3.0, 5.0, 20), rng.uniform(0.0, 4.0, 20)
    moved = motion.predict(states, dt_s, noise)
    for k in range(20):
        assert moved[:, k] == pytest.approx(scalar.predict(states[:, k], dt_s[k], noise[k]), rel=1e-9, abs=1e-9)


def test_prediction_in_two_steps_is_prediction_in_one(rng: np.random.Generator) -> None:
    """Lazy prediction rests on it: only the time between two plots counts."""
    states = np.stack([scalar.random_state(rng) for _ in range(5)], axis=1)
    a, b = rng.uniform(0.0, 3.0, 5), rng.uniform(0.0, 3.0, 5)
    twice = motion.predict(motion.predict(states, a, 1.5), b, 1.5)
    assert np.allclose(twice, motion.predict(states, a + b, 1.5), rtol=1e-12)


def test_forwards_and_back_without_noise_is_where_it_was(rng: np.random.Generator) -> None:
    """A late plot's update goes back and forth: that alone changes nothing."""
    states = np.stack([scalar.random_state(rng) for _ in range(5)], axis=1)
    back = motion.predict(motion.predict(states, np.full(5, -2.0), 0.0), np.full(5, 2.0), 0.0)
    assert np.allclose(back, states, rtol=1e-9, atol=1e-9)


def test_innovation_and_update_are_those_of_the_matrices(rng: np.random.Generator) -> None:
    """Distance, likelihood, gain and covariance, with correlated plots and for both models at once."""
    states = np.stack([[scalar.random_state(rng) for _ in range(15)] for _ in range(2)]).transpose(2, 0, 1)
    plots = rng.standard_normal((2, 15)) * 60.0
    xx, yy = rng.uniform(10.0, 200.0, 15), rng.uniform(10.0, 200.0, 15)
    xy = rng.uniform(-0.9, 0.9, 15) * np.sqrt(xx * yy)
    seen = innovation(states, np.stack([*plots, xx, yy, xy]))
    after = motion.update(states.copy(), seen.correction)
    for model in range(2):
        for k in range(15):
            r = np.array([[xx[k], xy[k]], [xy[k], yy[k]]])
            _, _, distance, likelihood = scalar.innovation(states[:, model, k], plots[:, k], r)
            assert seen.distance[model, k] == pytest.approx(distance, rel=1e-9)
            assert seen.likelihood[model, k] == pytest.approx(likelihood, rel=1e-9)
            expected = scalar.update(states[:, model, k], plots[:, k], r)
            assert after[:, model, k] == pytest.approx(expected, rel=1e-7, abs=1e-7)


def test_mixing_is_that_of_two_models_in_continuous_time(rng: np.random.Generator) -> None:
    """Means, covariances and probabilities of the mixture, for any interval."""
    states = np.stack([[scalar.random_state(rng) for _ in range(12)] for _ in range(2)]).transpose(2, 0, 1)
    restless = rng.uniform(0.01, 0.99, 12)
    mode, dt_s = np.stack([1.0 - restless, restless]), rng.uniform(0.01, 30.0, 12)
    mixed, later = imm.mix(states, mode, dt_s, 1 / 60, 1 / 8)
    for k in range(12):
        expected, chances = scalar.mix([states[:, 0, k], states[:, 1, k]], mode[:, k], dt_s[k], 1 / 60, 1 / 8)
        assert later[:, k] == pytest.approx(chances)
        for model in range(2):
            assert mixed[:, model, k] == pytest.approx(expected[model], rel=1e-8, abs=1e-8)


def test_nothing_mixes_in_no_time(rng: np.random.Generator) -> None:
    """Two plots of one moment: the second finds the models as the first left them."""
    states = rng.standard_normal((14, 2, 3))
    mode = np.array([[0.2, 0.5, 0.9], [0.8, 0.5, 0.1]])
    mixed, later = imm.mix(states, mode, np.zeros(3), 1 / 60, 1 / 8)
    assert np.allclose(mixed, states)
    assert np.array_equal(later, mode)


def test_the_mixture_as_one_state_has_its_moments(rng: np.random.Generator) -> None:
    """Total expectation and total variance, and the matrices are symmetric."""
    states = np.stack([[scalar.random_state(rng) for _ in range(4)] for _ in range(2)]).transpose(2, 0, 1)
    mode = np.array([[0.3, 0.6, 0.9, 0.5], [0.7, 0.4, 0.1, 0.5]])
    means, covariances = imm.as_matrices(imm.combined(states, mode))
    assert np.allclose(means.T, imm.mean(states, mode))
    for k in range(4):
        (m0, p0), (m1, p1) = scalar.full(states[:, 0, k]), scalar.full(states[:, 1, k])
        apart = m1 - m0
        spread = mode[0, k] * mode[1, k] * np.outer(apart, apart)
        assert np.allclose(covariances[k], mode[0, k] * p0 + mode[1, k] * p1 + spread)
        assert np.array_equal(covariances[k], covariances[k].T)
