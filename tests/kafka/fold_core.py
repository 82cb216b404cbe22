"""A core whose state depends on the order of everything it read, so that any record lost, repeated or swapped shows.

Values: a number is folded into the hash and sent on as a row; ``once:N`` raises the first time it is met by a process
of the run (a flag file remembers); ``poison:N`` raises always; ``needs:V:N`` needs version V.
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from streams.core import NeedsVersion
from streams.log import Output, Position, Provenance, Record
from streams.provenance import Numbering, headers
from streams.wire import encode_numbered

_MODULUS = (1 << 61) - 1


def folded(value: int, number: int) -> int:
    """One step of the order-sensitive hash."""
    return (value * 1_000_003 + number + 1) % _MODULUS


class State(msgspec.Struct):
    """Everything the fold remembers."""

    offset: int = -1
    hash: int = 0
    numbers: int = 0
    buried: list[int] = []
    numbering: Numbering = msgspec.field(default_factory=Numbering)


class FoldCore:
    """Folds one partition and sends each number to the same partition of ``out``."""

    def __init__(
        self, topic: str, partition: int, out: str, versions: dict[int, bytes], slow_s: float, flags: Path
    ) -> None:
        self.state = State()
        self._source, self._out, self._partition = f"{topic}/{partition}", out, partition
        self._versions, self._slow_s, self._flags = versions, slow_s, flags
        self._applied_at = self._ticked_at = time.monotonic()
        self._idle_ticks = 0
        self._idle_after_s = self._widest_s = 0.0

    def apply(self, records: Sequence[Record]) -> list[Output]:
        """Fold; raises half-way where a value says so, which leaves the state broken on purpose."""
        for record in records:
            kind, *rest = (record.value or b"").split(b":")
            if kind == b"needs" and int(rest[0]) not in self._versions:
                raise NeedsVersion("fold", int(rest[0]))
        if self._slow_s:
            time.sleep(self._slow_s)  # a handler that takes its time, so that signals meet it in the middle
        outputs = self._sent([(record.offset, self._number(record)) for record in records], b"rows")
        self._applied_at, self._idle_ticks = time.monotonic(), 0
        return outputs

    def tick(self, log_time_us: int, *, idle: bool) -> list[Output]:
        """Nothing is sent; how often and how soon it is called is measured (the machine's clock: tests only)."""
        now = time.monotonic()
        self._widest_s, self._ticked_at = max(self._widest_s, now - self._ticked_at), now
        if idle:
            self._idle_ticks += 1
            if self._idle_ticks == 1:
                self._idle_after_s = now - self._applied_at
        return []

    def cut(self, record: Record, rows: range) -> Record | None:
        """A record of this core is one row."""
        return record if 0 in rows else None

    def bury(self, record: Record, reason: str) -> list[Output]:
        """Dead-letter it, as a row of its own kind."""
        self.state.offset = record.offset
        self.state.buried.append(record.offset)
        return self._sent([(record.offset, -1)], reason.encode())

    def dump(self) -> bytes:
        return msgspec.msgpack.encode(self.state)

    def load(self, state: bytes) -> None:
        self.state = msgspec.msgpack.decode(state, type=State)

    def counts(self) -> dict[str, int]:
        return {"in": self.state.numbers + len(self.state.buried), "row": self.state.numbers}

    def gauges(self) -> dict[str, float]:
        return {
            "numbers": float(self.state.numbers),
            "idle_ticks": float(self._idle_ticks),
            "idle_after_ms": 1e3 * self._idle_after_s,
            "widest_tick_gap_ms": 1e3 * self._widest_s,
        }

    def _number(self, record: Record) -> int:
        if record.offset <= self.state.offset:
            raise AssertionError("a record came twice")
        kind, *rest = (record.value or b"").split(b":")
        if kind == b"poison" or (kind == b"once" and self._first(record.offset)):
            raise ValueError("as the value says")
        number = int(rest[-1] if rest else kind)
        self.state.hash = folded(self.state.hash, number)
        self.state.numbers += 1
        self.state.offset = record.offset
        return number

    def _first(self, offset: int) -> bool:
        try:
            os.close(os.open(self._flags / f"once-{offset}", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True

    def _sent(self, numbers: list[tuple[int, int]], kind: bytes) -> list[Output]:
        """One record of numbered rows."""
        positions: list[Position] = []
        after = None
        for offset, _ in numbers:
            before, first, _ = self.state.numbering.span(f"{self._out}/{self._partition}", offset, 1)
            after = before if after is None else after
            positions.append(first)
        if after is None:
            return []
        provenance = Provenance(self._source, after, positions[-1])
        value = encode_numbered([number for _, number in numbers], positions)
        return [Output(self._out, self._partition, b"k", value, headers(kind.decode(), provenance))]
