"""What every wire format must offer: raw records in, observation columns and one fate for every other item out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sensors.columns import ObservationColumns
from sensors.reasons import Fate, FilterReason, RejectReason


class RawRecord(NamedTuple):
    """One record of a raw topic, as the log holds it."""

    offset: int
    log_time_us: int  # the broker's append time, microseconds since 1970 UTC
    key: bytes  # the sensor id, UTF-8
    value: bytes
    headers: dict[str, bytes]


class Verdict(NamedTuple):
    """The fate of an item that did not become a row."""

    record: int  # index within the batch
    item: int
    fate: Fate
    reason: FilterReason | RejectReason | None = None
    detail: str = ""  # line, field and expected value, for a person; holds no identifier and no position
    # where the item was kept by an earlier batch (a fragment whose time ran out): its own offset and bytes
    offset: int | None = None
    original: bytes | None = None


@dataclass(slots=True)
class Decoded:
    """What a batch of raw records held: ``rows`` and the fates of all items that are not rows."""

    rows: ObservationColumns
    verdicts: list[Verdict] = field(default_factory=list)
    items: int = 0  # new items met in this batch; items = rows + verdicts - verdicts of items held before


class Adapter(Protocol):
    """A wire format. An instance belongs to one raw partition and keeps what spans records (fragments, statics)."""

    def decode(self, records: Sequence[RawRecord]) -> Decoded:
        """Decode a batch; never raises for what a record holds, whatever its bytes."""
        ...

    def dump(self) -> bytes:
        """The memory between batches, for the snapshot."""
        ...

    def load(self, memory: bytes) -> None:
        """Take back what :meth:`dump` gave."""
        ...
