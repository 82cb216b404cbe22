"""What every public record has in common: JSON values, CloudEvents 1.0 binary-mode headers, times as RFC 3339 with Z.

Any Kafka client can read a public topic with the published schema and nothing of ours; the provenance headers beside
the CloudEvents ones are for our own readers. (CloudEvents 1.0, Kafka protocol binding, §3.2.)
"""

from datetime import UTC, datetime, timedelta

import msgspec

from streams import provenance
from streams.log import Provenance

INGEST_TIME_HEADER = "vedette-ingest-time"  # microseconds: broker time of the raw record that decided
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_encoder = msgspec.json.Encoder()

Headers = tuple[tuple[str, bytes], ...]


def to_time(time_us: int) -> datetime:
    """Aware UTC time of microseconds since 1970, exact."""
    return _EPOCH + timedelta(microseconds=time_us)


def to_us(time: datetime) -> int:
    """Microseconds since 1970 of an aware time, exact; raises TypeError where it has no zone."""
    return (time - _EPOCH) // _MICROSECOND


def rfc3339(time_us: int) -> str:
    """RFC 3339 in UTC.

    >>> rfc3339(1_500_000)
    '1970-01-01T00:00:01.500000Z'
    """
    return to_time(time_us).isoformat().replace("+00:00", "Z")


def encode(message: msgspec.Struct) -> bytes:
    """The JSON value of a public message."""
    return _encoder.encode(message)


def event_headers(stage: str, schema: str, subject: str, version: int, time_us: int) -> Headers:
    """CloudEvents headers of one version of one subject; ``schema`` is the event type, ``stage`` the source."""
    return (
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_id", f"{subject}/{version}".encode()),
        ("ce_source", f"/vedette/{stage}".encode()),
        ("ce_type", schema.encode()),
        ("ce_subject", subject.encode()),
        ("ce_time", rfc3339(time_us).encode()),
    )


def public_headers(
    stage: str,
    schema: str,
    subject: str,
    version: int,
    time_us: int,
    origin: Provenance,
    ingest_time_us: int | None = None,
) -> Headers:
    """CloudEvents and provenance headers; with ``ingest_time_us`` (us) also when the cause entered the log."""
    found = (*event_headers(stage, schema, subject, version, time_us), *provenance.headers(stage, origin))
    return found if ingest_time_us is None else (*found, (INGEST_TIME_HEADER, str(ingest_time_us).encode()))
