"""JSON events: what is taken, and what each mistake is called."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.columns import Flag
from sensors.convert import to_observations
from sensors.extras import decode_extras
from sensors.json_adapter import JsonAdapter
from sensors.observation import Observation
from sensors.raw import MAX_BYTES, MAX_ITEMS
from tests.sensors.observations import OBSERVATION
from tests.sensors.records import only, record

GOOD = b'{"sensor_id":"s1","event_time":"2024-01-01T00:00:00Z","position":[1.5,2.5]}'


PLACED = st.builds(
    lambda one, lon, lat: msgspec.structs.replace(one, sensor_id="s1", position=(lon, lat), bearing=None, zone_id=None),
    OBSERVATION,
    st.floats(-180, 180),
    st.floats(-90, 90),
)


def event(**fields: object) -> bytes:
    """A good event with other fields; None takes a field away."""
    made = msgspec.json.decode(GOOD, type=dict[str, object]) | fields
    return msgspec.json.encode({name: value for name, value in made.items() if value is not None})


def nested(depth: int) -> bytes:
    """An event whose signal is a list in a list in a list …"""
    return GOOD[:-1] + b',"signal":{"a":' + b"[" * depth + b"]" * depth + b"}}"


BAD = [
    (b"", "empty", "value: expected at least one event"),
    (b"[]", "empty", f"value: expected 1 to {MAX_ITEMS} events"),
    (b"[" + b"0," * MAX_ITEMS + b"0]", "too-large", f"value: expected 1 to {MAX_ITEMS} events"),
    (b" " * (MAX_BYTES + 1), "too-large", f"value: expected at most {MAX_BYTES} bytes"),
    (b"hello", "undecodable", "value: expected JSON (byte 0)"),
    (b'{"sensor_id":"s1"', "undecodable", "value: expected JSON (cut short)"),
    (GOOD + GOOD, "undecodable", "value: expected JSON (byte 76)"),
    (GOOD.replace(b"1.5", b"NaN"), "undecodable", "value: expected JSON (byte 66)"),
    (GOOD.replace(b"s1", b"s\xff"), "undecodable", "value: expected UTF-8"),
    (
        GOOD[:-1] + b',"x":' + b"[" * 100_000 + b"}",
        "unknown-field",
        "x: expected only the fields of vedette.observation.v1",
    ),
    (b"[" * 100_000, "undecodable", "value: expected less deeply nested JSON"),
    (b"null", "bad-field", "event: expected an object"),
    (b"17", "bad-field", "event: expected an object"),
    (b'"text"', "bad-field", "event: expected an object"),
    (nested(100_000), "bad-field", "signal[...]: expected a number"),
    (event(sensor_id=None), "missing-field", "sensor_id: expected this field"),
    (event(sensor_id="other"), "sensor-mismatch", "sensor_id: expected the record's key"),
    (event(sensor_id=""), "bad-field", "sensor_id: expected str of length >= 1"),
    (event(sensor_id="x" * 129), "bad-field", "sensor_id: expected str of length <= 128"),
    (event(event_time=None), "no-time", "event_time: expected an RFC 3339 time with a zone"),
    (event(event_time="2024-01-01T00:00:00"), "bad-time", "event_time: expected an RFC 3339 time with a zone"),
    (event(event_time="yesterday"), "bad-time", "event_time: expected an RFC 3339 time with a zone"),
    (event(event_time=1704067200), "bad-time", "event_time: expected an RFC 3339 time with a zone"),
    (event(event_time="2024-02-30T00:00:00Z"), "bad-time", "event_time: expected an RFC 3339 time with a zone"),
    (event(event_time="1969-12-31T23:59:59Z"), "bad-time", "event_time: expected a time from 1970 to 2099"),
    (event(event_time="2100-01-01T00:00:00Z"), "bad-time", "event_time: expected a time from 1970 to 2099"),
    (event(event_time="0001-01-01T00:00:00+14:00"), "bad-time", "event_time: expected a time from 1970 to 2099"),
    (event(position=[1.5, 90.5]), "out-of-range", "position[1]: expected a number <= 90.0"),
    (event(position=[-180.5, 2]), "out-of-range", "position[0]: expected a number >= -180.0"),
    (event(position=[1]), "bad-field", "position: expected array of length 2"),
    (event(position={"lon": 1}), "bad-field", "position: expected a list"),
    (event(position=["1", "2"]), "bad-field", "position[0]: expected a number"),
    (GOOD.replace(b"1.5", b"1e999"), "out-of-range", "position[0]: expected a finite number"),
    (GOOD.replace(b"1.5", b"1" + b"0" * 400), "out-of-range", "position[0]: expected a finite number"),
    (event(position=None), "missing-field", "position: expected position, bearing or zone_id"),
    (event(zone_id="z"), "bad-field", "position: expected only one of position, bearing and zone_id"),
    (event(sigma_m=-1), "out-of-range", "sigma_m: expected a number >= 0.0"),
    (event(sigma_m=1e300), "out-of-range", "sigma_m: expected a number <= 10000000.0"),
    (event(velocity={"course_deg": 360}), "out-of-range", "velocity.course_deg: expected a number < 360.0"),
    (
        event(velocity={"speed_kn": 3}),
        "unknown-field",
        "velocity.speed_kn: expected only the fields of vedette.observation.v1",
    ),
    (event(identity={"mmsi": 0}), "out-of-range", "identity.mmsi: expected a number >= 1"),
    (event(identity={"mmsi": "211"}), "bad-field", "identity.mmsi: expected a whole number"),
    (event(distress="secret-value"), "bad-field", "distress: expected sart or mob or epirb or other"),
    (event(schema="vedette.observation.v9"), "bad-field", "schema: expected vedette.observation.v1"),
    (event(mmsi_211000000=1), "unknown-field", "a field: expected only the fields of vedette.observation.v1"),
    (
        event(attachments=[{"uri": "u", "sha256": "no"}]),
        "bad-field",
        "attachments[0].sha256: expected text that matches ^[0-9a-f]{64}$",
    ),
]


@pytest.mark.parametrize("value, reason, detail", BAD, ids=[f"{index}-{entry[1]}" for index, entry in enumerate(BAD)])
def test_each_mistake_has_its_reason_and_names_the_field(value: bytes, reason: str, detail: str) -> None:
    """A bad record is one dead item; the reason is of the closed list, the detail names field and expectation."""
    assert only(JsonAdapter(), record(value)) == ("dead", reason, detail)


def test_a_missing_value_is_empty() -> None:
    """A tombstone on a raw topic is an item without an event."""
    tombstone = record(b"")._replace(value=None)  # type: ignore[arg-type]
    assert only(JsonAdapter(), tombstone)[:2] == ("dead", "empty")


@pytest.mark.parametrize("key", [b"", b"\xff", b"x" * 129])
def test_a_record_must_name_its_sensor(key: bytes) -> None:
    """A key that cannot be a sensor id is refused before the value is looked at."""
    assert only(JsonAdapter(), record(GOOD, key=key))[:2] == ("dead", "unknown-sensor")


@pytest.mark.parametrize("extra", [{"bearing": {"bearing_deg": 10}}, {"zone_id": "z"}])
def test_a_direction_or_a_zone_alone_is_a_row_without_a_position(extra: dict[str, object]) -> None:
    """A well-formed bearing or trigger is a row; what it says is among the rarer fields."""
    decoded = JsonAdapter().decode([record(event(position=None, **extra))])
    assert (len(decoded.rows), decoded.verdicts) == (1, [])
    assert math.isnan(decoded.rows.lon[0])
    said = decode_extras(decoded.rows.extras[0])
    assert (said.bearing is not None) + (said.zone_id is not None) == 1


_DIAGONAL = [9.0, 0, 0, 0, 9.0, 0, 0, 1.0, 0, 1.0]
_MOVING = {"speed_mps": 3.0, "course_deg": 10.0}


@pytest.mark.parametrize(
    "extra, refused",
    [
        ({"covariance_m2": [25.0, 10.0, 9.0]}, None),
        ({"covariance_m2": [0.0, 0.0, 0.0]}, None),
        ({"covariance_m2": [25.0, 20.0, 9.0]}, ("bad-field", "covariance_m2")),
        ({"covariance_m2": [-1.0, 0.0, 9.0]}, ("bad-field", "covariance_m2")),
        ({"covariance_m2": [25.0, 20.0, 9.0], "distress": "mob"}, None),
        ({"track": {"ref": "7"}, "velocity": _MOVING}, None),
        ({"track": {"ref": "7", "covariance": _DIAGONAL}, "velocity": _MOVING}, None),
        ({"track": {"ref": "7"}}, ("missing-field", "track")),
        ({"track": {"ref": "7"}, "velocity": {"speed_mps": 3.0}}, ("missing-field", "track")),
        ({"track": {"ref": "7", "covariance": [9.0, 10.0, *_DIAGONAL[2:]]}, "velocity": _MOVING},
         ("bad-field", "track.covariance")),
        ({"track": {"covariance": _DIAGONAL}, "velocity": _MOVING}, ("missing-field", "track.ref")),
    ],
)  # fmt: skip
def test_uncertainty_must_be_possible(extra: dict[str, object], refused: tuple[str, str] | None) -> None:
    """A covariance no error can have, and a track without a motion, are refused with the field; a call for help is
    not, and the answer is the same alone, in a list and in a batch."""
    for value in (record(event(**extra)), record(f"[{event(**extra).decode()}]".encode())):
        for records in ([value], [record(GOOD), value], [value, record(GOOD)]):
            decoded = JsonAdapter().decode(records)
            reasons = [(v.reason, v.detail.removeprefix("record 1: ").split(": ")[0]) for v in decoded.verdicts]
            assert reasons == ([] if refused is None else [refused])


def test_a_call_for_help_needs_no_position() -> None:
    """Distress is a row even where nobody knows the place."""
    decoded = JsonAdapter().decode([record(event(position=None, distress="mob"))])
    assert (len(decoded.rows), decoded.verdicts) == (1, [])
    assert math.isnan(decoded.rows.lon[0])
    assert math.isnan(decoded.rows.lat[0])
    assert decoded.rows.flags[0] == Flag.DISTRESS


def test_a_bad_event_does_not_spoil_its_batch() -> None:
    """In a list each event has its own fate, and its number in the list."""
    value = b"[" + b",".join([GOOD, event(position=[0, 99]), GOOD.replace(b"1.5", b"3.5"), b"7"]) + b"]"
    decoded = JsonAdapter().decode([record(GOOD), record(value, offset=1)])
    assert decoded.items == 5
    assert list(zip(decoded.rows.record.tolist(), decoded.rows.item.tolist(), strict=True)) == [(0, 0), (1, 0), (1, 2)]
    assert [(v.record, v.item, v.reason) for v in decoded.verdicts] == [(1, 1, "out-of-range"), (1, 3, "bad-field")]


def test_verdicts_come_in_order_whatever_their_check() -> None:
    """Times are checked for the whole batch at the end, yet verdicts are in the order of the items."""
    values = [event(event_time="1960-01-01T00:00:00Z"), b"?", GOOD, event(event_time="2200-01-01T00:00:00Z")]
    decoded = JsonAdapter().decode([record(value) for value in values])
    assert [verdict.record for verdict in decoded.verdicts] == [0, 1, 3]
    assert decoded.rows.record.tolist() == [2]


def test_the_place_in_the_file_is_told() -> None:
    """A record that says its line is refused with its line."""
    assert only(JsonAdapter(), record(b"?", line=b"12"))[2] == "line 12: value: expected JSON (byte 0)"
    assert only(JsonAdapter(), record(b"?", element=b"3"))[2] == "element 3: value: expected JSON (byte 0)"


def test_historical_is_a_fact_of_the_record() -> None:
    """The header marks the rows of its record and no others."""
    decoded = JsonAdapter().decode([record(GOOD), record(GOOD, historical=b"1"), record(GOOD, historical=b"0")])
    assert decoded.rows.flags.tolist() == [0, Flag.HISTORICAL, 0]


@given(st.lists(PLACED, max_size=8))
def test_single_events_and_batches_are_the_same_observations(events: list[Observation]) -> None:
    """Whether a vendor sends events one by one or in a list, rows and ids are the same, and nothing is lost."""
    values = [msgspec.json.encode(one) for one in events]
    single = JsonAdapter().decode([record(value) for value in values])
    assert single.verdicts == []
    back = to_observations(single.rows)
    assert [msgspec.structs.replace(one, observation_id=None) for one in back] == events
    if values:
        batch = JsonAdapter().decode([record(b"[" + b",".join(values) + b"]")])
        assert to_observations(batch.rows) == back


def test_what_an_input_says_about_its_own_id_is_not_used() -> None:
    """Ids are derived, so that a vendor cannot make two observations one."""
    decoded = JsonAdapter().decode([record(GOOD), record(event(observation_id="mine"))])
    assert decoded.rows.observation_id[0] == decoded.rows.observation_id[1]
