"""A small versioned topic, read without a group from its beginning and followed for ever (zones, rules, sensors).

A record that cannot be used is refused and kept as a dead letter; what was in force before stays in force. One bad
version must not end every worker that reads it.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from streams.boundary import Fault, attempt
from streams.connection import client_options
from streams.engine.arrivals import Arrivals
from streams.log import Record

_log = logging.getLogger(__name__)
_AGAIN_MS = 500  # while the broker is away; at the default of 100 ms the attempts of all clients are a tenth of a core


class Refused(NamedTuple):
    """A record that its taker refused, and the type of the exception."""

    topic: str
    partition: int
    record: Record
    why: str


class SideInput:
    """Calls ``take`` for every record of every partition of ``topic``, in the order of each partition."""

    def __init__(
        self,
        servers: Sequence[str],
        topic: str,
        take: Callable[[Record], None],
        arrivals: Arrivals,
        refused: Callable[[Refused], None],
    ) -> None:
        self._refused = refused
        self._servers, self._topic, self._take, self._arrivals = list(servers), topic, take, arrivals
        self._loaded = asyncio.Event()

    async def loaded(self) -> None:
        """Return when all that the topic held at the start is taken."""
        await self._loaded.wait()

    async def run(self) -> None:
        """Follow the topic until cancelled; begins again at the beginning where the connection is lost for good."""
        while True:
            try:
                await self._follow()
            except KafkaError as problem:
                _log.warning("%s: %s; again in 1 s", self._topic, type(problem).__name__)
                await asyncio.sleep(1.0)

    def _offer(self, partition: int, record: Record) -> None:
        outcome = attempt(lambda: self._take(record))
        if outcome is not None:
            _log.error("%s/%d: record %d is refused: %s", self._topic, partition, record.offset, outcome)
            kind = outcome.kind if isinstance(outcome, Fault) else type(outcome).__name__
            self._refused(Refused(self._topic, partition, record, kind))

    async def _follow(self) -> None:
        consumer = AIOKafkaConsumer(
            self._topic,
            **client_options(",".join(self._servers)),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            retry_backoff_ms=_AGAIN_MS,
        )
        await consumer.start()
        try:
            tps = sorted(consumer.assignment())
            ends, begins = await consumer.end_offsets(tps), await consumer.beginning_offsets(tps)
            for tp in tps:
                consumer.seek(tp, begins[tp])
            while True:
                for tp, records in (await consumer.getmany(timeout_ms=100)).items():
                    for r in records:
                        self._offer(tp.partition, Record(r.offset, r.timestamp * 1000, r.key, r.value, r.headers))
                    _log.info("%s/%d: %d records taken", tp.topic, tp.partition, len(records))
                    self._arrivals.note()
                if not self._loaded.is_set() and all([await consumer.position(tp) >= ends[tp] for tp in tps]):
                    self._loaded.set()
                    self._arrivals.note()
        finally:
            await consumer.stop()
