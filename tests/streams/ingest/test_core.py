"""One raw partition from outside: what each kind of input leaves in the topics and in the ledger."""

import dataclasses
from functools import reduce
from operator import xor
from typing import Any

import msgspec
import numpy as np
import pytest

from geo.sectors import sector
from sensors.ais.adapter import NmeaAdapter
from sensors.columns import Flag
from sensors.json_adapter import JsonAdapter
from sensors.observation import Identity
from streams.config import Feed, Format, IngestRules
from streams.core import Core
from streams.frames import Purpose
from streams.ingest import IngestCore, checks
from streams.log import Record
from streams.partitioning import Owners, area_of, stable_partition
from tests.streams.ingest import logs
from tests.streams.ingest.logs import BASE_US, SECOND_US, core, end, event, record, run

WEST, EAST = (-80.988, 25.0), (-80.986, 25.0)  # 200 m apart, in sectors of different owners
OWNERS = Owners(3)


def owner(lon: float, lat: float) -> int:
    """Partition of the owner of a position."""
    return int(OWNERS.owner_of(np.array([sector(lon, lat)], np.uint64))[0])


def fates(made: IngestCore) -> dict[str, int]:
    """The ledger's fates that are not 0; it must balance."""
    counts = made.counts()
    assert logs.residual(counts) == 0
    return {name: n for name, n in counts.items() if n and name not in ("in", "late", "repeat", "copy/departing")}


def test_it_is_a_core() -> None:
    """The engine's protocol is kept."""
    made: Core = core()
    assert made.counts() == {}


def test_a_row_reaches_the_owner_of_its_sector() -> None:
    """Sector, owner and area are those of the position; the first fix has no previous one."""
    sent = run(core(), record(5, event(1.0, *EAST)))
    [(key, row)] = sent.rows.items()
    assert key == (owner(*EAST), 5, 0)
    cell = sector(*EAST)
    assert (row["sector"], row["owner"], row["area"]) == (
        cell,
        owner(*EAST),
        int(area_of(np.array([cell], np.uint64))[0]),
    )
    assert (row["ingest_time_us"], row["event_time_us"]) == (BASE_US + 5 * SECOND_US, BASE_US + SECOND_US)
    assert (row["prev_event_time_us"], row["prev_lon"], row["prev_owner"]) == (-1, None, -1)
    assert (row["key"], row["sensor"], row["purpose"]) == ("mmsi:366000001", "s1", Purpose.HERE)


def test_the_previous_fix_is_attached_and_its_owner_told() -> None:
    """A row that comes from another owner's sector is sent there too, marked departing, and counted as a copy."""
    assert owner(*WEST) != owner(*EAST)
    made = core()
    sent = run(made, record(0, event(0, *WEST)), record(1, event(10, *EAST)), record(2, event(20, *EAST)))
    assert sent.by_offset("prev_event_time_us", "prev_lon", "prev_owner") == [
        (-1, None, -1),
        (BASE_US, WEST[0], owner(*WEST)),
        (BASE_US + 10 * SECOND_US, EAST[0], owner(*EAST)),
    ]
    departing = {key: row for key, row in sent.rows.items() if row["purpose"] == Purpose.DEPARTING}
    assert list(departing) == [(owner(*WEST), 1, 0)]
    here = sent.rows[owner(*EAST), 1, 0]
    assert {**here, "purpose": Purpose.DEPARTING} == departing[owner(*WEST), 1, 0]
    assert here["prev_observation_id"] == sent.rows[owner(*WEST), 0, 0]["observation_id"]
    assert made.counts()["copy/departing"] == 1
    assert fates(made) == {"row": 3}


def test_ordinals_count_per_record_and_destination() -> None:
    """Rows of one record are numbered from 0 at each destination, in the order of its events."""
    batch = [event(t, *(EAST if t % 2 else WEST), mmsi=1 + t) for t in range(5)]
    sent = run(core(), record(3, *batch), record(4, event(9, *WEST, mmsi=1)))
    wanted = (
        {(owner(*WEST), 3, n) for n in range(3)} | {(owner(*EAST), 3, n) for n in range(2)} | {(owner(*WEST), 4, 0)}
    )
    assert set(sent.rows) == wanted


