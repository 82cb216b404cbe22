"""The frame: observations on their way from ingest to one sector owner, columnar, with everything that the owner
needs to judge each segment by itself.

A frame record's value is msgpack of :class:`Packed`. Rows carry their own position, because a re-read of the raw log
cuts other frames than the first reading did: readers trim rows, never whole frames.
"""

from dataclasses import dataclass
from enum import IntEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

import sensors.columns
from sensors.observation import Identity
from streams.log import Position

VERSION = 1


class Purpose(IntEnum):
    """Why a row is in this owner's frame."""

    HERE = 0  # its position is in a sector of this owner
    DEPARTING = 1  # its previous fix was in a sector of this owner, which therefore holds the object's state
    HALO = 2  # a plot so near to this owner's ground that its tracker follows what it shows, too


COLUMNS: dict[str, str] = {
    "source_offset": "i8",
    "ordinal": "i4",
    "purpose": "u1",
    "ingest_time_us": "i8",  # the raw record's broker time
    "event_time_us": "i8",
    "lon": "f8",
    "lat": "f8",
    "sigma_m": "f4",
    "speed_mps": "f4",
    "course_deg": "f4",
    "heading_deg": "f4",
    "flags": "u1",  # sensors.columns.Flag
    "sensor": "i4",  # index into sensors
    "identity": "i4",  # index into identities and keys
    "observation_id": "V16",
    "sector": "u8",  # of the position
    "owner": "i4",  # partition of the position's sector owner
    "area": "i4",  # index of the area the sector belongs to
    # the previous accepted fix of the same identity from the same feed; event time -1 where there is none
    "prev_event_time_us": "i8",
    "prev_lon": "f8",
    "prev_lat": "f8",
    "prev_owner": "i4",
    "prev_observation_id": "V16",
}


# Columns that are in a frame only where some row of it says such a thing (NaN in the rows that do not). A reader that
# does not know one passes it over, so a new one needs no new version.
OPTIONAL: dict[str, str] = sensors.columns.OPTIONAL


class SourceTick(msgspec.Struct, array_like=True):
    """Time passing, as one source sees it. Maxima: applying one twice or late changes nothing."""

    watermark_us: int = -1  # no row of this source is expected below it (late ones still apply)
    idle: bool = False  # its log is read to the end: it leaves the owner's minimum until its next row
    end: bool = False  # a finite input has ended for good
    zones_version: int = 0  # the newest zones version known to the source; 0 is none
    clearances_version: int = 0  # likewise
    rules_version: int = 0  # likewise


class Packed(msgspec.Struct, array_like=True):
    """The wire form: one ``bytes`` a column, strings once."""

    version: int
    rows: int
    columns: dict[str, bytes]
    sensors: list[str]
    identities: list[Identity]
    keys: list[str]
    tick: SourceTick
    extras: dict[int, bytes] = {}


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Packed)


@dataclass(slots=True)
class Frame:
    """Rows for one sector owner; each column has shape ``(n,)``; those of :data:`OPTIONAL` may be absent."""

    columns: dict[str, NDArray[np.generic]]
    sensors: list[str]
    identities: list[Identity]
    keys: list[str]  # sensors.observation.IdentityKey per identity
    tick: SourceTick
    extras: dict[int, bytes]

    def __len__(self) -> int:
        return len(self.columns["event_time_us"])

    def position(self, row: int) -> Position:
        """The position of one row."""
        return Position(int(self.columns["source_offset"][row]), int(self.columns["ordinal"][row]))


def encode(frame: Frame) -> bytes:
    """The wire form of a frame."""
    columns = {name: np.ascontiguousarray(frame.columns[name], dtype).tobytes() for name, dtype in COLUMNS.items()}
    for name, dtype in OPTIONAL.items():
        if name in frame.columns:
            columns[name] = np.ascontiguousarray(frame.columns[name], dtype).tobytes()
    return _encoder.encode(
        Packed(VERSION, len(frame), columns, frame.sensors, frame.identities, frame.keys, frame.tick, frame.extras)
    )


def decode(value: bytes) -> Frame:
    """The frame a value holds; raises msgspec.MsgspecError or ValueError where it is not one."""
    packed = _decoder.decode(value)
    if packed.version != VERSION:
        raise ValueError(f"frame version {packed.version}, expected {VERSION}")
    columns: dict[str, NDArray[np.generic]] = {
        name: np.frombuffer(packed.columns[name], dtype) for name, dtype in COLUMNS.items()
    }
    if len(packed.columns) > len(COLUMNS):
        optional = [name for name in OPTIONAL if name in packed.columns]
        columns |= {name: np.frombuffer(packed.columns[name], OPTIONAL[name]) for name in optional}
    if any(len(column) != packed.rows for column in columns.values()):
        raise ValueError("frame columns differ in length")
    return Frame(columns, packed.sensors, packed.identities, packed.keys, packed.tick, packed.extras)
