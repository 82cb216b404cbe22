"""Observations as columns: the same facts as :class:`sensors.observation.Observation`, one numpy array a field.

Absent is NaN in a float column and -1 in an index column. Times are integer microseconds since 1970 UTC. Strings
are kept once, in ``sensors`` and ``identities``, and columns hold their index.
"""

from collections.abc import Mapping, Sequence
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
# Columns that are there only where some row of a batch says such a thing; NaN in the rows that do not.
OPTIONAL: dict[str, str] = {
    "xx_m2": "f4",  # covariance of the position: east, …
    "xy_m2": "f4",
    "yy_m2": "f4",  # … north
    "altitude_m": "f4",
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
    optional: dict[str, NDArray[np.float32]] = field(default_factory=dict)  # of :data:`OPTIONAL`, those in use

    def __len__(self) -> int:
        return len(self.event_time_us)


def build(rows: Mapping[str, Sequence[Any] | NDArray[Any]], **shared: Any) -> ObservationColumns:
    """Columns from one plain sequence (or array) a field; fields that are missing become absent."""
    n = len(rows["event_time_us"])
    arrays: dict[str, Any] = {
        name: np.asarray(rows[name], dtype) if name in rows else _absent(n, dtype) for name, dtype in DTYPES.items()
    }
    return ObservationColumns(**arrays, **shared)


def _absent(n: int, dtype: str) -> NDArray[Any]:
    if dtype.startswith("f"):
        return np.full(n, np.nan, dtype)
    return np.full(n, -1, dtype) if dtype.startswith("i") else np.zeros(n, dtype)


def empty() -> ObservationColumns:
    """No observations."""
    return build({"event_time_us": ()})


def take(columns: ObservationColumns, rows: NDArray[np.intp]) -> ObservationColumns:
    """The rows of these indices, shape ``(m,)``, in this order; ``sensors`` and ``identities`` are shared, not cut."""
    arrays: dict[str, Any] = {name: getattr(columns, name)[rows] for name in DTYPES}
    extras = columns.extras
    if extras:
        extras = {new: extras[old] for new, old in enumerate(rows.tolist()) if old in extras}
    optional = {name: column[rows] for name, column in columns.optional.items()} if columns.optional else {}
    return ObservationColumns(
        **arrays, sensors=columns.sensors, identities=columns.identities, extras=extras, optional=optional
    )


def concat(parts: Sequence[ObservationColumns]) -> ObservationColumns:
    """All rows, in order; ``record`` and ``item`` stay what they were in their own part."""
    parts = [part for part in parts if len(part)]
    if len(parts) <= 1:
        return parts[0] if parts else empty()
    sensors: dict[str, int] = {}
    identities: dict[Identity, int] = {}
    arrays: dict[str, list[NDArray[Any]]] = {name: [] for name in DTYPES}
    extras: dict[int, bytes] = {}
    base = 0
    for part in parts:
        sensor_of = [sensors.setdefault(sensor, len(sensors)) for sensor in part.sensors]
        identity_of = [identities.setdefault(identity, len(identities)) for identity in part.identities]
        for name in DTYPES:
            arrays[name].append(getattr(part, name))
        arrays["sensor"][-1] = np.asarray(sensor_of, "i4")[part.sensor]
        arrays["identity"][-1] = np.asarray([*identity_of, -1], "i4")[part.identity]  # -1 finds the last: -1
        extras.update({base + row: packed for row, packed in part.extras.items()})
        base += len(part)
    joined: dict[str, Any] = {name: np.concatenate(columns) for name, columns in arrays.items()}
    used = [name for name in OPTIONAL if any(name in part.optional for part in parts)]
    optional = {
        name: np.concatenate([part.optional.get(name, _absent(len(part), OPTIONAL[name])) for part in parts])
        for name in used
    }
    return ObservationColumns(
        **joined, sensors=list(sensors), identities=list(identities), extras=extras, optional=optional
    )