def test_unregistered_sensors_are_dead_lettered() -> None:
    """Nothing is guessed about a sensor nobody registered; the letter holds its bytes and where they came from."""
    made, given = core(), record(7, event(sensor="s9"))
    sent = run(made, given)
    [letter] = sent.letters()
    assert (letter.reason, letter.stage, letter.value) == ("unknown-sensor", "ingest", given.value)
    assert letter.origin == ("raw.acme.json", 0, 7, 0, given.log_time_us, b"s9", ())
    assert fates(made) == {"dead/unknown-sensor": 1}


def test_details_say_nothing_of_the_content() -> None:
    """No identifier, no position and no piece of the payload leaves through a header of a dead letter."""
    given = [record(0, event(sensor="s9")), record(1, event(500.0)), record(2, event(-90_000.0))]
    letters = run(core(), *given).letters()
    assert [letter.reason for letter in letters] == ["unknown-sensor", "clock-ahead", "clock-behind"]
    for letter in letters:
        assert not any(piece in letter.detail for piece in ("366", "-80", "25.0", "2023", "s9"))


def test_a_wild_clock_is_dead_lettered_unless_it_is_history() -> None:
    """A live time far from its arrival is refused; in a historical record the same time is the sensor's own affair."""
    made = core()
    run(made, record(0, event(-90_000.0)), record(1, event(-90_000.0, mmsi=2), historical=True))
    assert fates(made) == {"dead/clock-behind": 1, "row": 1}


def test_repeats_are_filtered_within_the_window_only() -> None:
    """The same observation again is a duplicate; once its sensor is further on than the window it flows, late."""
    made = core()
    run(made, record(0, event(0)), record(1, event(0)), record(2, event(120), log_s=120), record(3, event(0)))
    assert fates(made) == {"row": 2, "filtered/duplicate": 2}
    run(made, record(4, event(121), log_s=121), record(5, event(0)))
    assert fates(made) == {"row": 4, "filtered/duplicate": 2}
    assert made.counts()["late"] == 1


def test_a_refused_ghost_does_not_confirm_itself() -> None:
    """A repeat of a row the teleport gate refused is a duplicate, not a second witness."""
    made = core()
    run(made, record(0, event(0)), record(1, event(10, 0.0)), record(2, event(10, 0.0)), record(3, event(20, 0.0)))
    assert fates(made) == {"row": 2, "filtered/teleport": 1, "filtered/duplicate": 1}


def test_lateness_is_the_sensor_s_own() -> None:
    """A row is late when its own sensor has been further by more than the allowance, whatever others have seen."""
    given = [
        record(0, event(100, mmsi=1), log_s=100),
        record(1, event(50, mmsi=2, sensor="s2"), log_s=100),
        record(2, event(95, mmsi=3), log_s=100),
        record(3, event(94.9, mmsi=4), log_s=100),
    ]
    sent = run(core(), *given)
    assert [bool(flags & Flag.LATE) for (flags,) in sent.by_offset("flags")] == [False, False, False, True]


def test_rows_without_identity_are_filtered_and_without_position_too() -> None:
    """What cannot be followed yet is counted and goes no further; a name alone identifies nothing."""
    made = core()
    run(made, record(0, event(mmsi=None)), record(1, {**event(mmsi=None), "identity": {"name": "N"}}))
    assert fates(made) == {"filtered/no-identity": 2}


DISTRESS: list[tuple[str, dict[str, Any], float]] = [
    ("unknown sensor", event(sensor="s9"), 0),
    ("wild clock", event(9_000), 0),
    ("no identity", event(mmsi=None), 0),
    ("no position", event(lon=None), 0),
    ("teleport", event(1, 0.0), 1),
    ("nothing at all", event(9_000, lon=None, mmsi=None, sensor="s9"), 0),
    ("too large", event(classification=[{"label": "x" * 128, "confidence": 0.5}] * 5000), 0),
]


