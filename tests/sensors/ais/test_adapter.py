"""Logs to rows: names that come apart from positions, messages in parts, calls for help, times."""

import math
from collections.abc import Sequence
from typing import Any

import pytest

from sensors.adapter import Decoded, RawRecord
from sensors.ais.adapter import NmeaAdapter
from sensors.columns import Flag
from sensors.convert import to_observations
from sensors.observation import Identity, Observation
from sensors.reasons import Fate
from tests.sensors.ais.sentences import armoured, checked, from_bits, one, sentences, tagged
from tests.sensors.records import LOG_TIME_US, only, record

MMSI = 235_070_762
PLACE: dict[str, Any] = {"lon": -1.5, "lat": 50.75}


def decode(*lines: bytes, adapter: NmeaAdapter | None = None) -> Decoded:
    """The lines, each in a record of its own, a second apart."""
    return (adapter or NmeaAdapter()).decode(in_records(lines))


def in_records(lines: Sequence[bytes]) -> list[RawRecord]:
    """One record a line, a second apart."""
    return [record(line, offset=n, log_time_us=LOG_TIME_US + n * 1_000_000) for n, line in enumerate(lines)]


def fates(decoded: Decoded) -> list[tuple[int, str, str | None]]:
    """Record, fate and reason of each verdict."""
    return [(v.record, str(v.fate), None if v.reason is None else str(v.reason)) for v in decoded.verdicts]


def observations(decoded: Decoded) -> list[Observation]:
    """The rows as structs."""
    return to_observations(decoded.rows)


@pytest.mark.parametrize("kind", [1, 2, 3, 9, 11, 18, 19, 27])
def test_every_report_of_something_that_moves_is_a_row(kind: int) -> None:
    """All position-bearing types of mobile stations become observations of their MMSI and place."""
    decoded = decode(one(kind, **PLACE))
    assert decoded.verdicts == []
    (found,) = observations(decoded)
    assert found.position == (-1.5, 50.75)
    assert found.identity is not None
    assert found.identity.mmsi == MMSI


@pytest.mark.parametrize("kind", [4, 8, 17, 20, 21, 23, 25])
def test_other_types_are_understood_and_not_used(kind: int) -> None:
    """Base stations, aids to navigation and messages without a position are filtered."""
    decoded = decode(sentences(kind, **(PLACE if kind in (4, 21) else {}))[0])
    assert fates(decoded) == [(0, "filtered", "not-a-report")]


@pytest.mark.parametrize("place", [{"lon": 181.0, "lat": 91.0}, {"lon": 181.0, "lat": 1.0}, {"lon": 1.0, "lat": 91.0}])
def test_a_report_without_a_position_is_filtered(place: dict[str, Any]) -> None:
    """What is "not available" in either axis is no position."""
    assert fates(decode(one(1, **place))) == [(0, "filtered", "no-position")]


@pytest.mark.parametrize("place", [{"lon": 200.0, "lat": 1.0}, {"lon": 1.0, "lat": 95.0}, {"lon": 1.0, "lat": -90.01}])
def test_a_place_off_the_globe_is_dead(place: dict[str, Any]) -> None:
    """A valid checksum is no proof of sense: a tenth of re-signed noise lies outside WGS-84."""
    assert fates(decode(one(1, **place))) == [(0, "dead", "out-of-range")]


def test_mmsi_0_is_a_row_without_identity_and_more_than_nine_digits_is_dead() -> None:
    """A transponder that was never set up is still there; a number no station can have is damage."""
    decoded = decode(one(1, mmsi=0, **PLACE))
    assert (len(decoded.rows), decoded.rows.identity.tolist()) == (1, [-1])
    line = one(1, **PLACE)
    bits = f"{1:06b}00{1_000_000_000:030b}".ljust(168, "0")
    assert fates(decode(line, from_bits(bits))) == [(1, "dead", "out-of-range")]


def test_statics_are_merged_and_name_later_rows() -> None:
    """Rows after a static report carry its name, call sign and IMO number; rows before it do not; ids are equal."""
    position = one(1, **PLACE)
    static = sentences(5, shipname="EXAMPLE", callsign="MABC1", imo=9074729)
    decoded = decode(position, *static, position, one(24, partno=0, shipname="RENAMED"), position)
    assert [str(v.fate) for v in decoded.verdicts] == ["held", "merged", "merged", "merged"]
    assert [found.identity for found in observations(decoded)] == [
        Identity(mmsi=MMSI),
        Identity(mmsi=MMSI, imo=9074729, callsign="MABC1", name="EXAMPLE"),
        Identity(mmsi=MMSI, imo=9074729, callsign="MABC1", name="RENAMED"),
    ]
    alone = decode(record_at(position, 3))
    named = decoded.rows.observation_id[1]
    assert alone.rows.observation_id[0] == named


