"""What a topic of numbered versions holds, as whoever publishes or lists them reads it.

One record that is none must not keep people from the versions beside it: it is passed over, and said to be. The workers
refuse it likewise, and keep it as a dead letter.
"""

import logging
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

import msgspec
from kafka import KafkaConsumer, TopicPartition

from streams.connection import client_options

_log = logging.getLogger(__name__)


class Numbered(Protocol):
    """One immutable version."""

    version: int


_V = TypeVar("_V", bound=Numbered)


class PassedOver(NamedTuple):
    """A record that is no version, and why; ``reason`` names a field and what is expected of it, no value."""

    topic: str
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"{self.topic}/0: record {self.offset} is passed over: {self.reason}"


Hear = Callable[[PassedOver], None]


def logged(found: PassedOver) -> None:
    """Say it in the log."""
    _log.warning("%s", found)


def versions_of(bootstrap: str, topic: str, read: Callable[[bytes], _V], hear: Hear = logged) -> list[_V]:
    """Every version in partition 0 of a topic, by number; of two records of one number the first counts.

    ``read`` decodes a value and raises msgspec.MsgspecError or UnicodeDecodeError where it is none: ``hear`` is told
    of it. Raises kafka.errors.KafkaError where no broker answers."""
    found: dict[int, _V] = {}
    for offset, value in _values(bootstrap, TopicPartition(topic, 0)):
        try:
            version = read(value)
        except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
            hear(PassedOver(topic, offset, str(problem)))
        else:
            found.setdefault(version.version, version)
    return [found[number] for number in sorted(found)]


def _values(bootstrap: str, partition: TopicPartition) -> list[tuple[int, bytes]]:
    """Offset and value of every record of a partition, up to the end it has now."""
    consumer = KafkaConsumer(
        **client_options(bootstrap),
        group_id=None,
        enable_auto_commit=False,
        bootstrap_timeout_ms=5_000,
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )
    values: list[tuple[int, bytes]] = []
    try:
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        end = consumer.end_offsets([partition])[partition]
        while consumer.position(partition) < end:
            for records in consumer.poll(timeout_ms=1_000).values():
                values += ((record.offset, record.value) for record in records if record.value is not None)
    finally:
        consumer.close()
    return values
