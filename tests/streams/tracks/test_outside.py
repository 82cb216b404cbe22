"""What is known of tracks by other ways than plots, beside scalar oracles."""

import math

import numpy as np
import pytest

from streams.tracks import outside
from streams.tracks.classes import WALKER
from streams.tracks.imm import as_matrices, combined
from streams.tracks.sensor import Sensor
from streams.tracks.state import Belief
from streams.tracks.tracker import Tracker

SENSORS = (Sensor("radar"), Sensor("camera", "camera"))
STATE = np.array([100.0, 200.0, 3.0, -1.0])
COVARIANCE = np.diag([400.0, 900.0, 4.0, 9.0]) + 5.0


def tracker() -> Tracker:
    """One track, 7, with equal models, at second 10."""
    made = Tracker(SENSORS)
    outside.adopt(made, 7, 1, 10.0, STATE, COVARIANCE, WALKER)
    return made


def only(made: Tracker, time_s: float) -> Belief:
    """The belief about the one track."""
    found = made.extrapolate(time_s)
    assert found.id.tolist() == [7]
    return found


def test_an_adopted_track_is_what_was_said() -> None:
    """Law: it is confirmed, of its class, at its place and as sure as was said; said again, it has the new state."""
    made = tracker()
    found = only(made, 10.0)
    assert found.confirmed.all()
    assert found.class_code.tolist() == [WALKER]
    assert np.allclose(found.mean[0], STATE)
    assert np.allclose(found.covariance[0], COVARIANCE)
    outside.adopt(made, 7, 1, 12.0, 2.0 * STATE, COVARIANCE)
    assert len(made) == 1
    assert np.allclose(only(made, 12.0).mean[0], 2.0 * STATE)
    assert outside.time_of(made, 7) == 12.0


def test_a_measurement_corrects_as_kalman_does() -> None:
    """Law: at the track's own time both models are one filter, and the result is that of Kalman's equations for one
    number, written out."""
    made, by, off, variance = tracker(), np.array([[0.6, -0.8, 0.0, 0.0]]), 4.0, 25.0
    assert outside.narrow(made, 7, 1, 10.0, by, np.array([off]), np.array([[variance]]))
    cross = [sum(COVARIANCE[i, j] * by[0, j] for j in range(4)) for i in range(4)]
    spread = sum(by[0, i] * cross[i] for i in range(4)) + variance
    found = only(made, 10.0)
    for i in range(4):
        assert found.mean[0, i] == pytest.approx(STATE[i] + cross[i] / spread * off)
        for j in range(4):
            expected = COVARIANCE[i, j] - cross[i] * cross[j] / spread
            assert found.covariance[0, i, j] == pytest.approx(expected, abs=1e-9)


def test_the_model_that_foresaw_a_measurement_gains() -> None:
    """Law: what lies far from where the steady model expects it makes the restless one likelier, what lies near does
    not; a measurement older than the track changes nothing."""
    restless = []
    for off in (0.0, 120.0):
        made = tracker()
        assert outside.narrow(made, 7, 1, 20.0, np.eye(2, 4), np.array([off, 0.0]), 25.0 * np.eye(2))
        restless.append(float(made.table.mode[1, 0]))
    assert restless[1] > restless[0]
    before = combined(made.table.state[:, :, :1], made.table.mode[:, :1])
    assert not outside.narrow(made, 7, 1, 19.0, np.eye(2, 4), np.array([5.0, 0.0]), np.eye(2))
    assert not outside.narrow(made, 8, 1, 21.0, np.eye(2, 4), np.array([5.0, 0.0]), np.eye(2))
    after = combined(made.table.state[:, :, :1], made.table.mode[:, :1])
    assert np.array_equal(as_matrices(before)[0], as_matrices(after)[0])


@pytest.mark.parametrize("told", [-3.0, -0.5, 0.0, 0.5])
def test_evidence_moves_the_odds(told: float) -> None:
    """Law: the odds of existence are multiplied by the likelihood ratio, up to the cap."""
    made = tracker()
    before = float(made.table.existence[0])
    outside.believe(made, np.array([7, 8], np.uint64), np.array([told, 1.0]))
    odds = before / (1.0 - before) * math.exp(told)
    assert float(made.table.existence[0]) == pytest.approx(min(odds / (1.0 + odds), made.settings.existence_cap))


def test_what_nobody_sees_any_more_ends() -> None:
    """Law: a track lives as long as one sensor has seen it within that sensor's patience."""
    made, patience_s = tracker(), np.array([np.inf, 30.0])
    assert outside.fade(made, 39.0, patience_s).size == 0
    outside.credit(made, 7, 1, 35.0)
    assert outside.fade(made, 64.0, patience_s).size == 0
    assert outside.seen_by(made, 7).tolist() == [False, True]
    assert outside.fade(made, 66.0, patience_s).tolist() == [7]
    assert len(made) == 0
    seen = tracker()
    outside.credit(seen, 7, 0, 11.0)
    assert outside.fade(seen, 1e6, patience_s).size == 0
