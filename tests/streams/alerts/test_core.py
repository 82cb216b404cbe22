"""The alert stage over its log: what it writes, trims, counts, hands on and remembers."""

import msgspec
import pytest

from streams import provenance, wire
from streams.alerts import AlertCore
from streams.config import Settings, SurveilRules
from streams.core import Core, Hole
from streams.dead_letters import read as read_letter
from streams.frames import SourceTick
from streams.log import Output, Position, Record
from streams.messages import Alert, AlertState, CommandKind, EdgeKind, Kind, Outcome, Request
from streams.partitioning import Owners
from streams.public import INGEST_TIME_HEADER
from tests.streams.owner_log import DAY_US, SECOND_US, OwnerLog, command, edge, incident, run

ONE, TWO = Settings((), Owners(1)), Settings((), Owners(2))
SURVEIL, GATEWAY = "observations.v1/0", "commands.v1/0"
HOUR_US = 3600 * SECOND_US


def alerts_in(outputs: list[Output]) -> list[Alert]:
    """The alert versions among outputs, in order."""
    return [msgspec.json.decode(o.value or b"", type=Alert) for o in outputs if o.topic == "alerts.v1"]


def as_record(output: Output, offset: int = 0) -> Record:
    """An output as its reader meets it."""
    return Record(offset, DAY_US, output.key, output.value, output.headers)


def test_a_core_is_a_core() -> None:
    """The stage has the shape the engine asks for."""
    core: Core = AlertCore(0, ONE)
    assert core.apply([]) == []


def test_an_edge_becomes_a_version_and_a_request() -> None:
    """The alert is public JSON for any client, the request goes to the same owner; both are numbered."""
    log = OwnerLog()
    record = log.say(SURVEIL, edge(EdgeKind.OPENED, 1, incident("a")))
    alert, request = AlertCore(0, ONE).apply([record])
    headers = dict(alert.headers)
    assert (alert.topic, alert.partition, alert.key) == ("alerts.v1", 0, b"a")
    assert (headers["ce_id"], headers["ce_type"]) == (b"a/1", b"vedette.alert.v1")
    assert headers["ce_time"] == b"2023-11-14T22:13:20.001000Z"
    assert headers[INGEST_TIME_HEADER] == str(DAY_US).encode()
    kind, origin = provenance.read(as_record(alert))
    assert (kind, origin.source, origin.last) == ("alert", "detections.v1/0", Position(0, 0))
    [numbered] = wire.decode_numbered(request.value or b"", Request)
    assert (request.topic, request.partition) == ("dispatches.v1", 0)
    assert (numbered.message.alert_id, numbered.message.version, numbered.message.log_time_us) == (
        *("a", 1),
        record.log_time_us,
    )


def test_only_the_home_owner_writes() -> None:
    """Edges go to two owners; exactly one of them has a say."""
    log = OwnerLog()
    log.say(SURVEIL, *(edge(EdgeKind.OPENED, 1, incident(f"a{area}", home_area=area)) for area in range(20)))
    cores = [AlertCore(partition, TWO) for partition in range(2)]
    written = [alerts_in(run(core, log.records)) for core in cores]
    assert sorted(alert.area for alert in written[0] + written[1]) == list(range(20))
    for partition, core in enumerate(cores):
        assert {TWO.owners.area_owner(alert.area) for alert in written[partition]} == {partition}
        assert core.counts()["row"] + core.counts()["filtered/foreign"] == core.counts()["in"] == 20


def test_repeats_are_trimmed_by_position() -> None:
    """A record that comes twice, or in other cuts, makes no version twice."""
    log = OwnerLog()
    first = edge(EdgeKind.OPENED, 1, incident("a"))
    log.say(SURVEIL, first, edge(EdgeKind.ENDED, 2, incident("a")))
    log.again(0)
    other = OwnerLog(records=log.records)
    other.say(SURVEIL, first)
    core = AlertCore(0, ONE)
    assert [a.version for a in alerts_in(run(core, log.records))] == [1, 2]
    assert core.counts() == {"in": 2, "row": 2, "repeat": 3}


