"""Writing snapshots: chunks confirmed before their marker, two slots in turn, then the old writers' keys removed."""

import asyncio
from collections.abc import Callable, Sequence

from aiokafka.errors import KafkaError

from streams.engine import snapshots
from streams.engine.exits import Exit, Leave
from streams.engine.producer import StageProducer
from streams.engine.settings import EngineSettings
from streams.engine.snapshots import Header
from streams.log import Output
from streams.partitioning import stable_partition


class SnapshotWriter:
    """Writes for one stage. A snapshot that cannot be written ends the process: without it a restart would go back."""

    def __init__(self, producer: Callable[[], StageProducer], settings: EngineSettings, leave: Leave) -> None:
        self._producer = producer
        self._settings = settings
        self._leave = leave

    async def place_of(self, subject: str) -> int:
        """The partition of the snapshots topic that a subject's snapshots are in."""
        return stable_partition(subject, await self._producer().partitions_of(self._settings.snapshot_topic))

    async def write(self, header: Header, state: bytes, old_keys: Sequence[bytes] = ()) -> None:
        """Write one snapshot, whole or not at all for every reader, then tombstones for ``old_keys``."""
        try:
            place = await self.place_of(snapshots.subject(header.stage, header.topic, header.partition, header.group))
            # in a thread: the checksum of 9 MB is 3 ms in which the loop can do something else
            *chunks, marker = await asyncio.to_thread(
                snapshots.records, header, state, self._settings.snapshot_topic, place,
                self._settings.snapshot_chunk_bytes,
            )  # fmt: skip
            await self._send(chunks)
            await self._send([marker])
            await self._send([Output(self._settings.snapshot_topic, place, key, None) for key in old_keys])
        except KafkaError as problem:
            self._leave(Exit.UNRECOVERABLE, f"a snapshot could not be written: {type(problem).__name__}")

    async def _send(self, outputs: Sequence[Output]) -> None:
        futures = []
        for output in outputs:
            futures.append(await self._producer().begin(output))
            await asyncio.sleep(0)  # let what is waiting go between two chunks
        for future in futures:
            await future
