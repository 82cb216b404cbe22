"""Dispatch under random days and every fault of the log."""

from collections import defaultdict

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from streams.config import DispatchRules, Settings
from streams.dispatch import DispatchCore
from streams.dispatch.states import LIVE
from streams.log import Output, Record
from streams.messages import AlertKind, AlertState, Command, CommandKind, Outcome, Request, Task, TaskState, Unit
from streams.partitioning import Owners
from tests.streams.owner_log import DAY_US, SECOND_US, OwnerLog, command, request, run

SETTINGS = Settings((), Owners(1), dispatch=DispatchRules(offer_s=60, attempts=3))
ALERTS, UNITS, GATEWAY = "detections.v1/0", "units.v1/0", "commands.v1/0"
ALERT_NAMES = ("a", "b", "c", "sos", "play", "old")
PLAY = {"play", "old"}
UNIT_NAMES = ("u1", "u2", "x1", "x2")
TASK_COMMANDS = (
    CommandKind.ACCEPT,
    CommandKind.DECLINE,
    CommandKind.EN_ROUTE,
    CommandKind.ON_SCENE,
    CommandKind.OUTCOME,
    CommandKind.ABORT,
)


def alert(name: str, version: int, state: AlertState, opened_s: int) -> Request:
    """A version of an alert; its name says what it is."""
    return request(
        name,
        version,
        state=state,
        kind=AlertKind.DISTRESS if name == "sos" else AlertKind.INCURSION,
        event_time_us=DAY_US + opened_s * SECOND_US,
        simulated=name == "play",
        historical=name == "old",
        lon=10.0 + opened_s / 100,
    )


def patrol(name: str, lon: float, available: bool) -> Unit:
    """A unit; those named x are for exercises."""
    return Unit(unit_id=name, position=(lon, 54.0), speed_mps=10.0, exercise=name.startswith("x"), available=available)


def tasks_in(outputs: list[Output]) -> list[Task]:
    """The task versions among outputs, in order."""
    return [msgspec.json.decode(o.value or b"", type=Task) for o in outputs if o.topic == "tasks.v1"]


class Watch(RuleBasedStateMachine):
    """A day at the dispatch desk: alerts, units, answers, time, repeats and crashes in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.log, self.core, self.read = OwnerLog(), DispatchCore(0, SETTINGS), 0
        self.snapshot, self.snapshot_read = self.core.dump(), 0
        self.versions = dict.fromkeys(ALERT_NAMES, 0)
        self.states: dict[str, AlertState] = {}
        self.opened_s: dict[str, int] = {}
        self.tasks: dict[str, Task] = {}
        self.said: dict[tuple[str, int], Task] = {}
        self.orders = 0
        self.now_s = 0

    @rule(name=st.sampled_from(ALERT_NAMES), state=st.sampled_from(list(AlertState)))
    def alert_moves(self, name: str, state: AlertState) -> None:
        """A further version of an alert; a terminal one has none."""
        if self.states.get(name) in {AlertState.CLOSED, AlertState.RETRACTED}:
            return
        self.versions[name] += 1
        self.states[name] = state
        self.log.say(ALERTS, alert(name, self.versions[name], state, self.opened_s.setdefault(name, self.now_s)))

    @rule(name=st.sampled_from(UNIT_NAMES), lon=st.sampled_from((10.0, 10.2, 11.0)), available=st.booleans())
    def unit_reports(self, name: str, lon: float, available: bool) -> None:
        """A unit says where it is."""
        self.log.say(UNITS, patrol(name, lon, available))

    @precondition(lambda self: self.tasks)
    @rule(pick=st.integers(0, 50), kind=st.sampled_from(TASK_COMMANDS), outcome=st.sampled_from((None, Outcome.TRUE)))
    def unit_answers(self, pick: int, kind: CommandKind, outcome: Outcome | None) -> None:
        """Somebody answers for any task known, sensibly or not."""
        self.orders += 1
        target = sorted(self.tasks)[pick % len(self.tasks)]
        self.log.say(GATEWAY, command(kind, target, f"c{self.orders}", outcome=outcome))

    @rule(seconds=st.sampled_from((1, 30, 59, 60, 61, 300)))
    def time_passes(self, seconds: int) -> None:
        """The alert owner's clock moves."""
        self.now_s += seconds
        self.log.tick(ALERTS, DAY_US + self.now_s * SECOND_US)

    @precondition(lambda self: self.log.records)
    @rule(back=st.integers(1, 6))
    def again(self, back: int) -> None:
        """A record is stored a second time."""
        self.log.again(-min(back, len(self.log.records)))

    @rule(most=st.integers(1, 6))
    def go_on(self, most: int) -> None:
        """The dispatcher reads on."""
        taken = self.log.records[self.read : self.read + most]
        for task in tasks_in(self.core.apply(taken)):
            self._publish(task)
        self.read += len(taken)

    @rule()
    def snap(self) -> None:
        """A snapshot is written, and holds everything there is."""
        self.snapshot, self.snapshot_read = self.core.dump(), self.read
        restored = DispatchCore(0, SETTINGS)
        restored.load(self.snapshot)
        for part in ("pools", "units", "busy", "cases", "tasks", "finished"):
            assert getattr(restored.board, part) == getattr(self.core.board, part)
        assert restored.counts() == self.core.counts()

    @rule()
    def crash(self) -> None:
        """The dispatcher is killed and starts again from its snapshot."""
        self.core = DispatchCore(0, SETTINGS)
        self.core.load(self.snapshot)
        self.read = self.snapshot_read

    def _publish(self, task: Task) -> None:
        said = self.said.setdefault((task.task_id, task.version), task)
        assert task == said, "a re-read says something else"
        known = self.tasks.get(task.task_id)
        if known is not None and task.version <= known.version:
            return
        if known is None:
            assert (task.version, task.state) == (1, TaskState.OFFERED)
            others = [t for t in self.tasks.values() if t.state in LIVE]
            assert task.unit_id not in {t.unit_id for t in others}, "two live tasks for one unit"
            assert task.alert_id not in {t.alert_id for t in others}, "two live tasks for one alert"
            assert task.unit_id not in {t.unit_id for t in self.tasks.values() if t.alert_id == task.alert_id}
        else:
            assert task.version == known.version + 1
            assert known.state in LIVE, "a step after the end"
        assert task.exercise == (task.alert_id in PLAY) == task.unit_id.startswith("x")
        assert task.attempt <= 3
        self.tasks[task.task_id] = task

    @invariant()
    def a_free_unit_leaves_nobody_waiting(self) -> None:
        """An alert waits only while every unit that may be asked is busy, away or was asked before."""
        board = self.core.board
        for pool in board.pools.values():
            for rank in pool.waiting:
                for unit in board.units.values():
                    idle = unit.available and unit.unit_id not in board.busy and unit.exercise == pool.exercise
                    assert not idle or unit.unit_id in board.cases[rank.alert_id].asked

    @invariant()
    def busy_is_what_is_live(self) -> None:
        """Units are busy with exactly the live tasks, cases know theirs."""
        board = self.core.board
        live = {t.task_id: t for t in board.tasks.values() if t.state in LIVE}
        assert {task_id: unit for unit, task_id in board.busy.items()} == {k: t.unit_id for k, t in live.items()}
        assert {c.task_id for c in board.cases.values() if c.task_id is not None} == set(live)

    @invariant()
    def the_ledger_balances(self) -> None:
        """Every message that came in has exactly one fate."""
        counts = self.core.counts()
        assert counts["in"] == sum(n for fate, n in counts.items() if fate not in ("in", "repeat"))


