"""What the owners of a public topic have in common: an input taken message by message, a ledger that gives each its
fate, and a public partition that they mend behind a zombie. Pure."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import msgspec

from streams import public
from streams.holes import AcceptedHole
from streams.intake import Intake, Ledger
from streams.log import Output, Record
from streams.messages import Kind
from streams.public_tail import PublicTail


class PublicOwner(ABC):
    """Base of the alert and the dispatch core; see :class:`streams.core.Core`, :class:`streams.public_tail.Repairs`
    and :class:`streams.holes.Bridges`."""

    STAGE: str
    TOPIC: str  # read
    PUBLIC: str  # written
    SCHEMA: str

    def __init__(self, partition: int, types: Mapping[Kind, type]) -> None:
        self._partition = partition
        self._source = f"{self.TOPIC}/{partition}"
        self._intake = Intake(self.STAGE, self.TOPIC, partition, types)
        self._tail = PublicTail()

    @property
    @abstractmethod
    def _ledger(self) -> Ledger:
        """The ledger within the state."""

    @property
    def public_topic(self) -> str:
        """The public topic written."""
        return self.PUBLIC

    def cut(self, record: Record, rows: range) -> Record | None:
        """The record with only these messages."""
        return self._intake.cut(record, rows)

    def bury(self, record: Record, reason: str) -> list[Output]:
        """Dead-letter a record and advance over it."""
        return self._intake.bury(record, reason, self._ledger)

    def accept(self, holes: Sequence[AcceptedHole]) -> None:
        """Let these holes be passed."""
        self._ledger.accept(holes)

    def resync(self) -> None:
        """Go on at what comes next of every source."""
        self._ledger.applied.resync()

    def counts(self) -> dict[str, int]:
        """Every message of the input has one fate: it was used (``row``), was ``filtered/…`` or is ``dead/…``."""
        return self._ledger.totals()

    def _again(self, subject: str, version: int, at_us: int, message: msgspec.Struct) -> list[Output]:
        """The highest version of a subject, to be written once more behind a lower one."""
        headers = public.event_headers(self.STAGE, self.SCHEMA, subject, version, at_us)
        repair = (*headers, ("vedette-repair", b"1"))
        return [Output(self.PUBLIC, self._partition, subject.encode(), public.encode(message), repair)]
