"""Publishing clearances. A version is immutable and whole; publishing an edit makes the next one."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from streams.clearances import Clearance, ClearanceErrors, ClearancesVersion, check
from streams.public import encode, event_headers, to_us
from streams.publisher.sender import Sender
from streams.publisher.versions import Hear, logged, versions_of
from streams.publisher.zones import beginning_us, confirm

CLEARANCES = "clearances.v1"
_read_version = msgspec.json.Decoder(ClearancesVersion).decode


def publish_clearances(
    clearances: Sequence[Clearance],
    bootstrap: str,
    in_force_from: datetime | None = None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    hear: Hear = logged,
) -> ClearancesVersion:
    """Publish clearances as the next version; equal ones make no new version, and the newest is returned.

    The first version is in force since ever, whatever ``in_force_from``; a later one from ``in_force_from`` or, where
    that is None, from ``now() + MARGIN``. Raises ClearanceErrors, TooSoon, NotConfirmed, and KafkaError where no broker
    answers."""
    if problems := check(clearances):
        raise ClearanceErrors(problems)
    versions = all_clearances(bootstrap, hear)
    if versions and versions[-1].clearances == list(clearances):
        return versions[-1]
    at = now()
    number, from_us = (versions[-1].version + 1, beginning_us(in_force_from, at)) if versions else (1, None)
    version = ClearancesVersion(version=number, in_force_from_us=from_us, clearances=list(clearances))
    headers = event_headers("publisher", version.schema, "clearances", number, to_us(at))
    with Sender(bootstrap, compression="gzip") as sender:
        sender.send(CLEARANCES, 0, f"clearances/{number}".encode(), encode(version), list(headers))
        confirm(sender)
    return version


def all_clearances(bootstrap: str, hear: Hear = logged) -> list[ClearancesVersion]:
    """Every version published, in order; of two records of one version the first counts; ``hear`` is told of records
    that are none."""
    return versions_of(bootstrap, CLEARANCES, _read_version, hear)
