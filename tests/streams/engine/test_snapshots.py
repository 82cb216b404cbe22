"""A snapshot is whole or is none; the newest whole one is found, whoever wrote what in between."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.snapshots import Header, Shelf, records, split, subject


def _header(offset: int, writer: str = "w1", slot: int = 0, at: float = 1.0) -> Header:
    return Header(
        stage="surveil", topic="observations.v1", partition=3, offset=offset, counts={"in": offset}, log_time_us=7,
        at=at, version="1", writer=writer, slot=slot,
    )  # fmt: skip


NAME = subject("surveil", "observations.v1", 3)


def _put(shelf: Shelf, header: Header, state: bytes, until: int | None = None) -> None:
    for one in records(header, state, "snapshots.v1", 0, 4)[:until]:
        assert one.key is not None
        shelf.put(one.key, one.value, one.headers)


@given(st.binary(max_size=40))
def test_what_is_written_is_read(state: bytes) -> None:
    """Law: any state comes back byte for byte, with its header."""
    shelf = Shelf()
    _put(shelf, _header(5), state)
    (found,) = shelf.complete(NAME)
    assert (found.state, found.header.offset, found.header.counts) == (state, 5, {"in": 5})


@given(st.integers(0, 4))
def test_a_crash_while_writing_leaves_the_one_before(written: int) -> None:
    """Law: however many records of a snapshot were written before a crash, the other slot's is found."""
    shelf = Shelf()
    _put(shelf, _header(10, slot=0), b"x" * 16)
    _put(shelf, _header(20, slot=1), b"y" * 16)
    _put(shelf, _header(30, slot=0), b"z" * 16, until=written)
    assert shelf.complete(NAME)[0].header.offset == 20


def test_a_damaged_chunk_or_marker_rules_its_snapshot_out() -> None:
    """Law: with a wrong byte in a chunk, a chunk of another snapshot, or a broken marker, the other slot remains."""
    for key, value in ((b"1", b"zzzz"), (b"marker", b"{not json"), (b"marker", b"{}")):
        shelf = Shelf()
        _put(shelf, _header(10, slot=0), b"x" * 16)
        _put(shelf, _header(20, slot=1), b"y" * 16)
        full = f"{NAME}/w1/1/".encode() + key
        shelf.put(full, value, (("vedette-snapshot", _header(20, slot=1).id.encode()),))
        assert [s.header.offset for s in shelf.complete(NAME)] == [10]


def test_the_highest_offset_wins_over_a_zombie_that_writes_later() -> None:
    """Law: a snapshot with a lower offset written last by another writer is not the newest."""
    shelf = Shelf()
    _put(shelf, _header(50, writer="w1"), b"new")
    _put(shelf, _header(40, writer="w2", at=99.0), b"old")
    assert [s.header.offset for s in shelf.complete(NAME)] == [50, 40]
    assert {split(key)[1] for key in shelf.keys(NAME, but_of="w1")} == {"w2"}


def test_tombstones_remove_and_other_subjects_do_not_mix() -> None:
    """Law: a tombstone removes its key; partitions 3 and 33 are two subjects."""
    shelf = Shelf()
    _put(shelf, _header(5), b"abc")
    _put(shelf, msgspec.structs.replace(_header(9), partition=33), b"abc")
    assert [s.header.offset for s in shelf.complete(NAME)] == [5]
    for key in shelf.keys(NAME, but_of="nobody"):
        shelf.put(key, None, ())
    assert shelf.complete(NAME) == []
    assert shelf.subjects() == [subject("surveil", "observations.v1", 33)]


def test_the_header_is_readable_without_the_state() -> None:
    """Law: the marker is JSON with the offset and the ledger in it."""
    marker = records(_header(5), b"abc", "snapshots.v1", 0, 4)[-1]
    told = msgspec.json.decode(marker.value or b"")
    assert (told["offset"], told["counts"], told["chunks"]) == (5, {"in": 5}, 1)


def test_deployments_on_one_broker_do_not_meet() -> None:
    """Two groups write the same stage and partition under keys of their own, and each finds only its own."""
    shelf = Shelf()
    header = Header(
        stage="surveil", topic="observations.v1", partition=3, offset=7, counts={}, log_time_us=0, at=1.0, version="1"
    )
    other = msgspec.structs.replace(header, group="exercise", offset=99)
    for one, state in ((header, b"ours"), (other, b"theirs")):
        for output in records(one, state, "snapshots.v1", 0, 4):
            shelf.put(output.key or b"", output.value, output.headers)
    assert [found.state for found in shelf.complete(NAME)] == [b"ours"]
    assert [found.state for found in shelf.complete(subject("surveil", "observations.v1", 3, "exercise"))] == [
        b"theirs"
    ]
    assert NAME == "surveil/observations.v1/3"  # what was written before groups were told apart is still read


@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["w1", "w2"]), st.integers(0, 5)), max_size=12), st.data())
def test_reading_backwards_in_blocks_gives_what_reading_onwards_does(
    written: list[tuple[int, str, int]], data: st.DataObject
) -> None:
    """Law: however a log is cut into blocks, putting them in from the last to the first leaves the same shelf."""
    log: list[tuple[bytes, bytes | None, tuple[tuple[str, bytes], ...]]] = []
    for number, (slot, writer, until) in enumerate(written):
        found = records(_header(number, writer, slot, at=float(number)), b"%d" % number * 6, "snapshots.v1", 0, 4)
        log += [(one.key or b"", one.value, one.headers) for one in found[:until]]
        if until == 5 and found:
            log.append((found[0].key or b"", None, ()))
    onwards, backwards = Shelf(), Shelf()
    for key, value, headers in log:
        onwards.put(key, value, headers)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(log)), max_size=4)))
    for begin, end in reversed(list(zip([0, *cuts], [*cuts, len(log)], strict=True))):
        block = Shelf()
        for key, value, headers in log[begin:end]:
            block.put(key, value, headers)
        backwards.put_below(block)
    assert backwards.complete(NAME) == onwards.complete(NAME)
    assert sorted(backwards.keys(NAME, but_of="w1")) == sorted(onwards.keys(NAME, but_of="w1"))


def test_the_keys_of_another_writer_are_known_also_where_they_were_not_read() -> None:
    """Law: from one snapshot of another writer follow the keys of both its slots, so that all can be removed."""
    shelf = Shelf()
    _put(shelf, _header(5, writer="w2", slot=1), b"12345678")
    whole = {f"{NAME}/w2/{slot}/{name}".encode() for slot in (0, 1) for name in ("0", "1", "marker")}
    assert whole <= set(shelf.keys(NAME, but_of="w1"))
