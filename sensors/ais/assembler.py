"""Parts of one message, collected per source until all are there, or until patience ends.

Two stations that log into one feed may use the same sequence number at the same time, so parts belong together only
where sensor, source, sequence, channel and number of parts are equal. Parts may come in any order.
"""

import msgspec

from sensors.ais.sentence import Sentence

_LIMIT = 1024  # unfinished messages; a feed of first parts alone must not grow without bound


class Part(msgspec.Struct, array_like=True, frozen=True):
    """One part, with all that is needed to dead-letter it later."""

    offset: int  # of its record
    item: int
    line: bytes
    payload: bytes
    fill: int
    received_us: int
    time_us: int | None  # of reception, as the line itself says


class Message(msgspec.Struct, array_like=True):
    """A message whose parts have not all come."""

    sensor: str
    source: bytes
    slot: bytes  # sequence, channel and number of parts
    total: int
    since_us: int
    parts: dict[int, Part] = {}

    def payload(self) -> tuple[bytes, int]:
        """The whole payload and its fill bits; parts before the last are taken to be full."""
        ordered = [self.parts[number] for number in range(1, self.total + 1)]
        return b"".join(part.payload for part in ordered), ordered[-1].fill

    def arrived(self) -> list[Part]:
        """The parts, in the order they came."""
        return list(self.parts.values())


_Key = tuple[str, bytes, bytes]


class Assembler:
    """Unfinished messages of one raw partition. Times are reception times of records, microseconds since 1970."""

    def __init__(self, patience_us: int) -> None:
        self._patience_us = patience_us
        self._open: dict[_Key, Message] = {}
        self.due_us: int | None = None  # the first time at which :meth:`expire` has something to do

    def offer(self, sensor: str, sentence: Sentence, part: Part) -> tuple[Message | None, list[Part], bool]:
        """Take a part in: ``(the message if it is whole now, parts that are lost because of it, is a repeat)``."""
        slot = b"%b,%b,%d" % (sentence.sequence, sentence.channel, sentence.total)
        key = self._key(sensor, sentence, slot)
        message = self._open.get(key)
        lost: list[Part] = []
        if message is not None and (held := message.parts.get(sentence.number)) is not None:
            if (held.payload, held.fill) == (part.payload, part.fill):
                return None, lost, True
            lost = self._close(key).arrived()  # the sequence number has come round again
            message = None
        if message is None:
            if len(self._open) >= _LIMIT:
                lost = lost + self._close(next(iter(self._open))).arrived()
            message = self._open[key] = Message(sensor, key[1], slot, sentence.total, part.received_us, {})
            self._reschedule()
        message.parts[sentence.number] = part
        if len(message.parts) == message.total:
            return self._close(key), lost, False
        return None, lost, False

    def expire(self, now_us: int) -> list[Part]:
        """The parts of messages whose patience has ended before ``now_us``, which are lost."""
        late = [key for key, message in self._open.items() if message.since_us + self._patience_us < now_us]
        return [part for key in late for part in self._close(key).arrived()]

    def dump(self) -> list[Message]:
        """The unfinished messages, oldest first."""
        return list(self._open.values())

    def load(self, messages: list[Message]) -> None:
        """Take back what :meth:`dump` gave."""
        self._open = {(message.sensor, message.source, message.slot): message for message in messages}
        self._reschedule()

    def _key(self, sensor: str, sentence: Sentence, slot: bytes) -> _Key:
        if sentence.group:
            return sensor, b"g:" + sentence.group, slot
        if not sentence.source and sentence.number > 1:
            # many receivers put the tag block before the first part only; taken where it can belong to but one
            waiting = [
                key
                for key, message in self._open.items()
                if key[0] == sensor and key[2] == slot and sentence.number not in message.parts
            ]
            if len(waiting) == 1:
                return waiting[0]
        return sensor, b"s:" + sentence.source, slot

    def _close(self, key: _Key) -> Message:
        message = self._open.pop(key)
        self._reschedule()
        return message

    def _reschedule(self) -> None:
        since = [message.since_us for message in self._open.values()]
        self.due_us = min(since) + self._patience_us if since else None
