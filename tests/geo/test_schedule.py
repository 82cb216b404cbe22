"""A schedule is a function of event time: spans, changes and refusals, beside a plain reading of the wall clock."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.schedule import DAYS, BadSchedule, Schedule

MINUTE_US = 60_000_000
HOURS = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 30)]


def us(text: str) -> int:
    """Microseconds of an ISO 8601 time with a zone."""
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


def spans(schedule: Schedule, start: str, end: str) -> list[tuple[str, str]]:
    """The spans of a stretch, as UTC texts."""

    def text(time_us: int) -> str:
        return datetime.fromtimestamp(time_us / 1e6, UTC).strftime("%m-%dT%H:%M")

    return [(text(low), text(high)) for low, high in schedule.spans(us(start), us(end))]


def weekly(days: list[str], opens: str, closes: str, **more: object) -> Schedule:
    """A schedule of one item."""
    return Schedule({"weekly": [{"days": days, "from": opens, "until": closes}], **more})


def test_spring_moves_what_does_not_exist() -> None:
    """Law: where the clocks go forward, a wall time within the gap is that much later; others keep their offset."""
    early = weekly(["sun"], "01:00", "02:30", time_zone="Europe/Madrid")  # 2026-03-29, 02:00 -> 03:00
    assert spans(early, "2026-03-28T12:00Z", "2026-03-29T12:00Z") == [("03-29T00:00", "03-29T01:30")]
    inside = weekly(["sun"], "02:15", "02:45", time_zone="Europe/Madrid")
    assert spans(inside, "2026-03-28T12:00Z", "2026-03-29T12:00Z") == [("03-29T01:15", "03-29T01:45")]
    night = weekly(["sat"], "22:00", "06:00", time_zone="Europe/Madrid")  # seven hours, not eight
    assert spans(night, "2026-03-28T12:00Z", "2026-03-29T12:00Z") == [("03-28T21:00", "03-29T04:00")]


def test_autumn_opens_the_first_time_and_closes_the_second() -> None:
    """Law: where the clocks go back, a span with an end in the hour that comes twice is in force in doubt."""
    opens = weekly(["sun"], "02:30", "08:00", time_zone="Europe/Madrid")  # 2026-10-25, 03:00 -> 02:00
    assert spans(opens, "2026-10-24T12:00Z", "2026-10-25T12:00Z") == [("10-25T00:30", "10-25T07:00")]
    closes = weekly(["sun"], "01:00", "02:30", time_zone="Europe/Madrid")
    assert spans(closes, "2026-10-24T12:00Z", "2026-10-25T12:00Z") == [("10-24T23:00", "10-25T01:30")]


def test_hours_that_touch_are_one_span() -> None:
    """Law: no boundary where one span goes on as another, over midnight and over any length of time."""
    always = weekly(list(DAYS), "00:00", "24:00", until="2026-06-01")
    assert spans(always, "2026-01-01T00:00Z", "2027-01-01T00:00Z") == [("01-01T00:00", "06-01T00:00")]
    assert always.next_change_us(us("2026-01-01T00:00Z")) == us("2026-06-01T00:00Z")


def test_validity_is_half_open_and_in_the_time_zone() -> None:
    """Law: in force from `from`, no more at `until`; times without an offset are those of the time zone."""
    valid = Schedule({"from": "2026-06-01T06:00", "until": "2026-06-02T06:00+00:00", "time_zone": "America/New_York"})
    start, end = us("2026-06-01T10:00Z"), us("2026-06-02T06:00Z")
    assert [valid.in_force(t) for t in (start - 1, start, end - 1, end)] == [False, True, True, False]
    assert [valid.next_change_us(t) for t in (0, start - 1, start, end - 1, end)] == [start, start, end, end, None]


def test_a_rule_recurs_for_its_duration_but_for_the_dates_left_out() -> None:
    """Law: occurrences of an RRULE at wall-clock time, each for its minutes; exceptions do not occur."""
    rule = Schedule(
        {
            "rrule": "FREQ=MONTHLY;BYDAY=1SU",
            "start": "2026-01-01T06:00",
            "duration_min": 90,
            "time_zone": "Europe/Paris",
            "except_dates": ["2026-05-03"],
        }
    )
    assert spans(rule, "2026-03-01T00:00Z", "2026-07-01T00:00Z") == [
        ("03-01T05:00", "03-01T06:30"),
        ("04-05T04:00", "04-05T05:30"),
        ("06-07T04:00", "06-07T05:30"),
    ]
    leap = Schedule({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "start": "2025-01-01T00:00", "duration_min": 60})
    assert leap.next_change_us(us("2025-01-01T00:00Z")) == us("2028-02-29T00:00Z")


@given(
    items=st.lists(
        st.tuples(
            st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True),
            st.sampled_from(HOURS),
            st.sampled_from([*HOURS, "24:00"]),
        ),
        min_size=1,
        max_size=3,
    ),
    zone=st.sampled_from(["UTC", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    first=st.dates(date(2026, 1, 1), date(2026, 12, 20)),
    minutes=st.lists(st.integers(0, 5 * 1440), min_size=1, max_size=40),
)
@settings(max_examples=60)
def test_weekly_hours_are_those_of_the_wall_clock(
    items: list[tuple[list[str], str, str]], zone: str, first: date, minutes: list[int]
) -> None:
    """Law: at every minute that is not in an hour the clocks skip or repeat, in force is what the wall clock says."""
    rows = [{"days": days, "from": opens, "until": closes} for days, opens, closes in items]
    schedule = Schedule({"weekly": rows, "time_zone": zone})
    begin = us(f"{first.isoformat()}T00:00Z")
    for minute in minutes:
        time_us = begin + minute * MINUTE_US
        wall = datetime.fromtimestamp(time_us / 1e6, ZoneInfo(zone))
        before = datetime.fromtimestamp(time_us / 1e6 - 7200, ZoneInfo(zone))
        after = datetime.fromtimestamp(time_us / 1e6 + 7200, ZoneInfo(zone))
        if before.utcoffset() != after.utcoffset():
            continue
        assert schedule.in_force(time_us) == _open(rows, wall)


def _open(rows: Sequence[Mapping[str, object]], wall: datetime) -> bool:
    """What a person reads off the wall clock and the list."""
    now, today = wall.strftime("%H:%M"), DAYS[wall.weekday()]
    yesterday = DAYS[(wall - timedelta(days=1)).weekday()]
    for row in rows:
        opens, closes, days = str(row["from"]), str(row["until"]), row["days"]
        assert isinstance(days, list)
        if opens < closes:
            if today in days and opens <= now < closes:
                return True
        elif (today in days and now >= opens) or (yesterday in days and now < closes):
            return True
    return False


@given(
    days=st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True),
    opens=st.sampled_from(HOURS),
    closes=st.sampled_from(HOURS),
    first=st.dates(date(2026, 1, 1), date(2026, 12, 1)),
)
@settings(max_examples=40)
def test_changes_are_where_the_state_changes(days: list[str], opens: str, closes: str, first: date) -> None:
    """Law: the state is constant up to the next change and other from it on; spans are disjoint and in order."""
    schedule = weekly(days, opens, closes, time_zone="Europe/Madrid")
    start = us(f"{first.isoformat()}T00:00Z")
    change = schedule.next_change_us(start)
    if change is None:
        assert all(schedule.in_force(start + h * 3_600_000_000) for h in range(0, 24 * 21))
        return
    state = schedule.in_force(start)
    assert {schedule.in_force(start + (change - start) * k // 50) for k in range(50)} == {state}
    assert schedule.in_force(change) is not state
    found = list(schedule.spans(start, start + 40 * 86_400_000_000))
    assert all(low < high for low, high in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))


@pytest.mark.parametrize(
    "word, document",
    [
        ("not a property", {"hours": 3}),
        ("says no time", {"time_zone": "UTC"}),
        ("time zone database", {"from": "2026-01-01", "time_zone": "../etc/passwd"}),
        ("time zone database", {"from": "2026-01-01", "time_zone": "Europe"}),
        ("time_zone", {"from": "2026-01-01", "time_zone": 5}),
        ("from", {"from": "soon"}),
        ("after `from`", {"from": "2026-02-01", "until": "2026-01-01"}),
        ("weekly", {"weekly": []}),
        ("weekly[0]", {"weekly": [{"days": ["mon"]}]}),
        ("days", {"weekly": [{"days": ["Monday"], "from": "08:00", "until": "09:00"}]}),
        ("until", {"weekly": [{"days": ["mon"], "from": "08:00", "until": "25:00"}]}),
        ("rrule: missing", {"start": "2026-01-01T00:00"}),
        ("daily or rarer", {"rrule": "FREQ=HOURLY", "start": "2026-01-01T00:00", "duration_min": 5}),
        ("start", {"rrule": "FREQ=DAILY", "start": "2026-01-01T00:00Z", "duration_min": 5}),
        ("duration_min", {"rrule": "FREQ=DAILY", "start": "2026-01-01T00:00", "duration_min": 0}),
        ("INTERVAL", {"rrule": "FREQ=DAILY;INTERVAL=0", "start": "2026-01-01T00:00", "duration_min": 5}),
        ("UNTIL", {"rrule": "FREQ=DAILY;UNTIL=20260201T000000Z", "start": "2026-01-01T00:00", "duration_min": 5}),
        ("BAD", {"rrule": "FREQ=DAILY;BAD=1", "start": "2026-01-01T00:00", "duration_min": 5}),
        ("no occurrence", {"rrule": "FREQ=DAILY;UNTIL=20250101", "start": "2026-01-01T00:00", "duration_min": 5}),
        ("except_dates", {"from": "2026-01-01", "except_dates": ["Christmas"]}),
    ],
)
def test_each_fault_is_refused_with_what_was_expected(word: str, document: dict[str, object]) -> None:
    """Law: a schedule that cannot be kept is refused, and the message names the field."""
    with pytest.raises(BadSchedule) as refused:
        Schedule(document)
    assert word in str(refused.value)


def test_a_schedule_says_itself_in_words() -> None:
    """Law: the words name the days, the hours, the time zone and the validity."""
    port = weekly(["mon", "tue"], "22:00", "06:00", time_zone="Asia/Singapore", until="2027-01-01")
    assert str(port) == "until 2027-01-01; mon,tue 22:00-06:00; Asia/Singapore"
