"""Feeds the live view from Kafka: health, alerts and tasks as they are written."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from streams import health
from streams.connection import client_options
from streams.console.latency import opening_latency_ms
from streams.console.view import Notice, View
from streams.messages import Alert, Task

HEALTH, ALERTS, TASKS = "health.v1", "alerts.v1", "tasks.v1"
_POLL_MS = 200
_RETRY_S = 1.0
_read_alert = msgspec.json.Decoder(Alert).decode
_read_task = msgspec.json.Decoder(Task).decode


def apply_record(view: View, topic: str, timestamp_ms: int, value: bytes, headers: Any) -> Notice | None:
    """One record of one of the three topics into the view; raises msgspec.MsgspecError where it is none of ours."""
    if topic == HEALTH:
        view.apply_health(health.decode(value))
        return None
    if topic == ALERTS:
        return view.apply_alert(_read_alert(value), opening_latency_ms(timestamp_ms, headers))
    return view.apply_task(_read_task(value))


class Feed:
    """A thread that tails the topics from their ends on (``from_beginning``: from their beginnings) and updates
    ``view`` under ``lock``. A record it cannot read is counted in ``unread`` and passed over; while no broker answers
    it tries again every second."""

    def __init__(
        self,
        bootstrap: str,
        view: View,
        lock: threading.Lock,
        tell: Callable[[Notice], None] = lambda _: None,
        *,
        from_beginning: bool = False,
    ) -> None:
        self.unread = 0
        self.reading = threading.Event()  # set once the topics are being read
        self._bootstrap, self._view, self._lock, self._tell = bootstrap, view, lock, tell
        self._from_beginning = from_beginning
        self._next: dict[TopicPartition, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="console-feed", daemon=True)

    def __enter__(self) -> "Feed":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def drain(self, seconds: float) -> bool:
        """Wait until all that the topics hold now is applied; False where that takes longer than ``seconds``."""
        consumer = KafkaConsumer(**client_options(self._bootstrap), metrics_enabled=False)
        try:
            ends = consumer.end_offsets(list(self._next))
        finally:
            consumer.close()
        pause, until = threading.Event(), time.monotonic() + seconds
        while any(self._next[part] < end for part, end in ends.items()):
            if time.monotonic() > until:
                return False
            pause.wait(0.05)
        return True

    def stop(self) -> None:
        """End the thread; what has been applied stays."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._tail()
            except KafkaError:
                self._stop.wait(_RETRY_S)

    def _tail(self) -> None:
        consumer = KafkaConsumer(
            **client_options(self._bootstrap),
            group_id=None,
            enable_auto_commit=False,
            bootstrap_timeout_ms=5_000,
            reconnect_backoff_max_ms=1_000,  # not 30 s: a broker that is back is seen at once
            allow_auto_create_topics=False,
            metrics_enabled=False,
            fetch_max_wait_ms=_POLL_MS,
        )
        try:
            if not self._begin(consumer):
                return
            self.reading.set()
            while not self._stop.is_set():
                for records in consumer.poll(timeout_ms=_POLL_MS).values():
                    for record in records:
                        self._apply(record)
        finally:
            consumer.close()

    def _begin(self, consumer: Any) -> bool:
        """Assign what there is and go to where reading begins, or went on; False where topics are still missing."""
        topics = {topic: consumer.partitions_for_topic(topic) for topic in (HEALTH, ALERTS, TASKS)}
        if not all(topics.values()):
            self._stop.wait(_RETRY_S)
            return False
        parts = [TopicPartition(topic, p) for topic, partitions in topics.items() for p in sorted(partitions)]
        consumer.assign(parts)
        begins = consumer.beginning_offsets(parts) if self._from_beginning else consumer.end_offsets(parts)
        for part in parts:
            consumer.seek(part, self._next.setdefault(part, begins[part]))
        return True

    def _apply(self, record: Any) -> None:
        self._next[TopicPartition(record.topic, record.partition)] = record.offset + 1
        if record.value is None:
            return
        try:
            with self._lock:
                notice = apply_record(self._view, record.topic, record.timestamp, record.value, record.headers)
        except msgspec.MsgspecError:
            self.unread += 1
            return
        if notice is not None:
            self._tell(notice)
