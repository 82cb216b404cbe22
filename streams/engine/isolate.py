"""Finding the record, and in it the row, that a fault of ours lies in, and burying just that. Pure.

Halves are tried from a copy of the state before them, so the cost is about two copies and two passes per level: for
1000 records of 1000 rows some forty copies, once per poisonous row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from streams.boundary import Missing, Trouble, Waits, attempt
from streams.core import Core
from streams.log import Output, Record

REASON = "handler-error"
_MOST_ROWS = 1 << 20


@dataclass(slots=True)
class Isolated:
    """The core after all records, what to write, and the offsets whose record was buried, whole or in part."""

    core: Core
    outputs: list[Output] = field(default_factory=list)
    buried: list[int] = field(default_factory=list)


class _Stop(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__()
        self.trouble = trouble


def isolate(make: Callable[[], Core], state: bytes, records: Sequence[Record]) -> Isolated | Trouble:
    """Apply ``records`` to a fresh core with ``state``, which is the one before them, burying what raises.

    Returns the trouble where even burying fails, where a version is missing, or where rows are: nothing of the
    result may be used then."""
    try:
        found = Isolated(_loaded(make, state))
        _settle(make, found, records)
    except _Stop as stop:
        return stop.trouble
    return found


def _settle(make: Callable[[], Core], found: Isolated, records: Sequence[Record]) -> None:
    before = _dumped(found.core)
    outcome = attempt(lambda: found.core.apply(records))
    if isinstance(outcome, list):
        found.outputs.extend(outcome)
        return
    if isinstance(outcome, Waits | Missing):
        raise _Stop(outcome)
    found.core = _loaded(make, before)
    if len(records) > 1:
        half = len(records) // 2
        _settle(make, found, records[:half])
        _settle(make, found, records[half:])
        return
    record = records[0]
    _settle_rows(make, found, record, range(0, _rows(found.core, record)))


def _settle_rows(make: Callable[[], Core], found: Isolated, record: Record, rows: range) -> None:
    """``rows`` of a record are known to raise together; fewer than two cannot be cut further."""
    if len(rows) < 2:
        piece = _piece(found.core, record, rows) if len(rows) else None
        outcome = attempt(lambda: found.core.bury(piece or record, REASON))
        if not isinstance(outcome, list):
            raise _Stop(outcome)
        found.outputs.extend(outcome)
        found.buried.append(record.offset)
        return
    half = rows.start + len(rows) // 2
    for part in (range(rows.start, half), range(half, rows.stop)):
        piece = _piece(found.core, record, part)
        if piece is None:
            continue
        before = _dumped(found.core)
        outcome = attempt(lambda piece=piece: found.core.apply([piece]))  # type: ignore[misc]
        if isinstance(outcome, list):
            found.outputs.extend(outcome)
        elif isinstance(outcome, Waits | Missing):
            raise _Stop(outcome)
        else:
            found.core = _loaded(make, before)
            _settle_rows(make, found, record, part)


def _rows(core: Core, record: Record) -> int:
    """How many rows the core says a record has; 0 where it cannot be cut."""
    if _piece(core, record, range(0, 1)) is None:
        return 0
    low, high = 1, 2  # row low-1 exists; find the first that does not
    while high < _MOST_ROWS and _piece(core, record, range(high - 1, high)) is not None:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if _piece(core, record, range(middle - 1, middle)) is not None:
            low = middle
        else:
            high = middle
    return low


def _piece(core: Core, record: Record, rows: range) -> Record | None:
    outcome = attempt(lambda: core.cut(record, rows))
    return outcome if isinstance(outcome, Record) else None


def _loaded(make: Callable[[], Core], state: bytes) -> Core:
    core = make()
    if (refused := attempt(lambda: core.load(state))) is not None:
        raise _Stop(refused)
    return core


def _dumped(core: Core) -> bytes:
    outcome = attempt(core.dump)
    if not isinstance(outcome, bytes):
        raise _Stop(outcome)
    return outcome
