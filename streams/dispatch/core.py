"""The dispatch stage over one partition of ``dispatches.v1``: alerts, units and answers in, tasks out."""

from collections import Counter
from collections.abc import Sequence
from typing import cast

from streams import public
from streams.clock import OwnerClock
from streams.config import Settings
from streams.dead_letters import refused_command
from streams.dispatch.board import Board
from streams.dispatch.held import public_task
from streams.dispatch.memory import Memory
from streams.intake import Ledger, Opened
from streams.log import Output, Record
from streams.messages import Command, Kind, Request, Task, TaskState, Unit
from streams.outbox import Outbox
from streams.public_owner import PublicOwner
from streams.reasons import Refusal, Unused
from streams.wire import Numbered

STAGE, TOPIC, PUBLIC = "dispatch", "dispatches.v1", "tasks.v1"
SCHEMA = "vedette.task.v1"


class DispatchCore(PublicOwner):
    """Owner of the tasks for the alerts whose home area is owned by ``partition``."""

    STAGE, TOPIC, PUBLIC, SCHEMA = STAGE, TOPIC, PUBLIC, SCHEMA

    def __init__(self, partition: int, settings: Settings) -> None:
        super().__init__(partition, {Kind.REQUESTS: Request, Kind.UNITS: Unit, Kind.COMMANDS: Command})
        self._rules = settings.dispatch
        self._memory = Memory.empty(OwnerClock.of([f"detections.v1/{partition}"]), settings.dispatch)

    def apply(self, records: Sequence[Record]) -> list[Output]:
        """Take requests, units, commands and ticks in the order of the log."""
        opened = [self._intake.open(record) for record in records]
        outbox = Outbox(self._source, self._memory.numbering)
        for entry in opened:
            if entry.tick is not None:
                self._memory.ledger.applied.check(entry.origin)
                # one source, its own alert owner: there is nobody to leave behind
                if self._memory.clock.hear(entry.origin.source, entry.tick, entry.record.log_time_us, float("inf")):
                    self._publish(self.board.advance(self._memory.clock.now_us), entry.record, outbox)
                    self._tail.keep_only(self.board.tasks)
                continue
            for numbered in self._intake.new(entry, self._memory.ledger):
                self._message(entry, numbered, outbox)
        return outbox.take()

    def tick(self, log_time_us: int, *, idle: bool) -> list[Output]:
        """Nothing: dispatch is the last owner, and its time is that of the alerts."""
        return []

    def repair(self, record: Record) -> list[Output]:
        """What to write after reading ``record`` back from one's own partition of ``tasks.v1``."""
        held = None if record.key is None else self.board.tasks.get(record.key.decode())
        if not self._tail.falls_back(record, None if held is None else held.version) or held is None:
            return []
        return self._again(held.task_id, held.version, record.log_time_us, public_task(held))

    def dump(self) -> bytes:
        """The whole state."""
        return self._memory.dump()

    def load(self, state: bytes) -> None:
        """Take back a state."""
        self._memory = Memory.load(state, self._rules)

    def gauges(self) -> dict[str, float]:
        """Waiting and exhausted alerts, units free and busy, live tasks by state, the clock."""
        board = self.board
        states = Counter(board.tasks[task_id].state for task_id in board.busy.values())
        live = (TaskState.OFFERED, TaskState.ACCEPTED, TaskState.EN_ROUTE, TaskState.ON_SCENE)
        exhausted = [
            case
            for case in board.cases.values()
            if not (case.over or case.handled or case.task_id) and len(case.asked) >= self._rules.attempts
        ]
        return {
            "waiting": float(sum(len(pool.waiting) for pool in board.pools.values())),
            "exhausted": float(len(exhausted)),
            "units": float(len(board.units)),
            "units_busy": float(len(board.busy)),
            **{f"tasks/{state}": float(states[state]) for state in live},
            "clock_us": float(self._memory.clock.now_us),
            "ended": float(self._memory.clock.ended),
        }

    @property
    def board(self) -> Board:
        """Who is where, and who is asked for what."""
        return self._memory.board

    @property
    def _ledger(self) -> Ledger:
        return self._memory.ledger

    def _message(self, entry: Opened, numbered: Numbered[object], outbox: Outbox) -> None:
        found: Unused | Refusal | list[Task]
        if entry.kind is Kind.REQUESTS:
            found = self.board.request(cast("Request", numbered.message))
        elif entry.kind is Kind.UNITS:
            found = self.board.unit(cast("Unit", numbered.message))
        else:
            found = self.board.command(cast("Command", numbered.message))
        ledger = self._memory.ledger
        if isinstance(found, Refusal):
            ledger.count(f"dead/{found}")
            command = cast("Numbered[Command]", numbered)
            outbox.keep(refused_command(STAGE, found, entry.origin.source, command, entry.record.log_time_us))
        elif isinstance(found, Unused):
            ledger.count(f"filtered/{found}")
        else:
            ledger.count("row")
            self._publish(found, entry.record, outbox)

    def _publish(self, tasks: Sequence[Task], record: Record, outbox: Outbox) -> None:
        for task in tasks:
            value = public.encode(task)
            outbox.publish(
                *(STAGE, SCHEMA, PUBLIC, self._partition, task.task_id, task.version, value),
                *(record.offset, record.log_time_us),
            )
