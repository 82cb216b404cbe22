"""Observations as structs and as columns, both ways and without loss.

``sigma_m``, ``velocity`` and ``heading_deg`` are float32 in columns, so they are rounded to float32 when an
observation first becomes a row; everything else is exact. Fields without a column go to ``extras``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensors.columns import Flag, ObservationColumns, build, empty
from sensors.extras import Extras, decode_extras, extras_of
from sensors.ids import Ids, hex_id
from sensors.observation import Identity, Observation, Velocity
from sensors.units import EPOCH, MICROSECOND, to_time

_NAN = float("nan")
_NOWHERE = (_NAN, _NAN)


def to_columns(
    events: Sequence[Observation],
    record: Sequence[int] | None = None,
    item: Sequence[int] | None = None,
    flags: Sequence[int] | None = None,
    ids: Ids | None = None,
) -> ObservationColumns:
    """Columns of ``n`` observations with their ids.

    ``record`` and ``item`` say where each came from (by default record i, item 0) and ``flags`` are what a
    struct does not say (historical, late); each has length ``n``."""
    n = len(events)
    if not n:
        return empty()
    sensors: dict[str, int] = {}
    identities: dict[Identity | None, int] = {}
    position = np.array([_NOWHERE if event.position is None else event.position for event in events], "f8")
    velocity = [event.velocity for event in events]
    extras = {row: rare for row, event in enumerate(events) if (rare := extras_of(event)) is not None}
    named = [identities.setdefault(event.identity, len(identities)) for event in events]
    if None in identities:
        named = _without_none(identities, named)
    columns = build(
        {
            "record": np.arange(n, dtype="i4") if record is None else record,
            "item": np.zeros(n, "i4") if item is None else item,
            "event_time_us": [(event.event_time - EPOCH) // MICROSECOND for event in events],
            "lon": position[:, 0],
            "lat": position[:, 1],
            "sigma_m": [_NAN if event.sigma_m is None else event.sigma_m for event in events],
            "speed_mps": [_NAN if v is None or v.speed_mps is None else v.speed_mps for v in velocity],
            "course_deg": [_NAN if v is None or v.course_deg is None else v.course_deg for v in velocity],
            "heading_deg": [_NAN if event.heading_deg is None else event.heading_deg for event in events],
            "sensor": [sensors.setdefault(event.sensor_id, len(sensors)) for event in events],
            "identity": named,
            "flags": _flags(events, flags),
        },
        sensors=list(sensors),
        identities=list(identities),
        extras=extras,
    )
    whole_turns(columns)
    columns.observation_id = (ids or Ids()).of(columns)
    return columns


def whole_turns(columns: ObservationColumns) -> None:
    """Make 360 degrees 0: float32 rounds 359.99999 up to it."""
    for angle in (columns.course_deg, columns.heading_deg):
        angle[angle >= 360.0] = 0.0


def to_observations(columns: ObservationColumns) -> list[Observation]:
    """The structs of all rows, in order. ``HISTORICAL`` and ``LATE`` are facts of the journey and are not kept."""
    nothing = Extras()
    rare = {row: decode_extras(packed) for row, packed in columns.extras.items()}
    observations = []
    sigma, speed = _optional(columns.sigma_m), _optional(columns.speed_mps)
    course, heading = _optional(columns.course_deg), _optional(columns.heading_deg)
    lon, lat = _optional(columns.lon), _optional(columns.lat)
    times, flags = columns.event_time_us.tolist(), columns.flags.tolist()
    sensor, identity = columns.sensor.tolist(), columns.identity.tolist()
    for row in range(len(columns)):
        extras = rare.get(row, nothing)
        x, y = lon[row], lat[row]
        moving = speed[row] is not None or course[row] is not None
        observations.append(
            Observation(
                sensor_id=columns.sensors[sensor[row]],
                event_time=to_time(times[row]),
                observation_id=hex_id(columns.observation_id[row]),
                position=None if x is None or y is None else (x, y),
                bearing=extras.bearing,
                zone_id=extras.zone_id,
                sigma_m=sigma[row],
                covariance_m2=extras.covariance_m2,
                velocity=Velocity(speed[row], course[row]) if moving else None,
                heading_deg=heading[row],
                altitude_m=extras.altitude_m,
                identity=columns.identities[identity[row]] if identity[row] >= 0 else None,
                classification=extras.classification,
                signal=extras.signal,
                attachments=extras.attachments,
                distress=extras.distress,
                simulated=bool(flags[row] & Flag.SIMULATED),
            )
        )
    return observations


def _without_none(identities: dict[Identity | None, int], named: list[int]) -> list[int]:
    """Indices with None as -1, and ``identities`` without it."""
    missing = identities.pop(None)
    return [-1 if index == missing else index - (index > missing) for index in named]


def _flags(events: Sequence[Observation], given: Sequence[int] | None) -> NDArray[np.uint8]:
    flags = np.zeros(len(events), "u1") if given is None else np.array(given, "u1")
    flags |= np.array([event.simulated for event in events], "u1") * np.uint8(Flag.SIMULATED)
    flags |= np.array([event.distress is not None for event in events], "u1") * np.uint8(Flag.DISTRESS)
    return flags


def _optional(values: NDArray[Any]) -> list[float | None]:
    listed: list[float | None] = values.tolist()
    absent = np.flatnonzero(np.isnan(values)).tolist()
    for row in absent:
        listed[row] = None
    return listed
