"""The event every peer decodes: about 150 bytes of JSON, the vendor contract's usual fields."""

import msgspec


class Event(msgspec.Struct):
    """One observation as a vendor publishes it."""

    sensor_id: str
    event_time: str
    lon: float
    lat: float
    mmsi: int
    speed_mps: float
    course_deg: float


decode = msgspec.json.Decoder(Event).decode


def sample(number: int) -> bytes:
    """The ``number``-th event, 150 bytes or so."""
    event = Event(
        sensor_id="bench-sensor-01",
        event_time=f"2026-03-01T12:{number // 60 % 60:02d}:{number % 60:02d}.{number % 1000:03d}Z",
        lon=-81.0 + number % 1000 / 1000,
        lat=24.0 + number % 777 / 1000,
        mmsi=366_000_000 + number % 6000,
        speed_mps=7.25,
        course_deg=187.5,
    )
    return msgspec.json.encode(event)