@pytest.mark.parametrize("what, call, log_s", DISTRESS, ids=[what for what, *_ in DISTRESS])
def test_distress_is_never_held_back(what: str, call: dict[str, Any], log_s: float) -> None:
    """Whatever a check would say, a call for help is a row, every time it comes, and keeps what it asks for."""
    made, call = core(), {**call, "distress": "mob"}
    run(made, record(0, event(0)))
    sent = run(made, record(1, call, log_s=log_s), record(2, call, log_s=log_s))
    assert fates(made) == {"row": 3}
    rows = [row for key, row in sent.rows.items() if row["purpose"] == Purpose.HERE]
    assert len(rows) == 2
    for row in rows:
        assert row["flags"] & Flag.DISTRESS
        assert msgspec.msgpack.decode(row["extras"])["distress"] == "mob"
    assert all(len(frame.value or b"") < 700_000 for frame in sent.frames)


def test_distress_that_is_doubtful_moves_nothing() -> None:
    """A call for help from an impossible place or time makes no later row late, refused or wrongly connected."""
    quiet, loud = core(), core()
    ship = [record(0, event(0)), record(5, event(50), log_s=50)]
    calls = [
        record(1, event(9_000, distress="mob"), log_s=1),
        record(2, event(2, 0.0, distress="mob"), log_s=2),
        record(3, event(3, 0.0, sensor="s9", distress="mob"), log_s=3),
    ]
    wanted = run(quiet, *ship).by_offset("source_offset", "flags", "prev_event_time_us", "prev_observation_id")
    sent = run(loud, ship[0], *calls, ship[1])
    found = sent.by_offset("source_offset", "flags", "prev_event_time_us", "prev_observation_id")
    assert [row for row in found if row[0] in (0, 5)] == wanted
    assert [row[2] for row in found if row[0] in (1, 2, 3)] == [-1, -1, -1]


def test_distress_without_a_position_goes_where_the_object_was() -> None:
    """Its owner and area are those of the identity's last fix, which is attached; its own sector is none."""
    sent = run(core(), record(0, event(0, *EAST)), record(1, event(9, lon=None, distress="epirb")))
    row = sent.rows[owner(*EAST), 1, 0]
    assert (row["sector"], row["lon"], row["owner"]) == (0, None, owner(*EAST))
    assert (row["prev_lon"], row["prev_event_time_us"]) == (EAST[0], BASE_US)
    assert row["area"] == sent.rows[owner(*EAST), 0, 0]["area"]


def test_distress_of_an_unseen_object_without_a_position_goes_by_its_key() -> None:
    """Nobody knows where it is; an owner is chosen by the key, the same one every time."""
    sent = run(
        core(), record(0, event(lon=None, distress="mob")), record(1, event(lon=None, mmsi=None, distress="mob"))
    )
    assert set(sent.rows) == {
        (stable_partition("mmsi:366000001", 3), 0, 0),
        (stable_partition("distress:s1:0", 3), 1, 0),
    }


def test_unnamed_distress_is_told_apart_by_sensor_and_sector() -> None:
    """Two calls from one place are one object, calls from two places are two."""
    places = (EAST, EAST, (-60.0, 30.0))
    sent = run(core(), *(record(n, event(n, *place, mmsi=None, distress="sart")) for n, place in enumerate(places)))
    keys = [key for (key,) in sent.by_offset("key")]
    assert keys[0] == keys[1] == f"distress:s1:{sector(*EAST):x}"
    assert keys[2] != keys[0]
    assert [identity for (identity,) in sent.by_offset("identity")] == [Identity()] * 3


