"""What may be accepted as missing, and what an owner then passes."""

from datetime import UTC, datetime

import msgspec
import pytest

from streams.core import Hole
from streams.holes import AcceptedHole, Bridges, HoleBook, read_hole
from streams.log import Position, Provenance, Record
from streams.provenance import Applied
from streams.public import encode

SOURCE = "raw.acme.json/0"
HOLE = AcceptedHole(source=SOURCE, first=3, last=7, actor="supervisor", at=datetime(2026, 1, 1, tzinfo=UTC), note="why")


def after(offset: int, source: str = SOURCE) -> Provenance:
    """A record of one row that comes after ``offset``."""
    return Provenance(source, Position(offset, 0), Position(offset + 1, 0))


def applied(offset: int) -> Applied:
    """A reader that has applied everything up to an offset."""
    return Applied({SOURCE: (offset, 0)})


@pytest.mark.parametrize("seen, comes, passes", [(3, 7, True), (4, 6, True), (2, 7, False), (3, 8, False)])
def test_only_what_was_accepted_is_passed(seen: int, comes: int, passes: bool) -> None:
    """A hole within the accepted offsets is passed and counted once; a wider one is not."""
    reader = applied(seen)
    reader.accept(SOURCE, 3, 7)
    if not passes:
        with pytest.raises(Hole) as found:
            reader.check(after(comes))
        assert (found.value.source, found.value.first, found.value.last) == (SOURCE, seen, comes)
        assert reader.gaps == 0
        return
    assert reader.check(after(comes))
    assert reader.check(after(comes))
    assert (reader.gaps, reader.seen(SOURCE)) == (1, Position(comes, 0))


def test_another_source_is_not_covered() -> None:
    """What was accepted of one source says nothing of another."""
    reader = applied(3)
    reader.accept(SOURCE, 0, 100)
    with pytest.raises(Hole):
        reader.check(after(5, "raw.bolt.json/0"))


def test_after_a_gap_every_source_is_taken_up_once() -> None:
    """The first record of each is taken whatever lies before it; a later hole is a hole again, also after a load."""
    reader = applied(3)
    reader.resync()
    assert reader.check(after(9))
    assert reader.check(after(90, "raw.bolt.json/0"))
    restored = msgspec.msgpack.decode(msgspec.msgpack.encode(reader), type=Applied)
    assert restored == reader
    for source in (SOURCE, "raw.bolt.json/0"):
        with pytest.raises(Hole):
            restored.check(after(500, source))
    assert restored.gaps == 2


def test_accepting_twice_changes_nothing() -> None:
    """The engine tells again after every load."""
    reader = applied(3)
    reader.accept(SOURCE, 3, 7)
    once = msgspec.msgpack.encode(reader)
    reader.accept(SOURCE, 3, 7)
    assert msgspec.msgpack.encode(reader) == once


def test_the_book_keeps_the_first_word() -> None:
    """Who accepted a hole first is kept; a record that is none is refused."""
    book = HoleBook()
    book.take(Record(0, 0, HOLE.key.encode(), encode(HOLE)))
    book.take(Record(1, 0, HOLE.key.encode(), encode(msgspec.structs.replace(HOLE, note="later"))))
    assert [hole.note for hole in book.holes] == ["why"]
    assert (book.covers(SOURCE, 4, 7), book.covers(SOURCE, 2, 7), book.covers("x/0", 4, 7)) == (True, False, False)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{}",
        encode(msgspec.structs.replace(HOLE, last=2)),
        encode(msgspec.structs.replace(HOLE, note="")),
        encode(msgspec.structs.replace(HOLE, at=HOLE.at.replace(tzinfo=None))),
        encode(msgspec.structs.replace(HOLE, schema="x")),
    ],
)
def test_what_is_no_hole_is_refused(value: bytes) -> None:
    """No reason, no end before the beginning, no time without a zone."""
    with pytest.raises((ValueError, msgspec.MsgspecError)):
        read_hole(value)


def test_owners_of_numbered_logs_can_be_told() -> None:
    """Those that meet holes are those that can be let past them; ingest and the gateway read what is not numbered."""
    from streams.alerts import AlertCore
    from streams.config import Settings
    from streams.dispatch import DispatchCore
    from streams.gateway import GatewayCore
    from streams.partitioning import Owners
    from streams.surveil import SurveilCore
    from streams.zones import ZoneVersions

    settings = Settings((), Owners(1))
    cores = [AlertCore(0, settings), DispatchCore(0, settings), SurveilCore(0, settings, ZoneVersions())]
    assert all(isinstance(core, Bridges) for core in cores)
    assert not isinstance(GatewayCore("units.v1", 0, settings), Bridges)
