"""A stage's snapshots: finding the newest of a partition, loading it, taking and writing new ones."""

import asyncio
import logging
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from streams.boundary import Fault
from streams.engine import snapshot_log, snapshots
from streams.engine.completer import Completer, Pending
from streams.engine.delivery import TopicPartition
from streams.engine.exits import Exit, Leave
from streams.engine.partition import Base, Condition, Partition
from streams.engine.settings import EngineSettings
from streams.engine.snapshot_writer import SnapshotWriter
from streams.engine.snapshots import Header, Snapshot

_log = logging.getLogger(__name__)


def share_of_period(stage: str, source: TopicPartition) -> float:
    """Where in the period of its snapshots a partition begins, 0 to 1: each elsewhere, so copies do not coincide."""
    return zlib.crc32(f"{stage}/{source}".encode()) / 2**32


class Keeper:
    """Snapshots of one stage in one worker; at most one in flight per partition."""

    def __init__(
        self,
        stage: str,
        settings: EngineSettings,
        version: str,
        writer: SnapshotWriter,
        completer: Completer,
        spawn: Callable[[Coroutine[Any, Any, None], str], None],
        leave: Leave,
    ) -> None:
        self._stage, self._settings, self._version = stage, settings, version
        self._writer, self._completer, self._spawn, self._leave = writer, completer, spawn, leave
        self._old_keys: dict[TopicPartition, list[bytes]] = {}
        self._busy: set[TopicPartition] = set()

    async def newest(
        self, sources: Sequence[TopicPartition], *, whole: bool = False
    ) -> dict[TopicPartition, list[Snapshot]]:
        """The complete snapshots of each source, newest first: the last ones, or where ``whole`` all there are."""
        if not sources:
            return {}
        names = {source: snapshots.subject(self._stage, *source, self._settings.group) for source in sources}
        places: defaultdict[int, set[str]] = defaultdict(set)
        for name in names.values():
            places[await self._writer.place_of(name)].add(name)
        topic, servers = self._settings.snapshot_topic, self._settings.servers
        if whole:
            shelf = await snapshot_log.read(servers, topic, sorted(places), set(names.values()))
        else:
            shelf = await snapshot_log.read_newest(servers, topic, places)
        for source, name in names.items():
            self._old_keys[source] = shelf.keys(name, but_of=self._settings.instance)
        return {source: shelf.complete(name) for source, name in names.items()}

    def load(self, partition: Partition, found: Sequence[Snapshot]) -> bool:
        """Load the newest snapshot that the core accepts; False where there are some and none is."""
        for snapshot in found:
            header = snapshot.header
            refused = partition.load(Base(header.offset, snapshot.state))
            if refused is None:
                partition.gap, partition.log_time_us = header.gap, header.log_time_us
                partition.snapshot_offset = partition.confirmed = header.offset
                partition.snapshot_slot = 1 - header.slot if header.writer == self._settings.instance else 0
                partition.old_keys = self._old_keys[partition.source]
                return True
            _log.error("%s %s: snapshot at %d refused: %s", self._stage, partition.source, header.offset, refused)
        return not found

    async def maybe(self, partition: Partition) -> None:
        """Take a snapshot where one is due; the caller holds the partition's lock, at a batch boundary."""
        if time.monotonic() - partition.snapshot_at >= self._settings.snapshot_every_s:
            await self.take(partition)

    async def take(self, partition: Partition) -> None:
        """Copy the state now; it is written once every output up to here is confirmed."""
        source = partition.source
        if partition.condition is not Condition.RUNNING or source in self._busy:
            return
        if partition.offset == partition.snapshot_offset:
            return
        state = partition.dump()
        if isinstance(state, Fault):
            self._leave(Exit.UNRECOVERABLE, f"{self._stage} {source}: dump: {state}")
        header = Header(
            group=self._settings.group, stage=self._stage, topic=source.topic, partition=source.partition,
            offset=partition.offset,
            counts=partition.counts(), log_time_us=partition.log_time_us, at=time.time(), version=self._version,
            gap=partition.gap, writer=self._settings.instance, slot=partition.snapshot_slot,
        )  # fmt: skip
        partition.snapshot_taken(state, time.monotonic())
        self._busy.add(source)
        write = self._write(partition, header, state)
        await self._completer.put(Pending([], lambda: self._spawn(write, "snapshot")))

    async def settled(self) -> None:
        """Return when every snapshot taken is written."""
        while self._busy:
            await asyncio.sleep(0.002)

    async def _write(self, partition: Partition, header: Header, state: bytes) -> None:
        old_keys, partition.old_keys = partition.old_keys, []
        await self._writer.write(header, state, old_keys)
        partition.snapshot_written_at = time.monotonic()
        self._busy.discard(partition.source)
