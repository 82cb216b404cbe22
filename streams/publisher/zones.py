"""Publishing zones and units. A zones version is immutable; publishing an edit makes the next one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from geo.zones import read_zones
from streams.messages import Unit, ZonesVersion
from streams.partitioning import stable_partition
from streams.public import encode, event_headers, to_us
from streams.publisher.sender import Sender
from streams.publisher.versions import Hear, logged, versions_of

ZONES, UNITS = "zones.v1", "units.v1"
MARGIN = timedelta(seconds=10)  # every worker has loaded a version well before it begins to judge
_read_version = msgspec.json.Decoder(ZonesVersion).decode


class NotConfirmed(Exception):
    """The broker did not confirm what was published; it may be there or not, and publishing again is safe."""


class TooSoon(ValueError):
    """A version may not begin in the past: alerts already judged would have been judged otherwise."""


def publish_zones(
    feature_collection: Mapping[str, Any],
    bootstrap: str,
    in_force_from: datetime | None = None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    hear: Hear = logged,
) -> ZonesVersion:
    """Publish zones as the next version; zones equal to the newest version's make no new one, which is returned.

    The first version is in force since ever, whatever ``in_force_from``; a later one from ``in_force_from`` or, where
    that is None, from ``now() + MARGIN``. Raises geo.problems.ZoneErrors, :class:`TooSoon`, :class:`NotConfirmed`,
    and kafka.errors.KafkaError where no broker answers."""
    read_zones(feature_collection)
    newest = newest_zones(bootstrap, hear)
    if newest is not None and newest.zones == feature_collection:
        return newest
    at = now()
    if newest is None:
        version = ZonesVersion(version=1, in_force_from_us=None, zones=dict(feature_collection))
    else:
        from_us = beginning_us(in_force_from, at)
        version = ZonesVersion(version=newest.version + 1, in_force_from_us=from_us, zones=dict(feature_collection))
    headers = event_headers("publisher", version.schema, "zones", version.version, to_us(at))
    with Sender(bootstrap, compression="gzip") as sender:  # borders of a continent exceed the broker's 1 MiB without
        sender.send(ZONES, 0, f"zones/{version.version}".encode(), encode(version), list(headers))
        confirm(sender)
    return version


def beginning_us(wanted: datetime | None, now: datetime) -> int:
    """Event time, microseconds, from which a new version judges; raises :class:`TooSoon`."""
    begin = wanted or now + MARGIN
    if begin < now + MARGIN:
        expected = (now + MARGIN).isoformat(timespec="seconds")
        raise TooSoon(f"in force from {begin.isoformat()}: expected {expected} or later")
    return to_us(begin)


def newest_zones(bootstrap: str, hear: Hear = logged) -> ZonesVersion | None:
    """The highest version published, None where there is none; ``hear`` is told of records that are none."""
    return next(reversed(all_zones(bootstrap, hear)), None)


def all_zones(bootstrap: str, hear: Hear = logged) -> list[ZonesVersion]:
    """Every version published, in order; of two records of one version the first counts."""
    return versions_of(bootstrap, ZONES, _read_version, hear)


def publish_units(
    units: Sequence[Unit], bootstrap: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> None:
    """Publish where units are and what they can do; the newest word of a unit counts.

    Raises :class:`NotConfirmed`, TopicMissing, and kafka.errors.KafkaError where no broker answers."""
    at_us = to_us(now())
    with Sender(bootstrap) as sender:
        partitions = sender.partitions(UNITS)
        for unit in units:
            headers = event_headers("publisher", unit.schema, unit.unit_id, at_us, at_us)
            partition = stable_partition(unit.unit_id, partitions)
            sender.send(UNITS, partition, unit.unit_id.encode(), encode(unit), list(headers))
        confirm(sender)


def confirm(sender: Sender) -> None:
    """Wait until everything is confirmed; raises :class:`NotConfirmed`."""
    sender.flush()
    if sender.failed:
        raise NotConfirmed(str(sender.failure))
