"""A running system under test: a broker of its own, two workers, a stream of reports, and what must hold afterwards.

Everything is judged from the topics themselves, never from metrics.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from streams.config import Feed, Format, Settings, WorkerRules
from streams.deployment import GROUPS, Deployment
from streams.embedded import EmbeddedBroker
from streams.messages import Unit
from streams.partitioning import Owners
from streams.public import Headers, encode
from streams.publisher.zones import publish_zones
from tests.property import worlds

SENSOR = "acme-1"
TOPIC = "raw.acme.json"


class Seen(NamedTuple):
    """One record of a public topic as it lies in the log."""

    topic: str
    partition: int
    offset: int
    time_ms: int
    key: str
    value: dict[str, Any] | None
    headers: dict[str, bytes]


class System:
    """The system, and the moves a fault test makes on it."""

    def __init__(self, broker: EmbeddedBroker, deployment: Deployment) -> None:
        self.broker = broker
        self.deployment = deployment
        self.published = 0

    def publish(self, reports: Sequence[worlds.Report], seconds: float) -> None:
        """Send the reports evenly over ``seconds``; every one is confirmed before this returns."""
        producer = KafkaProducer(
            bootstrap_servers=self.broker.bootstrap,
            enable_idempotence=True,
            linger_ms=5,
            reconnect_backoff_max_ms=500,  # the default of 30 s would be measured as ours
        )
        futures = []
        begun = time.monotonic()
        for number, report in enumerate(reports):
            due = begun + seconds * number / len(reports)
            if (wait := due - time.monotonic()) > 0:
                threading.Event().wait(wait)
            headers = [("vedette-historical", b"1")]
            value = worlds.event(report, SENSOR)
            futures.append(producer.send(TOPIC, value, key=SENSOR.encode(), headers=headers, partition=0))
        producer.flush()
        for future in futures:
            future.get(timeout=60)
        producer.close()
        self.published += len(reports)

    def end(self) -> None:
        """Close the input."""
        producer = KafkaProducer(bootstrap_servers=self.broker.bootstrap)
        producer.send(TOPIC, b"", key=SENSOR.encode(), headers=[("vedette-end", b"1")], partition=0).get(timeout=60)
        producer.close()

    def station(self, unit_id: str) -> None:
        """Let an exercise unit report from the middle of the world."""
        unit = Unit(unit_id=unit_id, position=(0.0, 0.0), speed_mps=20.0, exercise=True)
        self.send("units.v1", 0, unit_id.encode(), encode(unit))

    def send(self, topic: str, partition: int, key: bytes, value: bytes, headers: Headers = ()) -> None:
        """Append one record to any topic; confirmed when this returns."""
        producer = KafkaProducer(bootstrap_servers=self.broker.bootstrap, acks="all")
        producer.send(topic, value, key=key, partition=partition, headers=list(headers)).get(timeout=60)
        producer.close()

    def read(self, topic: str) -> list[Seen]:
        """Everything in a topic, in the order of each partition."""
        return list(_read(self.broker.bootstrap, topic))

    def health(self) -> dict[tuple[str, str, int], dict[str, Any]]:
        """The newest health record of every stage's partition."""
        newest = {}
        for seen in self.read("health.v1"):
            if seen.value is not None:
                newest[seen.value["stage"], seen.value["topic"], seen.value["partition"]] = seen.value
        return newest

    def ends(self, topic: str) -> dict[int, int]:
        """End offset of every partition of a topic."""
        consumer = KafkaConsumer(bootstrap_servers=self.broker.bootstrap)
        try:
            parts = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic) or ())]
            return {tp.partition: end for tp, end in consumer.end_offsets(parts).items()}
        finally:
            consumer.close()

    def finished(self) -> bool:
        """Whether every dispatch partition has seen the end of every source."""
        health = self.health()
        done = [h["gauges"].get("ended") for (stage, _, _), h in health.items() if stage == "dispatch"]
        return len(done) == self.deployment.settings.owners.partitions and all(done)

    def wait_until_finished(self, seconds: float = 60.0) -> None:
        """Wait for the end to reach dispatch everywhere."""
        wait_until(self.finished, seconds, lambda: f"the stream has not ended: {self._progress()}")

    def _progress(self) -> dict[str, Any]:
        return {f"{s}/{t}/{p}": (h["offset"], h["lag"]) for (s, t, p), h in self.health().items()}


@contextmanager
def running(
    directory: Path,
    partitions: int = 2,
    groups: Mapping[str, Sequence[str]] = GROUPS,
    rules: WorkerRules | None = None,
    module: str = "streams.cli.main",
) -> Iterator[System]:
    """A broker, topics, zones and workers; all gone afterwards."""
    settings = Settings(
        (Feed("acme", "json", Format.JSON),),
        Owners(partitions),
        worker=rules or WorkerRules(session_timeout_s=3.0, heartbeat_s=0.5),
        snapshot_every_s=1.0,
    )
    with (
        EmbeddedBroker() as broker,
        Deployment(broker.bootstrap, settings, directory, groups, module=module) as deployment,
    ):
        publish_zones(worlds.feature_collection(), broker.bootstrap, None)
        deployment.start()
        yield System(broker, deployment)


def wait_until(condition: Callable[[], bool], seconds: float, complaint: Callable[[], str]) -> float:
    """Poll until the condition holds; the seconds it took. Fails with the complaint."""
    begun = time.monotonic()
    pause = threading.Event()
    while not condition():
        if time.monotonic() - begun > seconds:
            raise AssertionError(complaint())
        pause.wait(0.1)
    return time.monotonic() - begun


def _read(bootstrap: str, topic: str) -> Iterator[Seen]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    try:
        parts = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        ends = consumer.end_offsets(parts)
        while any(consumer.position(tp) < end for tp, end in ends.items()):
            for tp, records in consumer.poll(timeout_ms=200).items():
                for record in records:
                    value = None if record.value is None else _json(record.value)
                    yield Seen(
                        tp.topic,
                        tp.partition,
                        record.offset,
                        record.timestamp,
                        (record.key or b"").decode(),
                        value,
                        dict(record.headers or ()),
                    )
    finally:
        consumer.close()


def _json(value: bytes) -> dict[str, Any] | None:
    try:
        decoded = msgspec.json.decode(value)
    except msgspec.DecodeError:
        return None
    return decoded if isinstance(decoded, dict) else None
