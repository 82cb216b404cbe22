"""Provenance in record headers, and the two small machines that give exactly-once effect without transactions.

:class:`Numbering` belongs to a writer: it numbers the outputs of each input record per destination and remembers the
last one sent there. :class:`Applied` belongs to a reader: it remembers the last position applied per source, says how
much of a record is a repeat, and detects holes. Both are part of their owner's state, so they are restored with it.
"""

import struct

import msgspec

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

    def last(self, destination: str) -> Position:
        """The last position sent to a destination; a tick carries it as both its ``after`` and its ``last``."""
        return Position(*self.sent.get(destination, START))


class Applied(msgspec.Struct):
    """The reader's side: the last position applied per source."""

    positions: dict[str, tuple[int, int]] = {}
    repeats: int = 0

    def check(self, provenance: Provenance) -> bool:
        """Whether the record holds anything new; raises :class:`Hole` where rows before it are missing."""
        seen = self.positions.get(provenance.source, START)
        if provenance.after > seen:
            raise Hole(f"{provenance.source}: rows after {seen} up to {tuple(provenance.after)} are missing")
        return provenance.last > seen

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
