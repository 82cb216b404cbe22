"""What a recording itself tells of its sensors: whether all plots of a look carry one time, and how often it looks."""

from dataclasses import replace
from typing import Final

import numpy as np

from streams.tracks.offline.recording import Recording
from streams.tracks.sensor import Sensor
from streams.tracks.state import Floats

_REGULAR: Final = 0.5  # scans: hardly a gap is shorter than half the usual one
_SAMPLE: Final = 400
_NEAR_SIGMAS, _NEAR_MPS = 5.0, 10.0
_PLAUSIBLE_S: Final = 60.0


def described(recording: Recording, given: tuple[Sensor, ...] | None) -> tuple[Sensor, ...]:
    """The sensors of a recording: those ``given``, or defaults (10 m, 0.9) with the revisit time the plots show."""
    names = np.array(recording.sensor_id, dtype=np.str_)
    if given is not None:
        return tuple(replace(s, scans=s.scans or _scans(recording.time_s[names == s.sensor_id])) for s in given)
    sensors = []
    for name in recording.sensors():
        rows = names == name
        time_s = recording.time_s[rows]
        plain = Sensor(name)
        scans = _scans(time_s)
        revisit_s = _usual_gap(time_s) if scans else _again(time_s, recording.x_m[rows], recording.y_m[rows], plain)
        sensors.append(replace(plain, scans=scans, revisit_s=revisit_s))
    return tuple(sensors)


def _scans(time_s: Floats) -> bool:
    gaps = np.diff(np.unique(time_s))
    if not gaps.size:
        return True
    return bool(np.quantile(gaps, 0.1) > _REGULAR * np.median(gaps))


def _usual_gap(time_s: Floats) -> float:
    gaps = np.diff(np.unique(time_s))
    return float(np.median(gaps)) if gaps.size else 1.0


def _again(time_s: Floats, x_m: Floats, y_m: Floats, sensor: Sensor) -> float:
    """Half of the objects are seen again within: the median time from a plot to the next one near it."""
    order = np.argsort(time_s, kind="stable")
    t, x, y = time_s[order], x_m[order], y_m[order]
    waits = []
    for i in np.unique(np.linspace(0, t.size - 1, min(t.size, _SAMPLE)).astype(np.intp)).tolist():
        until = int(np.searchsorted(t, t[i] + _PLAUSIBLE_S))
        ahead = t[i + 1 : until] - t[i]
        near = np.hypot(x[i + 1 : until] - x[i], y[i + 1 : until] - y[i]) < (
            _NEAR_SIGMAS * sensor.sigma_m + _NEAR_MPS * ahead
        )
        if near.any():
            waits.append(float(ahead[near][0]))
    return max(float(np.median(waits)), 0.1) if waits else 1.0
