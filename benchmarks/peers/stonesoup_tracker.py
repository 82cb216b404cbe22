"""Stone Soup 1.9.1 on the tracker benchmark's plots: global nearest neighbour by 2-D assignment, gated with a KD-tree.

Its fastest associator that keeps its accuracy, as its own tutorial recommends for many targets. Every constant was
chosen on other seeds (100 to 102) of the same worlds: noise, missed distance, hits before a track counts, steps
without a plot before it is deleted."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray
from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
from stonesoup.dataassociator.tree import DetectionKDTreeGNN2D
from stonesoup.deleter.time import UpdateTimeStepsDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.initiator.simple import MultiMeasurementInitiator
from stonesoup.measures import Mahalanobis
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.tracker.simple import MultiTargetTracker
from stonesoup.types.detection import Detection
from stonesoup.types.state import GaussianState
from stonesoup.updater.kalman import KalmanUpdater

Floats = NDArray[np.float64]

_BEGAN: Final = datetime(2026, 3, 1)  # noqa: DTZ001, Stone Soup's times are naive


@dataclass(frozen=True, slots=True)
class Tuning:
    """``noise`` m²/s³ · ``missed_distance`` in sigmas · ``hits`` before a track counts · ``delete_after`` steps ·
    ``hold`` steps a track of fewer hits may miss · ``reach_m`` of the KD-tree, None: compare every pair."""

    noise: float = 1.0
    missed_distance: float = 4.0
    hits: int = 2
    delete_after: int = 3
    hold: int = 2
    reach_m: float | None = 120.0
    birth_sigma_mps: float = 12.0


@dataclass(frozen=True, slots=True)
class Picture:
    """Its tracks at one scan: names, places (n, 2)."""

    time_s: float
    names: list[str]
    place_m: Floats


class Clocked:
    """Stone Soup over scans of plots (m, 2). ``cpu_s``: process CPU time of its steps, detections built beforehand."""

    def __init__(self, sigma_m: float, tuning: Tuning) -> None:
        self.cpu_s = 0.0
        self.plots = 0
        self._sigma_m, self._tuning = sigma_m, tuning

    def pictures(self, scans: Iterable[tuple[float, Floats]]) -> Iterator[Picture]:
        """The tracks after every scan."""
        model = LinearGaussian(ndim_state=4, mapping=(0, 2), noise_covar=np.eye(2) * self._sigma_m**2)
        steps = []
        for time_s, plots in scans:
            moment = _BEGAN + timedelta(seconds=time_s)
            found = {
                Detection(np.array([[x], [y]]), timestamp=moment, measurement_model=model) for x, y in plots.tolist()
            }
            steps.append((moment, found))
        tracker = iter(self._tracker(model, steps))
        for moment, found in steps:
            began = time.process_time()
            _, tracks = next(tracker)
            self.cpu_s += time.process_time() - began
            self.plots += len(found)
            names = [str(track.id) for track in tracks]
            places = [(float(t.state_vector[0]), float(t.state_vector[2])) for t in tracks]
            yield Picture((moment - _BEGAN).total_seconds(), names, np.array(places, np.float64).reshape(-1, 2))

    def _tracker(self, model: LinearGaussian, steps: list[tuple[datetime, set[Detection]]]) -> MultiTargetTracker:
        tuning = self._tuning
        moves = CombinedLinearGaussianTransitionModel([ConstantVelocity(tuning.noise), ConstantVelocity(tuning.noise)])
        predictor, updater = KalmanPredictor(moves), KalmanUpdater(model)
        near = DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=tuning.missed_distance)
        if tuning.reach_m is None:
            associator = GNNWith2DAssignment(near)
        else:
            associator = DetectionKDTreeGNN2D(
                hypothesiser=near, predictor=predictor, updater=updater, max_distance=tuning.reach_m
            )
        spread = np.diag([0.0, tuning.birth_sigma_mps**2, 0.0, tuning.birth_sigma_mps**2])
        initiator = MultiMeasurementInitiator(
            prior_state=GaussianState(np.zeros((4, 1)), spread),
            deleter=UpdateTimeStepsDeleter(tuning.hold),
            data_associator=associator,
            updater=updater,
            measurement_model=model,
            min_points=tuning.hits,
        )
        return MultiTargetTracker(initiator, UpdateTimeStepsDeleter(tuning.delete_after), steps, associator, updater)
