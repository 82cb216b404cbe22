"""Ids are a function of the content, as documented, and of nothing else."""

import hashlib
import math
import struct

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sensors.columns import Flag, concat, take
from sensors.convert import to_columns
from sensors.extras import extras_of
from sensors.ids import Ids, hex_id, name_of
from sensors.observation import Distress, Identity, Observation, Velocity
from sensors.units import to_us
from tests.sensors.observations import OBSERVATION

LISTS = st.lists(OBSERVATION, min_size=1, max_size=8)


def scalar_id(event: Observation) -> bytes:
    """The id of one observation, written down from the documentation."""
    lon, lat = event.position or (math.nan, math.nan)
    velocity = event.velocity or Velocity()
    numbers = [event.sigma_m, velocity.speed_mps, velocity.course_deg, event.heading_deg]
    absent_as_nan = [math.nan if number is None else number + 0.0 for number in numbers]
    flags = 1 * event.simulated + 4 * (event.distress is not None)
    sensor = event.sensor_id.encode()
    name = b"" if event.identity is None else name_of(event.identity).encode()
    content = struct.pack("<H", len(sensor)) + sensor
    content += struct.pack("<qdd4fB", to_us(event.event_time), lon + 0.0, lat + 0.0, *absent_as_nan, flags)
    content += struct.pack("<H", len(name)) + name + (extras_of(event) or b"")
    return hashlib.blake2b(content, digest_size=16).digest()


@given(LISTS)
def test_columns_have_the_ids_of_the_scalar_oracle(events: list[Observation]) -> None:
    """The vectorised ids are those of the documented encoding, row by row."""
    columns = to_columns(events)
    assert [bytes(one) for one in columns.observation_id] == [scalar_id(event) for event in events]


@given(LISTS, st.integers(0, 8))
def test_ids_do_not_depend_on_the_company_or_the_caches(events: list[Observation], cut: int) -> None:
    """The same observation has the same id alone, in any batch, with a warm cache or a cold one."""
    ids = Ids()
    whole = to_columns(events, ids=ids).observation_id.tolist()
    parts = concat([to_columns(events[:cut], ids=ids), to_columns(events[cut:])])
    alone = [to_columns([event], ids=ids).observation_id[0] for event in events]
    assert whole == parts.observation_id.tolist() == [bytes(one) for one in alone]


@given(OBSERVATION)
def test_the_journey_is_no_part_of_the_id(event: Observation) -> None:
    """Historical and late rows, and rows of any record and item, have the id of the plain one."""
    plain = to_columns([event])
    other = to_columns([event], record=[7], item=[3], flags=[int(Flag.HISTORICAL | Flag.LATE)])
    assert plain.observation_id[0] == other.observation_id[0]


@given(OBSERVATION, OBSERVATION)
def test_other_content_has_another_id(one: Observation, other: Observation) -> None:
    """Two observations share an id only where all that is hashed is equal."""
    equal = scalar_id(one) == scalar_id(other)
    columns = to_columns([one, other])
    assert (columns.observation_id[0] == columns.observation_id[1]) == equal


def test_every_hashed_field_counts() -> None:
    """Changing any one measured field changes the id; name and call sign of an MMSI do not."""
    event = msgspec.json.decode(
        b'{"sensor_id":"s","event_time":"2024-01-01T00:00:00Z","position":[1,2],"identity":{"mmsi":211000000}}',
        type=Observation,
    )
    replace = msgspec.structs.replace
    changed = [
        replace(event, sensor_id="t"),
        replace(event, event_time=event.event_time.replace(microsecond=1)),
        replace(event, position=(1.0, 2.0000001)),
        replace(event, sigma_m=0.0),
        replace(event, velocity=Velocity(0.0)),
        replace(event, velocity=Velocity(None, 0.0)),
        replace(event, heading_deg=0.0),
        replace(event, altitude_m=0.0),
        replace(event, identity=None),
        replace(event, identity=Identity(mmsi=211000001)),
        replace(event, simulated=True),
        replace(event, distress=Distress.MOB),
        replace(event, zone_id="z"),
        replace(event, signal={"snr_db": 1.0}),
    ]
    ids = {hex_id(one) for one in to_columns([event, *changed]).observation_id}
    assert len(ids) == len(changed) + 1
    named = replace(event, identity=Identity(mmsi=211000000, name="X", callsign="Y", imo=9074729))
    columns = to_columns([event, named])
    assert columns.observation_id[0] == columns.observation_id[1]


def test_order_of_signal_keys_does_not_count() -> None:
    """A dictionary is hashed in the order of its keys, not in the order a vendor wrote them."""
    made = [
        msgspec.json.decode(
            b'{"sensor_id":"s","event_time":"2024-01-01T00:00:00Z","position":[1,2],"signal":' + signal + b"}",
            type=Observation,
        )
        for signal in (b'{"a":1,"b":2}', b'{"b":2,"a":1}')
    ]
    columns = to_columns(made)
    assert columns.observation_id[0] == columns.observation_id[1]


def test_taken_rows_keep_their_ids() -> None:
    """The id of a row survives being picked out, because it is computed once and carried."""
    events = [
        msgspec.json.decode(
            b'{"sensor_id":"s","event_time":"2024-01-01T00:00:0%dZ","position":[1,2],"altitude_m":%d}' % (n, n),
            type=Observation,
        )
        for n in range(4)
    ]
    columns = to_columns(events)
    import numpy as np

    picked = take(columns, np.array([3, 1]))
    assert picked.observation_id.tolist() == Ids().of(picked).tolist()
