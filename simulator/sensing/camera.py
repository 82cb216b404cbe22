"""A camera: bearings of what is in its field of view, picture by picture."""

import numpy as np
import shapely
from numpy.typing import NDArray

from simulator.plane import Array, Plane
from simulator.sensing.scene import Mark, Scene
from simulator.sensing.sight import Classifier, Sight, bearing, looks
from simulator.sensor_spec import Camera
from simulator.spec import KINDS


class CameraAtWork:
    """The camera of ``spec``."""

    def __init__(self, spec: Camera, plane: Plane, seed: list[int]) -> None:
        self.name, self.latency_s, self._spec = spec.name, spec.latency_s, spec
        self._place = plane.to_metres(np.array(spec.position))
        obstacles = [shapely.Polygon(plane.to_metres(np.array(area))) for area in spec.obstacles]
        self._sight = Sight(self._place, spec.range_m, spec.detection, spec.sees, obstacles)
        self._classifier = Classifier(spec.confusion)
        self._rng = np.random.default_rng([*seed, 0])
        self._phase = float(self._rng.random())

    def covers(self, places: Array, kinds: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Which places are in its field of view."""
        return self._chance(places, kinds) > 0.0

    def _chance(self, places: Array, kinds: NDArray[np.int8]) -> Array:
        chance = self._sight.chance(places, kinds)
        off = (bearing(places, self._place) - self._spec.facing_deg + 180.0) % 360.0 - 180.0
        chance[np.abs(off) > self._spec.field_deg / 2.0] = 0.0
        return chance

    def look(self, scene: Scene) -> list[Mark]:
        """The bearings of the pictures of one step."""
        spec, rng = self._spec, self._rng
        marks = []
        for time_s in looks(scene.time_s, scene.dt_s, spec.revisit_s, self._phase):
            places = scene.at(time_s)
            seen = np.flatnonzero(rng.random(len(places)) < self._chance(places, scene.kinds))
            noise = rng.normal(spec.bias_deg, spec.sigma_deg, len(seen))
            degrees = bearing(places[seen], self._place) + noise
            for row, angle in zip(seen.tolist(), degrees.tolist(), strict=True):
                kind = self._classifier.call(int(scene.kinds[row]), rng)
                names = (scene.crafts[row].label,)
                marks.append(self._mark(time_s, angle, names, int(KINDS.index(kind)), self._classifier.confidence))
            for _ in range(rng.poisson(spec.false_per_hour * spec.revisit_s / 3600.0)):
                angle = spec.facing_deg + float(rng.uniform(-0.5, 0.5)) * spec.field_deg
                marks.append(self._mark(time_s, angle, (), int(rng.integers(len(KINDS))), self._classifier.unsure))
        return marks

    def _mark(self, time_s: float, degrees: float, names: tuple[str, ...], kind: int, confidence: float) -> Mark:
        return Mark(
            time_s,
            time_s,
            names,
            bearing_deg=degrees % 360.0,
            sigma_deg=self._spec.sigma_deg,
            kind=KINDS[kind],
            confidence=confidence,
        )
