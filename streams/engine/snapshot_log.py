"""Reading snapshots: without a group, from the end of the partitions concerned backwards, or whole.

A state of 8 MB written every 5 s is 100 MB a minute until the broker compacts it away, and the newest snapshot is
always among the last records: who only wants to go on reads these.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from streams.connection import client_options
from streams.engine.snapshots import Shelf, split

_TAIL = 32  # records looked at first: a whole snapshot of 8 MB and one half written; doubled until all is found


async def read(servers: Sequence[str], topic: str, partitions: Iterable[int] | None, wanted: set[str] | None) -> Shelf:
    """Everything about the ``wanted`` subjects (None: all) in ``partitions`` (None: all) of the snapshots topic."""
    shelf = Shelf()
    async with _Reader(servers, topic, partitions) as reader:
        spans = await reader.spans()
        async for record in reader.between(spans):
            _put(shelf, record, wanted)
    return shelf


async def read_newest(servers: Sequence[str], topic: str, wanted: Mapping[int, set[str]]) -> Shelf:
    """The last records about the subjects ``wanted`` in each partition, back to a complete snapshot of each of them.

    A subject without one is looked for down to the beginning. What lies further back is not on the shelf.
    """
    shelf = Shelf()
    async with _Reader(servers, topic, sorted(wanted)) as reader:
        missing, size = dict(await reader.spans()), _TAIL
        while missing:
            spans = {tp: (max(begin, end - size), end) for tp, (begin, end) in missing.items()}
            blocks: dict[TopicPartition, Shelf] = {tp: Shelf() for tp in spans}
            async for record in reader.between(spans):
                _put(blocks[TopicPartition(record.topic, record.partition)], record, wanted[record.partition])
            for block in blocks.values():
                shelf.put_below(block)
            missing = {
                tp: (begin, spans[tp][0])
                for tp, (begin, _) in missing.items()
                if spans[tp][0] > begin and not all(shelf.complete(name) for name in wanted[tp.partition])
            }
            size *= 2
    return shelf


def _put(shelf: Shelf, record: "ConsumerRecord[bytes, bytes]", wanted: set[str] | None) -> None:
    if record.key is not None and (wanted is None or split(record.key)[0] in wanted):
        shelf.put(record.key, record.value, record.headers)


class _Reader:
    """A consumer without a group, for spans of offsets."""

    def __init__(self, servers: Sequence[str], topic: str, partitions: Iterable[int] | None) -> None:
        self._tps = None if partitions is None else [TopicPartition(topic, partition) for partition in partitions]
        self._consumer = AIOKafkaConsumer(
            *([topic] if self._tps is None else []),  # without a group, a subscription is every partition
            **client_options(",".join(servers)),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=20,
            max_partition_fetch_bytes=8 * 1024 * 1024,
        )

    async def __aenter__(self) -> "_Reader":
        await self._consumer.start()
        if self._tps is not None:
            self._consumer.assign(self._tps)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def spans(self) -> dict[TopicPartition, tuple[int, int]]:
        """First offset and end of every partition that holds something."""
        tps = sorted(self._consumer.assignment())
        if not tps:
            return {}
        ends, begins = await self._consumer.end_offsets(tps), await self._consumer.beginning_offsets(tps)
        return {tp: (begins[tp], ends[tp]) for tp in tps if ends[tp] > begins[tp]}

    async def between(
        self, spans: Mapping[TopicPartition, tuple[int, int]]
    ) -> "AsyncIterator[ConsumerRecord[bytes, bytes]]":
        """The records of each span ``(begin, end)``, in the order of each partition."""
        unread = dict(spans)
        for tp in sorted(self._consumer.assignment() - unread.keys()):
            self._consumer.pause(tp)
        for tp, (begin, _) in unread.items():
            self._consumer.seek(tp, begin)
        while unread:
            for tp, records in (await self._consumer.getmany(*unread, timeout_ms=200)).items():
                for record in records:
                    if record.offset < spans[tp][1]:
                        yield record
            for tp, (_, end) in list(unread.items()):
                if await self._consumer.position(tp) >= end:
                    del unread[tp]