def test_a_hole_stops_the_owner() -> None:
    """Edges that are missing are never passed over, by rows or by a tick."""
    whole = OwnerLog()
    for sequence in (1, 2, 3):
        whole.say(SURVEIL, edge(EdgeKind.UPDATED, sequence, incident("a")))
    with pytest.raises(Hole):
        AlertCore(0, ONE).apply([whole.records[0], whole.records[2]])
    tick = whole.tick(SURVEIL, DAY_US)
    with pytest.raises(Hole):
        AlertCore(0, ONE).apply([whole.records[0], tick])


def test_unreadable_bytes_leave_the_state_as_it_was() -> None:
    """Everything is opened before anything is applied, so a batch can be tried again in parts."""
    log = OwnerLog()
    log.say(SURVEIL, edge(EdgeKind.OPENED, 1, incident("a")))
    broken = log.say(SURVEIL, edge(EdgeKind.ENDED, 2, incident("a")))._replace(value=b"\xc1")
    core = AlertCore(0, ONE)
    before = core.dump()
    with pytest.raises(msgspec.MsgspecError):
        core.apply([log.records[0], broken])
    assert core.dump() == before


def test_cut_and_bury_get_past_one_message() -> None:
    """A record is cut to its messages, each readable alone; the buried one is kept and the ledger balances."""
    log = OwnerLog()
    whole = log.say(SURVEIL, *(edge(EdgeKind.OPENED, 1, incident(name)) for name in "abc"))
    core = AlertCore(0, ONE)
    pieces = [core.cut(whole, range(n, n + 1)) for n in range(4)]
    assert pieces[3] is None
    assert pieces[0] is not None
    assert pieces[1] is not None
    assert pieces[2] is not None
    opened = alerts_in(core.apply([pieces[0]]))
    [letter] = core.bury(pieces[1], "handler-error")
    opened += alerts_in(core.apply([pieces[2]]))
    assert [alert.alert_id for alert in opened] == ["a", "c"]
    kept = read_letter(as_record(letter))
    assert (kept.origin.topic, kept.origin.offset, kept.origin.item) == ("detections.v1", 0, 1)
    assert core.counts() == {"in": 3, "row": 2, "dead/handler-error": 1, "repeat": 0}
    assert core.apply([whole]) == []


def test_an_undecodable_record_is_buried_whole() -> None:
    """The owner advances over it: what follows is no hole."""
    log = OwnerLog()
    broken = log.say(SURVEIL, edge(EdgeKind.OPENED, 1, incident("a")))._replace(value=b"\xc1")
    log.say(SURVEIL, edge(EdgeKind.OPENED, 1, incident("b")))
    core = AlertCore(0, ONE)
    assert core.cut(broken, range(0, 1)) is None
    assert [o.value for o in core.bury(broken, "handler-error")] == [b"\xc1"]
    assert [a.alert_id for a in alerts_in(core.apply(log.records[1:]))] == ["b"]
    nonsense = Record(9, DAY_US, None, b"?")
    assert [o.topic for o in core.bury(nonsense, "handler-error")] == ["dead-letters.v1"]
    assert core.counts()["dead/handler-error"] == 2


def test_a_command_reaches_its_alert() -> None:
    """Acknowledge and close make versions; the role that asked stands in the history."""
    log = OwnerLog()
    log.say(SURVEIL, edge(EdgeKind.OPENED, 1, incident("a")))
    log.say(GATEWAY, command(CommandKind.ACKNOWLEDGE, "a", "c1"))
    log.say(GATEWAY, command(CommandKind.CLOSE, "a", "c2", outcome=Outcome.TRUE))
    versions = alerts_in(run(AlertCore(0, ONE), log.records))
    assert [(a.version, a.state) for a in versions] == [
        (1, AlertState.ACTIVE_UNACK),
        (2, AlertState.ACTIVE_ACK),
        (3, AlertState.CLOSED),
    ]
    assert versions[-1].outcome is Outcome.TRUE
    assert [entry.who for entry in versions[-1].history] == ["surveil", "watch-officer", "watch-officer"]


