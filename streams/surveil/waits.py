"""What one owner remembers about objects it does not hold: what waits for them, where they went, early answers."""

from enum import IntEnum

import msgspec

from streams.surveil.handoff import Handoff
from streams.surveil.rows import Row
from streams.surveil.visits import Visit


class For(IntEnum):
    """What is waited for."""

    RELEASE = 0  # the owner of the previous fix answers the departing row
    CENSUS = 1  # every other owner answers an ASK


class Item(msgspec.Struct, array_like=True):
    """Something about a waiting object, in the order it came: an own row, a departing row, or an ASK."""

    row: Row | None = None
    departing: bool = False
    message: Handoff | None = None
    judged: bool = False  # looked at after patience ran out
    provisional: list[Visit] = []  # what was published of the row then

    @property
    def is_row(self) -> bool:
        """Whether a row of the ledger waits in it."""
        return self.row is not None and not self.departing


class Wait(msgspec.Struct, array_like=True):
    """One object's rows, and only its, wait. The first item is the row it began with."""

    reason: For
    on: int  # RELEASE: the owner that is to answer
    cause: bytes  # the first row's observation
    since_log_us: int
    queue: list[Item]
    stamp: int = 0  # CENSUS: of the ASK
    answered: list[int] = []  # CENSUS: the owners that have nothing

    def blocks(self, observation: bytes) -> bool:
        """Whether a departing row waits in it, and with it the row's new owner."""
        return any(
            item.departing and item.row is not None and item.row.fix.observation == observation for item in self.queue
        )


class Stub(msgspec.Struct, array_like=True):
    """Where an object went. Kept until it would be lost, event time."""

    owner: int
    epoch: int
    until_us: int


class Memory(msgspec.Struct, array_like=True):
    """All of it; state."""

    stamp: int = 0  # Lamport time: above everything this owner has read or written
    waits: dict[str, Wait] = {}
    stubs: dict[str, Stub] = {}
    early: dict[str, list[Handoff]] = {}  # answers to departing rows whose own row has not come yet
    away: dict[str, list[bytes]] = {}  # rows forwarded and not answered yet, by identity
    waiting: int = 0  # rows in all queues
    look_us: int = 2**62  # log time at which patience with somebody runs out
    forget_us: int = 0  # event time at which to look for what can be forgotten

    def answered(self, key: str, cause: bytes) -> None:
        """A forwarded row was taken care of."""
        causes = self.away.get(key, [])
        if cause in causes:
            causes.remove(cause)
            if not causes:
                del self.away[key]

    def take_early(self, key: str, cause: bytes) -> Handoff | None:
        """The answer that came before its row, once."""
        answers = self.early.get(key, [])
        for index, answer in enumerate(answers):
            if answer.cause == cause:
                del answers[index]
                if not answers:
                    del self.early[key]
                return answer
        return None

    def stub(self, key: str, time_us: int) -> Stub | None:
        """Where an object went, as far as that still matters at an event time."""
        found = self.stubs.get(key)
        return found if found is not None and time_us <= found.until_us else None

    def forget(self, now_us: int, lost_us: int) -> None:
        """Drop what is too old to matter, once in a while (event time)."""
        if now_us < self.forget_us:
            return
        self.forget_us = now_us + lost_us // 16
        self.stubs = {key: stub for key, stub in self.stubs.items() if stub.until_us > now_us}
        for key, answers in list(self.early.items()):
            if key in self.waits or key in self.away:
                continue  # their rows are still to come, however old
            answers[:] = [answer for answer in answers if answer.time_us + lost_us > now_us]
            if not answers:
                del self.early[key]