def record_at(line: bytes, seconds: int) -> bytes:
    """The line with the time that :func:`in_records` gives the record of this number."""
    return tagged(line, f"c:{LOG_TIME_US // 1_000_000 + seconds}")


def test_class_b_statics_come_in_two_parts() -> None:
    """Part A of type 24 has the name, part B the call sign; neither erases what the other said."""
    decoded = decode(one(24, partno=0, shipname="SMALL CRAFT"), one(24, partno=1, callsign="MXYZ9"), one(18, **PLACE))
    assert observations(decoded)[0].identity == Identity(mmsi=MMSI, callsign="MXYZ9", name="SMALL CRAFT")


def test_an_extended_report_names_itself() -> None:
    """Type 19 has position and name in one message."""
    (found,) = observations(decode(one(19, shipname="SELF NAMED", **PLACE)))
    assert found.identity == Identity(mmsi=MMSI, name="SELF NAMED")


def test_statics_are_of_one_sensor() -> None:
    """What one sensor heard does not name another's rows: sensors may be spread over partitions in any way."""
    records = [record(one(24, partno=0, shipname="EXAMPLE")), record(one(1, **PLACE), key=b"s2", offset=1)]
    (found,) = observations(NmeaAdapter().decode(records))
    assert found.identity == Identity(mmsi=MMSI)


def test_statics_and_parts_survive_in_the_memory() -> None:
    """What :meth:`dump` gives makes another adapter go on where this one was."""
    first, second = sentences(5, shipname="EXAMPLE", callsign="", imo=0)
    before, after = NmeaAdapter(), NmeaAdapter()
    decode(one(24, mmsi=211_000_000, partno=0, shipname="OTHER"), first, adapter=before)
    after.load(before.dump())
    decoded = decode(second, one(1, **PLACE), one(1, mmsi=211_000_000, **PLACE), adapter=after)
    names = [found.identity.name for found in observations(decoded) if found.identity is not None]
    assert names == ["EXAMPLE", "OTHER"]


def test_parts_are_merged_with_their_offsets() -> None:
    """A held part is resolved later by its own offset, item and bytes; the last part is the message."""
    first, second = sentences(5, shipname="EXAMPLE")
    decoded = decode(first, second)
    held, resolved, message = decoded.verdicts
    assert (held.fate, held.offset) == (Fate.HELD, None)
    assert (resolved.fate, resolved.offset, resolved.item, resolved.original) == (Fate.MERGED, 0, 0, first)
    assert (message.fate, message.record, message.offset) == (Fate.MERGED, 1, None)
    assert decoded.items == 2


def test_parts_may_come_in_any_order() -> None:
    """The second part before the first is the same message."""
    first, second = sentences(5, shipname="EXAMPLE")
    assert [str(v.fate) for v in decode(second, first).verdicts] == ["held", "merged", "merged"]


def test_a_report_in_parts_is_a_row() -> None:
    """Also a position may come in parts; the row is of the record that made it whole, the time of the first."""
    payload, _ = armoured(bits_of(one(1, **PLACE)))
    first = b"!" + checked(f"AIVDM,2,1,4,A,{payload[:14]},0")
    second = b"!" + checked(f"AIVDM,2,2,4,A,{payload[14:]},0")
    decoded = decode(first, second)
    assert [str(v.fate) for v in decoded.verdicts] == ["held", "merged"]
    assert (decoded.rows.record.tolist(), decoded.rows.event_time_us.tolist()) == ([1], [LOG_TIME_US])


def bits_of(line: bytes) -> str:
    """The bits of a single sentence, as text."""
    codes = [byte - 48 if byte - 48 < 40 else byte - 56 for byte in line.split(b",")[5]]
    return "".join(f"{code:06b}" for code in codes)


@pytest.mark.parametrize("prefix", ["s:{}", "g:{{}}-2-{}"])
def test_two_stations_with_one_sequence_number_are_kept_apart(prefix: str) -> None:
    """Interleaved messages of two sources with equal sequence and channel both come through."""
    north = sentences(5, mmsi=211_000_001, shipname="NORTH")
    south = sentences(5, mmsi=211_000_002, shipname="SOUTH")

    def told(line: bytes, source: str, part: int) -> bytes:
        return tagged(line, prefix.format(source).format(part))

    decoded = decode(
        told(north[0], "11", 1),
        told(south[0], "22", 1),
        told(south[1], "22", 2),
        told(north[1], "11", 2),
        one(1, mmsi=211_000_001, **PLACE),
        one(1, mmsi=211_000_002, **PLACE),
    )
    names = [found.identity.name for found in observations(decoded) if found.identity is not None]
    assert names == ["NORTH", "SOUTH"]


