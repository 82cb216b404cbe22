"""Observations as structs and as columns, both ways and without loss.

``sigma_m``, ``velocity`` and ``heading_deg`` are float32 in columns, so they are rounded to float32 when an
observation first becomes a row; everything else is exact. Fields without a column go to ``extras``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
from msgspec.structs import astuple
from numpy.typing import NDArray

from sensors.columns import Flag, ObservationColumns, build, empty
from sensors.extras import Extras, decode_extras, extras_of
from sensors.ids import Ids, hex_id
from sensors.observation import Identity, Observation, Velocity
from sensors.units import EPOCH, to_time

_NAN = float("nan")
_NOWHERE = (_NAN, _NAN)
_NO_COVARIANCE = (_NAN, _NAN, _NAN)
_UNKNOWN = Velocity()
_FIELDS = Observation.__struct_fields__
_RARE = [(field, getattr(Extras(), field)) for field in Extras.__struct_fields__]  # and what each is where absent


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
    told = dict(zip(_FIELDS, zip(*map(astuple, events), strict=True), strict=True))  # one tuple a field
    sensors: dict[str, int] = {}
    identities: dict[Identity | None, int] = {}
    position = _pairs(told["position"])
    speed, course = _velocity(told["velocity"])
    named = [identities.setdefault(identity, len(identities)) for identity in told["identity"]]
    if None in identities:
        named = _without_none(identities, named)
    columns = build(
        {
            "record": np.arange(n, dtype="i4") if record is None else record,
            "item": np.zeros(n, "i4") if item is None else item,
            "event_time_us": _microseconds(told["event_time"]),
            "lon": position[0::2],
            "lat": position[1::2],
            "sigma_m": told["sigma_m"],  # None becomes NaN
            "speed_mps": speed,
            "course_deg": course,
            "heading_deg": told["heading_deg"],
            "sensor": [sensors.setdefault(sensor, len(sensors)) for sensor in told["sensor_id"]],
            "identity": named,
            "flags": _flags(told["simulated"], told["distress"], flags),
        },
        sensors=list(sensors),
        identities=list(identities),
        extras=_extras(events, told),
        optional=_optional_columns(told),
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
                track=extras.track,
            )
        )
    return observations


def _without_none(identities: dict[Identity | None, int], named: list[int]) -> list[int]:
    """Indices with None as -1, and ``identities`` without it."""
    missing = identities.pop(None)
    return [-1 if index == missing else index - (index > missing) for index in named]


def _microseconds(times: Sequence[datetime]) -> NDArray[np.int64]:
    """Since 1970; the parts are put together by numpy, three times as fast as one by one."""
    since = [time - EPOCH for time in times]
    days = np.array([one.days for one in since], "i8")
    seconds = np.array([one.seconds for one in since], "i8")
    microseconds = np.array([one.microseconds for one in since], "i8")
    total: NDArray[np.int64] = microseconds + 1_000_000 * (seconds + 86_400 * days)
    return total


def _pairs(positions: Sequence[tuple[float, float] | None]) -> NDArray[np.float64]:
    """Lon and lat in turn; NaN where there is no position."""
    if None in positions:
        positions = [_NOWHERE if position is None else position for position in positions]
    return np.fromiter(chain.from_iterable(positions), "f8", 2 * len(positions))  # type: ignore[arg-type]


def _velocity(velocity: Sequence[Velocity | None]) -> tuple[list[float | None], list[float | None]]:
    if None in velocity:
        velocity = [_UNKNOWN if moving is None else moving for moving in velocity]
    return [v.speed_mps for v in velocity], [v.course_deg for v in velocity]  # type: ignore[union-attr]


def _extras(events: Sequence[Observation], told: Mapping[str, Sequence[Any]]) -> dict[int, bytes]:
    """The rarer fields of the rows that have any."""
    n = len(events)
    if all(told[field].count(absent) == n for field, absent in _RARE):
        return {}
    return {row: rare for row, event in enumerate(events) if (rare := extras_of(event)) is not None}


def _optional_columns(told: Mapping[str, Sequence[Any]]) -> dict[str, NDArray[np.float32]]:
    """The columns of :data:`sensors.columns.OPTIONAL` that some event has a word for."""
    covariances, altitudes = told["covariance_m2"], told["altitude_m"]
    n = len(covariances)
    if covariances.count(None) == n and altitudes.count(None) == n:
        return {}
    with np.errstate(over="ignore"):  # what no float32 can hold is of no use: infinite
        return _rare_columns(covariances, altitudes)


def _rare_columns(covariances: Sequence[Any], altitudes: Sequence[Any]) -> dict[str, NDArray[np.float32]]:
    columns: dict[str, NDArray[np.float32]] = {}
    n = len(covariances)
    if covariances.count(None) < n:
        columns["xx_m2"], columns["xy_m2"], columns["yy_m2"] = np.array(
            [_NO_COVARIANCE if one is None else one for one in covariances], np.float32
        ).T.copy()
    if altitudes.count(None) < n:
        columns["altitude_m"] = np.array(altitudes, np.float32)  # None becomes NaN
    return columns


def _flags(simulated: Sequence[bool], distress: Sequence[Any], given: Sequence[int] | None) -> NDArray[np.uint8]:
    flags = np.zeros(len(simulated), "u1") if given is None else np.array(given, "u1")
    flags |= np.array(simulated, "u1") * np.uint8(Flag.SIMULATED)
    if distress.count(None) < len(distress):
        flags |= np.array([one is not None for one in distress], "u1") * np.uint8(Flag.DISTRESS)
    return flags


def _optional(values: NDArray[Any]) -> list[float | None]:
    listed: list[float | None] = values.tolist()
    absent = np.flatnonzero(np.isnan(values)).tolist()
    for row in absent:
        listed[row] = None
    return listed
