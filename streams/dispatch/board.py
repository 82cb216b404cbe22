"""The dispatch board of one area owner: cases waiting, units free or busy, offers with their deadlines.

Exercises and operations are two pools that share nothing, not even the time: a simulated or historical alert is only
ever offered to a unit marked for exercises, a live one never is, and a replayed history cannot expire a live offer.
"""

import heapq
from bisect import bisect_left, insort
from dataclasses import dataclass, field

from streams.alerts.states import OVER, TERMINAL
from streams.config import DispatchRules
from streams.dispatch.choice import Choice, nearest
from streams.dispatch.held import Case, HeldTask, Rank, has_position, place, public_task, rank_of, task_id_of
from streams.dispatch.states import LIVE, ON_COMMAND
from streams.messages import Command, CommandKind, Request, Task, TaskState, Unit
from streams.reasons import Refusal, Unused

KEPT_US = 86_400_000_000  # a finished case is remembered for a day (event time), for commands that come twice


@dataclass(slots=True)
class Pool:
    """What exercises and operations do not share."""

    exercise: bool
    now_us: int = -1  # event time: of the clock, or of the newest alert where that is later
    waiting: list[Rank] = field(default_factory=list)  # sorted
    deadlines: list[tuple[int, str]] = field(default_factory=list)  # heap of (expires, task id), some no longer open


