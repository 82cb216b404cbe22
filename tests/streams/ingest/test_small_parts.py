"""The ledger, the intake, the order of rows, the directory and the burial of dead items."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.columns import ObservationColumns, build
from sensors.observation import Identity
from sensors.reasons import Fate, FilterReason, RejectReason
from streams.dead_letters import Origin
from streams.ingest import burial
from streams.ingest.burial import SAME_AS, Dead, bury
from streams.ingest.directory import Directory
from streams.ingest.intake import take
from streams.ingest.ledger import Ledger
from streams.ingest.outcomes import MEANINGS, Code
from streams.ingest.rows import in_order, stretches
from streams.log import Record
from tests.streams.ingest.logs import END


def test_the_ledger_balances_only_where_every_item_has_one_fate() -> None:
    """The residual is what came in less every fate; copies, late rows and repeats are no fates."""
    ledger = Ledger({})
    ledger.add("in", 6)
    ledger.settle(Fate.ROW, count=2)
    ledger.settle(Fate.FILTERED, FilterReason.DUPLICATE)
    ledger.settle(Fate.DEAD, RejectReason.CLOCK_JUMP)
    ledger.settle(Fate.HELD)
    for apart in ("copy/departing", "late", "repeat"):
        ledger.add(apart)
    assert ledger.residual() == 1
    ledger.release()
    ledger.settle(Fate.MERGED, None, 2)
    assert ledger.residual() == 0
    assert ledger.counts["held"] == 0


def test_every_objection_has_a_meaning() -> None:
    """Each code but acceptance has one fate with a reason of the closed lists, and says nothing of a value."""
    assert set(MEANINGS) == set(Code) - {Code.ACCEPTED}
    assert all((m.fate is Fate.DEAD) == isinstance(m.reason, RejectReason) for m in MEANINGS.values())
    assert all(bool(m.detail) == (m.fate is Fate.DEAD) for m in MEANINGS.values())


def test_intake_drops_what_was_read_and_takes_the_marks_out() -> None:
    """Repeats are counted, end marks counted apart, and the others handed on in the adapters' form."""
    records = [
        Record(3, 30, b"k", b"v"),
        Record(4, 40, None, None, (("a", b"1"),)),
        Record(5, 50, b"", b"", (END,)),
        Record(6, 60, b"k", b"w", (("vedette-end", b"0"),)),
    ]
    found = take(records, 3)
    assert (found.repeats, found.ends, found.ended, found.newest) == (1, 1, False, records[3])
    assert found.records == [records[1], records[3]]
    assert [tuple(raw) for raw in found.raws] == [
        (4, 40, b"", b"", {"a": b"1"}),
        (6, 60, b"k", b"w", {"vedette-end": b"0"}),
    ]
    assert (found.offset.tolist(), found.log_us.tolist()) == ([4, 6], [40, 60])
    assert take(records[:3], -1).ended
    assert take(records[2:3], 4) == take(records[2:3], -1)
    assert take(records, 6).newest is None
    assert take([], 6).repeats == 0


def columns(places: list[tuple[int, int]]) -> ObservationColumns:
    """Rows at (record, item), with their number as time and as extras."""
    return build(
        {
            "record": [record for record, _ in places],
            "item": [item for _, item in places],
            "event_time_us": list(range(len(places))),
        },
        extras={row: b"%d" % row for row in range(len(places))},
    )


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), unique=True, max_size=20))
def test_rows_come_in_the_order_of_the_log(places: list[tuple[int, int]]) -> None:
    """By record, then item, with their extras, whatever order the adapter gave them in."""
    found = in_order(columns(places))
    assert list(zip(found.record.tolist(), found.item.tolist(), strict=True)) == sorted(places)
    assert [int(found.extras[row]) for row in range(len(found))] == found.event_time_us.tolist()


@given(st.lists(st.integers(0, 4), max_size=40), st.integers(1, 9), st.integers(0, 8), st.integers(1, 39))
def test_places_to_forget_lie_in_the_log(sizes: list[int], every: int, since: int, cut: int) -> None:
    """The records after which memory is forgotten are the same in one batch and in two."""
    since %= every
    record = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
    whole = [record[stop - 1] for _, stop, due in stretches(record, since, every) if due] if len(record) else []
    halves = []
    for part in (record[record < cut], record[record >= cut]):
        done = 0
        for start, stop, due in stretches(part, since, every) if len(part) else ():
            assert start == done
            done = stop
            since = 0 if due else since + stop - start
            if due:
                halves.append(part[stop - 1])
        assert done == len(part)
    assert halves == whole


