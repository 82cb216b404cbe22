"""When a zone is in force: validity, weekly hours and recurrence rules (RFC 5545), in a named time zone.

A schedule is a function of event time alone. Spans are half-open: in force from a span's start, no more at its end.
Hours are wall-clock times of ``time_zone``, by the time zone database of the pinned ``tzdata`` package, never by the
machine's, so that two readings of one log judge alike. Where the clocks change:

* a wall time that does not exist (spring) is read with the offset before the change, so it is that much later;
* a wall time that exists twice (autumn) opens a span the first time and closes one the second time: in doubt in force.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from importlib import resources
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

__all__ = ["DAYS", "BadSchedule", "Schedule"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KEYS = ("from", "until", "time_zone", "weekly", "rrule", "start", "duration_min", "except_dates")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BLOCK_US = 32 * 86_400_000_000  # spans are worked out and kept for so long at a time
_LATEST_US = 2**53  # the year 2255: no event is later, and dates beyond the year 9999 do not exist
_BLOCKS = 120  # ten years: how far ahead a change is looked for
_CENTURY = 100  # years: how far a rule without an end reaches
_LONGEST_MIN = 31 * 24 * 60
_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
_RULE = re.compile(r"(RRULE:)?FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY)(;[A-Z]+=[-+0-9A-Z,]+)*")

Span = tuple[int, int]


class BadSchedule(ValueError):
    """What is wrong with a schedule, and what was expected."""


class _Weekly(NamedTuple):
    days: frozenset[int]  # Monday is 0
    opens: timedelta  # since midnight
    closes: timedelta  # since the same midnight, later than ``opens``


class Schedule:
    """When a zone is in force. Two schedules are equal where their documents are."""

    def __init__(self, document: Mapping[str, object]) -> None:
        """Read a schedule as it stands in a zones file. Raises :class:`BadSchedule`."""
        for key in document:
            if key not in _KEYS:
                raise BadSchedule(f"{str(key)[:40]}: not a property of a schedule; expected {', '.join(_KEYS)}")
        self.document = dict(document)
        name = document.get("time_zone", "UTC")
        if not isinstance(name, str):
            raise BadSchedule("time_zone: expected a name such as Europe/Madrid")
        self._zone = _time_zone(name)
        self._from_us = self._moment("from", 0, closing=False)
        self._until_us = self._moment("until", _LATEST_US, closing=True)
        if self._from_us >= self._until_us:
            raise BadSchedule("until: expected a moment after `from`")
        self._weekly = _weekly(document.get("weekly"))
        self._rule, self._duration = _rule(document)
        self._except = _dates(document.get("except_dates"))
        self._always = self._weekly is None and self._rule is None
        if self._always and not {"from", "until"} & document.keys():
            raise BadSchedule("says no time: expected from, until, weekly or rrule")
        self._blocks: dict[int, list[Span]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schedule) and self.document == other.document

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        """The schedule in words, for lists and maps."""
        said = self.document
        words = [f"{key} {said[key]}" for key in ("from", "until") if key in said]
        for item in self._weekly or ():
            days = ",".join(DAYS[day] for day in sorted(item.days))
            words.append(f"{days} {_clock(item.opens)}-{_clock(item.closes)}")
        if self._rule is not None:
            words.append(f"{said['rrule']} for {said['duration_min']} min from {said['start']}")
        if self._except:
            words.append(f"but for {len(self._except)} days")
        return "; ".join([*words, str(said.get("time_zone", "UTC"))])

    def in_force(self, time_us: int) -> bool:
        """Whether the zone is in force at an event time, microseconds UTC."""
        if not self._from_us <= time_us < self._until_us:
            return False
        if self._always:
            return True
        spans = self._block(time_us // _BLOCK_US)
        at = bisect_right(spans, (time_us, _LATEST_US)) - 1
        return at >= 0 and time_us < spans[at][1]

    def next_change_us(self, after_us: int) -> int | None:
        """The first moment after an event time at which this begins or ceases to be in force; None where there is none
        within ten years."""
        if after_us >= self._until_us:
            return None
        state = self.in_force(after_us)
        if self._always:
            edge = self._until_us if state else self._from_us
            return edge if edge < _LATEST_US else None
        first = max(after_us, self._from_us) // _BLOCK_US
        reached = after_us
        for block in range(first, min(first + _BLOCKS, _LATEST_US // _BLOCK_US)):
            for start, end in self._block(block):
                if end <= after_us:
                    continue
                if not state:
                    return start
                if start > max(reached, after_us):
                    return reached
                reached = end
            if state and reached < (block + 1) * _BLOCK_US:
                return reached
        return None

    def spans(self, from_us: int, until_us: int) -> Iterator[Span]:
        """The spans in force that meet a stretch of event time, in order, as far as they lie in it."""
        start: int | None = from_us if self.in_force(from_us) else self.next_change_us(from_us)
        while start is not None and start < until_us:
            end = self.next_change_us(start)
            yield start, until_us if end is None else min(end, until_us)
            start = None if end is None else self.next_change_us(end)

    def _block(self, number: int) -> list[Span]:
        """The spans of one block, merged and cut to it."""
        found = self._blocks.get(number)
        if found is None:
            low, high = number * _BLOCK_US, (number + 1) * _BLOCK_US
            low, high = max(low, self._from_us), min(high, self._until_us)
            found = self._blocks[number] = _merged(self._raw(low, high), low, high) if low < high else []
        return found

    def _raw(self, low_us: int, high_us: int) -> Iterator[Span]:
        """Spans that may meet a stretch of time, in any order."""
        first = (_EPOCH + low_us * _MICROSECOND).date() - timedelta(days=2)
        last = (_EPOCH + high_us * _MICROSECOND).date() + timedelta(days=2)
        for number in range((last - first).days if self._weekly else 0):
            day = first + timedelta(days=number)
            if day in self._except:
                continue
            midnight = datetime.combine(day, time())
            for item in self._weekly or ():
                if day.weekday() in item.days:
                    opens, closes = midnight + item.opens, midnight + item.closes
                    yield _utc_us(opens, self._zone, closing=False), _utc_us(closes, self._zone, closing=True)
        if self._rule is not None:
            begin = datetime.combine(first, time()) - self._duration
            for start in self._rule.between(begin, datetime.combine(last, time()), inc=True):
                if start.date() not in self._except:
                    start_us = _utc_us(start, self._zone, closing=False)
                    yield start_us, start_us + self._duration // _MICROSECOND

    def _moment(self, key: str, otherwise: int, *, closing: bool) -> int:
        text = self.document.get(key)
        if text is None:
            return otherwise
        try:
            moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        except ValueError:
            moment = None
        if moment is None:
            raise BadSchedule(f"{key}: expected ISO 8601 such as 2026-06-01T06:00, got {repr(text)[:40]}")
        if moment.tzinfo is None:
            return max(0, min(_utc_us(moment, self._zone, closing=closing), _LATEST_US))
        return max(0, min((moment - _EPOCH) // _MICROSECOND, _LATEST_US))


@cache
def _time_zone(name: str) -> tzinfo:
    """A time zone of the pinned database. Raises :class:`BadSchedule`."""
    parts = name.split("/")
    place = resources.files("tzdata.zoneinfo")
    if all(re.fullmatch(r"[A-Za-z0-9_+\-]+", part) for part in parts):
        place = place.joinpath(*parts)
        if place.is_file():
            with place.open("rb") as file:
                return ZoneInfo.from_file(file, key=name)
    raise BadSchedule(f"time_zone: {name[:40]!r} is not in the time zone database; expected one such as Europe/Madrid")


def _utc_us(wall: datetime, zone: tzinfo, *, closing: bool) -> int:
    """A wall-clock time as microseconds UTC, by the rules in the module's docstring."""
    early, late = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    offset, other = early.utcoffset(), late.utcoffset()
    assert offset is not None and other is not None  # noqa: PT018
    return (wall.replace(tzinfo=UTC) - (other if closing and offset > other else offset) - _EPOCH) // _MICROSECOND