def test_a_tag_block_before_the_first_part_only() -> None:
    """A second part without a source goes to the one message that waits for it, and takes its time."""
    first, second = sentences(5, shipname="EXAMPLE")
    decoded = decode(tagged(first, "s:north,c:1671533231"), second)
    assert [str(v.fate) for v in decoded.verdicts] == ["held", "merged", "merged"]


def test_a_part_that_could_belong_to_two_messages_is_not_guessed() -> None:
    """With two candidates a part without a source waits by itself."""
    first, second = sentences(5, shipname="EXAMPLE")
    decoded = decode(tagged(first, "s:north"), tagged(first, "s:south"), second)
    assert [str(v.fate) for v in decoded.verdicts] == ["held", "held", "held"]


def test_sensors_do_not_share_parts() -> None:
    """A part of one sensor never completes a message of another."""
    first, second = sentences(5, shipname="EXAMPLE")
    decoded = NmeaAdapter().decode([record(first), record(second, key=b"s2", offset=1)])
    assert [str(v.fate) for v in decoded.verdicts] == ["held", "held"]


def test_a_part_that_does_not_come_in_time_is_lost() -> None:
    """After the patience, in reception time, what is held is dead-lettered with its own offset and bytes."""
    first, second = sentences(5, shipname="EXAMPLE")
    adapter = NmeaAdapter(fragment_s=10.0)
    at = [record(first, offset=5), record(b"$GPZDA,x", offset=6, log_time_us=LOG_TIME_US + 10_000_000)]
    assert [str(v.fate) for v in adapter.decode(at).verdicts] == ["held", "filtered"]
    late = adapter.decode([record(second, offset=7, log_time_us=LOG_TIME_US + 10_000_001)])
    lost, held = late.verdicts
    assert (str(lost.fate), str(lost.reason), lost.offset, lost.original) == ("dead", "fragment-lost", 5, first)
    assert (held.fate, late.items) == (Fate.HELD, 1)


def test_reception_time_in_the_header_counts_and_not_the_brokers() -> None:
    """A recording published at full speed loses the same parts as its file."""
    first, second = sentences(5, shipname="EXAMPLE")
    stamps = [LOG_TIME_US, LOG_TIME_US + 60_000_000]
    records = [record(line, offset=n, received=b"%d" % stamps[n]) for n, line in enumerate((first, second))]
    assert [str(v.reason) for v in NmeaAdapter().decode(records).verdicts] == ["None", "fragment-lost", "None"]


def test_a_repeated_part_is_a_duplicate_and_another_one_begins_anew() -> None:
    """Two receivers of one station repeat parts; the same number with other bits is the next message."""
    first, second = sentences(5, shipname="EXAMPLE")
    other = sentences(5, shipname="ANOTHER", mmsi=211_000_001)[0]
    assert fates(decode(first, first, second)) == [
        (0, "held", None),
        (1, "filtered", "duplicate"),
        (2, "merged", None),
        (2, "merged", None),
    ]
    assert fates(decode(first, other)) == [(0, "held", None), (1, "dead", "fragment-lost"), (1, "held", None)]


def test_unfinished_messages_are_bounded() -> None:
    """A feed of first parts alone holds no more than a thousand; the oldest is given up."""
    first = sentences(5, shipname="EXAMPLE")[0]
    lines = [tagged(first, f"s:{n}") for n in range(1030)]
    decoded = NmeaAdapter().decode([record(line, offset=n) for n, line in enumerate(lines)])
    lost = [v.offset for v in decoded.verdicts if v.fate == Fate.DEAD]
    assert lost == list(range(6))


@pytest.mark.parametrize("mmsi, kind", [(970_123_456, "sart"), (972_123_456, "mob"), (974_123_456, "epirb")])
@pytest.mark.parametrize("place", [PLACE, {"lon": 181.0, "lat": 91.0}, {"lon": 200.0, "lat": 1.0}])
def test_active_devices_call_for_help(mmsi: int, kind: str, place: dict[str, Any]) -> None:
    """Status 14 of a distress device is distress, with or without a position; it is never refused."""
    decoded = decode(one(1, mmsi=mmsi, status=14, **place))
    assert decoded.verdicts == []
    (found,) = observations(decoded)
    assert (str(found.distress), decoded.rows.flags.tolist()) == (kind, [Flag.DISTRESS])
    assert found.position == ((-1.5, 50.75) if place is PLACE else None)
    assert found.identity == Identity(mmsi=mmsi)


