"""Provenance in record headers, and the two small machines that give exactly-once effect without transactions.

:class:`Numbering` belongs to a writer: it numbers the outputs of each input record per destination and remembers the
last one sent there. :class:`Applied` belongs to a reader: it remembers the last position applied per source, says how
much of a record is a repeat, and detects holes. Both are part of their owner's state, so they are restored with it.
"""

import struct
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.core import Hole
from streams.log import START, Position, Provenance, Record

SOURCE_HEADER = "vedette-source"
SPAN_HEADER = "vedette-span"
KIND_HEADER = "vedette-kind"
_SPAN = struct.Struct("<qiqi")


def headers(kind: str, provenance: Provenance) -> tuple[tuple[str, bytes], ...]:
    """The headers of an internal record, readable before its value is decoded."""
    after, last = provenance.after, provenance.last
    return (
        (KIND_HEADER, kind.encode()),
        (SOURCE_HEADER, provenance.source.encode()),
        (SPAN_HEADER, _SPAN.pack(after.offset, after.ordinal, last.offset, last.ordinal)),
    )


def read(record: Record) -> tuple[str, Provenance]:
    """``(kind, provenance)`` of an internal record; raises KeyError or struct.error where it has none."""
    found = dict(record.headers)
    after_offset, after_ordinal, last_offset, last_ordinal = _SPAN.unpack(found[SPAN_HEADER])
    return found[KIND_HEADER].decode(), Provenance(
        found[SOURCE_HEADER].decode(), Position(after_offset, after_ordinal), Position(last_offset, last_ordinal)
    )


class Numbering(msgspec.Struct):
    """The writer's side: positions per destination, destinations being ``topic/partition``."""

    sent: dict[str, tuple[int, int]] = {}  # destination -> last position numbered for it

    def span(self, destination: str, offset: int, rows: int) -> tuple[Position, Position, Position]:
        """Number ``rows`` further outputs of input record ``offset``: ``(after, first, last)``."""
        after = Position(*self.sent.get(destination, START))
        ordinal = after.ordinal + 1 if after.offset == offset else 0
        first, last = Position(offset, ordinal), Position(offset, ordinal + rows - 1)
        if rows:
            self.sent[destination] = (last.offset, last.ordinal)
        return after, first, last if rows else after

    def number(
        self, destinations: Sequence[str], bounds: Sequence[int], offsets: NDArray[np.int64]
    ) -> tuple[list[Position], NDArray[np.int32]]:
        """Number many rows at once: those of ``destinations[i]`` are ``bounds[i]`` to ``bounds[i + 1]`` of ``offsets``
        (n,), the rows' input offsets, never falling within a destination, none of them empty.

        ``(after per destination, ordinals (n,))``, the same as :meth:`span` called for each run of equal offsets."""
        index = np.arange(len(offsets), dtype=np.int32)
        opens = np.empty(len(offsets), np.bool_)
        np.not_equal(offsets[1:], offsets[:-1], out=opens[1:])
        opens[list(bounds[:-1])] = True
        ordinals = index - np.maximum.accumulate(np.where(opens, index, np.int32(0)))
        afters = []
        for destination, low, high in zip(destinations, bounds[:-1], bounds[1:], strict=True):
            after = self.last(destination)
            first = int(offsets[low])
            if after.offset == first:  # the rest of a record whose first rows have been numbered
                run = int(np.searchsorted(offsets[low:high], first, side="right"))
                ordinals[low : low + run] += after.ordinal + 1
            afters.append(after)
            self.sent[destination] = (int(offsets[high - 1]), int(ordinals[high - 1]))
        return afters, ordinals

    def last(self, destination: str) -> Position:
        """The last position sent to a destination; a tick carries it as both its ``after`` and its ``last``."""
        return Position(*self.sent.get(destination, START))


class Applied(msgspec.Struct):
    """The reader's side: the last position applied per source."""

    positions: dict[str, tuple[int, int]] = {}
    repeats: int = 0
    gaps: int = 0  # holes passed because somebody said so
    accepted: list[tuple[str, int, int]] = []  # source, and the offsets between which its rows may be missing
    resynced: list[str] | None = None  # the log began beyond the state: the sources read since

    def check(self, provenance: Provenance) -> bool:
        """Whether the record holds anything new; raises :class:`Hole` where rows before it are missing."""
        seen = self.positions.get(provenance.source, START)
        if provenance.after > seen:
            first, last = max(seen[0], 0), provenance.after.offset
            what = f"{provenance.source}: rows after {seen} up to {tuple(provenance.after)} are missing"
            if not self._may_pass(provenance.source, first, last):
                raise Hole(what, provenance.source, first, last)
            self.gaps += 1
            self.positions[provenance.source] = seen = (last, provenance.after.ordinal)
        if self.resynced is not None and provenance.source not in self.resynced:
            self.resynced.append(provenance.source)
        return provenance.last > seen

    def accept(self, source: str, first: int, last: int) -> None:
        """Go on where rows of ``source`` between two of its offsets are missing."""
        if (source, first, last) not in self.accepted:
            self.accepted.append((source, first, last))

    def resync(self) -> None:
        """Go on with the first record of every source, whatever lies before it."""
        self.resynced = []

    def _may_pass(self, source: str, first: int, last: int) -> bool:
        if self.resynced is not None and source not in self.resynced:
            return True
        return any(name == source and low <= first and last <= high for name, low, high in self.accepted)

    def admit(self, source: str, position: Position) -> bool:
        """Whether the row at ``position`` is new; a repeat is counted. Advances over it."""
        if position <= self.positions.get(source, START):
            self.repeats += 1
            return False
        self.positions[source] = (position.offset, position.ordinal)
        return True

    def seen(self, source: str) -> Position:
        """The last position applied from ``source``."""
        return Position(*self.positions.get(source, START))