def _merged(spans: Iterable[Span], low: int, high: int) -> list[Span]:
    """Spans in order, cut to a stretch, those that touch joined."""
    out: list[Span] = []
    for start, end in sorted(spans):
        start, end = max(start, low), min(end, high)
        if start >= end:
            continue
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def _weekly(items: object) -> list[_Weekly] | None:
    if items is None:
        return None
    shape = '{"days": ["mon", …], "from": "08:00", "until": "18:00"}'
    if not isinstance(items, list) or not items:
        raise BadSchedule(f"weekly: expected a list of {shape}")
    found = []
    for index, item in enumerate(items):
        where = f"weekly[{index}]"
        if not isinstance(item, Mapping) or item.keys() != {"days", "from", "until"}:
            raise BadSchedule(f"{where}: expected {shape}")
        days = item["days"]
        if not isinstance(days, list) or not days or not all(isinstance(d, str) and d in DAYS for d in days):
            raise BadSchedule(f"{where}.days: expected some of {', '.join(DAYS)}")
        opens, closes = _hours(f"{where}.from", item["from"]), _hours(f"{where}.until", item["until"])
        if closes <= opens:  # over midnight
            closes += timedelta(days=1)
        found.append(_Weekly(frozenset(DAYS.index(day) for day in days), opens, closes))
    return found


