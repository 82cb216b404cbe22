"""What the sensors that are no plots hand back to a step."""

from typing import NamedTuple

import msgspec

from streams.tracks.state import Ids


class Trace(msgspec.Struct, array_like=True, frozen=True):
    """An observation that was nothing's when it came: enough to tell it as a fix later."""

    event_time_us: int
    ingest_time_us: int
    sensor: str
    observation: bytes
    flags: int


class Told(msgspec.Struct, array_like=True, frozen=True):
    """A fix of a track's past: when and by what; lon, lat, the motion, and the covariance east, north."""

    trace: Trace
    lonlat: tuple[float, float]
    velocity_mps: tuple[float, float]
    covariance_m2: tuple[float, float, float]


class Came(NamedTuple):
    """What came of rows: the track that each moved (m,), 0 where none; tracks that ended; tracks that became one."""

    track_id: Ids
    ended: Ids
    aliases: tuple[tuple[int, int], ...]