def test_a_call_finds_the_fix_of_another_spelling_in_its_batch() -> None:
    """A vessel first seen in this batch under its name is the one that calls, without its name, later in it."""
    named = {**event(0, *EAST), "identity": {"mmsi": 366_000_001, "name": "N"}}
    sent = run(core(), record(0, named), record(1, event(1, lon=None, distress="mob")))
    assert sent.rows[owner(*EAST), 1, 0]["prev_event_time_us"] == BASE_US


def test_an_end_of_input_ends_every_owner_s_source_at_once() -> None:
    """The mark is an item of its own; ticks with the newest event time go to every owner, in the same apply."""
    made = core()
    sent = run(made, record(0, event(0, *EAST)), end(1, 1.0))
    assert fates(made) == {"row": 1, "filtered/end-of-input": 1}
    last = dict(sent.ticks)
    assert set(last) == {0, 1, 2}
    assert all(
        (tick.watermark_us, tick.end, tick.idle, tick.zones_version) == (BASE_US, True, False, 7)
        for tick in last.values()
    )
    assert run(made, end(1, 1.0)).ticks == []
    assert made.counts()["repeat"] == 1
    assert run(made, record(2, event(5, mmsi=2))).ticks[0][1].end is False


def test_ticks_go_to_every_owner_with_no_row() -> None:
    """A tick says how far the source is, whether it is idle, and which zones it knows; it holds no position."""
    made = core()
    run(made, record(0, event(10, *EAST)))
    ticks = logs.read(made.tick(BASE_US + 11 * SECOND_US, idle=True)).ticks
    assert [partition for partition, _ in ticks] == [0, 1, 2]
    assert {(tick.watermark_us, tick.idle, tick.end) for _, tick in ticks} == {(BASE_US + 5 * SECOND_US, True, False)}


def test_a_sensor_that_comes_back_does_not_pull_the_watermark_back() -> None:
    """What was said of time stays said, though a sensor that was not waited for speaks of before."""
    made = core()
    run(made, record(0, event(100), log_s=100))
    ticks = run(made, record(1, event(50, mmsi=2, sensor="s2"), log_s=101)).ticks
    ticks += logs.read(made.tick(BASE_US + 102 * SECOND_US, idle=False)).ticks
    assert {tick.watermark_us for _, tick in ticks} == {BASE_US + 95 * SECOND_US}


def test_a_buried_record_is_one_dead_item_and_is_passed() -> None:
    """What the core cannot get past is kept whole; neither it nor what was read before it is read again."""
    made = core()
    run(made, record(0, event(0)))
    given = record(1, event(1), event(2))
    sent = logs.read(made.bury(given, "ValueError"))
    assert [(letter.reason, letter.value) for letter in sent.letters()] == [("handler-error", given.value)]
    assert fates(made) == {"row": 1, "dead/handler-error": 1}
    assert made.bury(given, "ValueError") == []
    assert run(made, given).rows == {}
    assert made.cut(given, range(0, 1)) is None


def test_a_tombstone_and_rubbish_are_dead_not_fatal() -> None:
    """Bytes that are no events are kept with a reason, a missing value as a missing one."""
    made = core()
    sent = run(made, Record(0, BASE_US, b"s1", None), record(1, value=b"\xff"), Record(2, BASE_US, None, b"{}"))
    assert sent.reasons() == ["empty", "undecodable", "unknown-sensor"]
    assert sent.letters()[0].value is None
    assert logs.residual(made.counts()) == 0


def test_track_ids_are_of_their_sensor() -> None:
    """Two sensors' track 7 are two objects: neither is the other's previous fix."""
    given = [
        record(n, {**event(n, mmsi=None, sensor=sensor), "identity": {"track_id": "7"}})
        for n, sensor in enumerate(("s1", "s2", "s1"))
    ]
    sent = run(core(), *given)
    assert sent.by_offset("key", "prev_event_time_us") == [
        ("track:s1:7", -1),
        ("track:s2:7", -1),
        ("track:s1:7", BASE_US),
    ]


