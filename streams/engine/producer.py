"""The producer: idempotent, acknowledged by all replicas, and a send that returns what to wait for."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka.structs import RecordMetadata
from faust.transport.drivers import aiokafka as driver

from streams.log import Output


class StageProducer(driver.Producer):
    """Faust's producer with idempotence: its own retries neither lose, repeat nor reorder."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}

    async def begin(self, output: Output) -> "asyncio.Future[RecordMetadata]":
        """Buffer an output, in order; the future ends when the broker has it, or with the error."""
        future: asyncio.Future[RecordMetadata] = await self._ensure_producer().send(
            output.topic, output.value, key=output.key, partition=output.partition, headers=list(output.headers)
        )
        return future

    async def partitions_of(self, topic: str) -> int:
        """How many partitions a topic has."""
        return len(await self._ensure_producer().partitions_for(topic))