class Board:
    """Moves tasks; every method returns the versions it made, in order."""

    def __init__(self, rules: DispatchRules) -> None:
        self._offer_us = round(rules.offer_s * 1e6)
        self._attempts = rules.attempts
        self.pools = {False: Pool(False), True: Pool(True)}
        self.units: dict[str, Unit] = {}
        self.busy: dict[str, str] = {}  # unit id -> its one live task
        self.cases: dict[str, Case] = {}
        self.tasks: dict[str, HeldTask] = {}
        self.finished: dict[str, int] = {}  # alert id of a closed or retracted case -> when
        self._changes: list[Task] = []

    def advance(self, now_us: int) -> list[Task]:
        """Let event time pass: offers not answered expire, each at its own time."""
        for pool in self.pools.values():
            self._expire(pool, now_us)
        for alert_id in [i for i, since_us in self.finished.items() if since_us < now_us - KEPT_US]:
            self._forget(alert_id)
        return self._taken()

    def request(self, request: Request) -> Unused | list[Task]:
        """Take a new version of an alert; offers due before it expire first."""
        case = self.cases.get(request.alert_id)
        if case is not None and request.version <= case.request.version:
            return Unused.STALE
        if not has_position(request) and case is None:
            return Unused.NO_POSITION
        if case is None:
            case = self.cases[request.alert_id] = Case(request, [])
        else:
            self._unqueue(case)
            case.request = request
        pool = self.pools[case.exercise]
        self._expire(pool, request.event_time_us)
        case.over = request.state in OVER
        if case.over:
            self._withdraw(case, f"alert is {request.state}")
            if request.state in TERMINAL:
                self.finished[request.alert_id] = pool.now_us
        self._queue(case)
        self._assign(pool)
        return self._taken()

    def unit(self, unit: Unit) -> list[Task]:
        """Take what a unit says of itself."""
        self.units[unit.unit_id] = unit
        self._assign(self.pools[unit.exercise])
        return self._taken()

    def command(self, command: Command) -> Unused | Refusal | list[Task]:
        """Take a unit's or a dispatcher's answer to a task."""
        task = self.tasks.get(command.target_id)
        if task is None:
            return Refusal.UNKNOWN_TARGET
        if command.command_id in task.commands:
            return Unused.REPEATED_COMMAND
        state = ON_COMMAND[task.state].get(command.kind)
        if state is None or (state is TaskState.DONE and command.outcome is None):
            return Refusal.NOT_ALLOWED
        task.commands.append(command.command_id)
        if state is TaskState.DONE:
            task.outcome = command.outcome
            self.cases[task.alert_id].handled = True
        if command.kind in {CommandKind.ABORT, CommandKind.DECLINE}:
            task.reason = command.note
        self._move(task, state)
        self._assign(self.pools[task.exercise])
        return self._taken()

    def _move(self, task: HeldTask, state: TaskState) -> None:
        """One version more; a task that is no longer live frees its unit and sends its alert back to wait."""
        task.state = state
        task.version += 1
        self._changes.append(public_task(task))
        if state not in LIVE:
            del self.busy[task.unit_id]
            case = self.cases[task.alert_id]
            case.task_id = None
            self._queue(case)

    def _expire(self, pool: Pool, now_us: int) -> None:
        while pool.deadlines and pool.deadlines[0][0] <= now_us:
            due_us, task_id = heapq.heappop(pool.deadlines)
            task = self.tasks.get(task_id)
            if task is not None and task.state is TaskState.OFFERED:
                pool.now_us = max(pool.now_us, due_us)  # what follows happens when it was due, not when it was noticed
                self._move(task, TaskState.EXPIRED)
                self._assign(pool)
        pool.now_us = max(pool.now_us, now_us)

    def _withdraw(self, case: Case, reason: str) -> None:
        task = None if case.task_id is None else self.tasks[case.task_id]
        if task is not None and task.state is TaskState.OFFERED:
            task.reason = reason
            self._move(task, TaskState.ABORTED)

    def _queue(self, case: Case) -> None:
        """Wait for a unit, unless nobody need be sent or enough have been asked."""
        needed = case.task_id is None and not case.over and not case.handled and has_position(case.request)
        if needed and len(case.asked) < self._attempts:
            waiting, rank = self.pools[case.exercise].waiting, rank_of(case.request)
            at = bisect_left(waiting, rank)
            if at == len(waiting) or waiting[at] != rank:
                insort(waiting, rank)

    def _unqueue(self, case: Case) -> None:
        waiting, rank = self.pools[case.exercise].waiting, rank_of(case.request)
        at = bisect_left(waiting, rank)
        if at < len(waiting) and waiting[at] == rank:
            del waiting[at]

    def _assign(self, pool: Pool) -> None:
        """Offer waiting alerts, in their order, to the units that get there first."""
        if not pool.waiting:
            return
        free = {
            unit_id: unit
            for unit_id, unit in self.units.items()
            if unit.available and unit.exercise == pool.exercise and unit_id not in self.busy
        }
        for rank in list(pool.waiting):
            if not free:
                return
            case = self.cases[rank.alert_id]
            able = [
                unit
                for unit_id, unit in free.items()
                if unit_id not in case.asked and (not unit.areas or case.request.area in unit.areas)
            ]
            choice = nearest(able, *place(case.request)) if able else None
            if choice is not None:
                self._unqueue(case)
                self._offer(case, choice, pool)
                del free[choice.unit_id]

    def _offer(self, case: Case, choice: Choice, pool: Pool) -> None:
        request = case.request
        case.asked.append(choice.unit_id)
        attempt = len(case.asked)
        task = HeldTask(
            task_id_of(request.alert_id, choice.unit_id, attempt),
            1,
            TaskState.OFFERED,
            request.alert_id,
            request.version,
            choice.unit_id,
            request.area,
            attempt,
            *place(request),
            choice.distance_m,
            choice.eta_s,
            pool.now_us,
            pool.now_us + self._offer_us,
            pool.exercise,
            [],
        )
        self.tasks[task.task_id] = task
        case.task_id = task.task_id
        self.busy[choice.unit_id] = task.task_id
        heapq.heappush(pool.deadlines, (task.expires_us, task.task_id))
        self._changes.append(public_task(task))

    def _forget(self, alert_id: str) -> None:
        case = self.cases[alert_id]
        if case.task_id is not None:  # a unit is still on its way
            return
        for attempt, unit_id in enumerate(case.asked, 1):
            self.tasks.pop(task_id_of(alert_id, unit_id, attempt), None)
        del self.cases[alert_id], self.finished[alert_id]

    def _taken(self) -> list[Task]:
        changes, self._changes = self._changes, []
        return changes
