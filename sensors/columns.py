"""Observations as columns: the same facts as :class:`sensors.observation.Observation`, one numpy array a field.

Absent is NaN in a float column and -1 in an index column. Times are integer microseconds since 1970 UTC. Strings
are kept once, in ``sensors`` and ``identities``, and columns hold their index.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensors.observation import Identity


class Flag(IntFlag):
    """Facts of a row that are yes or no."""

    SIMULATED = 1
    HISTORICAL = 2
    DISTRESS = 4
    LATE = 8


DTYPES: dict[str, str] = {
    "record": "i4",  # index of the raw record within the batch it came in
    "item": "i4",  # index of the event within its raw record
    "event_time_us": "i8",
    "lon": "f8",
    "lat": "f8",
    "sigma_m": "f4",
    "speed_mps": "f4",
    "course_deg": "f4",
    "heading_deg": "f4",
    "sensor": "i4",  # index into sensors
    "identity": "i4",  # index into identities, -1 where the object is not named
    "flags": "u1",
    "observation_id": "V16",  # blake2b-128 of (sensor, event time, canonical parsed fields)
}


@dataclass(slots=True)
class ObservationColumns:
    """``n`` observations; every array has shape ``(n,)`` and the dtype of :data:`DTYPES`."""

    record: NDArray[np.int32]
    item: NDArray[np.int32]
    event_time_us: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    sigma_m: NDArray[np.float32]
    speed_mps: NDArray[np.float32]
    course_deg: NDArray[np.float32]
    heading_deg: NDArray[np.float32]
    sensor: NDArray[np.int32]
    identity: NDArray[np.int32]
    flags: NDArray[np.uint8]
    observation_id: NDArray[np.void]
    sensors: list[str] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)
    extras: dict[int, bytes] = field(default_factory=dict)  # row -> msgpack of the rarer fields

    def __len__(self) -> int:
        return len(self.event_time_us)


def build(rows: dict[str, Sequence[Any]], **shared: Any) -> ObservationColumns:
    """Columns from one plain sequence a field; fields that are missing become absent."""
    n = len(rows["event_time_us"])
    arrays = {
        name: np.asarray(rows[name], dtype) if name in rows else _absent(n, dtype) for name, dtype in DTYPES.items()
    }
    return ObservationColumns(**arrays, **shared)


def _absent(n: int, dtype: str) -> NDArray[Any]:
    if dtype.startswith("f"):
        return np.full(n, np.nan, dtype)
    return np.full(n, -1, dtype) if dtype.startswith("i") else np.zeros(n, dtype)
