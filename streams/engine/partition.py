"""One input partition of a stage: its core, how far it is, and what is known for going back."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from streams.boundary import Fault, Missing, Trouble, attempt
from streams.core import Core
from streams.engine.delivery import Delivery, TopicPartition
from streams.engine.isolate import Isolated, isolate
from streams.holes import Bridges, HoleBook
from streams.log import Output, Record

_log = logging.getLogger(__name__)


class Condition(StrEnum):
    """What a partition is doing; shown in its health record."""

    RUNNING = "running"
    WAITING = "waiting-for-version"
    RETRYING = "retrying"
    HOLE = "hole"  # rows are missing; down until somebody accepts that, or they are put back
    STOPPED = "stopped"


class Base:
    """A state to go back to: the last snapshot taken or restored, or nothing."""

    __slots__ = ("offset", "state")

    def __init__(self, offset: int, state: bytes | None) -> None:
        self.offset, self.state = offset, state


class Partition:
    """The state machine of one partition; no I/O."""

    def __init__(
        self, source: TopicPartition, make: Callable[[], Core], base: Base, book: HoleBook | None = None
    ) -> None:
        self.source = source
        self.base = base
        self.offset = base.offset  # the last input offset in the state
        self.confirmed = base.offset  # … whose outputs are all confirmed
        self.log_time_us = 0
        self.epoch = 0
        self.condition = Condition.RUNNING
        self.queue: deque[Any] = deque()  # events in hand, oldest first
        self.lock = asyncio.Lock()  # one sender at a time: a tick must not overtake rows it counts as sent
        self.faults = 0
        self.suspect: tuple[int, int] | None = None  # offsets among which a fault of ours lies
        self.tick_faults = 0
        self.gap = False
        self.repeated = 0  # records skipped because they are in the state
        self.restarts = 0
        self.buried = 0
        self.records = 0
        self.idle = False
        self.touched_at = 0.0  # monotonic seconds of the last batch
        self.ticked_at = 0.0
        self.snapshot_offset = base.offset  # of the last snapshot taken
        self.snapshot_at = 0.0  # monotonic seconds at which it was taken
        self.snapshot_written_at: float | None = None  # … at which the last one was confirmed
        self.snapshot_slot = 0  # the one to fill next
        self.old_keys: list[bytes] = []  # of other writers; removed after our next snapshot
        self.holes: set[Missing] = set()  # met once: the log was read again and they were still there
        self._make = make
        self._book = book or HoleBook()
        self.core = make()
        self._tell(self.core)

    def load(self, base: Base) -> Trouble | None:
        """Begin again from ``base`` with a fresh core; the trouble where the state is refused."""
        core = self._make()
        if base.state is not None:
            state = base.state
            if (refused := attempt(lambda: core.load(state))) is not None:
                return refused
        self._tell(core)
        self.core, self.base, self.offset = core, base, base.offset
        self.idle = False
        return None

    def skip_to(self, offset: int) -> Fault | None:
        """Go on after ``offset`` although the log does not hold what lies before it; the fault of writing that down."""
        self.gap, self.offset = True, offset
        if isinstance(self.core, Bridges):
            self.core.resync()
        state = self.dump()
        if isinstance(state, Fault):
            return state
        self.base = Base(offset, state)
        return None

    def _tell(self, core: Core) -> None:
        if isinstance(core, Bridges):
            core.accept(self._book.holes)

    def fresh(self, delivery: Delivery) -> list[Record]:
        """The records of a delivery that are not in the state yet."""
        records = delivery.records
        if records[0].offset > self.offset:
            return list(records)
        kept = [record for record in records if record.offset > self.offset]
        self.repeated += len(records) - len(kept)
        return kept

    def apply(self, records: list[Record]) -> list[Output] | Trouble:
        """Move the state; on trouble other than waiting it must be loaded again before it is used."""
        outcome = attempt(lambda: self.core.apply(records))
        if isinstance(outcome, list):
            self.moved(records)
        return outcome

    def moved(self, records: list[Record]) -> None:
        """Note that ``records`` are in the state."""
        self.offset, self.log_time_us = records[-1].offset, records[-1].log_time_us
        self.records += len(records)
        if self.suspect is not None and self.offset >= self.suspect[1]:
            self.suspect, self.faults = None, 0

    def suspected(self, records: list[Record]) -> None:
        """Note that a fault lies among ``records``."""
        first, last = records[0].offset, records[-1].offset
        if self.suspect is not None:
            first, last = min(first, self.suspect[0]), max(last, self.suspect[1])
        self.suspect = (first, last)
        self.faults += 1

    def suspects(self, records: list[Record]) -> bool:
        """Whether a known fault lies among ``records``."""
        return self.suspect is not None and records[-1].offset >= self.suspect[0]

    def isolate(self, records: list[Record]) -> list[Output] | Trouble:
        """Like :meth:`apply`, burying the rows that raise; the state is unchanged where trouble is returned."""
        state = self.dump()
        if isinstance(state, Fault):
            return state
        outcome = isolate(self._make, state, records)
        if not isinstance(outcome, Isolated):
            return outcome
        self.core = outcome.core
        for offset in outcome.buried:
            _log.error("%s/%d is buried: a fault of ours lies in it", self.source, offset)
        self.buried += len(outcome.buried)
        self.moved(records)
        if isinstance(after := self.dump(), bytes):
            self.base = Base(self.offset, after)  # the next fault must not lead back to the same record
        return outcome.outputs

    def tick(self) -> list[Output] | Trouble:
        """Let time pass; on trouble the state must be loaded again."""
        outcome = attempt(lambda: self.core.tick(self.log_time_us, idle=self.idle))
        self.tick_faults = 0 if isinstance(outcome, list) else self.tick_faults + 1
        return outcome

    def dump(self) -> bytes | Fault:
        """The state, or the fault of writing it down."""
        return _or_fault(attempt(self.core.dump))

    def counts(self) -> dict[str, int]:
        """The ledger; empty where the core cannot tell."""
        outcome = attempt(self.core.counts)
        return dict(outcome) if isinstance(outcome, dict) else {}

    def gauges(self) -> dict[str, float]:
        """What a person wants to see; empty where the core cannot tell."""
        outcome = attempt(self.core.gauges)
        return dict(outcome) if isinstance(outcome, dict) else {}

    def snapshot_taken(self, state: bytes, now: float) -> None:
        """Note a copy of the state: the next fault goes back to it, and the other slot is filled next."""
        self.base = Base(self.offset, state)
        self.snapshot_offset, self.snapshot_at = self.offset, now
        self.snapshot_slot = 1 - self.snapshot_slot


def _or_fault(outcome: bytes | Trouble) -> bytes | Fault:
    if isinstance(outcome, bytes | Fault):
        return outcome
    return Fault(type(outcome).__name__, "dump")
