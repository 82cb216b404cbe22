"""A ground sensor: it says that something is in its area, and nothing of where."""

import numpy as np
import shapely
from numpy.typing import NDArray

from simulator.plane import Array, Plane
from simulator.sensing.scene import Mark, Scene
from simulator.sensing.sight import Classifier
from simulator.sensor_spec import GroundSensor
from simulator.spec import KINDS


class GroundSensorAtWork:
    """The ground sensor of ``spec``; its zone id is its name."""

    def __init__(self, spec: GroundSensor, plane: Plane, seed: list[int]) -> None:
        self.name, self.latency_s, self._spec = spec.name, spec.latency_s, spec
        self._shape = shapely.Polygon(plane.to_metres(np.array(spec.area)))
        shapely.prepare(self._shape)
        self._classifier = Classifier(spec.confusion)
        self._sees = np.array([spec.sees.get(kind, 1.0) for kind in KINDS])
        self._rng = np.random.default_rng([*seed, 0])
        self._again_s: dict[str, float] = {}  # when each object inside gives it the next chance

    def covers(self, places: Array, kinds: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Which places are in its area."""
        inside: NDArray[np.bool_] = shapely.intersects_xy(self._shape, places[:, 0], places[:, 1])
        return inside & (self._sees[kinds] * self._spec.detection_probability > 0.0)

    def look(self, scene: Scene) -> list[Mark]:
        """The triggers of one step, in order of time."""
        spec, rng = self._spec, self._rng
        end_s = scene.time_s + scene.dt_s
        inside = np.flatnonzero(shapely.intersects_xy(self._shape, scene.after[:, 0], scene.after[:, 1]))
        still = {scene.crafts[row].label: row for row in inside.tolist()}
        self._again_s = {name: at_s for name, at_s in self._again_s.items() if name in still}
        marks = []
        for name, row in still.items():
            at_s = self._again_s.get(name)
            if at_s is None:
                at_s = scene.time_s + float(rng.random()) * scene.dt_s
            if at_s <= end_s:
                kind = int(scene.kinds[row])
                if rng.random() < spec.detection_probability * self._sees[kind]:
                    called = self._classifier.call(kind, rng)
                    confidence = self._classifier.confidence
                    marks.append(Mark(at_s, at_s, (name,), zone_id=spec.name, kind=called, confidence=confidence))
                at_s += spec.hold_s
            self._again_s[name] = at_s
        for _ in range(rng.poisson(spec.false_per_hour * scene.dt_s / 3600.0)):
            at_s = scene.time_s + float(rng.random()) * scene.dt_s
            kind_of = KINDS[int(rng.integers(len(KINDS)))]
            unsure = self._classifier.unsure
            marks.append(Mark(at_s, at_s, (), zone_id=spec.name, kind=kind_of, confidence=unsure))
        return sorted(marks, key=lambda mark: mark.time_s)