@pytest.mark.parametrize("text, kind", [("SART ACTIVE", "sart"), ("MOB ACTIVE", "mob"), ("EPIRB ACTIVE", "epirb")])
def test_active_devices_say_so_in_a_safety_broadcast(text: str, kind: str) -> None:
    """Type 14 with the text of an active device is distress without a position."""
    (found,) = observations(decode(one(14, mmsi=972_123_456, text=text)))
    assert (str(found.distress), found.position) == (kind, None)


def test_tests_of_devices_are_filtered_by_their_own_reason() -> None:
    """Status 15 of a distress device and texts with TEST are no calls for help, and counted apart."""
    decoded = decode(one(1, mmsi=970_123_456, status=15, **PLACE), one(14, mmsi=970_123_456, text="SART TEST"))
    assert fates(decoded) == [(0, "filtered", "test-signal"), (1, "filtered", "test-signal")]


def test_ordinary_ships_do_not_call_for_help_by_status() -> None:
    """Status 14 and 15 mean a device only with a device's MMSI; 15 is what most ships send."""
    decoded = decode(one(1, status=14, **PLACE), one(1, status=15, **PLACE), one(14, text="GALE WARNING"))
    assert decoded.rows.flags.tolist() == [0, 0]
    assert fates(decoded) == [(2, "filtered", "not-a-report")]


def test_time_is_of_the_tag_block_then_of_the_suffix_then_of_the_header_then_of_the_log() -> None:
    """The event time is the time of reception nearest to the receiver."""
    line = one(1, **PLACE)
    suffixed = line + b",1671533232"
    records = [
        record(tagged(suffixed, "c:1671533231")),
        record(suffixed),
        record(line, received=b"1671533233000001"),
        record(line),
    ]
    times = NmeaAdapter().decode(records).rows.event_time_us.tolist()
    assert times == [1_671_533_231_000_000, 1_671_533_232_000_000, 1_671_533_233_000_001, LOG_TIME_US]


def test_a_time_outside_the_window_is_bad() -> None:
    """A record without a usable time of reception has none."""
    decoded = NmeaAdapter().decode([record(one(1, **PLACE), log_time_us=-1)])
    assert fates(decoded) == [(0, "dead", "bad-time")]


def test_several_lines_of_a_record_are_its_items() -> None:
    """Blank lines are none; each other line has its number and its own fate."""
    value = b"\r\n".join([one(1, **PLACE), b"", b"garbage", b"  ", one(4, **PLACE)]) + b"\r\n"
    decoded = NmeaAdapter().decode([record(value)])
    assert decoded.items == 3
    assert decoded.rows.item.tolist() == [0]
    assert [(v.item, str(v.reason)) for v in decoded.verdicts] == [(1, "bad-sentence"), (2, "not-a-report")]


@pytest.mark.parametrize("value", [b"", b"\r\n", b"   \n \n"])
def test_a_record_without_a_line_is_empty(value: bytes) -> None:
    """Nothing but white space is one item, and dead."""
    assert only(NmeaAdapter(), record(value))[:2] == ("dead", "empty")


@pytest.mark.parametrize("value, reason", [(b"x" * ((1 << 20) + 1), "too-large"), (b"x\n" * 10_001, "too-large")])
def test_limits_of_a_record(value: bytes, reason: str) -> None:
    """A megabyte, ten thousand lines: more is one dead item, not a flood of them."""
    assert only(NmeaAdapter(), record(value))[:2] == ("dead", reason)


@pytest.mark.parametrize(
    "bits, reason",
    [
        (f"{1:06b}".ljust(130, "0"), "bad-payload"),
        (f"{5:06b}".ljust(200, "0"), "bad-payload"),
        (f"{24:06b}".ljust(38, "0"), "bad-payload"),
        (f"{14:06b}".ljust(36, "0"), "bad-payload"),
        (f"{0:06b}".ljust(168, "0"), "bad-payload"),
        (f"{29:06b}".ljust(168, "0"), "bad-payload"),
    ],
)
def test_messages_that_are_too_short_or_of_no_type_are_dead(bits: str, reason: str) -> None:
    """A field is only read where its bits are there."""
    assert fates(decode(from_bits(bits))) == [(0, "dead", reason)]


def test_statics_without_a_vessel_are_filtered() -> None:
    """Statics of MMSI 0 would name nobody."""
    assert fates(decode(one(24, mmsi=0, partno=0, shipname="X"))) == [(0, "filtered", "no-identity")]


def test_an_altitude_is_kept_and_absent_numbers_are_nan() -> None:
    """An aircraft's altitude is a rarer field; what a report does not say is NaN in its column."""
    decoded = decode(one(9, alt=300, speed=1023, **PLACE))
    assert observations(decoded)[0].altitude_m == 300.0
    assert math.isnan(decoded.rows.speed_mps[0])
