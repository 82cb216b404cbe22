"""One row of a sensor that is no radar, decoded once."""

from typing import NamedTuple

import numpy as np

from sensors.extras import Extras, decode_extras
from streams.surveil.arrival import Arrival
from streams.surveil.plots.scene import Scene
from streams.surveil.plots.told import Trace
from streams.tracks.state import Indices


class Word(NamedTuple):
    """``row`` of the frame; ``sensor`` of the scene; seconds after the epoch."""

    row: int
    sensor: int
    time_s: float
    track_id: int  # of a track that begins here
    extras: Extras
    trace: Trace


def words(scene: Scene, frame: Arrival, rows: Indices) -> list[Word]:
    """The rows, in order."""
    c = frame.columns
    ids = np.maximum(np.frombuffer(c["observation_id"][rows].tobytes(), np.uint64)[::2], np.uint64(1))
    time_s = scene.seconds(c["event_time_us"][rows].astype(np.int64))
    found = []
    for row, sensor, at_s, track_id in zip(
        rows.tolist(), scene.sensor_of(frame, rows).tolist(), time_s.tolist(), ids.tolist(), strict=True
    ):
        trace = Trace(
            c["event_time_us"][row].item(),
            c["ingest_time_us"][row].item(),
            frame.sensors[c["sensor"][row].item()],
            c["observation_id"][row].tobytes(),
            c["flags"][row].item(),
        )
        packed = frame.extras.get(row)
        extras = Extras() if packed is None else decode_extras(packed)
        found.append(Word(row, sensor, at_s, track_id, extras, trace))
    return found
