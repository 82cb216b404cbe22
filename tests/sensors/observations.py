"""Arbitrary observations, for properties. Numbers that columns keep as float32 are float32 from the start."""

import math
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from sensors.observation import (
    Attachment,
    Bearing,
    Classification,
    Distress,
    Identity,
    Observation,
    Velocity,
)

TEXT = st.text(min_size=1, max_size=20)
POSITIVE = st.floats(0, 1e6, width=32)
ANGLE = st.floats(0, 359.9375, width=32)
FINITE = st.floats(-1e9, 1e9)
TIME = st.integers(0, 4_102_444_799_999_999).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)

IDENTITY = st.builds(
    Identity,
    mmsi=st.none() | st.integers(1, 999_999_999),
    imo=st.none() | st.integers(1, 99_999_999),
    icao24=st.none() | TEXT,
    vessel_id=st.none() | TEXT,
    track_id=st.none() | TEXT,
    callsign=st.none() | TEXT,
    name=st.none() | TEXT,
    uas_id=st.none() | TEXT,
)
VELOCITY = st.builds(Velocity, POSITIVE, st.none() | ANGLE) | st.builds(Velocity, st.none(), ANGLE)

# of a spread along some direction, and less across
COVARIANCE = st.builds(
    lambda along, share, angle: (
        along * (math.cos(angle) ** 2 + share * math.sin(angle) ** 2),
        along * (1.0 - share) * math.sin(angle) * math.cos(angle),
        along * (math.sin(angle) ** 2 + share * math.cos(angle) ** 2),
    ),
    st.floats(0.0, 1e6),
    st.floats(0.01, 1.0),
    st.floats(0.0, 7.0),
)

OBSERVATION = st.builds(
    Observation,
    sensor_id=st.sampled_from(["radar-1", "radar-2", "ø"]),
    event_time=TIME,
    position=st.none() | st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
    bearing=st.none() | st.builds(Bearing, ANGLE, st.none() | POSITIVE, st.none() | POSITIVE),
    zone_id=st.none() | TEXT,
    sigma_m=st.none() | POSITIVE,
    covariance_m2=st.none() | COVARIANCE,
    velocity=st.none() | VELOCITY,
    heading_deg=st.none() | ANGLE,
    altitude_m=st.none() | FINITE,
    identity=st.none() | IDENTITY,
    classification=st.lists(st.builds(Classification, TEXT, st.floats(0, 1)), max_size=2).map(tuple),
    signal=st.none() | st.dictionaries(TEXT, FINITE, max_size=3),
    attachments=st.lists(st.builds(Attachment, TEXT, st.just("0" * 64)), max_size=2).map(tuple),
    distress=st.none() | st.sampled_from(Distress),
    simulated=st.booleans(),
)
