"""How long an event took to become an alert: raw record's broker time to alert record's broker time."""

import re
from collections.abc import Iterable

from streams.public import INGEST_TIME_HEADER

_VERSION = re.compile(rb"/(\d+)\Z")  # of ce_id, subject/version
Headers = Iterable[tuple[str, bytes]]


def latency_ms(timestamp_ms: int, headers: Headers) -> float | None:
    """Milliseconds from the raw record that decided to this record of ``alerts.v1``; None where no raw record did
    (a command, a timer). ``timestamp_ms`` is the broker's append time, which Kafka keeps in milliseconds."""
    for name, value in headers:
        if name == INGEST_TIME_HEADER:
            return timestamp_ms - int(value) / 1000.0
    return None


def opening_latency_ms(timestamp_ms: int, headers: Headers) -> float | None:
    """:func:`latency_ms` of an alert's first version, None for a later one: what a watch officer waits for."""
    found = list(headers)
    version = next((match for name, value in found if name == "ce_id" and (match := _VERSION.search(value))), None)
    if version is not None and version[1] != b"1":
        return None
    return latency_ms(timestamp_ms, found)
