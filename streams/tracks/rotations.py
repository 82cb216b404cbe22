"""A frame is cut into batches in which a sensor saw each object at most once: one sensor, one turn of its antenna."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from streams.tracks.sensor import Sensor
from streams.tracks.state import Floats, Frame, Indices

# Of a revisit: plots further apart than this belong to different turns.
_APART: Final = 0.5


class Batch(NamedTuple):
    """Plots of one turn of one ``sensor``: their ``rows`` in the frame, None for all, and their first and last time."""

    sensor: int
    rows: Indices | None
    oldest_s: float
    newest_s: float


def batches(frame: Frame, sensors: tuple[Sensor, ...], front_s: Floats) -> Iterator[Batch]:
    """The batches in the order in which they are to be applied.

    Sensors come by their earliest plot; of one sensor the older turns come first. Late plots, which lie more than half
    a revisit behind ``front_s`` (s,), the newest time of their sensor, or behind the frame's own newest, make batches
    of their own: two scans in one assignment would compete for the same tracks."""
    if not len(frame):
        return
    first = int(frame.sensor[0])
    if len(sensors) == 1 or bool((frame.sensor == first).all()):
        yield from _turns(first, None, frame.time_s, sensors[first], float(front_s[first]))
        return
    groups = [(s, np.nonzero(frame.sensor == s)[0]) for s in np.unique(frame.sensor).tolist()]
    groups.sort(key=lambda group: (float(frame.time_s[group[1]].min()), group[0]))
    for s, rows in groups:
        yield from _turns(s, rows, frame.time_s[rows], sensors[s], float(front_s[s]))


def _turns(index: int, rows: Indices | None, time_s: Floats, sensor: Sensor, front_s: float) -> Iterator[Batch]:
    oldest, newest = float(np.minimum.reduce(time_s)), float(np.maximum.reduce(time_s))
    if oldest >= max(front_s, newest) - _APART * sensor.revisit_s:
        yield Batch(index, rows, oldest, newest)
        return
    age = np.floor((max(front_s, newest) - time_s) / sensor.revisit_s + _APART).astype(np.intp)
    for turn in np.unique(age)[::-1]:
        at = np.nonzero(age == turn)[0]
        of_turn = time_s[at]
        yield Batch(index, at if rows is None else rows[at], float(of_turn.min()), float(of_turn.max()))
