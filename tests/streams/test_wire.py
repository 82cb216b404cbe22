"""Messages and their positions on the wire."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import wire
from streams.log import Position, Record
from streams.messages import Command, CommandKind, Edge, EdgeKind, Kind, Request, Unit
from streams.outbox import MOST, Outbox
from streams.provenance import Numbering, read
from tests.streams.owner_log import command, edge, incident, request

EVERY = (
    (Edge, edge(EdgeKind.ENDED, 3, incident("a"))),
    (Command, command(CommandKind.SILENCE, "a", "c", until_us=5)),
    (Request, request("a")),
    (Unit, Unit(unit_id="u", position=(1.0, 2.0), speed_mps=3.0, areas=(1, 2))),
)


@pytest.mark.parametrize("kind, message", EVERY)
def test_every_kind_comes_back(kind: type, message: object) -> None:
    """What is written is read, with its position."""
    value = wire.encode_numbered([message, message], [Position(4, 1), Position(7, 0)])
    assert wire.decode_numbered(value, kind) == [((4, 1), message), ((7, 0), message)]


@pytest.mark.parametrize(
    "value", [b"", b"\xc1", msgspec.msgpack.encode([2, []]), msgspec.msgpack.encode([1, [[1, 2]]])]
)
def test_other_bytes_are_refused(value: bytes) -> None:
    """Never half a list."""
    with pytest.raises((msgspec.MsgspecError, ValueError)):
        wire.decode_numbered(value, Unit)


def test_lists_of_different_length_are_refused() -> None:
    """Every message has a position."""
    with pytest.raises(ValueError, match="zip"):
        wire.encode_numbered(["a"], [])


@given(causes=st.lists(st.integers(0, 3), max_size=30), cut=st.sets(st.integers(0, 30)))
def test_positions_do_not_depend_on_the_batches(causes: list[int], cut: set[int]) -> None:
    """The messages of each input record are numbered alike however many records one batch held, without a hole."""

    def packed(bounds: list[int]) -> list[tuple[Position, str]]:
        numbering, found, before = Numbering({}), [], Position(-1, -1)
        for start, stop in pairwise(bounds):
            outbox = Outbox("in/0", numbering)
            for offset in range(start, stop):
                for number in range(causes[offset]):
                    outbox.send(Kind.REQUESTS, "out", 0, offset, f"{offset}/{number}")
            for output in outbox.take():
                _, origin = read(Record(0, 0, None, None, output.headers))
                rows = wire.decode_numbered(output.value or b"", str)
                assert (origin.after, origin.last) == (before, rows[-1].position)
                before = origin.last
                found += [(row.position, row.message) for row in rows]
        return found

    whole = packed([0, len(causes)])
    assert packed(sorted({0, len(causes), *(at for at in cut if at < len(causes))})) == whole
    assert [position for position, _ in whole] == [(o, n) for o, k in enumerate(causes) for n in range(k)]


def test_a_record_holds_no_more_than_the_broker_takes() -> None:
    """A flood is split; the parts follow each other without a hole."""
    outbox = Outbox("in/0", Numbering({}))
    for number in range(2 * MOST + 1):
        outbox.send(Kind.REQUESTS, "out", 0, number, "x")
    spans = [read(Record(0, 0, None, None, output.headers))[1] for output in outbox.take()]
    assert [span.last.offset for span in spans] == [MOST - 1, 2 * MOST - 1, 2 * MOST]
    assert [span.after.offset for span in spans] == [-1, MOST - 1, 2 * MOST - 1]


def test_kinds_do_not_share_a_record() -> None:
    """A record has one kind; the order of the causes stays."""
    outbox = Outbox("in/0", Numbering({}))
    for offset, kind in enumerate((Kind.UNITS, Kind.UNITS, Kind.COMMANDS, Kind.UNITS)):
        outbox.send(kind, "out", 0, offset, "x")
    outputs = outbox.take()
    assert [dict(o.headers)["vedette-kind"] for o in outputs] == [b"units", b"commands", b"units"]
    assert [len(wire.decode_numbered(o.value or b"", str)) for o in outputs] == [2, 1, 1]
