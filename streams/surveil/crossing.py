"""State follows the object: the exchange between sector owners about identities that cross between them (§2.7).

An owner that does not hold an object lets that object's rows, and only its, wait until the state has come. Who begins a
track where nobody holds one is settled by a census: the row's owner asks all others, and of two that ask at once the
earlier (Lamport time, then partition) goes first, as in Ricart and Agrawala's mutual exclusion (CACM 24(1), 1981).

With several feeds of one identity, owners may come to wait for each other in a circle (each has a departing row behind
rows that wait). A probe along the waits finds that (Chandy, Misra and Haas, ACM TOCS 1(2), 1983), and the one it comes
back to stops waiting for that owner and looks elsewhere.
"""

from collections.abc import Callable

from streams.surveil import wording
from streams.surveil.fold import Hint
from streams.surveil.follow import Follower
from streams.surveil.handoff import Handoff, HandoffKind, carry, unpack
from streams.surveil.merge import merge
from streams.surveil.post import Post
from streams.surveil.provisional import by_alert, publish
from streams.surveil.rows import Row, is_distress, is_live
from streams.surveil.visits import Visit
from streams.surveil.waits import For, Item, Memory, Stub, Wait

_HOPS_PER_OWNER = 2  # a message that was passed on more often than this is answered with nothing


