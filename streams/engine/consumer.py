"""The consumer: one Faust event per batch of records, placed where the state ends.

Overrides of Faust's consumer, each because the original loses, hangs or crawls (``docs/reference/engine.md``):

* ``_drain_messages``: one event per up to 1000 records. What was fetched and is not delivered whole (the flow stopped,
  or the partition was placed anew meanwhile) is noted, and the fetcher put back before the next fetch: it believes
  that what it handed out was read. The original seeks while the flow is stopped and races with recovery. What lies
  below the next offset is skipped; a hole is sought back once and accepted the second time, because compaction and
  transaction markers leave holes.
* ``resume_flow``: not between a revocation and the assignment that follows; a recovery that a new rebalance overtook
  would resume it.
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

    def seated(self, source: TopicPartition) -> bool:
        """Whether the stage has taken the partition up."""
        ...

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
        self._undelivered: set[TP] = set()  # fetched, but not delivered whole: the fetcher is ahead of us
        self._placings = 0  # how often partitions were placed; a fetch across one is not to be trusted
        self._between = False  # partitions are revoked and not yet assigned
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
        self._placings += 1

    async def beginnings(self, sources: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The first offset each log still holds."""
        found = await self.earliest_offsets(*(TP(*source) for source in sources)) if sources else {}
        return {TopicPartition(tp.topic, tp.partition): offset for tp, offset in found.items()}

    # -- Faust's hooks

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let the stage finish and commit first: Faust forgets the acks before it commits."""
        self._between = True
        if not self.app.should_stop:
            await self._seat.give_way()
            outcome = await attempt_async(asyncio.wait_for(self.commit(), 5.0))
            if isinstance(outcome, Fault):
                self.log.warning("commit on revoke: %s", outcome)
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """From here on the flow may be resumed."""
        self._between = False
        await super().on_partitions_assigned(assigned, generation_id)

    def resume_flow(self) -> None:
        """Deliver again, unless the partitions are just being given away."""
        if not self._between:
            super().resume_flow()

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: delivery waits for room in the buffer by itself. The original stops fetching the partition, and
        where no other is left it sleeps for a second: one fetch of 14,000 records a second, whatever the machine."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing, see :meth:`on_buffer_full`."""

    async def perform_seek(self) -> None:
        """Place every assigned partition where the state ends; called after the state is restored."""
        self.stop_flow()
        self._placings += 1
        self._thread.last_heartbeat = time.monotonic()
        for memory in (self._outstanding, self._acked, self._acked_index, self._sought, self._next, self._last):
            memory.clear()
        self._undelivered.clear()
        starts: dict[TP, int] = {}
        for tp in self.assignment():
            source = TopicPartition(tp.topic, tp.partition)
            if not self._seat.seated(source):
                return  # assigned since the state was restored: that assignment restores and seeks again
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
        self._placings += 1

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
                await self._put_back()
                placings = self._placings
                fetched, _ = await self._wait_next_records(1.0)
                await asyncio.sleep(0)
                found = {ensure_TP(tp): records for tp, records in (fetched or {}).items() if records}
                if self.should_stop or not self.flow_active or placings != self._placings:
                    self._undelivered.update(found)
                    continue
                await self._deliver_all(found, app.consumer_generation_id)
                if not self._undelivered and placings == self._placings:
                    self._pass_over_markers(found)
        except self.consumer_stopped_errors:
            if not app.should_stop:
                raise
        except asyncio.CancelledError:
            if not app.should_stop:
                raise

    async def _put_back(self) -> None:
        """Put the fetcher back to where delivery ended, for partitions it is ahead of."""
        while self._undelivered and self.flow_active:
            assigned = self.assignment()
            places = {tp: self._next[tp] for tp in self._undelivered if tp in self._next and tp in assigned}
            outcome = await attempt_async(self._thread.seek_wait(places))
            if not isinstance(outcome, Fault):
                self._undelivered.difference_update(places)
                self._undelivered &= self._next.keys()
                return
            self.log.warning("partitions could not be put back: %s", outcome)
            await asyncio.sleep(0.1)

    async def _wanted(self, tp: TP, records: list[Record]) -> list[Record]:
        """The records from the next offset on; none where a hole was found for the first time."""
        expected = self._next.get(tp)
        if expected is None:
            self._undelivered.add(tp)
            return []
        if records[0].offset < expected:
            records = [record for record in records if record.offset >= expected]
        if not records or records[0].offset == expected:
            return records
        if self._sought.get(tp) != expected:
            self._sought[tp] = expected
            self._undelivered.add(tp)
            return []
        self._holes[tp] += 1
        begin = (await self.earliest_offsets(tp)).get(tp, 0)
        if begin > expected:
            self.log.error("%s/%d: the log begins at %d, wanted %d: a gap", tp.topic, tp.partition, begin, expected)
        return records

    async def _deliver_all(self, found: dict[TP, list[Record]], generation: int) -> None:
        """Partitions in turn, one batch each, while nothing is revoked or rewound."""
        size, limit = self._seat.settings.batch_records, self._seat.settings.batch_bytes
        waiting: list[tuple[TP, list[Record], int]] = []
        for tp, records in found.items():
            epoch = self._epochs[tp]
            if wanted := await self._wanted(tp, records):
                waiting.append((tp, wanted, epoch))
        while waiting:
            left: list[tuple[TP, list[Record], int]] = []
            for tp, records, epoch in waiting:
                taken = _within(records[:size], limit)
                await self._keep_lease(generation)
                if not await self._deliver(tp, taken, epoch, generation):
                    self._undelivered.add(tp)
                elif len(taken) < len(records):
                    left.append((tp, records[len(taken) :], epoch))
            waiting = left

    async def _deliver(self, tp: TP, taken: list[Record], epoch: int, generation: int) -> bool:
        """Hand over one batch; False where it may not have arrived."""
        if not self._current(generation) or epoch != self._epochs[tp] or tp not in self._next:
            return False
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
        if not self._current(generation) or epoch != self._epochs[tp]:
            return False
        self._next[tp], self._last[tp], self._read_offset[tp] = last + 1, last, last
        return True

    async def _keep_lease(self, generation: int) -> None:
        """Wait while the broker may have given our partitions away: no heartbeat it answered within a session."""
        lease_s = self._seat.settings.session_timeout_s
        while time.monotonic() - self._thread.last_heartbeat > lease_s and self._current(generation):
            await asyncio.sleep(0.05)

    def _pass_over_markers(self, found: dict[TP, list[Record]]) -> None:
        """Move over what holds no records (transaction markers, compacted ends), up to the fetcher's position."""
        for tp in self._next.keys() - found.keys():
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
