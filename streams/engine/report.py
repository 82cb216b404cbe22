"""Once a second: a health record per partition, the metrics, and the watchdog's signs of life."""

import asyncio
import logging
import time
from typing import Any

from streams import health
from streams.boundary import Fault, attempt_async
from streams.engine.delivery import TopicPartition
from streams.engine.partition import Condition, Partition
from streams.engine.stage import Stage
from streams.engine.watchdog import Vitals
from streams.health import Health
from streams.log import Output
from streams.partitioning import stable_partition

_log = logging.getLogger(__name__)
_BEAT_S = 0.25


class Reporter:
    """Speaks for one stage. What it says is information only: where it cannot be written, the stage goes on."""

    def __init__(self, stage: Stage) -> None:
        self.vitals = Vitals(stage.name)
        self._stage = stage
        self._settings = stage.settings
        self._last: dict[TopicPartition, tuple[float, int]] = {}
        self._moved: dict[TopicPartition, tuple[int, float]] = {}
        self._said_at = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(_BEAT_S)
            now = time.monotonic()
            self._beat(now)
            if now - self._said_at >= self._settings.health_every_s - _BEAT_S / 2:
                self._said_at = now
                await self.say()

    async def say(self, *, final: bool = False) -> None:
        """Write the health of every partition; waits for the broker only where ``final``."""
        healths = [self._health(partition, final) for partition in self._stage.partitions.values()]
        self._stage.metrics.report(healths, self._stage.completer.sends)
        outcome = await attempt_async(asyncio.wait_for(self._write(healths, final), 10.0))
        if isinstance(outcome, Fault):
            _log.warning("%s: health could not be written: %s", self._stage.name, outcome)

    async def _write(self, healths: list[Health], final: bool) -> None:
        topic, producer = self._settings.health_topic, self._stage.producer
        count = await producer.partitions_of(topic)
        sends = [
            await producer.begin(
                Output(topic, stable_partition(record.key, count), record.key.encode(), health.encode(record))
            )
            for record in healths
        ]
        for send in sends:
            if final:
                await send
            else:
                send.add_done_callback(self._heard)

    def _heard(self, done: "asyncio.Future[Any]") -> None:
        if not done.cancelled() and done.exception() is None:
            self.vitals.confirmed_at = time.monotonic()

    def _health(self, partition: Partition, final: bool) -> Health:
        now, source = time.monotonic(), partition.source
        end = self._stage.consumer.end_of(source)
        at, records = self._last.get(source, (now, partition.records))
        self._last[source] = (now, partition.records)
        written = partition.snapshot_written_at
        return Health(
            stage=self._stage.name,
            instance=self._settings.instance,
            topic=source.topic,
            partition=source.partition,
            offset=partition.offset,
            end_offset=end,
            lag=self._stage.consumer.behind(source, partition.offset),
            counts=partition.counts(),
            gauges=partition.gauges(),
            snapshot_age_s=None if written is None else round(now - written, 3),
            rates={"records": round((partition.records - records) / max(now - at, 1e-3), 1)},
            state=str(Condition.STOPPED if final else partition.condition),
            at=time.time(),
            idle=partition.idle,
            repeats=partition.repeated,
            restarts=partition.restarts,
            buried=partition.buried,
            holes=self._stage.consumer.holes_of(source),
            gap=partition.gap,
            sends=self._stage.completer.sends,
            final=final,
        )

    def _beat(self, now: float) -> None:
        """Signs of life for the watchdog."""
        vitals, consumer = self.vitals, self._stage.consumer
        vitals.beat_at = now
        vitals.assigned = vitals.assigned or self._stage.restored
        vitals.heartbeat_at = consumer.thread.last_heartbeat
        lease_s = self._settings.session_timeout_s
        deaf = vitals.assigned and now - vitals.heartbeat_at > 2 * lease_s and now - vitals.confirmed_at < lease_s
        vitals.deaf_since = (vitals.deaf_since or now) if deaf else None
        vitals.pending_error = consumer.thread.pending_error
        vitals.evictions = consumer.thread.evictions
        vitals.flow_stopped_at = None if consumer.flow_active else vitals.flow_stopped_at or now
        vitals.behind_since = self._behind_since(now)

    def _behind_since(self, now: float) -> float | None:
        """Since when a partition has input and moves none of it; one that waits for a version is not counted."""
        oldest: float | None = None
        for source, partition in self._stage.partitions.items():
            offset, since = self._moved.get(source, (-2, now))
            still = offset == partition.offset and self._stage.consumer.behind(source, offset)
            idle = partition.idle and not partition.lock.locked()  # whoever holds it has not said so since
            if not still or partition.condition in (Condition.WAITING, Condition.HOLE) or idle:
                since = now
            elif oldest is None or since < oldest:
                oldest = since
            self._moved[source] = (partition.offset, since)
        return oldest
