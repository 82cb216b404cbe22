"""Is a file of events good? What would become of every item, and the first problems with their places."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from sensors.adapter import Adapter, RawRecord, Verdict
from sensors.columns import ObservationColumns
from sensors.raw import place
from sensors.reasons import Fate, FilterReason
from sensors.units import to_time

_BATCH = 10_000
SHOWN = 20


class Problem(msgspec.Struct, frozen=True):
    """One item that would be dead-lettered: where, which field, what was expected there."""

    place: str  # "line 12", "element 3", or "record 7" where the file has no lines
    field: str
    expected: str
    reason: str


class Findings(msgspec.Struct):
    """What a check found. ``counts`` is by fate, or by ``fate/reason``; repeats count as ``filtered/duplicate``."""

    items: int = 0
    counts: dict[str, int] = {}
    problems: list[Problem] = []  # the first SHOWN
    more: int = 0  # problems that are not shown
    sensors: int = 0
    identities: int = 0
    first_event_time: str | None = None
    last_event_time: str | None = None

    @property
    def good(self) -> bool:
        """Whether every item can be used."""
        return not self.problems


def check(records: Iterable[RawRecord], adapter: Adapter) -> Findings:
    """Read all records as ingest would, without its checks against the clock and other records."""
    tally = _Tally()
    remaining = iter(records)
    while batch := list(islice(remaining, _BATCH)):
        decoded = adapter.decode(batch)
        tally.items += decoded.items
        tally.add_rows(decoded.rows)
        for verdict in decoded.verdicts:
            tally.add(verdict, batch[verdict.record])
    return tally.findings()


class _Tally:
    def __init__(self) -> None:
        self.items = 0
        self._counts: Counter[str] = Counter()
        self._problems: list[Problem] = []
        self._more = 0
        self._seen: set[bytes] = set()
        self._sensors: set[str] = set()
        self._identities: set[str] = set()
        self._held: dict[tuple[int, int], str] = {}  # where each held item stands
        self._span: tuple[int, int] | None = None

    def add_rows(self, rows: ObservationColumns) -> None:
        """Count rows, those already seen apart."""
        if not len(rows):
            return
        before = len(self._seen)
        self._seen.update(map(bytes, rows.observation_id.tolist()))
        fresh = len(self._seen) - before
        self._counts[Fate.ROW] += fresh
        if fresh < len(rows):
            self._counts[f"{Fate.FILTERED}/{FilterReason.DUPLICATE}"] += len(rows) - fresh
        self._sensors.update(rows.sensors)
        self._identities.update(filter(None, (identity.key("") for identity in rows.identities)))
        first, last = int(rows.event_time_us.min()), int(rows.event_time_us.max())
        self._span = (first, last) if self._span is None else (min(first, self._span[0]), max(last, self._span[1]))

    def add(self, verdict: Verdict, record: RawRecord) -> None:
        """Count an item that is no row; one that was held before counts by its last fate."""
        where = place(record)
        if verdict.fate == Fate.HELD:
            self._held[record.offset, verdict.item] = where
        elif verdict.offset is not None:
            self._counts[Fate.HELD] -= 1
            where = self._held.pop((verdict.offset, verdict.item), where)
        key = str(verdict.fate) if verdict.reason is None else f"{verdict.fate}/{verdict.reason}"
        self._counts[key] += 1
        if verdict.fate != Fate.DEAD:
            return
        if len(self._problems) == SHOWN:
            self._more += 1
            return
        field, _, expected = verdict.detail.removeprefix(where).partition(": ")
        at = where.removesuffix(": ") or f"record {record.offset + 1}"
        self._problems.append(Problem(at, field, expected, str(verdict.reason)))

    def findings(self) -> Findings:
        """All of it."""
        first, last = (None, None) if self._span is None else (_shown(time_us) for time_us in self._span)
        return Findings(
            items=self.items,
            counts={key: self._counts[key] for key in sorted(self._counts) if self._counts[key]},
            problems=self._problems,
            more=self._more,
            sensors=len(self._sensors),
            identities=len(self._identities),
            first_event_time=first,
            last_event_time=last,
        )


def _shown(time_us: int) -> str:
    return to_time(time_us).isoformat().replace("+00:00", "Z")


def lines(findings: Findings) -> Iterator[str]:
    """The findings for a person."""
    yield f"{findings.items} items"
    for key, count in findings.counts.items():
        yield f"  {count:>9}  {key.replace('/', ': ')}"
    if findings.first_event_time is not None:
        yield f"from {findings.first_event_time} to {findings.last_event_time}"
        yield f"{findings.sensors} sensors, {findings.identities} identified objects"
    for problem in findings.problems:
        expected = f"{problem.field}: {problem.expected}" if problem.expected else problem.field
        yield f"{problem.place}: {expected} [{problem.reason}]"
    if findings.more:
        yield f"… and {findings.more} more"
    yield "good" if findings.good else "not good: see the problems above"
