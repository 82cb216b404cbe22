"""What people and units say, on its way to the owner it concerns."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import provenance, wire
from streams.alerts import AlertCore
from streams.config import Settings
from streams.core import Core
from streams.dead_letters import read as read_letter
from streams.dispatch import DispatchCore
from streams.gateway import GatewayCore
from streams.gateway.core import TRACK_COMMANDS
from streams.log import Output, Position, Record
from streams.messages import Command, CommandKind, Outcome, Unit
from streams.partitioning import Owners
from streams.public import encode
from tests.streams.owner_log import DAY_US, command

SETTINGS = Settings((), Owners(4))
GOOD_UNIT = {"unit_id": "u", "position": [10.0, 54.0], "speed_mps": 10.0}
GOOD_COMMAND = {
    "command_id": "c",
    "kind": "acknowledge",
    "target_id": "a",
    "area": 7,
    "actor": "desk",
    "at": "2026-01-01T00:00:00Z",
}


def public(*values: bytes | None) -> list[Record]:
    """Records as clients write them."""
    return [Record(n, DAY_US + n, b"key", value, (("ce_id", b"x"),)) for n, value in enumerate(values)]


def letters(outputs: list[Output]) -> list[tuple[str, str]]:
    """Reason and field of every dead letter."""
    found = [Record(0, 0, o.key, o.value, o.headers) for o in outputs if o.topic == "dead-letters.v1"]
    return [(letter.reason, letter.detail) for letter in map(read_letter, found)]


@pytest.mark.parametrize("topic", ["commands.v1", "units.v1"])
def test_a_core_is_a_core(topic: str) -> None:
    """The stage has the shape the engine asks for, and nothing to wait for."""
    core: Core = GatewayCore(topic, 0, SETTINGS)
    assert (core.apply([]), core.tick(0, idle=True), core.gauges()) == ([], [], {"ended": 1.0})


@pytest.mark.parametrize("area", range(12))
@pytest.mark.parametrize("kind", [kind for kind in CommandKind if kind not in TRACK_COMMANDS])
def test_a_command_goes_to_the_owner_of_its_area(kind: CommandKind, area: int) -> None:
    """Alert commands to the alert owner, task commands to the dispatcher, at the one partition of the area."""
    said = command(kind, "a", "c", outcome=Outcome.TRUE, until_us=DAY_US, area=area)
    [output] = GatewayCore("commands.v1", 0, SETTINGS).apply(public(encode(said)))
    alert_side = kind in (CommandKind.ACKNOWLEDGE, CommandKind.SILENCE, CommandKind.CLOSE)
    assert output.topic == ("detections.v1" if alert_side else "dispatches.v1")
    assert output.partition == SETTINGS.owners.area_owner(area)
    [numbered] = wire.decode_numbered(output.value or b"", Command)
    assert (numbered.message, numbered.position) == (said, Position(0, 0))


@pytest.mark.parametrize("kind", sorted(TRACK_COMMANDS))
def test_a_command_about_tracks_goes_to_every_owner_of_sectors(kind: CommandKind) -> None:
    """Nobody else knows who holds a track; each copy is numbered by where the command was read."""
    said = {**GOOD_COMMAND, "kind": kind, "other_id": "b"}
    outputs = GatewayCore("commands.v1", 0, SETTINGS).apply(public(json.dumps(said).encode()))
    assert [(out.topic, out.partition) for out in outputs] == [("observations.v1", number) for number in range(4)]
    for out in outputs:
        [numbered] = wire.decode_numbered(out.value or b"", Command)
        assert (numbered.message.target_id, numbered.message.other_id) == ("a", "b")
        assert numbered.position == Position(0, 0)


def test_a_merge_names_two_tracks() -> None:
    """One without the other is dead-lettered, and so is an id that is none."""
    for said in ({"kind": "merge-tracks"}, {"kind": "merge-tracks", "other_id": "x" * 200}):
        outputs = GatewayCore("commands.v1", 0, SETTINGS).apply(public(json.dumps({**GOOD_COMMAND, **said}).encode()))
        [(reason, field)] = letters(outputs)
        assert reason in ("missing-field", "out-of-range")
        assert field == "other_id"


def units_in(outputs: list[Output]) -> list[tuple[int, Unit]]:
    """The units sent on, with the partition of each."""
    return [(o.partition, row.message) for o in outputs for row in wire.decode_numbered(o.value or b"", Unit)]


def test_a_unit_belongs_to_one_dispatcher() -> None:
    """To the owner of its areas, or of where it first reported from and wherever it goes then; never to two."""
    gateway = GatewayCore("units.v1", 0, SETTINGS)
    named = Unit(unit_id="u", position=(10.0, 54.0), speed_mps=10.0, areas=(3,))
    assert units_in(gateway.apply(public(encode(named)))) == [(SETTINGS.owners.area_owner(3), named)]
    homes = set()
    for lon in range(-170, 180, 20):
        roaming = Unit(unit_id="v", position=(float(lon), 54.0), speed_mps=10.0)
        [(partition, sent)] = units_in(gateway.apply(public(encode(roaming))))
        homes.add(partition)
        assert sent == roaming
    assert len(homes) == 1
    restored = GatewayCore("units.v1", 0, SETTINGS)
    restored.load(gateway.dump())
    assert [p for p, _ in units_in(restored.apply(public(encode(roaming))))] == [*homes]


def test_a_unit_that_changes_its_areas_leaves_its_first_dispatcher() -> None:
    """The one it leaves is told that it is not to be had any more, before the other may ask it."""
    gateway = GatewayCore("units.v1", 0, SETTINGS)
    areas = [next(a for a in range(1_000) if SETTINGS.owners.area_owner(a) == p) for p in range(2)]
    for area in areas:
        unit = Unit(unit_id="u", position=(10.0, 54.0), speed_mps=10.0, areas=(area,))
        sent = units_in(gateway.apply(public(encode(unit))))
    assert [(p, u.available) for p, u in sent] == [(0, False), (1, True)]
    both = changed(GOOD_UNIT, areas=areas)
    assert letters(gateway.apply(public(both))) == [("bad-field", "areas")]


def test_owners_read_what_the_gateway_writes() -> None:
    """Its records are whole: kind, provenance and positions are what the owners expect, batch after batch."""
    settings = Settings((), Owners(1))
    said = [encode(command(CommandKind.ACKNOWLEDGE, "a", f"c{n}")) for n in range(5)]
    gateway, alerts, dispatch = (
        GatewayCore("commands.v1", 0, settings),
        AlertCore(0, settings),
        DispatchCore(0, settings),
    )
    records = public(*said)
    outputs = [*gateway.apply(records[:2]), *gateway.apply(records[2:])]
    alerts.apply([Record(n, 0, o.key, o.value, o.headers) for n, o in enumerate(outputs)])
    assert alerts.counts() == {"in": 5, "dead/unknown-target": 5, "repeat": 0}
    [unit] = GatewayCore("units.v1", 0, settings).apply(public(json.dumps(GOOD_UNIT).encode()))
    dispatch.apply([Record(0, 0, unit.key, unit.value, unit.headers)])
    assert list(dispatch.board.units) == ["u"]


def test_a_re_read_is_numbered_the_same() -> None:
    """Restored before any record and reading on in one batch, the gateway gives every message its old position."""
    records = public(*(encode(command(CommandKind.ACKNOWLEDGE, "a", f"c{n}")) for n in range(6)))
    first, second = GatewayCore("commands.v1", 0, SETTINGS), GatewayCore("commands.v1", 0, SETTINGS)
    first.apply(records[:3])
    second.load(first.dump())
    singly = [o for record in records[3:] for o in first.apply([record])]
    [at_once] = second.apply(records[3:])
    positions = [row.position for o in singly for row in wire.decode_numbered(o.value or b"", Command)]
    assert [row.position for row in wire.decode_numbered(at_once.value or b"", Command)] == positions
    assert provenance.read(Record(0, 0, None, None, at_once.headers))[1].after == Position(2, 0)
    assert first.counts() == second.counts()


def changed(good: dict[str, object], **changes: object) -> bytes:
    """The message with other fields; None removes one."""
    return json.dumps({k: v for k, v in {**good, **changes}.items() if v is not None}).encode()


@pytest.mark.parametrize(
    "value, reason, field",
    [
        (None, "empty", ""),
        (b"", "empty", ""),
        (b"{", "undecodable", ""),
        (b"\xff\xfe", "undecodable", ""),
        (b"[" * 10_000, "bad-field", ""),
        (b'{"command_id": "\xff"}', "undecodable", ""),
        (b" " * 20_000, "too-large", ""),
        (b"[]", "bad-field", ""),
        (changed(GOOD_COMMAND, kind="dance"), "bad-field", "kind"),
        (changed(GOOD_COMMAND, kind=None), "missing-field", "kind"),
        (changed(GOOD_COMMAND, boss="x"), "unknown-field", ""),
        (changed(GOOD_COMMAND, area=-1), "out-of-range", "area"),
        (changed(GOOD_COMMAND, area=2**40), "out-of-range", "area"),
        (changed(GOOD_COMMAND, schema="vedette.command.v9"), "bad-field", "schema"),
        (changed(GOOD_COMMAND, at="2026-01-01T00:00:00"), "bad-time", "at"),
        (changed(GOOD_COMMAND, command_id=""), "out-of-range", "command_id"),
        (changed(GOOD_COMMAND, actor="x" * 129), "out-of-range", "actor"),
        (changed(GOOD_COMMAND, note="x" * 2001), "out-of-range", "note"),
        (changed(GOOD_COMMAND, kind="close"), "missing-field", "outcome"),
        (changed(GOOD_COMMAND, kind="outcome"), "missing-field", "outcome"),
        (changed(GOOD_COMMAND, kind="silence"), "missing-field", "until"),
        (changed(GOOD_COMMAND, kind="silence", until="2026-01-01T00:00:00"), "bad-time", "until"),
    ],
)
def test_a_bad_command_is_kept_with_its_reason(value: bytes | None, reason: str, field: str) -> None:
    """The bytes, the reason and the field are kept, it is counted, and the stream goes on."""
    core = GatewayCore("commands.v1", 0, SETTINGS)
    outputs = core.apply(public(value, changed(GOOD_COMMAND)))
    assert letters(outputs) == [(reason, field)]
    assert outputs[0].value == (value or b"")
    assert outputs[1].topic == "detections.v1"
    assert core.counts() == {"in": 2, "row": 1, f"dead/{reason}": 1, "repeat": 0}


@pytest.mark.parametrize(
    "value, reason, field",
    [
        (changed(GOOD_UNIT, position=[200, 0]), "out-of-range", "position"),
        (changed(GOOD_UNIT, position=[0, -91]), "out-of-range", "position"),
        (changed(GOOD_UNIT, speed_mps=-1), "out-of-range", "speed_mps"),
        (b'{"unit_id":"u","position":[0,0],"speed_mps":1e999}', "bad-field", "speed_mps"),
        (changed(GOOD_UNIT, unit_id=""), "out-of-range", "unit_id"),
        (changed(GOOD_UNIT, areas=[-2]), "out-of-range", "areas"),
        (changed(GOOD_UNIT, schema="x"), "bad-field", "schema"),
        (changed(GOOD_UNIT, position=[1]), "bad-field", "position"),
    ],
)
def test_a_bad_unit_is_kept_with_its_reason(value: bytes, reason: str, field: str) -> None:
    """No dispatcher ever meets a unit that is nowhere."""
    assert letters(GatewayCore("units.v1", 0, SETTINGS).apply(public(value))) == [(reason, field)]


def test_a_dead_letter_repeats_no_text_of_its_sender() -> None:
    """Reason and field name the place; what stood there, or an invented name, is only in the kept bytes."""
    outputs = GatewayCore("commands.v1", 0, SETTINGS).apply(public(changed(GOOD_COMMAND, secret_name="x")))
    assert b"secret_name" not in b"".join(value for _, value in outputs[0].headers)


@given(st.one_of(st.binary(max_size=200), st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists)))
@settings(max_examples=200, deadline=None)
def test_no_bytes_stop_the_gateway(value: object) -> None:
    """Whatever a client writes, it is copied or kept."""
    record = value if isinstance(value, bytes) else msgspec.json.encode(value)
    for topic in ("commands.v1", "units.v1"):
        core = GatewayCore(topic, 0, SETTINGS)
        assert len(core.apply(public(record))) >= 1
        assert core.counts()["in"] == 1


def test_a_buried_record_is_kept() -> None:
    """One record is one message: it is cut to itself or to nothing."""
    core = GatewayCore("commands.v1", 0, SETTINGS)
    [record] = public(changed(GOOD_COMMAND))
    assert core.cut(record, range(0, 1)) == record
    assert core.cut(record, range(1, 2)) is None
    assert [o.value for o in core.bury(record, "handler-error")] == [record.value]
    assert core.counts() == {"in": 1, "dead/handler-error": 1, "repeat": 0}
