"""A recording cut into frames. A cut falls where a picture is wanted and where a frame would grow too long."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from streams.tracks.offline.recording import Recording
from streams.tracks.sensor import Sensor
from streams.tracks.state import Floats, Frame, Indices

LONGEST_FRAME_S: Final = 0.25
_OF_REVISIT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Cut:
    """One frame, and the moments (k,) of which a picture is wanted after it, before the next one."""

    frame: Frame
    moments_s: tuple[float, ...]


def frame_length(sensors: tuple[Sensor, ...], longest_s: float = LONGEST_FRAME_S) -> float:
    """At most a quarter of a second and half of the shortest revisit: shorter costs time, longer costs accuracy."""
    return min(longest_s, *(_OF_REVISIT * sensor.revisit_s for sensor in sensors))


def cut(
    recording: Recording, sensors: tuple[Sensor, ...], at_s: float | None, longest_s: float = LONGEST_FRAME_S
) -> Iterator[Cut]:
    """Frames in order of arrival. Pictures are wanted every ``at_s`` (at its whole multiples), or at the end of every
    frame. A row whose time lies before an earlier row's arrived late: it belongs to the frame of its arrival."""
    index = {sensor.sensor_id: number for number, sensor in enumerate(sensors)}
    time_s, sensor, plot = _events(recording, index)
    if not time_s.size:
        return
    true_s = time_s - np.array([s.delay_s for s in sensors])[sensor]
    arrival_s = np.maximum.accumulate(time_s)
    starts = _starts(arrival_s, frame_length(sensors, longest_s), at_s)
    sigma2 = np.array([s.sigma_m**2 for s in sensors])
    ends = np.append(starts[1:], time_s.size)
    nexts = np.append(arrival_s[starts[1:]], arrival_s[-1])
    for start, end, following in zip(starts.tolist(), ends.tolist(), nexts.tolist(), strict=True):
        rows = slice(start, end)
        last = end == time_s.size
        frame = _frame(recording, true_s[rows], sensor[rows], plot[rows], sigma2)
        now = float(arrival_s[end - 1])
        yield Cut(frame, (now,) if at_s is None else _grid(now, float(following), at_s, last))


def _events(recording: Recording, index: dict[str, int]) -> tuple[Floats, Indices, Indices]:
    """Plots and empty looks in order of arrival: time, sensor, and the plot's row or -1."""
    of_plot = np.array([index[name] for name in recording.sensor_id], np.intp)
    plots = np.arange(len(recording))
    if not recording.looks:
        return recording.time_s, of_plot, plots
    look_s = np.array([look.time_s for look in recording.looks])
    of_look = np.array([index[look.sensor_id] for look in recording.looks], np.intp)
    row = np.concatenate([plots + 0.5, np.array([look.row for look in recording.looks], np.float64)])
    order = np.argsort(row, kind="stable")
    time_s, sensor = np.concatenate([recording.time_s, look_s]), np.concatenate([of_plot, of_look])
    return time_s[order], sensor[order], np.concatenate([plots, np.full(look_s.size, -1)])[order]


def _starts(arrival_s: Floats, length_s: float, at_s: float | None) -> Indices:
    starts = [0]
    began = float(arrival_s[0])
    for row in np.nonzero(np.diff(arrival_s) > 0.0)[0] + 1:
        now = float(arrival_s[row])
        if now >= began + length_s or (at_s is not None and now > _before(began, at_s)):
            starts.append(int(row))
            began = now
    return np.array(starts, np.intp)


def _before(time_s: float, at_s: float) -> float:
    """The last moment that a frame begun at ``time_s`` may hold: the next grid point, itself included."""
    return float(np.ceil(time_s / at_s - 1e-9) * at_s)


def _grid(now_s: float, next_s: float, at_s: float, last: bool) -> tuple[float, ...]:
    """Multiples of ``at_s`` from ``now_s`` on and before the next frame begins; of the last frame, its own only."""
    first = int(np.ceil(now_s / at_s - 1e-9))
    if last:
        return (first * at_s,)
    beyond = int(np.ceil(next_s / at_s - 1e-9))
    return tuple(k * at_s for k in range(first, beyond))


def _frame(recording: Recording, time_s: Floats, sensor: Indices, plot: Indices, sigma2: Floats) -> Frame:
    real = plot >= 0
    rows = plot[real]
    looks = tuple((int(s), float(t)) for s, t in zip(sensor[~real].tolist(), time_s[~real].tolist(), strict=True))
    own = recording.variance_m2[rows]
    variance = np.where(np.isnan(own), sigma2[sensor[real]], own)
    return Frame(
        time_s[real],
        sensor[real],
        recording.x_m[rows],
        recording.y_m[rows],
        variance,
        np.zeros(rows.size),
        variance,
        recording.observation_id[rows],
        looks=looks,
    )