Watch.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestWatch = Watch.TestCase

Said = tuple[str, Request | Unit | Command | int]


@st.composite
def days(draw: st.DrawFn) -> list[Said]:
    """What a dispatcher's log may hold, in order; a number is a tick, seconds."""
    said: list[Said] = [(UNITS, patrol(name, 10.0 + n / 10, True)) for n, name in enumerate(UNIT_NAMES)]
    version: defaultdict[str, int] = defaultdict(int)
    now_s = 0
    for _ in range(draw(st.integers(1, 25))):
        kind = draw(st.sampled_from(("alert", "alert", "tick", "unit")))
        name = draw(st.sampled_from(ALERT_NAMES))
        if kind == "tick":
            now_s += draw(st.integers(1, 100))
            said.append((ALERTS, now_s))
        elif kind == "unit":
            said.append((UNITS, patrol(draw(st.sampled_from(UNIT_NAMES)), 10.5, draw(st.booleans()))))
        else:
            version[name] += 1
            state = draw(st.sampled_from((AlertState.ACTIVE_UNACK, AlertState.CLEARED_UNACK)))
            said.append((ALERTS, alert(name, version[name], state, now_s)))
    return said


def log_of(said: list[Said], cut: list[bool], repeat: list[int]) -> list[Record]:
    """The day packed into records, cut and repeated as asked."""
    log = OwnerLog()
    waiting: list[object] = []
    for number, (source, what) in enumerate(said):
        following = said[number + 1] if number + 1 < len(said) else None
        if isinstance(what, int):
            log.tick(source, DAY_US + what * SECOND_US)
            continue
        waiting.append(what)
        same = following is not None and type(following[1]) is type(what)
        if not same or (cut and cut[number % len(cut)]):
            log.say(source, *waiting)
            waiting = []
            if repeat and repeat[number % len(repeat)]:
                log.again(-min(repeat[number % len(repeat)], len(log.records)))
    return log.records


@given(
    said=days(),
    cut=st.lists(st.booleans(), max_size=6),
    repeat=st.lists(st.integers(0, 3), max_size=6),
    batches=st.sets(st.integers(0, 40)),
    snap=st.integers(0, 40),
)
@settings(max_examples=150, deadline=None)
def test_cuts_repeats_and_restores_do_not_matter(
    said: list[Said], cut: list[bool], repeat: list[int], batches: set[int], snap: int
) -> None:
    """The same day gives the same tasks, version by version, however it was packed, repeated, read and restored."""
    straight = tasks_in(run(DispatchCore(0, SETTINGS), log_of(said, [], [])))
    records = log_of(said, cut, repeat)
    snap %= len(records) + 1
    first, second = DispatchCore(0, SETTINGS), DispatchCore(0, SETTINGS)
    before = run(first, records[:snap], {at for at in batches if at < snap})
    second.load(first.dump())
    assert tasks_in(before + run(second, records[snap:])) == straight
