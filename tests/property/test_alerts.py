"""Alerts under every fault of the log: other cuts, repeats, crashes, orders. Hypothesis searches and shrinks."""

from collections import defaultdict

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.alerts import AlertCore
from streams.config import Settings
from streams.log import Output, Record
from streams.messages import Alert, AlertKind, AlertState, Command, CommandKind, Edge, EdgeKind, Outcome
from streams.partitioning import Owners
from tests.streams.owner_log import DAY_US, SECOND_US, OwnerLog, command, edge, incident, run

SETTINGS = Settings((), Owners(1))
SOURCES = ("observations.v1/0", "observations.v1/1", "observations.v1/2")
GATEWAY = "commands.v1/0"
NAMES = ("a", "b", "distress")
TERMINAL = {AlertState.CLOSED, AlertState.RETRACTED}


def of(name: str) -> AlertKind:
    """The kind of the incident of that name."""
    return AlertKind.DISTRESS if name == "distress" else AlertKind.INCURSION


@st.composite
def histories(draw: st.DrawFn) -> list[Edge]:
    """All edges of a few incidents, each in order: opened, updates, then perhaps ended or retracted."""
    edges = []
    for name in NAMES[: draw(st.integers(1, 3))]:
        updates = draw(st.integers(0, 3))
        kinds = [EdgeKind.OPENED, *[EdgeKind.UPDATED] * updates]
        kinds += draw(st.sampled_from(([], [EdgeKind.ENDED], [EdgeKind.RETRACTED])))
        for sequence, kind in enumerate(kinds, 1):
            evidence = [f"{name}{n}" for n in range(sequence)]
            edges.append(edge(kind, sequence, incident(name, kind=of(name), evidence=evidence), DAY_US + sequence))
    return edges


@st.composite
def commands(draw: st.DrawFn) -> Command:
    """Anything a desk may send, also nonsense, also twice."""
    kind = draw(st.sampled_from((CommandKind.ACKNOWLEDGE, CommandKind.SILENCE, CommandKind.CLOSE)))
    outcome = draw(st.sampled_from((None, Outcome.TRUE)))
    until_us = draw(st.sampled_from((None, DAY_US, DAY_US + 2, DAY_US + SECOND_US)))
    number, name = draw(st.integers(0, 5)), draw(st.sampled_from((*NAMES, "nobody")))
    return command(kind, name, f"{kind}{number}", outcome=outcome, until_us=until_us)


Said = tuple[str, Edge | Command]


@st.composite
def conversations(draw: st.DrawFn) -> list[Said]:
    """Edges over several sources, in any order across sources, with commands between them."""
    said: list[Said] = [(draw(st.sampled_from(SOURCES)), one) for one in draw(histories())]
    said = draw(st.permutations(said))
    for one in draw(st.lists(commands(), max_size=6)):
        said.insert(draw(st.integers(0, len(said))), (GATEWAY, one))
    return said


def log_of(said: list[Said], cut: list[bool], repeat: list[int]) -> list[Record]:
    """The conversation packed into records: a message joins the record before it where that is of the same source and
    ``cut`` does not say otherwise; earlier records come again where ``repeat`` says which."""
    log = OwnerLog()
    packed: list[tuple[str, list[Edge | Command]]] = []
    for number, (source, message) in enumerate(said):
        apart = cut[number % len(cut)] if cut else False
        if packed and packed[-1][0] == source and not apart:
            packed[-1][1].append(message)
        else:
            packed.append((source, [message]))
    for number, (source, messages) in enumerate(packed):
        log.say(source, *messages)
        if repeat and repeat[number % len(repeat)] > 0:
            log.again(-min(repeat[number % len(repeat)], len(log.records)))
    return log.records


def versions(outputs: list[Output]) -> dict[str, list[dict[str, object]]]:
    """Every version of every alert, but for the times in the history."""
    found: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
    for output in outputs:
        if output.topic == "alerts.v1":
            alert = msgspec.json.decode(output.value or b"")
            for entry in alert["history"]:
                del entry["at"]
            found[alert["alert_id"]].append(alert)
    return dict(found)


cuts = st.lists(st.booleans(), max_size=8)
repeats = st.lists(st.integers(0, 4), max_size=8)


@given(said=conversations(), cut=cuts, repeat=repeats, batches=st.sets(st.integers(0, 40)))
@settings(max_examples=150, deadline=None)
def test_cuts_and_repeats_do_not_matter(
    said: list[Said], cut: list[bool], repeat: list[int], batches: set[int]
) -> None:
    """Records cut otherwise, read in other batches and stored twice give every alert the same versions."""
    plain, other = AlertCore(0, SETTINGS), AlertCore(0, SETTINGS)
    straight = run(plain, log_of(said, [], []))
    faulty = log_of(said, cut, repeat)
    assert versions(run(other, faulty, {at for at in batches if at < len(faulty)})) == versions(straight)
    assert {k: n for k, n in other.counts().items() if k != "repeat"} == {
        k: n for k, n in plain.counts().items() if k != "repeat"
    }


