"""Writing to other sector owners: messages stamped, counted and numbered. ``offset`` is that of the record in hand."""

from streams.messages import Kind
from streams.outbox import Outbox
from streams.surveil.handoff import TOPIC, Handoff, HandoffKind
from streams.surveil.rows import Row
from streams.surveil.waits import Memory


class Post:
    """One owner's outgoing messages."""

    def __init__(self, memory: Memory, counts: dict[str, int]) -> None:
        self.memory, self._counts = memory, counts
        self.offset = -1
        self.outbox: Outbox | None = None

    def about(self, kind: HandoffKind, row: Row, asker: int) -> Handoff:
        """A new message about a row, later than everything read or written before."""
        self.memory.stamp += 1
        return Handoff(kind, row.key, row.fix.observation, row.fix.event_time_us, asker, self.memory.stamp)

    def reply(self, message: Handoff, kind: HandoffKind) -> Handoff:
        """An answer, not sent yet."""
        return Handoff(
            kind,
            message.key,
            message.cause,
            message.time_us,
            message.asker,
            self.memory.stamp,
            census=message.census,
            instead_of=message.instead_of,
        )

    def answer(self, message: Handoff, kind: HandoffKind, *, holder: int = -1, epoch: int = 0) -> None:
        """Answer the asker."""
        answer = self.reply(message, kind)
        answer.holder, answer.epoch = holder, epoch
        self.send(message.asker, answer)

    def send(self, partition: int, message: Handoff) -> None:
        """Send a copy: the message may be sent on, or changed, afterwards."""
        assert self.outbox is not None
        if message.row is not None:
            self._counts["forwarded"] = self._counts.get("forwarded", 0) + 1
        sent = Handoff(*(getattr(message, name) for name in Handoff.__struct_fields__))
        sent.stamp = self.memory.stamp
        self.outbox.send(Kind.HANDOFF, TOPIC, partition, self.offset, sent)
