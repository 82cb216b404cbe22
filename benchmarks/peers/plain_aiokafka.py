"""Plain aiokafka, ``getmany`` and a loop: the floor under any Python engine built on it.

Best settings: uvloop, cycles looked for seldom, 4 MB fetches of a partition, all records a fetch brought.
"""

import sys

import uvloop
from aiokafka import AIOKafkaConsumer

from benchmarks.peers.event import decode
from benchmarks.peers.meter import Meter
from streams.garbage import collect_seldom


async def _read() -> None:
    broker, topic, count, group = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    meter = Meter(count)
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker,
        group_id=group,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    await consumer.start()
    while True:
        for records in (await consumer.getmany(timeout_ms=1000)).values():
            for record in records:
                decode(record.value)
            meter.seen(len(records))


if __name__ == "__main__":
    collect_seldom()
    uvloop.run(_read())
