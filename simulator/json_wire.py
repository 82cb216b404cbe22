"""Reports and sightings as the public observation contract: one JSON event each, marked as simulated."""

from datetime import UTC, datetime, timedelta
from math import sqrt

import msgspec

from sensors.observation import Bearing, Classification, Observation, Velocity
from simulator.reception import Flaw, Report
from simulator.sensing.lookout import Sighting

_SIGMA_M = 10.0  # "position accuracy: high" in message 1 means better than 10 m
_NOT_AVAILABLE = (181.0, 91.0)  # ITU-R M.1371-5 table 47
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encoder = msgspec.json.Encoder()


class JsonWire:
    """Encodes reports; a report is one record."""

    def encode(self, report: Report) -> list[bytes]:
        """The record a receiver would publish, damaged as the report says."""
        observation = Observation(
            sensor_id=report.sensor_id,
            event_time=_EPOCH + timedelta(microseconds=report.event_time_us),
            position=_NOT_AVAILABLE if report.flaw is Flaw.OUT_OF_RANGE else (report.lon, report.lat),
            sigma_m=_SIGMA_M,
            velocity=Velocity(report.speed_mps, report.course_deg),
            heading_deg=report.heading_deg,
            altitude_m=report.craft.altitude_m,
            identity=report.craft.identity,
            distress=report.craft.distress,
            simulated=True,
        )
        value = _encoder.encode(observation)
        return [value if report.flaw is None else _damaged(value, report)]

    def encode_sighting(self, sighting: Sighting) -> list[bytes]:
        """The record a sensor would publish; nothing of what it really saw is in it."""
        mark = sighting.mark
        pointing = None
        if mark.bearing_deg is not None:
            pointing = Bearing(round(mark.bearing_deg, 4) % 360.0, mark.sigma_deg)
        event = Observation(
            sensor_id=sighting.sensor_id,
            event_time=_EPOCH + timedelta(microseconds=sighting.event_time_us),
            position=sighting.lonlat,
            bearing=pointing,
            zone_id=mark.zone_id,
            sigma_m=_sigma_m(mark.covariance_m2),
            covariance_m2=_rounded(mark.covariance_m2),
            classification=() if mark.kind is None else (Classification(mark.kind, mark.confidence),),
            simulated=True,
        )
        return [_encoder.encode(event)]


def _rounded(covariance_m2: tuple[float, float, float] | None) -> tuple[float, float, float] | None:
    if covariance_m2 is None:
        return None
    xx, xy, yy = covariance_m2
    return round(xx, 2), round(xy, 2), round(yy, 2)


def _sigma_m(covariance_m2: tuple[float, float, float] | None) -> float | None:
    """The standard deviation of one axis, as the mean of both."""
    return None if covariance_m2 is None else round(sqrt((covariance_m2[0] + covariance_m2[2]) / 2.0), 2)


def _damaged(value: bytes, report: Report) -> bytes:
    match report.flaw:
        case Flaw.TRUNCATED:
            return value[: len(value) * 2 // 3]
        case Flaw.GARBLED:
            middle = len(value) // 2
            return value[:middle] + bytes([value[middle] ^ 0x80]) + value[middle + 1 :]  # no longer UTF-8
        case Flaw.NO_TIME:
            return value.replace(b'"event_time":', b'"evnt_time":', 1)
        case _:
            return value
