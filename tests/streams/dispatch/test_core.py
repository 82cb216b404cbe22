"""The dispatch stage over its log: what it writes, trims, counts and remembers."""

import msgspec
import pytest

from streams import provenance
from streams.config import Settings
from streams.core import Core
from streams.dead_letters import read as read_letter
from streams.dispatch import DispatchCore
from streams.log import Output, Position, Record
from streams.messages import AlertState, CommandKind, Outcome, Task, TaskState, Unit
from streams.partitioning import Owners
from streams.public_tail import Repairs
from tests.streams.owner_log import DAY_US, SECOND_US, OwnerLog, command, request, run

SETTINGS = Settings((), Owners(4))
ALERTS, UNITS, GATEWAY = "detections.v1/2", "units.v1/0", "commands.v1/0"
BOAT = Unit(unit_id="u", position=(10.0, 54.0), speed_mps=10.0)


def tasks_in(outputs: list[Output]) -> list[Task]:
    """The task versions among outputs, in order."""
    return [msgspec.json.decode(o.value or b"", type=Task) for o in outputs if o.topic == "tasks.v1"]


def as_record(output: Output) -> Record:
    """An output as its reader meets it."""
    return Record(0, DAY_US, output.key, output.value, output.headers)


def working() -> tuple[DispatchCore, OwnerLog, Task]:
    """A core with one boat that has been offered one alert."""
    core, log = DispatchCore(2, SETTINGS), OwnerLog()
    [task] = tasks_in(core.apply([log.say(UNITS, BOAT), log.say(ALERTS, request("a"))]))
    return core, log, task


def test_a_core_is_a_core() -> None:
    """The stage has the shape the engine asks for."""
    core: Core = DispatchCore(0, SETTINGS)
    assert (core.apply([]), core.tick(0, idle=True)) == ([], [])


def test_a_task_is_public() -> None:
    """JSON with CloudEvents headers, keyed by task, at this owner's partition, numbered."""
    log = OwnerLog()
    core = DispatchCore(2, SETTINGS)
    log.say(UNITS, BOAT)
    log.say(ALERTS, request("a"))
    [output] = run(core, log.records)
    [task] = tasks_in([output])
    headers = dict(output.headers)
    assert (output.topic, output.partition, output.key) == ("tasks.v1", 2, task.task_id.encode())
    assert (headers["ce_type"], headers["ce_id"]) == (b"vedette.task.v1", f"{task.task_id}/1".encode())
    assert provenance.read(as_record(output))[1].last == Position(1, 0)
    assert (task.state, task.alert_id, task.unit_id, task.area) == (TaskState.OFFERED, "a", "u", 7)


def test_answers_move_the_task() -> None:
    """From offer to outcome, each step one version."""
    core, log, task = working()
    steps = (CommandKind.ACCEPT, CommandKind.EN_ROUTE, CommandKind.ON_SCENE, CommandKind.OUTCOME)
    for step in steps:
        log.say(GATEWAY, command(step, task.task_id, step, outcome=Outcome.TRUE))
    found = tasks_in(core.apply(log.records[2:]))
    assert [(t.version, t.state) for t in found] == [
        (2, TaskState.ACCEPTED),
        (3, TaskState.EN_ROUTE),
        (4, TaskState.ON_SCENE),
        (5, TaskState.DONE),
    ]
    assert core.counts() == {"in": 6, "row": 6, "repeat": 0}


def test_the_alert_owners_clock_expires_offers() -> None:
    """Time comes from the alert owner of the same area, and is passed to nobody."""
    core, log, task = working()
    found = tasks_in(core.apply([log.tick(ALERTS, DAY_US + 120 * SECOND_US)]))
    assert [(t.task_id, t.state) for t in found] == [(task.task_id, TaskState.EXPIRED)]
    assert core.gauges()["ended"] == 0.0
    core.apply([log.tick(ALERTS, DAY_US + 121 * SECOND_US, end=True)])
    assert (core.gauges()["ended"], core.gauges()["clock_us"]) == (1.0, DAY_US + 121 * SECOND_US)


