"""The newest snapshot is found from the end of its log, whatever lies before and beside it."""

import asyncio
import uuid
from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from streams.engine import snapshot_log
from streams.engine.snapshots import Header, Shelf, records, subject
from streams.log import Output

pytestmark = pytest.mark.kafka
CHUNK = 64


def _snapshot(topic: str, stage: str, offset: int, size: int) -> list[Output]:
    header = Header(
        stage=stage, topic="in", partition=0, offset=offset, counts={}, log_time_us=0, at=1.0, version="1",
        writer="w1", slot=offset % 2,
    )  # fmt: skip
    return records(header, b"%08d" % offset * (size // 8), topic, 0, CHUNK)


async def _write(broker: str, outputs: Sequence[Output]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker)
    await producer.start()
    try:
        sends = [
            await producer.send(one.topic, one.value, key=one.key, partition=0, headers=list(one.headers))
            for one in outputs
        ]
        await asyncio.gather(*sends)
    finally:
        await producer.stop()


def test_the_newest_is_found_from_the_end_and_little_else_is_read(broker: str) -> None:
    """Law: from the end backwards the same newest snapshot is found as in the whole log: of a busy subject without
    reading its old ones, of a quiet one however far back it is, of a half-written one the slot before; a subject
    without any is looked for to the beginning and not found."""
    topic = f"snapshots.{uuid.uuid4().hex[:8]}"
    admin = KafkaAdminClient(bootstrap_servers=broker)
    admin.create_topics([NewTopic(topic, 2, 1)])
    admin.close()
    busy = [one for offset in range(40) for one in _snapshot(topic, "busy", offset, 800)]
    half = _snapshot(topic, "busy", 40, 800)[:5]
    asyncio.run(_write(broker, [*_snapshot(topic, "quiet", 3, 80), *busy, *half]))
    names = {stage: subject(stage, "in", 0) for stage in ("busy", "quiet", "none")}

    def newest(*stages: str) -> Shelf:
        wanted = {0: {names[stage] for stage in stages}, 1: {names["none"]}}
        return asyncio.run(snapshot_log.read_newest([broker], topic, wanted))

    whole = asyncio.run(snapshot_log.read([broker], topic, [0, 1], None))
    (alone,) = newest("busy").complete(names["busy"])
    assert (alone.header.offset, alone) == (39, whole.complete(names["busy"])[0])
    both = newest("busy", "quiet", "none")
    assert both.complete(names["quiet"]) == whole.complete(names["quiet"])
    assert both.complete(names["busy"])[0].header.offset == 39
    assert both.complete(names["none"]) == []
