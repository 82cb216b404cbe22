"""All sensors of a scenario at once: what they measured, stamped, and on its way to the feed."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.plane import Plane
from simulator.scenario import Scenario, sensors
from simulator.sensing.camera import CameraAtWork
from simulator.sensing.ground import GroundSensorAtWork
from simulator.sensing.radar import RadarAtWork
from simulator.sensing.scene import Mark, Scene, Sensor
from simulator.sensing.video import VideoAtWork
from simulator.sensor_spec import Camera, GroundSensor, Radar, Video

_SEED = 1_000_010


class Sighting(NamedTuple):
    """One measurement as its sensor passed it on. Sorts by arrival."""

    arrival_us: int
    sequence: int
    event_time_us: int  # by the sensor's clock
    true_time_us: int
    sensor_id: str
    mark: Mark
    lonlat: tuple[float, float] | None


class Lookout:
    """The sensors; ``start_us`` is when the world's second 0 was."""

    def __init__(self, scenario: Scenario, plane: Plane, start_us: int, seed: int) -> None:
        self._plane, self._start_us = plane, start_us
        self.sensors: list[Sensor] = []
        for index, spec in enumerate(sensors(scenario)):
            own = [seed, _SEED, index]
            match spec:
                case Radar():
                    self.sensors.append(RadarAtWork(spec, plane, own))
                case Camera():
                    self.sensors.append(CameraAtWork(spec, plane, own))
                case GroundSensor():
                    self.sensors.append(GroundSensorAtWork(spec, plane, own))
                case Video():
                    self.sensors.append(VideoAtWork(spec, plane, own))
        self._rng = np.random.default_rng([seed, _SEED + 1])
        self._sequence = 1 << 40  # above every report's: the two share one queue

    def look(self, scene: Scene) -> Iterator[Sighting]:
        """Everything that is measured in one step."""
        for sensor in self.sensors:
            marks = sensor.look(scene)
            if not marks:
                continue
            latency_s = self._rng.exponential(sensor.latency_s, len(marks)).tolist()
            where = np.array([mark.xy_m or (np.nan, np.nan) for mark in marks])
            places = np.round(self._plane.to_lonlat(where), 7).tolist()
            for mark, late_s, (lon, lat) in zip(marks, latency_s, places, strict=True):
                self._sequence += 1
                yield Sighting(
                    arrival_us=self._us(mark.time_s + late_s),
                    sequence=self._sequence,
                    event_time_us=self._us(mark.stamp_s),
                    true_time_us=self._us(mark.time_s),
                    sensor_id=sensor.name,
                    mark=mark,
                    lonlat=None if mark.xy_m is None else (lon, lat),
                )

    def _us(self, time_s: float) -> int:
        return self._start_us + round(time_s * 1e6)
