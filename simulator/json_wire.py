"""Reports as the public observation contract: one JSON event each, marked as simulated."""

from datetime import UTC, datetime, timedelta

import msgspec

from sensors.observation import Observation, Velocity
from simulator.reception import Flaw, Report

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
            identity=report.craft.identity,
            distress=report.craft.distress,
            simulated=True,
        )
        value = _encoder.encode(observation)
        return [value if report.flaw is None else _damaged(value, report)]


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
