"""Video of a drone: positions of what is below it, with the error of the drone's pose in all of them."""

import numpy as np
from numpy.typing import NDArray

from simulator.plane import Array, Plane
from simulator.sensing.scene import Mark, Scene
from simulator.sensing.sight import Classifier, Sight, looks
from simulator.sensor_spec import Video
from simulator.spec import KINDS, Kind


class VideoAtWork:
    """The video of ``spec``, on the first drone of its table that is in the air."""

    def __init__(self, spec: Video, plane: Plane, seed: list[int]) -> None:
        self.name, self.latency_s, self._spec = spec.name, spec.latency_s, spec
        self._sight = Sight(np.zeros(2), spec.footprint_m, spec.detection, spec.sees)
        self._classifier = Classifier(spec.confusion)
        self._rng = np.random.default_rng([*seed, 0])
        self._phase = float(self._rng.random())
        self._pose, self._pose_s = np.zeros(2), -np.inf
        self._below: Array | None = None  # where the drone was last

    def covers(self, places: Array, kinds: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Which places are below it now."""
        if self._below is None:
            return np.zeros(len(places), np.bool_)
        below: NDArray[np.bool_] = self._sight.chance(places - self._below, kinds) > 0.0
        below[kinds == KINDS.index(Kind.DRONE)] = False
        return below

    def look(self, scene: Scene) -> list[Mark]:
        """The tags of one step."""
        prefix = f"{self._spec.drone}-"
        flying = [i for i, craft in enumerate(scene.crafts) if craft.label.startswith(prefix)]
        if not flying:
            self._below = None
            return []
        self._below = scene.after[flying[0]]
        times = looks(scene.time_s, scene.dt_s, self._spec.revisit_s, self._phase)
        return [mark for time_s in times for mark in self._tags(time_s, scene, flying[0])]

    def _tags(self, time_s: float, scene: Scene, drone: int) -> list[Mark]:
        spec, rng = self._spec, self._rng
        self._drift(time_s)
        places = scene.at(time_s)
        below = places[drone]
        chance = self._sight.chance(places - below, scene.kinds)
        chance[scene.kinds == KINDS.index(Kind.DRONE)] = 0.0
        seen = np.flatnonzero(rng.random(len(places)) < chance)
        tags = places[seen] + self._pose + rng.normal(0.0, spec.sigma_m, (len(seen), 2))
        variance = spec.sigma_m**2 + spec.pose_sigma_m**2
        covariance = (variance, 0.0, variance)
        marks = [
            Mark(time_s, time_s, (scene.crafts[row].label,), (x, y), covariance,
                 kind=self._classifier.call(int(scene.kinds[row]), rng), confidence=self._classifier.confidence)
            for row, (x, y) in zip(seen.tolist(), tags.tolist(), strict=True)
        ]  # fmt: skip
        for _ in range(rng.poisson(spec.false_per_hour * spec.revisit_s / 3600.0)):
            far_m, angle = spec.footprint_m * np.sqrt(rng.random()), 2.0 * np.pi * rng.random()
            x, y = below + self._pose + far_m * np.array([np.sin(angle), np.cos(angle)])
            kind = KINDS[int(rng.integers(len(KINDS)))]
            unsure = self._classifier.unsure
            marks.append(Mark(time_s, time_s, (), (float(x), float(y)), covariance, kind=kind, confidence=unsure))
        return marks

    def _drift(self, time_s: float) -> None:
        """Advance the pose error: exact solution of a Gauss-Markov process."""
        kept = np.exp(-min(time_s - self._pose_s, 1e9) / self._spec.pose_tau_s)
        fresh = self._spec.pose_sigma_m * np.sqrt(1.0 - kept * kept)
        self._pose = kept * self._pose + fresh * self._rng.normal(0.0, 1.0, 2)
        self._pose_s = time_s
