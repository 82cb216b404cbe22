"""Structs to columns and back, without loss; and the golden files that hold a released version to its meaning."""

from pathlib import Path

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sensors.columns import DTYPES, Flag, concat, empty, take
from sensors.convert import to_columns, to_observations
from sensors.ids import hex_id
from sensors.observation import SCHEMA, Observation
from tests.sensors.observations import OBSERVATION

GOLDEN = Path(__file__).parents[1] / "golden"
LISTS = st.lists(OBSERVATION, max_size=8)


def without_id(event: Observation) -> Observation:
    """The observation as a vendor writes it."""
    return msgspec.structs.replace(event, observation_id=None)


@given(LISTS)
def test_round_trip_is_lossless(events: list[Observation]) -> None:
    """Columns hold every field of every observation, exactly."""
    back = to_observations(to_columns(events))
    assert [without_id(event) for event in back] == events


@given(LISTS)
def test_columns_have_their_dtypes_and_shape(events: list[Observation]) -> None:
    """Every array is ``(n,)`` of the dtype that the contract says."""
    columns = to_columns(events)
    for name, dtype in DTYPES.items():
        array = getattr(columns, name)
        assert (array.shape, array.dtype) == ((len(events),), np.dtype(dtype)), name


@given(LISTS, st.data())
def test_take_is_indexing(events: list[Observation], data: st.DataObject) -> None:
    """Taking rows and converting is converting and taking, extras and identities included."""
    indices = data.draw(st.lists(st.integers(0, len(events) - 1), max_size=10)) if events else []
    columns = to_columns(events)
    picked = take(columns, np.array(indices, np.intp))
    assert to_observations(picked) == [to_observations(columns)[index] for index in indices]


@given(st.lists(LISTS, max_size=4))
def test_concat_is_concatenation(parts: list[list[Observation]]) -> None:
    """Joining columns and converting is converting and joining."""
    joined = concat([to_columns(part) for part in parts])
    assert to_observations(joined) == [event for part in parts for event in to_observations(to_columns(part))]


def test_nothing_is_columns_too() -> None:
    """No observations are columns of length 0, from either side."""
    assert len(empty()) == len(to_columns([])) == len(concat([])) == 0
    assert to_observations(empty()) == []


def test_angle_that_rounds_to_a_whole_turn_is_north() -> None:
    """float32 turns 359.9999999 into 360, which is not an angle; it is 0."""
    event = msgspec.json.decode(
        b'{"sensor_id":"s","event_time":"2024-01-01T00:00:00Z","position":[0,0],'
        b'"velocity":{"course_deg":359.9999999},"heading_deg":359.9999999}',
        type=Observation,
    )
    columns = to_columns([event])
    assert (columns.course_deg[0], columns.heading_deg[0]) == (0.0, 0.0)


def test_flags_are_kept_beside_those_of_the_event() -> None:
    """What the record says (historical) and what the event says (simulated, distress) are one set."""
    event = msgspec.json.decode(
        b'{"sensor_id":"s","event_time":"2024-01-01T00:00:00Z","simulated":true,"distress":"mob"}', type=Observation
    )
    columns = to_columns([event], flags=[int(Flag.HISTORICAL)])
    assert columns.flags[0] == Flag.HISTORICAL | Flag.SIMULATED | Flag.DISTRESS


def test_golden_observations_mean_what_they_meant() -> None:
    """Events of the released version decode, convert back to themselves and keep their ids, forever."""
    golden = msgspec.json.decode((GOLDEN / f"{SCHEMA}.json").read_bytes())
    events = msgspec.convert([entry["event"] for entry in golden], list[Observation])
    columns = to_columns(events)
    assert [hex_id(one) for one in columns.observation_id] == [entry["observation_id"] for entry in golden]
    back = [without_id(event) for event in to_observations(columns)]
    assert back == events
