"""Unpacking what a fetch brought straight into our records, one list per Kafka batch.

aiokafka makes a dataclass of eleven fields per record, through two Python generators; of its 2 microseconds per record
1.3 go there. Here each Kafka batch becomes one list of :class:`Record` in one comprehension. The rules of which batches
are skipped (aborted transactions, control records, what lies below the fetch offset) are aiokafka's own.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, Fetcher, FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException

from streams.log import Record

_new = tuple.__new__


class _Fetched(OrderedDict[TopicPartition, Any]):
    """The fetcher's results; every one put in unpacks by the batch."""

    def __setitem__(self, tp: TopicPartition, result: Any) -> None:
        if type(result) is FetchResult:
            records = result._partition_records
            records._records_iterator = _batches(records)
        super().__setitem__(tp, result)


def unpack_by_batch(fetcher: Fetcher) -> None:
    """From now on this fetcher's results yield lists of records; to be called before anything is fetched."""
    fetcher._records = _Fetched()


def flat(fetched: Mapping[TopicPartition, list[list[Record]]]) -> dict[TopicPartition, list[Record]]:
    """The records of every partition, in order."""
    return {tp: list(chain.from_iterable(lists)) for tp, lists in fetched.items()}


def _batches(pending: PartitionRecords) -> Iterator[list[Record]]:
    batches, new = pending._records, _new
    while batches.has_next():
        batch = batches.next_batch()
        if pending._check_crcs and not batch.validate_crc():
            raise CorruptRecordException(f"Invalid CRC - {pending._tp}")
        if _aborted(pending, batch) or batch.is_control_batch:
            pending.next_fetch_offset = batch.next_offset
            continue
        wanted = pending.next_fetch_offset
        records = [
            new(Record, (r.offset, r.timestamp * 1000, r.key, r.value, tuple(r.headers)))
            for r in batch
            if r.offset >= wanted
        ]
        # The batch's own end, also where its last records were removed by compaction: the next fetch must be beyond.
        pending.next_fetch_offset = batch.next_offset
        if records:
            yield records


def _aborted(pending: PartitionRecords, batch: Any) -> bool:
    """Whether a batch belongs to an aborted transaction; takes note of the ends of such transactions."""
    if pending._isolation_level != READ_COMMITTED or batch.producer_id is None:
        return False
    pending._consume_aborted_up_to(batch.base_offset)
    if batch.is_control_batch and pending._contains_abort_marker(batch):
        pending._aborted_producers.discard(batch.producer_id)
    return bool(batch.is_transactional and batch.producer_id in pending._aborted_producers)
