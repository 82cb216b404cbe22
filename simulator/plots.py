"""Measured positions as ``vedette track`` reads them: a table of plots, and the sensors that made them.

Plots are on the scenario's plane (metres east and north of its origin), times are seconds from its start by each
sensor's clock. Cameras and ground sensors measure no position and are not in the table; the sensors are described all
the same, for the pipeline.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.plane import Plane
from simulator.scenario import Hears, Receiver, Scenario
from simulator.sensor_spec import Camera, GroundSensor, Radar, Video
from simulator.spec import Chances
from simulator.truth import TruePosition
from simulator.world import Moment

HEADER = ("time_s", "sensor_id", "x_m", "y_m", "var_m2")
_BROADCAST_S = {Hears.AIS: 10.0, Hears.REMOTE_ID: 1.0, Hears.ADSB: 1.0}  # AIS: a ship under way below 14 kn
_TYPICAL = 0.5  # of the range: where the accuracy of a radar is stated


class Plot(NamedTuple):
    """One row; ``var_m2`` is the variance of one axis."""

    time_s: float
    sensor_id: str
    x_m: float
    y_m: float
    var_m2: float


class PlotTable:
    """Collects the plots and the true positions of a world that passes by."""

    def __init__(self, scenario: Scenario, start_us: int) -> None:
        self._plane, self._start_us = Plane(*scenario.origin), start_us
        self._ais_var_m2 = max(scenario.noise.gnss_sigma_m, 0.1) ** 2
        self.plots: list[Plot] = []
        self.positions: list[TruePosition] = []

    def watch(self, moments: Iterable[Moment]) -> Iterator[Moment]:
        """The same moments; good AIS reports, sightings with a position, and true positions are kept."""
        for moment in moments:
            self.positions += [truth for truth in moment.truths if isinstance(truth, TruePosition)]
            for sighting in moment.sightings:
                mark = sighting.mark
                if mark.xy_m is not None and mark.covariance_m2 is not None:
                    var_m2 = (mark.covariance_m2[0] + mark.covariance_m2[2]) / 2.0
                    self.plots.append(Plot(mark.stamp_s, sighting.sensor_id, *mark.xy_m, var_m2))
            for report in moment.reports:
                if report.good:
                    x_m, y_m = self._plane.to_metres(np.array([report.lon, report.lat])).tolist()
                    time_s = (report.event_time_us - self._start_us) / 1e6
                    self.plots.append(Plot(time_s, report.sensor_id, x_m, y_m, self._ais_var_m2))
            yield moment

    def write(self, path: Path) -> None:
        """Write the table, in order of time."""
        with path.open("w", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(HEADER)
            for time_s, sensor_id, x_m, y_m, var_m2 in sorted(self.plots):
                writer.writerow((f"{time_s:.6f}", sensor_id, f"{x_m:.3f}", f"{y_m:.3f}", f"{var_m2:.3f}"))


def sensors_toml(scenario: Scenario) -> bytes:
    """What is known about the sensors of the table, as a registry would say it: without their biases."""
    tables = [
        *(_radar(radar, Plane(*scenario.origin)) for radar in scenario.radars),
        *(_video(video) for video in scenario.videos),
        *(_receiver(receiver, scenario.noise.gnss_sigma_m) for receiver in scenario.receivers),
        *(_camera(camera) for camera in scenario.cameras),
        *(_ground(ground) for ground in scenario.ground_sensors),
    ]
    texts = ("".join(f"{key} = {value}\n" for key, value in table.items()) for table in tables)
    return "\n".join(f"[[sensor]]\n{text}" for text in texts).encode()


def _radar(radar: Radar, plane: Plane) -> dict[str, str]:
    x_m, y_m = np.round(plane.to_metres(np.array(radar.position)), 1).tolist()
    across_m = _TYPICAL * radar.range_m * np.radians(radar.sigma_azimuth_deg)
    sigma_m = float(np.sqrt((radar.sigma_range_m**2 + across_m**2) / 2.0))
    table = _described(radar.name, "radar", radar.revisit_s, sigma_m, _typical(radar.detection, radar.range_m))
    if radar.false_plots_per_km2 > 0.0:
        table["false_plots_per_km2"] = str(radar.false_plots_per_km2)
    return table | {
        "coverage": f"{{x_m = {x_m}, y_m = {y_m}, max_range_m = {radar.range_m}}}",
        "site": str(list(radar.position)),
        "sigma_deg": str(max(radar.sigma_azimuth_deg, 0.01)),
    }


def _camera(camera: Camera) -> dict[str, str]:
    """How well it points is known, the way in which it does not is not."""
    sigma_deg = float(np.hypot(camera.sigma_deg, camera.bias_deg))
    return {
        "sensor_id": json.dumps(camera.name),
        "modality": '"camera"',
        "revisit_s": str(camera.revisit_s),
        "site": str(list(camera.position)),
        "max_range_m": str(camera.range_m),
        "sigma_deg": str(round(max(sigma_deg, 0.01), 3)),
        "detection_probability": str(round(min(max(_typical(camera.detection, camera.range_m), 0.01), 0.99), 3)),
    }


def _ground(ground: GroundSensor) -> dict[str, str]:
    return {
        "sensor_id": json.dumps(ground.name),
        "modality": '"ground"',
        "detection_probability": str(round(min(max(ground.detection_probability, 0.01), 0.99), 3)),
        "false_per_hour": str(ground.false_per_hour),
        "footprints": f"{{{json.dumps(ground.name)} = {[list(corner) for corner in ground.area]}}}",
    }


def _video(video: Video) -> dict[str, str]:
    sigma_m = float(np.hypot(video.sigma_m, video.pose_sigma_m))
    return _described(video.name, "video", video.revisit_s, sigma_m, _typical(video.detection, video.footprint_m))


def _receiver(receiver: Receiver, sigma_m: float) -> dict[str, str]:
    return _described(receiver.name, receiver.hears, _BROADCAST_S[receiver.hears], sigma_m, 1.0 - receiver.loss)


def _described(name: str, modality: str, revisit_s: float, sigma_m: float, chance: float) -> dict[str, str]:
    return {
        "sensor_id": json.dumps(name),
        "modality": json.dumps(modality),
        "revisit_s": str(revisit_s),
        "sigma_m": str(round(max(sigma_m, 0.1), 2)),
        "detection_probability": str(round(min(max(chance, 0.01), 0.99), 3)),  # certainty leaves nothing to weigh
    }


def _typical(detection: Chances, range_m: float) -> float:
    ranges, chances = zip(*detection, strict=True)
    return float(np.interp(_TYPICAL * range_m, ranges, chances))