class Crossing:
    """One owner's side of the exchange. ``log_time_us`` is that of the record in hand."""

    def __init__(self, partition: int, partitions: int, patience_s: float, follower: Follower, memory: Memory) -> None:
        self.me, self.partitions = partition, partitions
        self._patience_us = round(patience_s * 1e6)
        self._follower, self._objects = follower, follower.objects
        self.memory = memory
        self.post = Post(memory, follower.edges.counts)
        self.log_time_us = 0
        self._handlers: dict[HandoffKind, Callable[[Handoff], None]] = {
            HandoffKind.DEPART: self._depart,
            HandoffKind.ASK: self._ask,
            HandoffKind.FORWARD: self._forwarded,
            HandoffKind.KEPT: self._kept,
            HandoffKind.RETURN: self._returned,
            HandoffKind.PROBE: self._probed,
        }

    @property
    def idle(self) -> bool:
        """Whether nothing waits here, and nothing of ours is on its way."""
        return not self.memory.waits and not self.memory.away

    # -- what comes in --------------------------------------------------------------------------------------------

    def here(self, row: Row, hint: Hint | None = None) -> None:
        """A row in a sector of this owner."""
        wait = self.memory.waits.get(row.key)
        if wait is not None:
            self._queue(row.key, wait, Item(row))
        else:
            self._row(row, hint, [])

    def departing(self, row: Row) -> None:
        """A row that left for another owner; this one may hold the object."""
        self._count("copies/departing")
        wait = self.memory.waits.get(row.key)
        if wait is not None:
            self._queue(row.key, wait, Item(row, departing=True))
        elif row.owner != self.me:
            self._depart(self.post.about(HandoffKind.DEPART, row, row.owner))

    def message(self, message: Handoff) -> None:
        """A message of another owner."""
        memory, key = self.memory, message.key
        memory.stamp = max(memory.stamp, message.stamp)
        self._count(f"handoffs/{message.kind.name.lower()}")
        if message.row is not None:
            self._count("received")
        wait = memory.waits.get(key)
        if message.kind is HandoffKind.RELEASE:
            self._adopt(message)
        elif message.kind is HandoffKind.ASK and wait is not None and self._goes_first(wait, message):
            self._queue(key, wait, Item(message=message))
        elif message.kind in self._handlers:
            self._handlers[message.kind](message)
        elif wait is not None and self._answers(wait, message):
            self._resolve(wait, message)
        elif not message.census:
            memory.early.setdefault(key, []).append(message)

    def patience(self, log_time_us: int) -> None:
        """Publish provisionally what has waited for too long. A recording is in no hurry: its rows just wait, so that
        how far behind a neighbour was leaves no trace in the alerts."""
        self.log_time_us = log_time_us
        memory = self.memory
        if log_time_us < memory.look_us:
            return
        memory.look_us = 2**62
        for wait in memory.waits.values():
            if log_time_us - wait.since_log_us < self._patience_us:
                memory.look_us = min(memory.look_us, wait.since_log_us + self._patience_us)
                continue
            for item in wait.queue:
                if item.row is not None and not item.departing and not item.judged and is_live(item.row.fix.flags):
                    item.judged = True
                    item.provisional = publish(item.row, self._follower)

    # -- rows -----------------------------------------------------------------------------------------------------

    def _row(self, row: Row, hint: Hint | None, provisional: list[Visit]) -> None:
        """Apply a row where the object is held; else find out who holds it."""
        answer = self.memory.take_early(row.key, row.fix.observation)
        slot = self._objects.slots.get(row.key)
        if slot is not None and self._apply(slot, row, hint, provisional):
            return
        if self.partitions == 1:
            self._begin(row, provisional)
            return
        if row.has_previous and 0 <= row.prev_owner != self.me:
            if answer is None:
                self._wait(For.RELEASE, row, provisional)
                return
            if answer.kind is HandoffKind.HELD:
                self._learn(answer)
        self._elsewhere(row, provisional)

    def _elsewhere(self, row: Row, provisional: list[Visit]) -> None:
        """The owner of the previous fix has nothing to say: follow the stub, or ask everybody."""
        memory = self.memory
        stub = memory.stub(row.key, row.fix.event_time_us)
        if stub is not None:
            stub.until_us = max(stub.until_us, row.fix.event_time_us + self._follower.lost_us)
            memory.away.setdefault(row.key, []).append(row.fix.observation)
            message = self.post.about(HandoffKind.FORWARD, row, self.me)
            message.row, message.provisional = row, provisional
            self.post.send(stub.owner, message)
            return
        wait = self._wait(For.CENSUS, row, provisional)
        ask = self.post.about(HandoffKind.ASK, row, self.me)
        wait.stamp = ask.census = ask.stamp
        for partition in range(self.partitions):
            if partition != self.me:
                ask.instead_of = partition
                self.post.send(partition, ask)

    def _apply(self, slot: int, row: Row, hint: Hint | None, provisional: list[Visit]) -> bool:
        follower = self._follower
        follower.provisional = by_alert(provisional)
        fate = follower.apply(slot, row, hint)
        if fate is None:
            return False
        self._count(fate)
        self._unfounded(slot, row.fix.area)
        return True

    def give(self, key: str, to: int) -> None:
        """Give an object away unasked: the track that moves it beside its own reports went to that owner."""
        slot = self._objects.slots.get(key)
        if slot is not None and self._objects.count[slot] and key not in self.memory.waits and to != self.me:
            newest = self._objects.newest(slot)
            cause, time_us = newest.observation, newest.event_time_us
            self._release(slot, Handoff(HandoffKind.DEPART, key, cause, time_us, to, self.stamp()))

    def stamp(self) -> int:
        """The next Lamport time."""
        self.memory.stamp += 1
        return self.memory.stamp

    def _begin(self, row: Row, provisional: list[Visit]) -> None:
        self._follower.provisional = by_alert(provisional)
        slot = self._follower.begin(row, self.stamp())
        self.memory.stubs.pop(row.key, None)
        self._count("applied")
        self._unfounded(slot, row.fix.area)

    def _unfounded(self, slot: int, area: int) -> None:
        """What was published provisionally and is not so."""
        follower = self._follower
        left, follower.provisional = list(follower.provisional.values()), {}
        for visit in left:
            if not follower.confirm(slot, visit, area):
                follower.retract(slot, visit, area, wording.UNFOUNDED)

    # -- waiting --------------------------------------------------------------------------------------------------

    def _wait(self, reason: For, row: Row, provisional: list[Visit]) -> Wait:
        memory = self.memory
        on = row.prev_owner if reason is For.RELEASE else -1
        wait = memory.waits[row.key] = Wait(reason, on, row.fix.observation, self.log_time_us, [])
        self._queue(row.key, wait, Item(row, judged=bool(provisional), provisional=provisional))
        memory.look_us = min(memory.look_us, self.log_time_us + self._patience_us)
        return wait

    def _queue(self, key: str, wait: Wait, item: Item) -> None:
        if item.row is not None and item.departing and wait.reason is For.RELEASE:
            probe = self.post.about(HandoffKind.PROBE, item.row, item.row.owner)
            probe.blocked = wait.cause
            self.post.send(wait.on, probe)
        if item.row is not None and not item.departing and self._calls_first(wait, item.row):
            item.judged, item.provisional = True, publish(item.row, self._follower)  # a call for help waits for nobody
        wait.queue.append(item)
        self.memory.waiting += item.is_row
        self.memory.look_us = min(self.memory.look_us, max(wait.since_log_us + self._patience_us, self.log_time_us))

    def _calls_first(self, wait: Wait, row: Row) -> bool:
        """Whether a row is the first live distress signal among those that wait."""
        flags = row.fix.flags
        if not (is_distress(flags) and is_live(flags)):
            return False
        return not any(item.row is not None and item.judged and is_distress(item.row.fix.flags) for item in wait.queue)

    def _goes_first(self, wait: Wait, ask: Handoff) -> bool:
        """Whether a census of ours is earlier than theirs, so that they must wait for its outcome."""
        return wait.reason is For.CENSUS and (wait.stamp, self.me) < (ask.census, ask.asker)

    def _answers(self, wait: Wait, message: Handoff) -> bool:
        if message.kind not in (HandoffKind.NOTHING, HandoffKind.HELD):
            return False
        if wait.reason is For.CENSUS:
            return message.census == wait.stamp
        return not message.census and message.cause == wait.cause

    def _resolve(self, wait: Wait, message: Handoff) -> None:
        """An answer other than the object itself."""
        nothing = message.kind is HandoffKind.NOTHING
        if not nothing:
            self._learn(message)
        elif wait.reason is For.CENSUS:
            if message.instead_of not in wait.answered:
                wait.answered.append(message.instead_of)
            if len(wait.answered) < self.partitions - 1:
                return
        queue = self._end(message.key)
        head = queue.pop(0)
        assert head.row is not None
        if wait.reason is For.CENSUS and nothing:
            self._begin(head.row, head.provisional)
        else:
            self._elsewhere(head.row, head.provisional)
        self._serve(message.key, queue)

    def _end(self, key: str) -> list[Item]:
        queue = self.memory.waits.pop(key).queue
        self.memory.waiting -= sum(item.is_row for item in queue)
        return queue

    def _serve(self, key: str, queue: list[Item]) -> None:
        """Take up what has waited, in order, until something has to wait again."""
        for item in queue:
            wait = self.memory.waits.get(key)
            message = item.message
            if wait is not None:
                ask = message if message is not None and message.kind is HandoffKind.ASK else None
                if ask is None or self._goes_first(wait, ask):
                    self._queue(key, wait, item)
                    continue
            if message is not None:
                self._handlers[message.kind](message)
            elif item.row is not None and item.departing:
                if item.row.owner != self.me:
                    self._depart(self.post.about(HandoffKind.DEPART, item.row, item.row.owner))
            elif item.row is not None:
                self._row(item.row, None, item.provisional)

    # -- what others want -----------------------------------------------------------------------------------------

    def _depart(self, message: Handoff) -> None:
        """Somebody waits for an object that was here by its previous fix."""
        self._find(message, HandoffKind.DEPART)

    def _ask(self, message: Handoff) -> None:
        """Somebody has a row of an object he never heard of."""
        self._find(message, HandoffKind.ASK)

    def _find(self, message: Handoff, kind: HandoffKind) -> None:
        slot = self._objects.slots.get(message.key)
        if slot is not None and self._follower.timers(slot, message.time_us):
            if message.time_us >= self._objects.heard_us[slot]:
                return self._release(slot, message)
            return self.post.answer(message, HandoffKind.HELD, holder=self.me, epoch=self._objects.epochs[slot])
        if not self._passed_on(message, kind):
            self.post.answer(message, HandoffKind.NOTHING)

    def _passed_on(self, message: Handoff, kind: HandoffKind) -> bool:
        """Whether a stub leads to somebody else than the asker."""
        stub = self.memory.stub(message.key, message.time_us)
        if stub is None or message.hops >= _HOPS_PER_OWNER * self.partitions or self.me == stub.owner:
            return False
        stub.until_us = max(stub.until_us, message.time_us + self._follower.lost_us)
        if stub.owner == message.asker and kind is not HandoffKind.FORWARD:
            return False
        message.hops += 1
        self.post.send(stub.owner, message)
        return True

    def _forwarded(self, message: Handoff) -> None:
        """A row of somebody else's sector, of an object that should be here."""
        row = message.row
        assert row is not None
        if message.asker == self.me:  # it came back to its own sector, behind its object
            return self._returned(message)
        slot = self._objects.slots.get(message.key)
        if slot is not None:
            newest = row.fix.event_time_us >= self._objects.heard_us[slot]
            if self._apply(slot, row, None, message.provisional):
                if newest and row.owner == message.asker:
                    self._release(slot, message)
                else:
                    self.post.answer(message, HandoffKind.KEPT, holder=self.me, epoch=self._objects.epochs[slot])
                return
        if not self._passed_on(message, HandoffKind.FORWARD):
            answer = self.post.reply(message, HandoffKind.RETURN)
            answer.row, answer.provisional = row, message.provisional
            self.post.send(message.asker, answer)

    def _kept(self, message: Handoff) -> None:
        """A row of ours was applied by the holder."""
        self.memory.answered(message.key, message.cause)
        self._learn(message)

    def _returned(self, message: Handoff) -> None:
        """A row of ours that was forwarded is ours again; nobody on its way had anything to say."""
        memory, row = self.memory, message.row
        assert row is not None
        memory.answered(message.key, message.cause)
        if message.kind is HandoffKind.RETURN:
            memory.stubs.pop(message.key, None)
        self._settled(message)
        wait = memory.waits.get(message.key)
        if wait is None:
            self._row(row, None, message.provisional)
        else:
            self._queue(message.key, wait, Item(row, judged=bool(message.provisional), provisional=message.provisional))

    def _settled(self, message: Handoff) -> None:
        """Its row need not wait for an answer of the previous fix's owner (any more)."""
        self.memory.early.setdefault(message.key, []).append(self.post.reply(message, HandoffKind.NOTHING))

    def _probed(self, message: Handoff) -> None:
        """Owners wait for each other: pass it on along our own wait, or stop waiting if it is about that."""
        wait = self.memory.waits.get(message.key)
        if wait is None or wait.reason is not For.RELEASE or not wait.blocks(message.blocked):
            return  # its sender is answered already, or will be
        if message.asker == self.me and message.cause == wait.cause:
            self._count("handoffs/deadlocks")
            queue = self._end(message.key)
            head = queue.pop(0)
            assert head.row is not None
            self._elsewhere(head.row, head.provisional)
            self._serve(message.key, queue)
        elif message.hops <= self.partitions:
            message.blocked, message.hops = wait.cause, message.hops + 1
            self.post.send(wait.on, message)

    def _release(self, slot: int, message: Handoff) -> None:
        """Give the object away, and remember where it went."""
        memory = self.memory
        memory.stamp = max(memory.stamp, self._objects.epochs[slot]) + 1
        until_us = max(int(self._objects.heard_us[slot]), message.time_us) + self._follower.lost_us
        answer = self.post.reply(message, HandoffKind.RELEASE)
        answer.epoch = memory.stamp
        answer.held = carry(self._objects, slot, memory.stamp)
        memory.stubs[message.key] = Stub(message.asker, memory.stamp, until_us)
        self.post.send(message.asker, answer)

    def _adopt(self, message: Handoff) -> None:
        """The object has come: it may be waited for, be early, or be one that was followed here as well."""
        memory, key, held = self.memory, message.key, message.held
        assert held is not None
        stub = memory.stubs.get(key)
        slot = self._objects.slots.get(key)
        if slot is None and stub is not None and stub.epoch > message.epoch and message.hops < self.partitions:
            message.hops += 1
            self.post.send(stub.owner, message)
            return
        memory.stubs.pop(key, None)
        if slot is not None:
            self._count("handoffs/merged")
            merge(self._follower, slot, held)
        else:
            slot = unpack(self._objects, key, held)
            self._follower.settle(slot)
        if message.cause in memory.away.get(key, []):
            memory.answered(key, message.cause)
        else:  # the row that asked for it may be behind one that gives the object away again: it must not ask twice
            self._settled(message)
        if key in memory.waits:
            self._serve(key, self._end(key))

    def _learn(self, message: Handoff) -> None:
        """Somebody else holds it."""
        known = self.memory.stubs.get(message.key)
        if known is None or known.epoch <= message.epoch:
            until_us = message.time_us + self._follower.lost_us
            self.memory.stubs[message.key] = Stub(message.holder, message.epoch, until_us)

    # -- bookkeeping ----------------------------------------------------------------------------------------------

    def _count(self, name: str) -> None:
        counts = self._follower.edges.counts
        counts[name] = counts.get(name, 0) + 1