def test_a_command_nobody_can_do_is_kept() -> None:
    """An unknown alert or a forbidden step is a dead letter with its reason, at the command's own place."""
    log = OwnerLog()
    log.say(SURVEIL, edge(EdgeKind.OPENED, 1, incident("a")))
    log.say(GATEWAY, command(CommandKind.ACKNOWLEDGE, "zzz", "c1"), command(CommandKind.CLOSE, "a", "c2"))
    core = AlertCore(0, ONE)
    letters = [read_letter(as_record(o)) for o in run(core, log.records) if o.topic == "dead-letters.v1"]
    assert [(x.reason, x.origin.topic, x.origin.offset) for x in letters] == [
        ("unknown-target", "commands.v1", 0),
        ("not-allowed", "commands.v1", 1),
    ]
    assert msgspec.json.decode(letters[0].value or b"")["command_id"] == "c1"
    assert core.counts() == {"in": 3, "row": 1, "dead/unknown-target": 1, "dead/not-allowed": 1, "repeat": 0}


def ticks_of(outputs: list[Output]) -> list[tuple[int, SourceTick]]:
    """Partition and content of every tick among outputs."""
    found = [o for o in outputs if dict(o.headers)["vedette-kind"] == b"tick"]
    return [(o.partition, msgspec.msgpack.decode(o.value or b"", type=SourceTick)) for o in found]


def test_the_clock_is_handed_on() -> None:
    """Dispatch of the same area gets the minimum over all surveil owners, and the end as soon as all have ended."""
    log = OwnerLog()
    core = AlertCore(1, TWO)
    core.apply([log.tick("observations.v1/0", DAY_US + 5)])
    assert ticks_of(core.tick(0, idle=True)) == [(1, SourceTick(-1))]
    core.apply([log.tick("observations.v1/1", DAY_US + 3)])
    assert ticks_of(core.tick(0, idle=True)) == [(1, SourceTick(DAY_US + 3))]
    assert core.gauges()["clock_us"] == DAY_US + 3
    assert core.apply([log.tick("observations.v1/0", DAY_US + 9, end=True)]) == []
    ended = core.apply([log.tick("observations.v1/1", DAY_US + 8, end=True)])
    assert ticks_of(ended) == [(1, SourceTick(DAY_US + 9, idle=True, end=True))]
    assert core.gauges()["ended"] == 1.0


def test_a_tick_stands_behind_the_requests_before_it() -> None:
    """Its reader can tell that nothing before it is missing."""
    log = OwnerLog()
    log.say(SURVEIL, edge(EdgeKind.OPENED, 1, incident("a")))
    log.tick(SURVEIL, DAY_US, end=True)
    outputs = run(AlertCore(0, ONE), log.records)
    assert [dict(o.headers)["vedette-kind"] for o in outputs] == [b"alert", b"requests", b"tick"]
    assert provenance.read(as_record(outputs[2]))[1].after == Position(0, 0)


def test_state_survives_a_snapshot() -> None:
    """A restored owner trims what it had, numbers on and keeps every alert."""
    log = OwnerLog()
    log.say(SURVEIL, edge(EdgeKind.OPENED, 1, incident("a")), edge(EdgeKind.OPENED, 1, incident("b")))
    log.say(GATEWAY, command(CommandKind.ACKNOWLEDGE, "a", "c1"))
    core, other = AlertCore(0, ONE), AlertCore(0, ONE)
    run(core, log.records)
    other.load(core.dump())
    assert other.dump() == core.dump()
    log.say(SURVEIL, edge(EdgeKind.ENDED, 2, incident("a")))
    assert other.apply(log.records) == core.apply(log.records[3:]) + core.apply(log.records[2:3])
    assert other.dump() != AlertCore(0, ONE).dump()
    with pytest.raises(ValueError, match="version"):
        other.load(msgspec.msgpack.encode([99, *msgspec.msgpack.decode(core.dump())[1:]]))


