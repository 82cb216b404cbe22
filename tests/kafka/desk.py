"""One owner of alerts and tasks beside a real broker, in a thread: what a worker does, without its engine."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from streams import topics, topology
from streams.config import Feed, Format, Settings
from streams.dead_letters import Origin, dead_letter
from streams.log import Output, Record
from streams.memory_log import MemoryPipeline
from streams.messages import Edge, Unit
from streams.partitioning import Owners
from streams.public import encode
from streams.zones import ZoneVersions
from tests.streams.owner_log import OwnerLog

SETTINGS = Settings((Feed("acme", "json", Format.JSON),), Owners(1))
_INPUTS = ("commands.v1", "units.v1")


@dataclass(frozen=True)
class Said:
    """What a verb printed, and its exit code."""

    code: int
    out: str
    err: str


class Desk:
    """Alerts from given edges; commands and units from the broker; alerts, tasks and dead letters to it."""

    def __init__(self, bootstrap: str) -> None:
        topics.apply(bootstrap, topics.catalogue(SETTINGS))
        self.bootstrap = bootstrap
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
        self._pipeline = MemoryPipeline(
            [topology.STAGES[name](SETTINGS, ZoneVersions()) for name in ("gateway", "alert", "dispatch")], self._write
        )
        for topic in (*_INPUTS, "detections.v1", "dispatches.v1"):
            self._pipeline.open(topic, 0)
        self._log = OwnerLog()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Desk":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._producer.close()

    def detect(self, *edges: Edge) -> None:
        """Let detections happen; their alerts are in the log when this returns."""
        with self._lock:
            self._pipeline.append("detections.v1", 0, [self._log.say("observations.v1/0", *edges)])
            self._pipeline.run()
            self._producer.flush()

    def report(self, *units: Unit) -> None:
        """Let units say where they are, through the broker."""
        for unit in units:
            self.publish("units.v1", unit.unit_id.encode(), encode(unit))

    def publish(self, topic: str, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        """Write one record; confirmed when this returns."""
        self._producer.send(topic, value, key=key, headers=list(headers), partition=0).get(timeout=30)

    def bury(self, reason: str, origin: Origin, value: bytes) -> None:
        """Write a dead letter, as a stage would."""
        with self._lock:
            self._write(dead_letter("ingest", reason, origin, value, "field"), 0)
            self._producer.flush()

    def records(self, topic: str) -> list[Any]:
        """Everything in partition 0 of a topic."""
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        try:
            part = TopicPartition(topic, 0)
            consumer.assign([part])
            consumer.seek_to_beginning(part)
            found: list[Any] = []
            end = consumer.end_offsets([part])[part]
            while consumer.position(part) < end:
                found += consumer.poll(timeout_ms=500).get(part, [])
            return found
        finally:
            consumer.close()

    def _serve(self) -> None:
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        parts = [TopicPartition(topic, 0) for topic in _INPUTS]
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        while not self._stop.is_set():
            for part, records in consumer.poll(timeout_ms=100).items():
                read = [Record(0, r.timestamp * 1000, r.key, r.value, tuple(r.headers)) for r in records]
                with self._lock:
                    self._pipeline.append(part.topic, 0, read)
                    self._pipeline.run()
                    self._producer.flush()
        consumer.close()

    def _write(self, output: Output, _: int) -> None:
        self._producer.send(
            output.topic, output.value, key=output.key, headers=list(output.headers), partition=output.partition
        )
