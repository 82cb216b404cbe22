"""The observation: one measurement by one sensor, as vendors publish it and as it is shown to people.

Units are SI, positions are WGS-84 ``(lon, lat)`` in degrees, times are aware UTC. What is unknown is absent; no
sentinel value (AIS 91, 181, 511) ever stands in a field. Nothing here describes a person.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, NewType

import msgspec
from msgspec import Meta

SCHEMA: Final = "vedette.observation.v1"

SensorId = NewType("SensorId", str)
ObservationId = NewType("ObservationId", str)
IdentityKey = NewType("IdentityKey", str)

Longitude = Annotated[float, Meta(ge=-180.0, le=180.0)]
Latitude = Annotated[float, Meta(ge=-90.0, le=90.0)]
Angle = Annotated[float, Meta(ge=0.0, lt=360.0)]
Positive = Annotated[float, Meta(ge=0.0, le=1e7)]  # 10,000 km, 10,000 km/s: beyond any sensor, within a float32
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
ShortText = Annotated[str, Meta(min_length=1, max_length=128)]


class Distress(StrEnum):
    """A signal that asks for help; never filtered, delayed or de-prioritised."""

    SART = "sart"
    MOB = "mob"
    EPIRB = "epirb"
    OTHER = "other"


class Identity(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """What the object says it is. The first present of mmsi, icao24, imo, vessel_id, uas_id, track_id names it."""

    mmsi: Annotated[int, Meta(ge=1, le=999_999_999)] | None = None
    imo: Annotated[int, Meta(ge=1, le=99_999_999)] | None = None
    icao24: ShortText | None = None
    vessel_id: ShortText | None = None
    track_id: ShortText | None = None
    callsign: ShortText | None = None
    name: ShortText | None = None
    uas_id: ShortText | None = None  # of an unmanned aircraft, as its Remote ID says it
    ship_type: Annotated[int, Meta(ge=1, le=99)] | None = None  # ITU-R M.1371-5, table 53

    def key(self, sensor_id: str) -> IdentityKey | None:
        """The key objects are told apart by; a ``track_id`` is only unique within its sensor."""
        if self.mmsi is not None:
            return IdentityKey(f"mmsi:{self.mmsi:09d}")
        if self.icao24 is not None:
            return IdentityKey(f"icao24:{self.icao24.lower()}")
        if self.imo is not None:
            return IdentityKey(f"imo:{self.imo}")
        if self.vessel_id is not None:
            return IdentityKey(f"vessel:{self.vessel_id}")
        if self.uas_id is not None:
            return IdentityKey(f"uas:{self.uas_id}")
        if self.track_id is not None:
            return IdentityKey(f"track:{sensor_id}:{self.track_id}")
        return None


class Velocity(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """Speed over ground in m/s and course over ground in degrees true; either may be absent."""

    speed_mps: Positive | None = None
    course_deg: Angle | None = None


class Bearing(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """A direction from the sensor, degrees true, with its standard deviation and perhaps a range."""

    bearing_deg: Angle
    sigma_deg: Positive | None = None
    range_m: Positive | None = None


class TrackReport(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """What another tracker believes of one object, beside its position and velocity.

    ``ref`` is that tracker's own number for it, unique within the sensor; ``covariance`` of east, north (m) and the
    velocities east, north (m/s): the upper triangle, row by row."""

    ref: ShortText
    covariance: tuple[float, float, float, float, float, float, float, float, float, float] | None = None


class Classification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One label for the kind of object, with the sensor's own confidence 0..1."""

    label: ShortText
    confidence: Share


class Attachment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture or recording kept elsewhere, named by address and by the SHA-256 of its bytes (hex)."""

    uri: Annotated[str, Meta(min_length=1, max_length=2048)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Observation(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """One measurement by one sensor. Exactly one of position, bearing and zone_id says where."""

    sensor_id: ShortText
    event_time: Annotated[datetime, Meta(tz=True)]
    schema: Literal["vedette.observation.v1"] = SCHEMA
    observation_id: str | None = None  # derived from the content; what an input says here is not used
    position: tuple[Longitude, Latitude] | None = None
    bearing: Bearing | None = None
    zone_id: ShortText | None = None
    sigma_m: Positive | None = None
    covariance_m2: tuple[float, float, float] | None = None
    velocity: Velocity | None = None
    heading_deg: Angle | None = None
    altitude_m: float | None = None
    identity: Identity | None = None
    classification: tuple[Classification, ...] = ()
    signal: dict[str, float] | None = None
    attachments: tuple[Attachment, ...] = ()
    distress: Distress | None = None
    simulated: bool = False
    track: TrackReport | None = None
