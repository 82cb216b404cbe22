"""A frame is cut into batches in which a sensor saw each object at most once: one sensor, one turn of its antenna."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from streams.tracks.sensor import Sensor
from streams.tracks.state import Floats, Frame, Indices

# Of a revisit: plots further apart than this belong to different turns.
_APART: Final = 0.5


def batches(frame: Frame, sensors: tuple[Sensor, ...], front_s: Floats) -> Iterator[tuple[int, Indices | None]]:
    """(sensor, rows) in the order in which they are to be applied; rows None: all of the frame.

    Sensors come by their earliest plot; of one sensor the older turns come first. Late plots, which lie more than half
    a revisit behind ``front_s`` (s,), the newest time of their sensor, or behind the frame's own newest, make batches
    of their own: two scans in one assignment would compete for the same tracks."""
    if not len(frame):
        return
    first = int(frame.sensor[0])
    if bool((frame.sensor == first).all()):
        yield from _turns(first, None, frame.time_s, sensors[first], front_s[first])
        return
    groups = [(float(frame.time_s[rows].min()), int(s), rows) for s in np.unique(frame.sensor)
              for rows in [np.nonzero(frame.sensor == s)[0]]]  # fmt: skip
    for _, s, rows in sorted(groups, key=lambda group: group[:2]):
        yield from _turns(s, rows, frame.time_s[rows], sensors[s], front_s[s])


def _turns(
    index: int, rows: Indices | None, time_s: Floats, sensor: Sensor, front_s: float
) -> Iterator[tuple[int, Indices | None]]:
    newest = float(time_s.max())
    if float(time_s.min()) >= max(front_s, newest) - _APART * sensor.revisit_s:
        yield index, rows
        return
    age = np.floor((max(front_s, newest) - time_s) / sensor.revisit_s + _APART).astype(np.intp)
    for turn in np.unique(age)[::-1]:
        at = np.nonzero(age == turn)[0]
        yield index, at if rows is None else rows[at]
