"""Rows to frames: one a destination and batch, split where it would be too large for a record.

Every row is numbered with its position first, so where a frame is split changes nothing for the reader. Columns are
turned into bytes once for all destinations and then cut, because a batch of a hundred rows for eight owners would
otherwise spend its time in two hundred tiny arrays.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams import provenance
from streams.frames import COLUMNS, OPTIONAL, VERSION, Packed, SourceTick
from streams.ingest.routing import Routed
from streams.log import Output, Position, Provenance
from streams.messages import Kind
from streams.provenance import Numbering

TOPIC = "observations.v1"
ROWS = 1_000  # a frame's rows and bytes, well under a broker's default record limit of 1 MiB
BYTES = 700_000
_FEW = 100  # rows; below, a list is faster than an array
_DTYPES = {name: np.dtype(dtype) for name, dtype in COLUMNS.items()}
_OPTIONAL = {name: np.dtype(dtype) for name, dtype in OPTIONAL.items()}
_encode = msgspec.msgpack.Encoder().encode


@dataclass(slots=True)
class Packing:
    """Where the rows come from, and what every frame says beside them."""

    source: str  # raw topic/partition
    sensors: list[str]
    extras: dict[int, bytes]  # by row of the batch
    before: SourceTick  # for a frame that another one of this batch follows: its watermark is not reached yet
    tick: SourceTick


def pack(routed: Routed, numbering: Numbering, packing: Packing) -> list[Output]:
    """The frames of a batch, by destination; moves ``numbering``."""
    count = len(routed.row)
    if not count:
        return []
    edges = (routed.destination[1:] != routed.destination[:-1]).nonzero()[0] + 1
    bounds = [0, *edges.tolist(), count]
    partitions: list[int] = routed.destination[bounds[:-1]].tolist()
    offsets = routed.columns["source_offset"]
    afters, ordinals = numbering.number([f"{TOPIC}/{partition}" for partition in partitions], bounds, offsets)
    routed.columns["ordinal"] = ordinals
    frames = _Frames(routed, packing)
    outputs: list[Output] = []
    for partition, after, (low, high) in zip(partitions, afters, pairwise(bounds), strict=True):
        for stop, value in frames.of(low, high):
            last = Position(int(offsets[stop - 1]), int(ordinals[stop - 1]))
            headers = provenance.headers(Kind.FRAME, Provenance(packing.source, after, last))
            outputs.append(Output(TOPIC, partition, None, value, headers))
            after = last
    return outputs


class _Frames:
    """All rows of a batch as bytes, from which frames are cut."""

    def __init__(self, routed: Routed, packing: Packing) -> None:
        self._routed, self._packing = routed, packing
        dtypes = _DTYPES
        if len(routed.columns) > len(dtypes):
            dtypes = {**_DTYPES, **{name: dtype for name, dtype in _OPTIONAL.items() if name in routed.columns}}
        self._columns = [
            (name, dtype.itemsize, routed.columns[name].astype(dtype, copy=False).tobytes())
            for name, dtype in dtypes.items()
        ]

    def of(self, low: int, high: int) -> Iterator[tuple[int, bytes]]:
        """The frames of the rows of one destination: where each stops, and its value."""
        stack = [(start, min(start + ROWS, high)) for start in range(low, high, ROWS)][::-1]
        while stack:
            start, stop = stack.pop()
            value = self._value(start, stop, self._packing.tick if stop == high else self._packing.before)
            if len(value) > BYTES and stop - start > 1:
                middle = (start + stop) // 2
                stack += [(middle, stop), (start, middle)]
            else:
                yield stop, value

    def _value(self, start: int, stop: int, tick: SourceTick) -> bytes:
        routed, sensors = self._routed, self._packing.sensors
        columns = {name: column[start * size : stop * size] for name, size, column in self._columns}
        columns["sensor"], named = compact(routed.columns["sensor"][start:stop], len(sensors))
        columns["identity"], used = compact(routed.columns["identity"][start:stop], len(routed.keys))
        identities, keys = routed.identities, routed.keys
        return _encode(
            Packed(
                VERSION,
                stop - start,
                columns,
                [sensors[index] for index in named],
                [identities[index] for index in used],
                [keys[index] for index in used],
                tick,
                self._extras(start, stop) if self._packing.extras else {},
            )
        )

    def _extras(self, start: int, stop: int) -> dict[int, bytes]:
        extras, rows = self._packing.extras, self._routed.row[start:stop].tolist()
        return {at: extras[row] for at, row in enumerate(rows) if row in extras}


def compact(index: NDArray[np.int32], size: int) -> tuple[bytes, Sequence[int]]:
    """An index column into a list of ``size`` entries, as the bytes of one into the used entries only; and those.

    -1 is nothing, and stays."""
    if size == 1 and not (index < 0).any():
        return bytes(4 * len(index)), (0,)
    if len(index) < _FEW:
        entries = index.tolist()
        place = {entry: at for at, entry in enumerate(sorted(set(entries) - {-1}))}
        used = tuple(place)
        place[-1] = -1
        return array("i", [place[entry] for entry in entries]).tobytes(), used
    marked = np.zeros(size + 1, np.bool_)  # the last one stands for -1
    marked[index] = True
    found: list[int] = np.flatnonzero(marked[:size]).tolist()
    number = np.cumsum(marked, dtype=np.int32) - 1
    number[size] = -1
    return number[index].astype(np.int32, copy=False).tobytes(), found
