"""What the engine asks of a stage: a deterministic function over one partition's log."""

from collections.abc import Sequence
from typing import Protocol

from streams.log import Output, Record


class NeedsVersion(Exception):
    """Raised by :meth:`Core.apply` *before* it changes anything: a configuration version it has not been given."""

    def __init__(self, kind: str, version: int) -> None:
        super().__init__(f"{kind} version {version} is not loaded")
        self.kind, self.version = kind, version


class Hole(Exception):
    """Rows of a source are missing between the last one applied and the first one offered.

    ``first`` and ``last`` are the offsets in ``source`` between which they lie; -1 where that is not known."""

    def __init__(self, what: str, source: str = "", first: int = -1, last: int = -1) -> None:
        super().__init__(what)
        self.source, self.first, self.last = source, first, last


class Core(Protocol):
    """One partition's state and the function that moves it. No clock, no I/O, no Kafka.

    ``apply`` is called with consecutive records and returns what to write, in canonical order. The same records in
    the same order give the same outputs whatever the cuts, apart from the way rows are packed into frames.
    """

    def apply(self, records: Sequence[Record]) -> list[Output]:
        """Move the state over ``records``; raises :class:`NeedsVersion`, :class:`Hole`, or a fault of ours."""
        ...

    def tick(self, log_time_us: int, *, idle: bool) -> list[Output]:
        """Time passing in the log, at least once a second; ``idle`` when the log is read to its end.

        Ticks are maxima: they carry no position, are never trimmed, and change no state that a row depends on."""
        ...

    def cut(self, record: Record, rows: range) -> Record | None:
        """The same record with only these rows, for finding the one a fault of ours lies in; None where it has none."""
        ...

    def bury(self, record: Record, reason: str) -> list[Output]:
        """Dead-letter a record (or the rows :meth:`cut` left) that ``apply`` cannot get past, and advance over it."""
        ...

    def dump(self) -> bytes:
        """The whole state, for the snapshot; cheap enough to be called between two batches."""
        ...

    def load(self, state: bytes) -> None:
        """Take back what :meth:`dump` gave."""
        ...

    def counts(self) -> dict[str, int]:
        """The ledger counters, flat (``in``, ``row``, ``filtered/duplicate``, …); part of the state."""
        ...

    def gauges(self) -> dict[str, float]:
        """What a person wants to see now (objects, open incidents, clock lag); not part of the state."""
        ...
