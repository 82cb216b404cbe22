"""Publish recordings to the raw topics of their vendors: the file's own rows, unchanged, then an end of input."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec

from sensors.adapter import RawRecord
from sensors.files import raw_records
from streams.inputs import Input
from streams.partitioning import stable_partition
from streams.publisher.merge import merged
from streams.publisher.sender import Sender
from streams.publisher.speed import Pace

END: tuple[str, bytes] = ("vedette-end", b"1")
_TELL_EVERY = 1000
_LINGER_MS = 20


class PublishReport(msgspec.Struct, frozen=True):
    """What became of the rows. ``ended`` says whether the ends of input were confirmed as well."""

    rows: int
    sent: int
    failed: int
    ended: bool
    seconds: float
    topics: dict[str, int]  # rows per topic
    failure: str | None = None


def publish(
    inputs: Sequence[Input],
    bootstrap: str,
    speed: float | None = None,
    *,
    live: bool = False,
    end: bool = True,
    stop: threading.Event | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> PublishReport:
    """Publish every row of ``inputs``; ``speed`` is a factor of the recordings' own pace, None as fast as possible.

    Each record's key is its sensor and its partition is the sensor's; unless ``live`` it says that it is historical.
    Setting ``stop`` ends early, without ends of input: they would claim that the recordings are complete.
    Raises kafka.errors.KafkaError where no broker answers, TopicMissing, and OSError or ValueError where an input
    cannot be read; what a broker refused later is counted as failed."""
    pace = Pace(speed, stop or threading.Event())
    started = time.monotonic()
    topics = [item.feed.topic for item in inputs]
    counts = dict.fromkeys(topics, 0)
    with Sender(bootstrap, linger_ms=_LINGER_MS if speed is None else 0) as sender:
        partitions = {topic: sender.partitions(topic) for topic in counts}
        places: dict[tuple[int, bytes], int] = {}
        rows, complete = 0, True
        for due_us, source, _, record in merged(inputs, lambda item: _read(item, live)):
            if not pace.wait(due_us):
                complete = False
                break
            topic, key = topics[source], record.key
            partition = places.get((source, key))
            if partition is None:
                partition = places[source, key] = stable_partition(key.decode(), partitions[topic])
            sender.send(topic, partition, key, record.value, list(record.headers.items()))
            counts[topic] += 1
            rows += 1
            if rows % _TELL_EVERY == 0:
                progress(rows)
        progress(rows)
        sender.flush()
        sent, failed = sender.sent, sender.failed
        ended = end and complete and not failed
        if ended:
            send_ends(sender, partitions)
            ended = not sender.failed
        failure = str(sender.failure) if sender.failure else None
    return PublishReport(rows, sent, failed, ended, round(time.monotonic() - started, 3), counts, failure)


def send_ends(sender: Sender, partitions: dict[str, int]) -> None:
    """Tell every partition of the topics that its input is complete, and wait until that is confirmed."""
    for topic, count in partitions.items():
        for partition in range(count):
            sender.send(topic, partition, b"", b"", [END])
    sender.flush()


def _read(item: Input, live: bool) -> Iterator[RawRecord]:
    return raw_records(item.path, item.format, item.sensor_id, units=item.units, historical=not live)