def test_finished_alerts_are_forgotten_and_open_ones_never() -> None:
    """Memory is bounded by what is open and what ended lately, by event time."""
    log = OwnerLog()
    log.say(SURVEIL, *(edge(EdgeKind.OPENED, 1, incident(name)) for name in "abc"))
    log.say(SURVEIL, edge(EdgeKind.ENDED, 2, incident("a")), edge(EdgeKind.RETRACTED, 2, incident("b")))
    log.say(GATEWAY, command(CommandKind.CLOSE, "a", "c1", outcome=Outcome.TRUE))
    log.say(GATEWAY, command(CommandKind.CLOSE, "c", "c2", outcome=Outcome.FALSE))
    core = AlertCore(0, Settings((), Owners(1), surveil=SurveilRules(lost_after_s=6 * 3600)))
    run(core, log.records)
    core.apply([log.tick(SURVEIL, DAY_US + 29 * HOUR_US)])
    assert len(list(core.alerts)) == 3
    core.apply([log.tick(SURVEIL, DAY_US + 31 * HOUR_US)])
    assert [held.alert_id for held in core.alerts] == ["c"]  # closed, but the vessel is still inside
    core.apply([log.say(SURVEIL, edge(EdgeKind.ENDED, 2, incident("c"))), log.tick(SURVEIL, DAY_US + 32 * HOUR_US)])
    assert list(core.alerts) == []
    restored = AlertCore(0, ONE)
    restored.load(core.dump())
    assert list(restored.alerts) == []


def test_a_lower_version_behind_a_higher_one_is_mended() -> None:
    """Compaction keeps the last record of a key, so the owner makes the highest version the last."""
    log = OwnerLog()
    log.say(SURVEIL, edge(EdgeKind.OPENED, 1, incident("a")), edge(EdgeKind.ENDED, 2, incident("a")))
    core = AlertCore(0, ONE)
    written = [o for o in run(core, log.records) if o.topic == "alerts.v1"]
    before = core.dump()
    assert [core.repair(as_record(o, n)) for n, o in enumerate(written)] == [[], []]
    [mended] = core.repair(as_record(written[0], 2))  # a zombie's
    assert (mended.topic, mended.key, mended.value) == ("alerts.v1", b"a", written[1].value)
    assert core.repair(as_record(mended, 3)) == []
    assert core.repair(Record(4, DAY_US, b"unknown", written[0].value)) == []
    assert core.dump() == before


def test_an_owner_that_still_re_reads_mends_nothing() -> None:
    """A higher version on the log than in the state means the state gets there by itself."""
    log = OwnerLog()
    log.say(SURVEIL, edge(EdgeKind.OPENED, 1, incident("a")))
    log.say(SURVEIL, edge(EdgeKind.ENDED, 2, incident("a")))
    ahead, behind = AlertCore(0, ONE), AlertCore(0, ONE)
    written = [o for o in run(ahead, log.records) if o.topic == "alerts.v1"]
    behind.apply(log.records[:1])
    assert [behind.repair(as_record(o)) for o in (written[0], written[1], written[0])] == [[], [], []]


def test_the_kinds_read_are_the_kinds_known() -> None:
    """A record of another stage's kind is a fault, not something to pass over."""
    log = OwnerLog()
    record = log.say(SURVEIL, edge(EdgeKind.OPENED, 1, incident("a")))
    _, origin = provenance.read(record)
    with pytest.raises(KeyError):
        AlertCore(0, ONE).apply([record._replace(headers=provenance.headers(Kind.UNITS, origin))])