def _hours(where: str, text: object) -> timedelta:
    if not isinstance(text, str) or not _HOURS.fullmatch(text):
        raise BadSchedule(f"{where}: expected a time such as 08:00 (24:00 is the end of the day), got {text!r:.40}")
    return timedelta(hours=int(text[:2]), minutes=int(text[3:]))


def _clock(since_midnight: timedelta) -> str:
    minutes = since_midnight // timedelta(minutes=1)
    if minutes > 24 * 60:
        minutes -= 24 * 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _rule(document: Mapping[str, object]) -> tuple[rrule | rruleset | None, timedelta]:
    text, start, minutes = (document.get(key) for key in ("rrule", "start", "duration_min"))
    if text is None:
        if start is not None or minutes is not None:
            raise BadSchedule("rrule: missing; start and duration_min belong to it")
        return None, timedelta()
    if not isinstance(text, str) or not _RULE.fullmatch(text):
        raise BadSchedule("rrule: expected RFC 5545 such as FREQ=WEEKLY;BYDAY=MO,TU (daily or rarer, one line)")
    try:
        begin = datetime.fromisoformat(start) if isinstance(start, str) else None
    except ValueError:
        begin = None
    if begin is None or begin.tzinfo is not None or not 1970 <= begin.year < 2255:
        raise BadSchedule("start: expected the wall-clock time of the first occurrence, such as 2026-06-01T06:00")
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 < minutes <= _LONGEST_MIN:
        raise BadSchedule(f"duration_min: expected minutes, 1 to {_LONGEST_MIN}")
    if re.search("INTERVAL=0*(;|$)|UNTIL=[0-9T]*Z|UNTIL=[0-9]{8}[0-9]", text):
        raise BadSchedule("rrule: expected INTERVAL above 0, and UNTIL as wall-clock time such as 20261231T235959")
    try:
        rule = rrulestr(text, dtstart=begin, cache=True)
        if "UNTIL=" not in text and "COUNT=" not in text:
            last = begin.replace(year=begin.year + _CENTURY, day=1)
            rule = rrulestr(f"{text};UNTIL={last:%Y%m%dT%H%M%S}", dtstart=begin, cache=True)
        some = rule.after(begin, inc=True)
    except (ValueError, TypeError, KeyError, OverflowError, IndexError) as problem:
        raise BadSchedule(f"rrule: {str(problem)[:80]}") from problem
    if some is None:
        raise BadSchedule("rrule: has no occurrence")
    return rule, timedelta(minutes=minutes)


def _dates(items: object) -> frozenset[date]:
    if items is None:
        return frozenset()
    try:
        return frozenset(date.fromisoformat(item) for item in items)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as problem:
        raise BadSchedule("except_dates: expected a list of dates such as 2026-12-25") from problem
