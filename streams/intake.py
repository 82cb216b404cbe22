"""Reading one owner's input log: records opened, repeats trimmed by position, holes detected, every message counted.

Everything is opened before anything is applied, so bytes that cannot be read leave the state as it was.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from streams import provenance, wire
from streams.dead_letters import Origin, dead_letter
from streams.frames import SourceTick
from streams.holes import AcceptedHole
from streams.log import Output, Provenance, Record
from streams.messages import Kind
from streams.provenance import Applied

CUT_HEADER = "vedette-cut"  # number of the first row a cut record kept
_tick = msgspec.msgpack.Decoder(SourceTick)
_UNREADABLE = (KeyError, ValueError, struct.error, UnicodeDecodeError, msgspec.MsgspecError)


class Opened(NamedTuple):
    """A record with its value decoded: a tick, or numbered messages."""

    record: Record
    kind: Kind
    origin: Provenance
    tick: SourceTick | None
    messages: Sequence[wire.Numbered[object]]


class Ledger(msgspec.Struct):
    """What an owner has read and what became of it; part of its state."""

    applied: Applied
    counts: dict[str, int] = {}

    def count(self, fate: str, number: int = 1) -> None:
        """Add to a counter."""
        self.counts[fate] = self.counts.get(fate, 0) + number

    def totals(self) -> dict[str, int]:
        """All counters; repeats and gaps stand beside the fates, not among them."""
        gaps = {"gap": self.applied.gaps} if self.applied.gaps else {}
        return {"in": 0, **self.counts, "repeat": self.applied.repeats, **gaps}

    def accept(self, holes: Sequence[AcceptedHole]) -> None:
        """Go on past accepted holes."""
        for hole in holes:
            self.applied.accept(hole.source, hole.first, hole.last)


class Intake:
    """How the records of one partition are read; ``types`` says which messages each kind holds."""

    def __init__(self, stage: str, topic: str, partition: int, types: Mapping[Kind, type]) -> None:
        self._stage, self._topic, self._partition = stage, topic, partition
        self._types = types

    def open(self, record: Record) -> Opened:
        """Decode a record; raises KeyError, ValueError, struct.error or msgspec.MsgspecError where that fails."""
        name, origin = provenance.read(record)
        kind = Kind(name)
        value = record.value or b""
        if kind is Kind.TICK:
            return Opened(record, kind, origin, _tick.decode(value), ())
        return Opened(record, kind, origin, None, wire.decode_numbered(value, self._types[kind]))

    def new(self, opened: Opened, ledger: Ledger) -> Iterator[wire.Numbered[object]]:
        """The messages of a record that are new, each admitted as it is handed over; raises Hole."""
        ledger.applied.check(opened.origin)
        for numbered in opened.messages:
            if ledger.applied.admit(opened.origin.source, numbered.position):
                ledger.count("in")
                yield numbered

    def cut(self, record: Record, rows: range) -> Record | None:
        """The record with only these messages, or None where it has none of them."""
        try:
            opened = self.open(record)
        except _UNREADABLE:
            return None
        kept = [opened.messages[row] for row in rows if 0 <= row < len(opened.messages)]
        if not kept:
            return None
        after = opened.messages[rows[0] - 1].position if rows[0] > 0 else opened.origin.after
        origin = Provenance(opened.origin.source, after, kept[-1].position)
        first = int(dict(record.headers).get(CUT_HEADER, b"0")) + rows[0]
        return record._replace(
            value=wire.encode_numbered([row.message for row in kept], [row.position for row in kept]),
            headers=(*provenance.headers(opened.kind, origin), (CUT_HEADER, str(first).encode())),
        )

    def bury(self, record: Record, reason: str, ledger: Ledger) -> list[Output]:
        """Dead-letter a record and advance over it; raises Hole. A record without provenance advances nothing."""
        item = int(dict(record.headers).get(CUT_HEADER, b"0"))
        origin = Origin.of(self._topic, self._partition, record, item)
        letter = dead_letter(self._stage, reason, origin, record.value)
        try:
            kind, came = provenance.read(record)
        except _UNREADABLE:
            ledger.count("in")
            ledger.count(f"dead/{reason}")
            return [letter]
        if kind != Kind.TICK and not ledger.applied.check(came):
            return []
        rows = self._rows(record, ledger)
        ledger.count("in", rows)
        ledger.count(f"dead/{reason}", rows)
        ledger.applied.positions[came.source] = max(ledger.applied.seen(came.source), came.last)
        return [letter]

    def _rows(self, record: Record, ledger: Ledger) -> int:
        """How many new messages a record holds; one where they cannot be told apart."""
        try:
            opened = self.open(record)
        except _UNREADABLE:
            return 1
        seen = ledger.applied.seen(opened.origin.source)
        return sum(numbered.position > seen for numbered in opened.messages)