def named(*identities: Identity | None, sensors: list[int]) -> ObservationColumns:
    """Rows of two sensors, a and b, one an identity."""
    table = [identity for identity in dict.fromkeys(identities) if identity is not None]
    return build(
        {
            "event_time_us": [0] * len(identities),
            "sensor": sensors,
            "identity": [-1 if identity is None else table.index(identity) for identity in identities],
        },
        sensors=["a", "b"],
        identities=table,
    )


IDENTITIES = (
    None,
    Identity(mmsi=366_000_001),
    Identity(mmsi=366_000_001, name="N"),
    Identity(imo=9_000_000),
    Identity(icao24="4CA2B1"),
    Identity(vessel_id="v"),
    Identity(track_id="t"),
    Identity(name="only a name"),
)


@given(st.lists(st.tuples(st.sampled_from(IDENTITIES), st.integers(0, 1)), min_size=1, max_size=12))
def test_keys_are_those_of_the_identity(rows: list[tuple[Identity | None, int]]) -> None:
    """Each row's key is its identity's own, a track's scoped by its sensor; equal keys share a slot, others do not."""
    directory = Directory()
    names = directory.names(named(*(identity for identity, _ in rows), sensors=[sensor for _, sensor in rows]))
    wanted = [identity.key("ab"[sensor]) if identity is not None else None for identity, sensor in rows]
    assert [names.keys[entry] if entry >= 0 else None for entry in names.entry.tolist()] == wanted
    entries = names.entry[names.entry >= 0]
    assert [names.identities[entry] for entry in entries.tolist()] == [
        identity for (identity, _), key in zip(rows, wanted, strict=True) if key is not None
    ]
    directory.enrol(names, entries)
    slots = names.slots[entries].tolist()
    assert [directory.keys[slot] for slot in slots] == [key for key in wanted if key is not None]
    assert directory.keys == list(dict.fromkeys(key for key in wanted if key is not None))
    again = Directory()
    again.restore(list(directory.keys))
    found = again.names(named(*(identity for identity, _ in rows), sensors=[sensor for _, sensor in rows]))
    assert found.slots[found.entry[found.entry >= 0]].tolist() == slots


def test_an_entry_finds_the_slot_another_one_got() -> None:
    """Two spellings of one vessel in one batch are one slot, also where only one of them is enrolled."""
    directory = Directory()
    names = directory.names(named(IDENTITIES[1], IDENTITIES[2], sensors=[0, 0]))
    directory.enrol(names, names.entry[:1])
    assert names.slots[names.entry[1]] == -1
    directory.find(names, names.entry)
    assert names.slots[names.entry[1]] == names.slots[names.entry[0]] == 0


def test_dead_items_keep_their_bytes() -> None:
    """One letter an item, by (offset, item), each with the bytes, key, headers and time of its record."""
    origin = Origin("raw.acme.json", 2, 7, 1, 99, b"s1", (("h", b"x"),))
    letters = bury([Dead(origin, "bad-time", "d", b"bytes"), Dead(origin._replace(item=0), "empty", "", None)])
    assert [letter.key for letter in letters] == [b"raw.acme.json/2/7/0", b"raw.acme.json/2/7/1"]
    assert (letters[1].value, dict(letters[1].headers)["original-h"]) == (b"bytes", b"x")
    assert dict(letters[1].headers)["vedette-stage"] == b"ingest"


def test_one_record_cannot_multiply_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a MiB of copies further items of one record refer to the first; another record has its own allowance."""
    monkeypatch.setattr(burial, "COPIES_BYTES", 250)
    origin = Origin("t", 0, 1, 0, 0)
    dead = [Dead(origin._replace(item=item), "bad-time", "", b"x" * 100) for item in range(5)]
    dead += [Dead(origin._replace(offset=2), "bad-time", "", b"x" * 100)]
    dead += [Dead(origin._replace(item=9), "fragment-lost", "", b"its own bytes")]
    letters = bury(dead)
    assert [len(letter.value or b"") for letter in letters] == [100, 100, 100, 0, 0, 13, 100]
    assert [dict(letter.headers).get(SAME_AS) for letter in letters[2:5]] == [None, b"t/0/1/0", b"t/0/1/0"]