def test_memory_is_forgotten_without_a_trace_in_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects silent for the lost-time leave the memory, and reappear as they would have otherwise."""
    monkeypatch.setattr("streams.ingest.core.FORGET_EVERY", 2)
    rules = IngestRules(jump_s=1e6)
    made, kept = core(rules=rules), core(rules=rules)
    given = [record(n, event(30_000.0 * n, mmsi=1 + n), historical=True) for n in range(6)]
    given += [
        record(6, event(150_001.0, mmsi=1), historical=True),
        record(7, event(150_002.0, mmsi=6), historical=True),
    ]
    sent = run(made, *given)
    assert made.gauges()["identities"] < 6
    monkeypatch.setattr("streams.ingest.core.FORGET_EVERY", 1000)
    assert run(kept, *given).rows == sent.rows
    assert kept.gauges()["identities"] == 6


def sentence(body: bytes) -> bytes:
    """A sentence with its checksum."""
    return b"!%s*%02X" % (body, reduce(xor, body))


def test_held_parts_are_counted_and_resolved() -> None:
    """A message in two parts: the first is held until the second comes, or is dead with its own bytes and origin."""
    feed = Feed("acme", "ais", Format.NMEA, sensors=("r1",))
    parts = (
        sentence(b"AIVDM,2,1,1,A,55?MbV02>H97ac<H4eEK6WtDkN0TDl622220j1p;1H;5640Ht50000000000,0"),
        sentence(b"AIVDM,2,2,1,A,00000000000,2"),
    )

    def made() -> IngestCore:
        return IngestCore(logs.TOPIC, 0, feed, logs.settings(feed=feed), lambda: 0, NmeaAdapter(fragment_s=10.0))

    def line(offset: int, value: bytes, log_s: float) -> Record:
        return Record(offset, BASE_US + round(log_s * SECOND_US), b"r1", value, (("h", b"%d" % offset),))

    whole = made()
    run(whole, line(0, parts[0], 0))
    assert fates(whole) == {"held": 1}
    revived = made()
    revived.load(whole.dump())
    run(whole, line(1, parts[1], 1))
    assert fates(whole) == {"merged": 2}
    sent = run(revived, line(1, b"!AIVDM,1,1,,A,15M67F,0*00", 60))
    assert fates(revived) == {"dead/fragment-lost": 1, "dead/bad-checksum": 1}
    lost = next(letter for letter in sent.letters() if letter.reason == "fragment-lost")
    assert (lost.origin.offset, lost.origin.time_us, lost.value) == (0, BASE_US, parts[0])
    assert lost.origin.headers == (("h", b"0"),)


def test_large_events_do_not_stop_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row whose rarer fields would not fit in a record is dead; its neighbours are not."""
    monkeypatch.setattr(checks, "EXTRAS_BYTES", 100)
    made = core()
    large = event(1, mmsi=2, signal={f"channel{n}": 1.0 for n in range(20)})
    sent = run(made, record(0, event(0)), record(1, large), record(2, event(2, mmsi=3)))
    assert fates(made) == {"row": 2, "dead/too-large": 1}
    assert sent.by_offset("source_offset") == [(0,), (2,)]


def test_the_adapter_s_order_does_not_matter() -> None:
    """Positions follow the log, also where an adapter gives its rows in another order."""

    class Backwards(JsonAdapter):
        def decode(self, records: Any) -> Any:
            decoded = super().decode(records)
            rows = decoded.rows
            shared = ("sensors", "identities", "extras", "optional")
            names = [f.name for f in dataclasses.fields(rows) if f.name not in shared]
            back = {name: getattr(rows, name)[::-1] for name in names}
            return dataclasses.replace(decoded, rows=dataclasses.replace(rows, **back))

    given = [record(n, event(n), event(n + 0.5, mmsi=2)) for n in range(3)]
    backwards = IngestCore(logs.TOPIC, 0, logs.FEED, logs.settings(), lambda: 7, Backwards())
    assert run(backwards, *given).rows == run(core(), *given).rows