def test_what_cannot_be_done_is_kept_and_counted() -> None:
    """Unknown tasks and forbidden steps are dead letters; what changes nothing is filtered."""
    core, log, task = working()
    log.say(GATEWAY, command(CommandKind.ACCEPT, "none", "c1"), command(CommandKind.ON_SCENE, task.task_id, "c2"))
    log.say(ALERTS, request("n", lon=None, lat=None))
    letters = [read_letter(as_record(o)) for o in core.apply(log.records[2:]) if o.topic == "dead-letters.v1"]
    assert [(x.reason, x.origin.topic, x.origin.offset, x.stage) for x in letters] == [
        ("unknown-target", "commands.v1", 0, "dispatch"),
        ("not-allowed", "commands.v1", 1, "dispatch"),
    ]
    assert core.counts() == {
        "in": 5,
        "row": 2,
        "dead/unknown-target": 1,
        "dead/not-allowed": 1,
        "filtered/no-position": 1,
        "repeat": 0,
    }


def test_state_survives_a_snapshot() -> None:
    """A restored dispatcher knows units, offers, deadlines and who was asked."""
    core, log, _ = working()
    log.say(UNITS, msgspec.structs.replace(BOAT, unit_id="v"))
    log.say(ALERTS, request("b", simulated=True), request("c", state=AlertState.CLOSED))
    core.apply(log.records[2:])
    other = DispatchCore(2, SETTINGS)
    other.load(core.dump())
    assert other.dump() == core.dump()
    assert other.gauges() == core.gauges()
    tick = log.tick(ALERTS, DAY_US + 900 * SECOND_US)
    assert other.apply([*log.records[:-1], tick]) == core.apply([tick])
    with pytest.raises(ValueError, match="version"):
        other.load(msgspec.msgpack.encode([99, *msgspec.msgpack.decode(core.dump())[1:]]))


def test_gauges_say_who_waits() -> None:
    """Waiting and exhausted alerts, units and their tasks, as a dispatcher wants to see them."""
    core, log, _ = working()
    core.apply([log.say(ALERTS, request("b"), request("c"))])
    gauges = core.gauges()
    assert {key: gauges[key] for key in ("waiting", "units", "units_busy", "tasks/offered", "exhausted")} == {
        "waiting": 2.0,
        "units": 1.0,
        "units_busy": 1.0,
        "tasks/offered": 1.0,
        "exhausted": 0.0,
    }


def test_a_message_is_buried_and_the_next_applied() -> None:
    """Burying one message leaves no hole."""
    core, log, _ = working()
    record = log.say(ALERTS, request("b"), request("c"))
    first, second = (core.cut(record, range(n, n + 1)) for n in range(2))
    assert first is not None
    assert second is not None
    assert [o.topic for o in core.bury(first, "handler-error")] == ["dead-letters.v1"]
    core.apply([second])
    assert sorted(core.board.cases) == ["a", "c"]
    assert core.counts()["in"] == 4


def test_a_lower_version_behind_a_higher_one_is_mended() -> None:
    """Compaction keeps the last record of a key, so the owner makes the highest version the last."""
    core, log = DispatchCore(2, SETTINGS), OwnerLog()
    owner: Repairs = core
    assert owner.public_topic == "tasks.v1"
    log.say(UNITS, BOAT)
    log.say(ALERTS, request("a"))
    log.tick(ALERTS, DAY_US + 120 * SECOND_US)
    offered, expired = run(core, log.records)
    assert [owner.repair(as_record(o)) for o in (offered, expired)] == [[], []]
    [mended] = owner.repair(as_record(offered))
    assert (mended.topic, mended.partition, mended.key, mended.value) == ("tasks.v1", 2, offered.key, expired.value)
    assert owner.repair(as_record(mended)) == []