@given(said=conversations(), snap=st.integers(0, 30), crash=st.integers(0, 30), batches=st.sets(st.integers(0, 40)))
@settings(max_examples=150, deadline=None)
def test_a_re_read_writes_the_same_bytes(said: list[Said], snap: int, crash: int, batches: set[int]) -> None:
    """Restored anywhere and reading on in other batches, an owner numbers and writes its alerts exactly as before."""
    records = log_of(said, [], [])
    snap, crash = sorted((snap % (len(records) + 1), crash % (len(records) + 1)))
    straight = run(AlertCore(0, SETTINGS), records)
    first, second = AlertCore(0, SETTINGS), AlertCore(0, SETTINGS)
    before = run(first, records[:snap])
    state = first.dump()
    lost = run(first, records[snap:crash])
    second.load(state)
    rest = records[snap:]
    again = run(second, rest, {at for at in batches if at < len(rest)})
    alerts = [o for o in before + again if o.topic == "alerts.v1"]
    assert alerts == [o for o in straight if o.topic == "alerts.v1"]
    assert [o for o in lost if o.topic == "alerts.v1"] == [o for o in again if o.topic == "alerts.v1"][
        : sum(o.topic == "alerts.v1" for o in lost)
    ]


@given(edges=histories(), order=st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_sources_does_not_matter_in_the_end(edges: list[Edge], order: object) -> None:
    """Whichever edge of an incident arrives first, the last version says the same: state, evidence, end."""
    shuffled = list(edges)
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    def final(sequence: list[Edge]) -> dict[str, tuple[object, ...]]:
        said: list[Said] = [(SOURCES[n % 3], one) for n, one in enumerate(sequence)]
        found = versions(run(AlertCore(0, SETTINGS), log_of(said, [], [])))
        last = {name: all_of[-1] for name, all_of in found.items()}
        return {n: (a["state"], a["evidence"], a["ended_time"], a["end_reason"]) for n, a in last.items()}

    assert final(shuffled) == final(edges)


class Desk(RuleBasedStateMachine):
    """A log that grows by edges, commands and repeats while its owner reads, snapshots and crashes at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.log = OwnerLog()
        self.core = AlertCore(0, SETTINGS)
        self.read = 0
        self.snapshot, self.snapshot_read = self.core.dump(), 0
        self.seen: dict[str, Alert] = {}
        self.said: dict[tuple[str, int], Alert] = {}
        self.sequences = dict.fromkeys(NAMES, 0)

    @initialize()
    def begin(self) -> None:
        """Every source is known to be alive."""
        self.log.tick(SOURCES[0], DAY_US)

    @rule(name=st.sampled_from(NAMES), kind=st.sampled_from(list(EdgeKind)), source=st.sampled_from(SOURCES))
    def condition(self, name: str, kind: EdgeKind, source: str) -> None:
        """A detection moves."""
        self.sequences[name] += 1
        number = self.sequences[name]
        of_all = [f"{name}{n}" for n in range(number)]
        self.log.say(source, edge(kind, number, incident(name, kind=of(name), evidence=of_all), DAY_US + number))

    @rule(asked=commands())
    def ask(self, asked: Command) -> None:
        """A person asks for something."""
        self.log.say(GATEWAY, asked)

    @precondition(lambda self: self.log.records)
    @rule(back=st.integers(1, 6))
    def again(self, back: int) -> None:
        """A record is stored a second time."""
        self.log.again(-min(back, len(self.log.records)))

    @rule(most=st.integers(1, 5))
    def go_on(self, most: int) -> None:
        """The owner reads on; its reader trims by version, as public readers are told to."""
        taken = self.log.records[self.read : self.read + most]
        for output in self.core.apply(taken):
            if output.topic == "alerts.v1":
                self._publish(msgspec.json.decode(output.value or b"", type=Alert))
        self.read += len(taken)

    @rule()
    def snap(self) -> None:
        """A snapshot is written, and holds everything there is."""
        self.snapshot, self.snapshot_read = self.core.dump(), self.read
        restored = AlertCore(0, SETTINGS)
        restored.load(self.snapshot)
        assert list(restored.alerts) == list(self.core.alerts)
        assert restored.counts() == self.core.counts()

    @rule()
    def crash(self) -> None:
        """The owner is killed and starts again from its snapshot."""
        self.core = AlertCore(0, SETTINGS)
        self.core.load(self.snapshot)
        self.read = self.snapshot_read

    def _publish(self, alert: Alert) -> None:
        said = self.said.setdefault((alert.alert_id, alert.version), alert)
        assert alert == said, "a re-read says something else"
        known = self.seen.get(alert.alert_id)
        if known is not None and alert.version <= known.version:
            return
        assert alert.version == (1 if known is None else known.version + 1)
        if known is not None:
            assert known.state not in TERMINAL
            assert set(known.evidence) <= set(alert.evidence)
        self.seen[alert.alert_id] = alert

    @invariant()
    def distress_is_heard(self) -> None:
        """Nothing silences distress or makes it less than critical."""
        seen = self.seen.get("distress")
        assert seen is None or (seen.silenced_until, seen.severity) == (None, "critical")

    @invariant()
    def closed_means_judged(self) -> None:
        """An outcome stands on every closed alert and on no other."""
        for seen in self.seen.values():
            assert (seen.outcome is not None) == (seen.state is AlertState.CLOSED)

    @invariant()
    def the_ledger_balances(self) -> None:
        """Every message that came in has exactly one fate."""
        counts = self.core.counts()
        assert counts["in"] == sum(n for fate, n in counts.items() if fate not in ("in", "repeat"))


Desk.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestDesk = Desk.TestCase
