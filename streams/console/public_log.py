"""Reading public topics from outside, the way any client should: by key, the highest version, without a group.

A public topic may hold a version twice, or a lower one behind a higher one for a moment (a worker that was replaced
woke up): a reader ignores what is not newer than what it has seen. Kafka-python is imported inside, because it takes
0.3 s and ``--help`` does not need it.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import msgspec

from streams.connection import client_options
from streams.log import Record

if TYPE_CHECKING:
    from kafka import KafkaConsumer

POLL_S = 0.2
_QUIET_S = 5.0  # an end that compaction has emptied is never reached: give up on it after this long without a record


class Versioned(Protocol):
    """A public message with a version."""

    version: int


V = TypeVar("V", bound=Versioned)


class Newest(Generic[V]):
    """The newest version of every key, in the order the keys were first seen."""

    def __init__(self, message: type[V]) -> None:
        self._decoder = msgspec.json.Decoder(message)
        self.by_key: dict[str, V] = {}
        self.unreadable = 0  # records of a newer schema, or not of ours

    def take(self, record: Record) -> V | None:
        """The message, where it is newer than what was seen of its key."""
        if record.key is None or record.value is None:
            self.by_key.pop((record.key or b"").decode(errors="replace"), None)
            return None
        try:
            key, message = record.key.decode(), self._decoder.decode(record.value)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self.unreadable += 1
            return None
        known = self.by_key.get(key)
        if known is not None and message.version <= known.version:
            return None
        self.by_key[key] = message
        return message


class PublicLog:
    """One topic, all partitions, from its beginning."""

    def __init__(self, consumer: "KafkaConsumer", topic: str) -> None:
        from kafka import TopicPartition

        self._consumer = consumer
        self._parts = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(self._parts)
        if self._parts:
            consumer.seek_to_beginning(*self._parts)

    def to_now(self) -> Iterator[Record]:
        """Everything up to the end the topic has now, in the order of each partition."""
        if not self._parts:
            return
        ends = self._consumer.end_offsets(self._parts)
        quiet_s = 0.0
        while quiet_s < _QUIET_S and any(self._consumer.position(part) < end for part, end in ends.items()):
            records = self._poll()
            quiet_s = 0.0 if records else quiet_s + POLL_S
            yield from records

    def follow(self, stop: threading.Event) -> Iterator[Record]:
        """What comes from here on, until ``stop`` is set; also of a topic that is made later."""
        while not stop.is_set():
            if not self._parts:  # the topic does not exist yet
                stop.wait(POLL_S)
                continue
            yield from self._poll()

    def skip_to_end(self) -> None:
        """Leave out everything there is."""
        if self._parts:
            self._consumer.seek_to_end(*self._parts)
            for part in self._parts:
                self._consumer.position(part)  # the seek is lazy: without this, what comes next could be skipped too

    def once(self) -> Sequence[Record]:
        """What has come since the last reading; waits a moment where nothing has."""
        return self._poll() if self._parts else ()

    def _poll(self) -> list[Record]:
        polled = self._consumer.poll(timeout_ms=int(POLL_S * 1000))
        return [
            Record(record.offset, record.timestamp * 1000, record.key, record.value, tuple(record.headers))
            for records in polled.values()
            for record in records
        ]


@contextmanager
def public_log(bootstrap: str, topic: str) -> Iterator[PublicLog]:
    """A topic open for reading; raises kafka.errors.KafkaError where the broker goes away."""
    from kafka import KafkaConsumer

    consumer = KafkaConsumer(
        **client_options(bootstrap),
        client_id="vedette-console",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        allow_auto_create_topics=False,
        bootstrap_timeout_ms=5_000,
        metrics_enabled=False,
    )
    try:
        yield PublicLog(consumer, topic)
    finally:
        consumer.close()


def newest(bootstrap: str, topic: str, message: type[V]) -> dict[str, V]:
    """The newest version of every key of a topic, as it is now."""
    found = Newest(message)
    with public_log(bootstrap, topic) as log:
        for record in log.to_now():
            found.take(record)
    return found.by_key
