"""The consumer: one Faust event per batch of records, placed where the state ends.

Overrides of Faust's consumer, each because the original loses, hangs or crawls (``docs/reference/engine.md``):

* ``_drain_messages``: one event per up to 1000 records. While the flow is stopped, what was fetched is dropped and
  nothing is sought (the original seeks there and races with recovery). What lies below the next offset is skipped; a
  hole is sought back once and accepted the second time, because compaction and transaction markers leave holes.
* ``perform_seek``: every assigned partition is placed explicitly, with a limit; without one a slow seek ends the
  recovery task and the flow never resumes.
* ``_new_offset``: the end of the longest finished prefix of batches. Commits tell lag monitors where we are; nothing
  is ever restored from them.
* ``on_partitions_revoked``: the stage finishes what it has in hand, and commits, before Faust forgets its acks.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Any, Protocol

from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message

from streams.boundary import Fault, attempt_async
from streams.engine.consumer_thread import StageConsumerThread
from streams.engine.delivery import Delivery, TopicPartition
from streams.engine.exits import Exit, Leave
from streams.engine.settings import EngineSettings
from streams.log import Record


class Seat(Protocol):
    """What the consumer asks of the stage it feeds."""

    settings: EngineSettings
    leave: Leave

    def start_of(self, source: TopicPartition) -> int:
        """The offset of the first record the stage has not applied."""
        ...

    def epoch_of(self, source: TopicPartition) -> int:
        """The epoch that deliveries of a partition must carry to be taken."""
        ...

    async def give_way(self) -> None:
        """Finish what is in hand and have its outputs confirmed; take no more until the next assignment."""
        ...


class StageConsumer(driver.Consumer):
    """Feeds one stage; ``app.seat`` is the stage."""

    _thread: StageConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seat: Seat = self.app.seat  # type: ignore[attr-defined]
        self._outstanding: defaultdict[TP, deque[int]] = defaultdict(deque)  # last offsets of batches, oldest first
        self._next: dict[TP, int] = {}  # the offset expected next, per partition
        self._last: dict[TP, int] = {}  # the last offset delivered
        self._sought: dict[TP, int] = {}  # where a hole was sought back once
        self._epochs: defaultdict[TP, int] = defaultdict(int)
        self._holes: defaultdict[TP, int] = defaultdict(int)  # accepted: compaction, markers, retention

    def _new_consumer_thread(self) -> StageConsumerThread:
        return StageConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # -- what the stage asks

    def read_to_end(self, source: TopicPartition) -> bool:
        """Whether everything the broker has told us of is fetched and delivered."""
        tp = TP(*source)
        end = self.end_of(source)
        return end is not None and self._next.get(tp, -1) >= end

    def behind(self, source: TopicPartition, applied: int) -> int | None:
        """How many offsets lie between what is applied and the end; what holds no records is not counted."""
        tp, end = TP(*source), self.end_of(source)
        if end is None:
            return None
        reached = self._next.get(tp, applied + 1) if applied >= self.last_delivered(source) else applied + 1
        return max(end - reached, 0)

    def last_delivered(self, source: TopicPartition) -> int:
        """The last offset handed over; -1 for none since the partition was placed."""
        return self._last.get(TP(*source), -1)

    def end_of(self, source: TopicPartition) -> int | None:
        """The end of the log as the last fetch told it; None before the first."""
        return self._thread.end_of(TP(*source))

    def holes_of(self, source: TopicPartition) -> int:
        """How often the log did not hold the offset wanted and the next one was accepted."""
        return self._holes[TP(*source)]

    @property
    def thread(self) -> StageConsumerThread:
        """The thread that talks to the broker."""
        return self._thread

    def forget(self, message: Message) -> None:
        """Let go of a message in hand without acknowledging it, so that a rebalance does not wait for it."""
        self._unacked_messages.discard(message)

    def hold(self, source: TopicPartition) -> None:
        """Fetch nothing more of a partition until :meth:`release`."""
        self.pause_partitions([TP(*source)])

    def release(self, source: TopicPartition) -> None:
        """Fetch from a held partition again."""
        tp = TP(*source)
        if tp in self.assignment():
            self.resume_partitions([tp])

    async def rewind(self, source: TopicPartition, offset: int, epoch: int) -> None:
        """Read a partition again from ``offset``; deliveries from now on carry ``epoch``."""
        tp = TP(*source)
        self._epochs[tp] = epoch
        self._next[tp] = offset
        self._last[tp] = -1
        for memory in (self._outstanding, self._acked, self._acked_index):
            memory.pop(tp, None)
        self._committed_offset[tp] = None  # else Faust would ignore acks below what was committed before
        await self._thread.seek_wait({tp: offset})
        self._next[tp] = offset

    async def beginnings(self, sources: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The first offset each log still holds."""
        found = await self.earliest_offsets(*(TP(*source) for source in sources)) if sources else {}
        return {TopicPartition(tp.topic, tp.partition): offset for tp, offset in found.items()}

    # -- Faust's hooks

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let the stage finish and commit first: Faust forgets the acks before it commits."""
        if not self.app.should_stop:
            await self._seat.give_way()
            outcome = await attempt_async(asyncio.wait_for(self.commit(), 5.0))
            if isinstance(outcome, Fault):
                self.log.warning("commit on revoke: %s", outcome)
        await super().on_partitions_revoked(revoked)

    async def perform_seek(self) -> None:
        """Place every assigned partition where the state ends; called after the state is restored."""
        self._thread.last_heartbeat = time.monotonic()
        for memory in (self._outstanding, self._acked, self._acked_index, self._sought, self._next, self._last):
            memory.clear()
        starts: dict[TP, int] = {}
        for tp in self.assignment():
            source = TopicPartition(tp.topic, tp.partition)
            starts[tp], self._epochs[tp] = self._seat.start_of(source), self._seat.epoch_of(source)
        limit_s = 0.6 * self._seat.settings.request_timeout_s
        outcome = await attempt_async(asyncio.wait_for(self._thread.seek_wait(starts), limit_s))
        if isinstance(outcome, Fault):
            if self.assignment() != set(starts):
                return  # another rebalance took a partition away meanwhile: it will seek again
            self._seat.leave(Exit.SEEK, f"partitions could not be placed: {outcome}")
        for tp, start in starts.items():
            self._next[tp] = start
            self._read_offset[tp] = start
            self._committed_offset[tp] = None  # so that an ack below an old commit still counts

    def _new_offset(self, tp: TP) -> int | None:
        finished, waiting = self._acked_index[tp], self._outstanding[tp]
        new: int | None = None
        while waiting and waiting[0] in finished:
            last = waiting.popleft()
            finished.discard(last)
            new = last + 1
        self._acked[tp] = [offset for offset in self._acked[tp] if offset in finished]
        if new is not None and not waiting:
            new = max(new, self._next.get(tp, new))  # trailing markers and compacted records leave no lag
        return new

    async def _drain_messages(self, fetcher: Any) -> None:
        app = self.app
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                fetched, _ = await self._wait_next_records(1.0)
                await asyncio.sleep(0)
                if self.should_stop or fetched is None or not self.flow_active:
                    continue  # what was fetched is dropped; perform_seek comes before the flow resumes
                generation = app.consumer_generation_id
                waiting: list[tuple[TP, list[Record], int]] = []
                for raw_tp, records in fetched.items():
                    tp = ensure_TP(raw_tp)
                    if wanted := await self._wanted(tp, records):
                        waiting.append((tp, wanted, self._epochs[tp]))
                await self._deliver_all(waiting, generation)
                self._pass_over_markers(generation, set(fetched))
        except self.consumer_stopped_errors:
            if not app.should_stop:
                raise
        except asyncio.CancelledError:
            if not app.should_stop:
                raise

    async def _wanted(self, tp: TP, records: list[Record]) -> list[Record]:
        """The records from the next offset on; none where a hole was just sought back."""
        if not records or (expected := self._next.get(tp)) is None:
            return []
        if records[0].offset < expected:
            records = [record for record in records if record.offset >= expected]
        if not records or records[0].offset == expected:
            return records
        if self._sought.get(tp) != expected:
            self._sought[tp] = expected
            await self._thread.seek_wait({tp: expected})
            return []
        self._holes[tp] += 1
        begin = (await self.earliest_offsets(tp)).get(tp, 0)
        if begin > expected:
            self.log.error("%s/%d: the log begins at %d, wanted %d: a gap", tp.topic, tp.partition, begin, expected)
        return records

    async def _deliver_all(self, waiting: list[tuple[TP, list[Record], int]], generation: int) -> None:
        """Partitions in turn, one batch each, while nothing is revoked."""
        size = self._seat.settings.batch_records
        while waiting:
            left: list[tuple[TP, list[Record], int]] = []
            for tp, records, epoch in waiting:
                if not self._current(generation):
                    return
                if epoch != self._epochs[tp]:
                    continue  # rewound meanwhile
                taken = _within(records[:size], self._seat.settings.batch_bytes)
                await self._keep_lease(generation)
                if not self._current(generation):
                    return
                await self._deliver(tp, taken, epoch, generation)
                if len(taken) < len(records):
                    left.append((tp, records[len(taken) :], epoch))
            waiting = left

    async def _deliver(self, tp: TP, taken: list[Record], epoch: int, generation: int) -> None:
        last = taken[-1].offset
        delivery = Delivery(
            TopicPartition(tp.topic, tp.partition),
            self._next[tp],
            taken,
            epoch,
        )
        payload: Any = delivery
        message = ConsumerMessage(
            tp.topic, tp.partition, last, taken[-1].log_time_us / 1e6, 1, None, None, payload, None, 0, 0, tp,
            generation_id=generation,
        )  # fmt: skip
        self._outstanding[tp].append(last)
        await self.wait_first(self.callback(message), self.suspend_flow.wait())
        if self._current(generation) and epoch == self._epochs[tp]:
            self._next[tp], self._last[tp], self._read_offset[tp] = last + 1, last, last

    async def _keep_lease(self, generation: int) -> None:
        """Wait while the broker may have given our partitions away: no heartbeat it answered within a session."""
        lease_s = self._seat.settings.session_timeout_s
        while time.monotonic() - self._thread.last_heartbeat > lease_s and self._current(generation):
            await asyncio.sleep(0.05)

    def _pass_over_markers(self, generation: int, fetched: set[Any]) -> None:
        """Move over what holds no records (transaction markers, compacted ends), up to the fetcher's position."""
        if not self._current(generation):
            return
        for tp in self._next.keys() - {ensure_TP(tp) for tp in fetched} if fetched else list(self._next):
            if (position := self._thread.fetch_position(tp)) is not None and position > self._next[tp]:
                self._next[tp] = position

    def _current(self, generation: int) -> bool:
        return self.flow_active and generation == self.app.consumer_generation_id and not self.should_stop


def _within(records: list[Record], limit_bytes: int) -> list[Record]:
    """The longest prefix whose values hold at most ``limit_bytes``; always at least one record."""
    if sum([len(r.value) for r in records if r.value]) <= limit_bytes:
        return records
    total = 0
    for count, record in enumerate(records):
        total += len(record.value or b"")
        if total > limit_bytes:
            return records[: max(count, 1)]
    return records
