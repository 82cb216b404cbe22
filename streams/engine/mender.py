"""Reads a stage's own public partitions back, and has the core write again what a zombie's last word hides.

A reader without a group, from the beginning of each partition, because compaction and not a commit decides what is
left there. What is to be written again is asked for once the end is reached: on the way there the log's own later
records settle most of it (an owner that reads its log again writes every version once more, in order).
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.boundary import Fault, attempt
from streams.core import Core
from streams.engine.partition import Condition, Partition
from streams.engine.settings import EngineSettings
from streams.log import Output, Record
from streams.public_tail import Repairs

_log = logging.getLogger(__name__)
_POLL_MS = 500


class Mends(Protocol):
    """What the mender asks of the stage."""

    settings: EngineSettings

    @property
    def name(self) -> str:
        """The stage's name."""
        ...

    def mendable(self) -> Sequence[Partition]:
        """The partitions taken up now."""
        ...

    async def write(self, partition: Partition, outputs: Sequence[Output]) -> None:
        """Write like any other output; the caller holds the partition's lock."""
        ...


class _Tail:
    """One public partition: whose it is, and the records that hide a higher version, by key."""

    def __init__(self, owner: Partition, core: Core) -> None:
        self.owner, self.core = owner, core
        self.hiding: dict[bytes, Record] = {}


class Mender:
    """Tails the public partitions of one stage; costs nothing where its cores have none."""

    def __init__(self, stage: Mends) -> None:
        self._stage = stage
        self._tails: dict[TopicPartition, _Tail] = {}
        self.mended = 0

    async def run(self) -> None:
        """Until cancelled; where the broker is away, again from the beginning when it is back."""
        while True:
            try:
                await self._follow()
            except KafkaError as problem:
                _log.warning("%s: reading back: %s; again in 1 s", self._stage.name, type(problem).__name__)
                await asyncio.sleep(1.0)

    async def _follow(self) -> None:
        self._tails.clear()
        consumer = AIOKafkaConsumer(
            **self._stage.settings.client,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            retry_backoff_ms=_POLL_MS,
        )
        await consumer.start()
        try:
            while True:
                await self._place(consumer)
                if not self._tails:
                    await asyncio.sleep(_POLL_MS / 1e3)
                    continue
                for tp, records in (await consumer.getmany(timeout_ms=_POLL_MS)).items():
                    if tail := self._tails.get(tp):
                        taken = [Record(r.offset, r.timestamp * 1000, r.key, r.value, r.headers) for r in records]
                        await self._take(tail, taken, ended=await consumer.position(tp) >= consumer.highwater(tp))
        finally:
            await consumer.stop()

    async def _place(self, consumer: AIOKafkaConsumer) -> None:
        """Follow what the stage owns now; a core made anew has forgotten what it read, and reads it again."""
        wanted = {}
        for partition in self._stage.mendable():
            core = partition.core
            if isinstance(core, Repairs):
                wanted[TopicPartition(core.public_topic, partition.source.partition)] = (partition, core)
        new = [tp for tp, (_, core) in wanted.items() if tp not in self._tails or self._tails[tp].core is not core]
        if not new and wanted.keys() == self._tails.keys():
            return
        self._tails = {tp: _Tail(*wanted[tp]) if tp in new else self._tails[tp] for tp in sorted(wanted)}
        if not self._tails:
            consumer.unsubscribe()
            return
        kept = {tp: await consumer.position(tp) for tp in self._tails if tp not in new}
        consumer.assign(list(self._tails))
        for tp, offset in kept.items():
            consumer.seek(tp, offset)
        if new:
            await consumer.seek_to_beginning(*new)

    async def _take(self, tail: _Tail, records: Sequence[Record], *, ended: bool) -> None:
        async with tail.owner.lock:
            core = tail.core
            if tail.owner.core is not core or not isinstance(core, Repairs):
                return
            for record in records:
                self._note(tail, core, record)
            if not (ended and tail.hiding and tail.owner.condition is Condition.RUNNING):
                return
            if tail.owner not in self._stage.mendable():
                return
            outputs = [output for record in tail.hiding.values() for output in self._asked(core, record)]
            tail.hiding.clear()
            self.mended += len(outputs)
            _log.warning("%s %s: %d lower versions hidden again", self._stage.name, tail.owner.source, len(outputs))
            await self._stage.write(tail.owner, outputs)

    def _note(self, tail: _Tail, core: Repairs, record: Record) -> None:
        if record.key is None:
            return
        if self._asked(core, record):
            tail.hiding[record.key] = record
        else:
            tail.hiding.pop(record.key, None)

    def _asked(self, core: Repairs, record: Record) -> list[Output]:
        outcome = attempt(lambda: core.repair(record))
        if isinstance(outcome, list):
            return outcome
        if isinstance(outcome, Fault):  # a record that is none of ours; what is hidden by it is not known
            _log.error("%s: a public record could not be read back: %s", self._stage.name, outcome)
        return []
