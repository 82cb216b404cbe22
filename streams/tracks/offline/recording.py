"""What a reader makes of a file: plots in order of arrival, the scans, and the rows that were no plots."""

from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from streams.tracks.state import Floats, Ids


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that could not be used: where, which field, what was expected there."""

    line: int
    field: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.field}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class Look:
    """One scan of one sensor, and the number of the plot that came after it."""

    sensor_id: str
    time_s: float
    row: int


@dataclass(frozen=True, slots=True)
class Recording:
    """Plots (m,) in order of arrival: ``time_s``, ``sensor_id``, ``x_m``, ``y_m``, ``variance_m2`` (NaN where the
    sensor's own applies), ``observation_id``; ``looks`` scans that are
    known to have been made, whether or not they saw anything."""

    time_s: Floats
    sensor_id: tuple[str, ...]
    x_m: Floats
    y_m: Floats
    variance_m2: Floats
    observation_id: Ids
    looks: tuple[Look, ...] = ()
    refused: tuple[Refused, ...] = ()
    repeated: int = 0

    def __len__(self) -> int:
        return self.time_s.size

    def sensors(self) -> tuple[str, ...]:
        """Every sensor that occurs, in alphabetical order."""
        return tuple(sorted({*self.sensor_id, *(look.sensor_id for look in self.looks)}))


@dataclass(slots=True)
class Collected:
    """Rows as they are read; an observation that was there before is counted, not kept."""

    time_s: list[float] = field(default_factory=list)
    sensor_id: list[str] = field(default_factory=list)
    x_m: list[float] = field(default_factory=list)
    y_m: list[float] = field(default_factory=list)
    variance_m2: list[float] = field(default_factory=list)
    observation_id: dict[int, None] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    repeated: int = 0

    def add(self, time_s: float, sensor_id: str, x_m: float, y_m: float, variance_m2: float) -> None:
        """One plot."""
        name = observation_id(sensor_id, time_s, x_m, y_m)
        if name in self.observation_id:
            self.repeated += 1
            return
        self.observation_id[name] = None
        self.time_s.append(time_s)
        self.sensor_id.append(sensor_id)
        self.x_m.append(x_m)
        self.y_m.append(y_m)
        self.variance_m2.append(variance_m2)

    def look(self, sensor_id: str, time_s: float) -> None:
        """One scan, before its plots are added."""
        self.looks.append(Look(sensor_id, time_s, len(self.time_s)))

    def recording(self) -> Recording:
        """All of them."""
        return Recording(
            np.array(self.time_s, np.float64),
            tuple(self.sensor_id),
            np.array(self.x_m, np.float64),
            np.array(self.y_m, np.float64),
            np.array(self.variance_m2, np.float64),
            np.fromiter(self.observation_id, np.uint64, len(self.observation_id)),
            tuple(self.looks),
            tuple(self.refused),
            self.repeated,
        )


def observation_id(sensor_id: str, time_s: float, x_m: float, y_m: float) -> int:
    """Eight bytes that follow from what was observed, never 0: the same row gives the same track id anywhere."""
    content = f"{sensor_id}|{time_s!r}|{x_m!r}|{y_m!r}".encode()
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big") or 1
