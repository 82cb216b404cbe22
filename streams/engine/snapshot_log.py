"""Reading snapshots: without a group, from the beginning of the partitions concerned to their present end."""

from collections.abc import Callable, Iterable, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.connection import client_options
from streams.engine.snapshots import Header, Shelf, split


async def read(servers: Sequence[str], topic: str, partitions: Iterable[int] | None, wanted: set[str] | None) -> Shelf:
    """Everything about the ``wanted`` subjects (None: all) in ``partitions`` (None: all) of the snapshots topic."""
    shelf = Shelf()

    def keep(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> None:
        if key is not None and (wanted is None or split(key)[0] in wanted):
            shelf.put(key, value, headers)

    await _read_all(servers, topic, partitions, keep)
    return shelf


async def read_headers(servers: Sequence[str], topic: str) -> list[Header]:
    """The newest complete snapshot's header of every subject: offsets and ledger counters of all stages."""
    shelf = await read(servers, topic, None, None)
    return [found[0].header for name in shelf.subjects() if (found := shelf.complete(name))]


async def _read_all(
    servers: Sequence[str],
    topic: str,
    partitions: Iterable[int] | None,
    keep: Callable[[bytes | None, bytes | None, Iterable[tuple[str, bytes]]], None],
) -> None:
    consumer = AIOKafkaConsumer(
        *([topic] if partitions is None else []),  # without a group, a subscription is every partition
        **client_options(",".join(servers)),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=20,
        max_partition_fetch_bytes=8 * 1024 * 1024,
    )
    await consumer.start()
    try:
        if partitions is not None:
            consumer.assign([TopicPartition(topic, partition) for partition in partitions])
        tps = sorted(consumer.assignment())
        if not tps:
            return
        ends, begins = await consumer.end_offsets(tps), await consumer.beginning_offsets(tps)
        unread = {tp for tp in tps if ends[tp] > begins[tp]}
        for tp in unread:
            consumer.seek(tp, begins[tp])
        while unread:
            for records in (await consumer.getmany(*unread, timeout_ms=200)).values():
                for record in records:
                    keep(record.key, record.value, record.headers)
            for tp in list(unread):
                if await consumer.position(tp) >= ends[tp]:
                    unread.discard(tp)
    finally:
        await consumer.stop()
