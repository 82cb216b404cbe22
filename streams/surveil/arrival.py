"""A frame as it arrives here. Identities stay undecoded: nearly every row repeats what was said of its object before,
and comparing bytes is all that takes. (Decoding 200 identities costs 115 µs, as much as everything else of a frame.)
"""

from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from sensors.observation import Identity
from streams.frames import COLUMNS, OPTIONAL, VERSION, Packed, SourceTick
from streams.log import Position

_DTYPES = {name: np.dtype(dtype) for name, dtype in COLUMNS.items()}
_identity = msgspec.msgpack.Decoder(Identity)


class _Packed(Packed, array_like=True):
    """:class:`streams.frames.Packed` with identities as bytes."""

    identities: list[msgspec.Raw]  # type: ignore[assignment]


_decoder = msgspec.msgpack.Decoder(_Packed)


@dataclass(slots=True)
class Arrival:
    """Rows for this owner; each column has shape ``(n,)``, see :data:`streams.frames.COLUMNS`; those of
    :data:`streams.frames.OPTIONAL` may be absent. ``extras`` are the rarer fields of the rows that have any."""

    columns: dict[str, NDArray[np.generic]]
    sensors: list[str]
    named: list[msgspec.Raw]
    keys: list[str]
    tick: SourceTick
    extras: dict[int, bytes] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns["event_time_us"])

    def identity(self, index: int) -> Identity:
        """One identity; raises msgspec.MsgspecError where it is not one."""
        return _identity.decode(self.named[index])

    def position(self, row: int) -> Position:
        """The position of one row."""
        return Position(self.columns["source_offset"][row].item(), self.columns["ordinal"][row].item())


def arrive(value: bytes) -> Arrival:
    """The frame a value holds; raises msgspec.MsgspecError or ValueError where it is not one."""
    packed = _decoder.decode(value)
    if packed.version != VERSION:
        raise ValueError(f"frame version {packed.version}, expected {VERSION}")
    columns: dict[str, NDArray[np.generic]] = {}
    dtypes = _DTYPES
    if len(packed.columns) > len(dtypes):
        dtypes = {**_DTYPES, **{name: np.dtype(dtype) for name, dtype in OPTIONAL.items() if name in packed.columns}}
    for name, dtype in dtypes.items():
        columns[name] = column = np.frombuffer(packed.columns[name], dtype)
        if len(column) != packed.rows:
            raise ValueError("frame columns differ in length")
    if len(packed.keys) != len(packed.identities):
        raise ValueError("frame keys and identities differ in number")
    return Arrival(columns, packed.sensors, packed.identities, packed.keys, packed.tick, packed.extras)
