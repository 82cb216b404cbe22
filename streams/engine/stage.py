"""A stage: one core per assigned partition, fed with batches, its outputs confirmed before its input is acknowledged.

Recovery in one rule: S is the last offset in the state (the newest complete snapshot, or memory where the partition
was kept); reading goes on at S + 1 whatever was committed; records up to S are skipped. Outputs of what is read again
carry the same provenance, so their readers drop them.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple

from streams.boundary import Fault, Missing, Waits, attempt_async
from streams.config import Settings
from streams.core import Core
from streams.engine.app import StageApp, make_app, sources_of
from streams.engine.arrivals import Arrivals
from streams.engine.completer import Completer, Pending
from streams.engine.consumer import StageConsumer
from streams.engine.delivery import Delivery, TopicPartition
from streams.engine.exits import Exit, Leave, leave
from streams.engine.keeper import Keeper, share_of_period
from streams.engine.mender import Mender
from streams.engine.partition import Base, Condition, Partition
from streams.engine.producer import StageProducer
from streams.engine.settings import EngineSettings
from streams.engine.snapshot_writer import SnapshotWriter
from streams.engine.snapshots import Snapshot
from streams.holes import Bridges, HoleBook
from streams.log import Output, Record
from streams.metrics import StageMetrics

_log = logging.getLogger(__name__)
_POLL_S = 0.025
_NO_TIME = (Condition.RETRYING, Condition.HOLE)  # to the others it is as if nobody read the partition: it stalls


class StageSpec(NamedTuple):
    """What a stage is: its name, the topics it reads, the core of one of their partitions, the configuration."""

    name: str
    topics: Sequence[str]
    make_core: Callable[[str, int], Core]
    settings: Settings


class Stage:
    """Hosts the cores of one stage in one worker."""

    def __init__(
        self,
        spec: StageSpec,
        settings: EngineSettings,
        metrics: StageMetrics,
        arrivals: Arrivals,
        version: str = "0",
        leave: Leave = leave,
        book: HoleBook | None = None,
    ) -> None:
        self._book = book or HoleBook()
        self.name, self.topics = spec.name, tuple(spec.topics)
        self.settings, self.metrics, self.leave = settings, metrics, leave
        self.partitions: dict[TopicPartition, Partition] = {}
        self.restored = False  # whether an assignment was ever taken up
        self.completer = Completer(settings.in_flight_batches, leave)
        self._make_core = spec.make_core
        self._arrivals = arrivals
        self._yielding = True
        self._generation: int | None = None
        self._epochs = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        writer = SnapshotWriter(lambda: self.producer, settings, leave)
        self._keeper = Keeper(self.name, settings, version, writer, self.completer, self._spawn, leave)
        self.app: StageApp = make_app(self, settings)

    # -- life

    async def start(self) -> None:
        """Join the group and begin."""
        self.completer.start()
        await self.app.start()
        self._spawn(self._tick_forever(), "ticks")
        self._spawn(Mender(self).run(), "mender")

    async def close(self) -> None:
        """Take no more; return when all outputs are confirmed and the last snapshots are written."""
        self.consumer.stop_flow()
        await self.give_way()

    async def stop(self) -> None:
        """Leave the group and end every task; after :meth:`close`."""
        await self.app.stop()
        for task in self._tasks:
            task.cancel()
        self.completer.stop()

    @property
    def consumer(self) -> StageConsumer:
        """The consumer, once the app has started."""
        return self.app.consumer  # type: ignore[return-value]

    @property
    def producer(self) -> StageProducer:
        """The producer, once the app has started."""
        return self.app.producer  # type: ignore[return-value]

    # -- what the consumer and the app ask

    def seated(self, source: TopicPartition) -> bool:
        """Whether the partition is taken up."""
        return source in self.partitions

    def start_of(self, source: TopicPartition) -> int:
        """The offset of the first record not in the state."""
        return self.partitions[source].offset + 1

    def epoch_of(self, source: TopicPartition) -> int:
        """The epoch that deliveries of a partition must carry to be taken."""
        return self.partitions[source].epoch

    async def give_way(self) -> None:
        """Let go of what is not begun, finish what is, have outputs confirmed, and write snapshots of what moved."""
        self._yielding = True
        for partition in list(self.partitions.values()):
            partition.epoch = next(self._epochs)  # whatever waits to retry gives up
            async with partition.lock:
                self._let_go(partition)
        outcome = await attempt_async(asyncio.wait_for(self._hand_over(), self.settings.drain_s))
        if isinstance(outcome, Fault):
            _log.warning("%s: outputs were not confirmed in time to give partitions away", self.name)

    async def restore(self) -> None:
        """Take up the partitions now assigned; tries until the broker answers."""
        self.consumer.stop_flow()
        while isinstance(outcome := await attempt_async(self._restore()), Fault):
            if self.app.should_stop:
                return
            _log.warning("%s: restore: %s; again in 1 s", self.name, outcome)
            await asyncio.sleep(1.0)

    async def take(self, event: Any) -> None:
        """Process one delivery: outputs sent in order, the input acknowledged once they are confirmed."""
        delivery: Delivery = event.value
        partition = self.partitions.get(delivery.source)
        if self._yielding or partition is None or delivery.epoch != partition.epoch:
            self.consumer.forget(event.message)
            return
        partition.queue.append(event)
        await self._work(partition)

    # -- what the mender asks

    def mendable(self) -> Sequence[Partition]:
        """The partitions taken up now; none while partitions are being given away."""
        return () if self._yielding else tuple(self.partitions.values())

    async def write(self, partition: Partition, outputs: Sequence[Output]) -> None:
        """Write outputs that no input caused; the caller holds the partition's lock."""
        await self._send(partition, outputs, None)

    # -- restoring

    async def _restore(self) -> None:
        generation = self.app.consumer_generation_id
        assigned = sources_of(self.app, self.topics)
        for source in [source for source in self.partitions if source not in assigned]:
            del self.partitions[source]
        # In the generation after ours nobody else can have had a partition we keep, so memory is the newest state.
        kept = self._generation is not None and generation == self._generation + 1
        found = await self._keeper.newest([s for s in assigned if not (kept and s in self.partitions)])
        begins = await self.consumer.beginnings(assigned)
        refused = [source for source in assigned if not self._seat(source, found.get(source, []), begins[source])]
        found = await self._keeper.newest(refused, whole=True)
        for source in refused:  # an older one may do; never silently from the beginning: all would be alerted again
            if not self._seat(source, found[source], begins[source]):
                self.leave(Exit.UNRECOVERABLE, f"{self.name} {source}: no snapshot could be loaded")
        self._generation = generation
        self._yielding = False
        self.restored = True

    def _seat(self, source: TopicPartition, found: Sequence[Snapshot], begin: int) -> bool:
        """Make or keep the partition; its state is the newest of memory and snapshots. False where none of those is
        accepted."""
        partition = self.partitions.get(source)
        if partition is None:
            partition = Partition(source, lambda: self._make_core(*source), Base(begin - 1, None), self._book)
            if not self._keeper.load(partition, found):
                return False
            if not found and begin > 0 and isinstance(partition.core, Bridges):
                self._skip(partition, begin)  # what these owners read refers to what came before
        elif not self._keeper.load(partition, [one for one in found if one.header.offset > partition.offset]):
            return False
        if partition.offset + 1 < begin:
            self._skip(partition, begin)
        partition.epoch = next(self._epochs)
        partition.condition = Condition.RUNNING
        partition.snapshot_at = time.monotonic() - share_of_period(self.name, source) * self.settings.snapshot_every_s
        self.partitions[source] = partition
        return True

    def _skip(self, partition: Partition, begin: int) -> None:
        _log.error("%s %s: the log begins at %d, beyond the state: a gap", self.name, partition.source, begin)
        self.metrics.gap()
        if (fault := partition.skip_to(begin - 1)) is not None:
            self.leave(Exit.UNRECOVERABLE, f"{self.name} {partition.source}: dump: {fault}")

    # -- working

    async def _work(self, partition: Partition) -> None:
        async with partition.lock:
            while partition.queue and partition.condition is Condition.RUNNING:
                event = partition.queue[0]
                delivery: Delivery = event.value
                if delivery.start > partition.offset + 1:
                    self.leave(Exit.HOLE, f"{self.name} {delivery.source}: {delivery.start} after {partition.offset}")
                records = partition.fresh(delivery)
                outputs = self._decide(partition, records) if records else []
                if outputs is None:
                    return
                partition.queue.popleft()
                await self._send(partition, outputs, event)
                partition.touched_at = time.monotonic()
                self.metrics.batch(len(records), time.time() - delivery.records[0].log_time_us / 1e6)
                await self._keeper.maybe(partition)

    def _decide(self, partition: Partition, records: list[Record]) -> list[Output] | None:
        """The outputs of ``records``, or None where the partition cannot go on now."""
        seen = self._arrivals.count
        careful = partition.faults > self.settings.retries and partition.suspects(records)
        outcome = partition.isolate(records) if careful else partition.apply(records)
        if isinstance(outcome, list):
            return outcome
        if isinstance(outcome, Waits):
            self._wait_for_version(partition, outcome, seen)
        elif isinstance(outcome, Missing):
            self._meet(partition, outcome)
        elif careful:
            self.leave(Exit.UNRECOVERABLE, f"{self.name} {partition.source}: could not bury: {outcome}")
        else:
            partition.suspected(records)
            self._go_back(partition, outcome)
        return None

    async def _send(self, partition: Partition, outputs: Sequence[Output], event: Any | None) -> None:
        sends = [await self.producer.begin(output) for output in outputs]
        offset = partition.offset

        def confirmed() -> None:
            partition.confirmed = offset
            if event is not None:
                event.ack()

        await self.completer.put(Pending(sends, confirmed))

    def _let_go(self, partition: Partition) -> None:
        while partition.queue:
            self.consumer.forget(partition.queue.popleft().message)

    # -- waiting and going back

    def _wait_for_version(self, partition: Partition, waits: Waits, seen: int) -> None:
        partition.condition = Condition.WAITING
        _log.warning("%s %s: waits for %s %d", self.name, partition.source, waits.kind, waits.version)
        self.consumer.hold(partition.source)
        self._spawn(self._resume_when_loaded(partition, partition.epoch, seen), "wait")

    async def _resume_when_loaded(self, partition: Partition, epoch: int, seen: int) -> None:
        await self._arrivals.beyond(seen)
        if partition.epoch != epoch:
            return
        partition.condition = Condition.RUNNING
        await self._work(partition)
        if partition.condition is not Condition.WAITING and partition.epoch == epoch:
            self.consumer.release(partition.source)

    def _meet(self, partition: Partition, hole: Missing) -> None:
        """Rows are missing: look again from the last snapshot; where they still are, this partition stays down."""
        met, offset = hole in partition.holes, partition.offset
        partition.holes.add(hole)
        partition.gap = partition.gap or self._book.covers(hole.source, hole.first, hole.last)
        self._restate(partition, Condition.HOLE if met else Condition.RETRYING)
        if not met:
            _log.error("%s %s: %s; reading again", self.name, partition.source, hole.what)
            self._spawn(self._read_again(partition, partition.epoch), "retry")
            return
        topic, _, number = hole.source.rpartition("/")
        _log.critical(
            "%s %s: down after %d: %s; to go on without them: vedette hole accept %s-%s %d %d --note WHY",
            *(self.name, partition.source, offset, hole.what, topic, number, hole.first, hole.last),
        )
        self.consumer.hold(partition.source)
        self._spawn(self._resume_when_accepted(partition, partition.epoch, hole), "hole")

    async def _resume_when_accepted(self, partition: Partition, epoch: int, hole: Missing) -> None:
        while not self._book.covers(hole.source, hole.first, hole.last):
            await self._arrivals.beyond(self._arrivals.count)
        if partition.epoch != epoch:
            return
        _log.warning("%s %s: goes on past an accepted hole", self.name, partition.source)
        partition.gap = True
        self._restate(partition, Condition.RETRYING)
        await self._read_again(partition, partition.epoch)

    def _go_back(self, partition: Partition, fault: Fault) -> None:
        """After a fault of ours: the state of the last snapshot, and the log read again from there."""
        faults = max(partition.faults, partition.tick_faults)
        _log.error("%s %s: fault %d in a row: %s", self.name, partition.source, faults, fault)
        partition.restarts += 1
        self.metrics.restart()
        self._restate(partition, Condition.RETRYING)
        self._spawn(self._read_again(partition, partition.epoch), "retry")

    def _restate(self, partition: Partition, condition: Condition) -> None:
        """Take the state of the last snapshot; what was delivered and not applied will be read again."""
        partition.condition = condition
        partition.epoch = next(self._epochs)
        self._let_go(partition)
        refused = partition.load(partition.base)
        if refused is not None:
            self.leave(Exit.UNRECOVERABLE, f"{self.name} {partition.source}: own copy refused: {refused}")

    async def _read_again(self, partition: Partition, epoch: int) -> None:
        await asyncio.sleep(self.settings.retry_after_s * 2 ** min(max(partition.faults, partition.tick_faults) - 1, 5))
        if partition.epoch != epoch:
            return
        partition.condition = Condition.RUNNING
        self.consumer.release(partition.source)
        await self.consumer.rewind(partition.source, partition.offset + 1, epoch)

    # -- time

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(_POLL_S)
            for partition in list(self.partitions.values()):
                if not self._yielding and self._tick_due(partition, time.monotonic()):
                    await self._tick(partition)

    def _tick_due(self, partition: Partition, now: float) -> bool:
        if partition.condition in _NO_TIME or partition.lock.locked():
            return False
        idle = self._idle(partition, now)
        changed, partition.idle = idle != partition.idle, idle
        return changed or now - partition.ticked_at >= self.settings.tick_every_s - _POLL_S

    def _idle(self, partition: Partition, now: float) -> bool:
        return (
            partition.condition is Condition.RUNNING
            and not partition.queue
            and now - partition.touched_at >= self.settings.quiet_s
            and partition.offset >= self.consumer.last_delivered(partition.source)
            and self.consumer.read_to_end(partition.source)
        )

    async def _tick(self, partition: Partition) -> None:
        async with partition.lock:
            if self._yielding or partition.condition in _NO_TIME:
                return
            partition.ticked_at = time.monotonic()
            outcome = partition.tick()
            if isinstance(outcome, list):
                if outcome:
                    await self._send(partition, outcome, None)
                await self._keeper.maybe(partition)
            elif isinstance(outcome, Fault) and partition.tick_faults <= self.settings.retries:
                self._go_back(partition, outcome)
            else:
                self.leave(Exit.UNRECOVERABLE, f"{self.name} {partition.source}: tick: {outcome}")

    # -- tasks

    async def _hand_over(self) -> None:
        """Confirm everything, and leave snapshots at the very end of what was done, so that nothing is done twice."""
        await self._settled()
        for partition in list(self.partitions.values()):
            await self._keeper.take(partition)
        await self._settled()

    async def _settled(self) -> None:
        await self.completer.drained()
        await self._keeper.settled()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work), name=f"{self.name}-{name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        outcome = await attempt_async(work)
        if isinstance(outcome, Fault):
            self.leave(Exit.UNRECOVERABLE, f"{self.name}: {outcome}")
