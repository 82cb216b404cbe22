"""When the lines of a log were received."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sensors.ais.clock import said, stamp
from tests.sensors.ais.sentences import checked, one, tagged

NOON = 1_327_665_600  # 2012-01-27T12:00:00Z
PLACE: dict[str, Any] = {"lon": -1.5, "lat": 50.75}
OTHER = b"$BSALR,,006,V,V,general failure*62"


def clock(seconds: int) -> bytes:
    """A receiver's clock sentence, so many seconds after noon."""
    return b"$" + checked(f"GPZDA,12{seconds // 60:02d}{seconds % 60:02d}.50,27,01,2012,,")


def at(lines: list[bytes]) -> list[int]:
    """The times of these lines, in whole seconds."""
    return [time_us // 1_000_000 for _, _, time_us in stamp(enumerate(lines))]


def test_a_line_says_its_own_time() -> None:
    """Tag block, suffix and clock sentence are the times a line can say."""
    line = one(1, **PLACE)
    assert said(tagged(line, f"c:{NOON}")) == NOON * 1_000_000
    assert said(line + b",%d" % NOON) == NOON * 1_000_000
    assert said(clock(1)) == (NOON + 1) * 1_000_000 + 500_000
    assert said(line) is said(OTHER) is None


def test_a_damaged_or_unset_clock_says_nothing() -> None:
    """A clock sentence counts only with its checksum and a date that exists."""
    assert said(clock(1)[:-2] + b"00") is None
    assert said(b"$" + checked("GPZDA,126100.00,27,01,2012,,")) is None
    assert said(b"$" + checked("GPZDA,120000.00,31,02,2012,,")) is None
    assert said(b"$" + checked("GPZDA,000000.00,01,01,0001,,")) is None


def test_lines_without_a_time_are_as_old_as_the_last_one_with_one() -> None:
    """Also those before the first line that says a time."""
    lines = [OTHER, one(1, **PLACE), clock(0), OTHER, one(1, **PLACE), clock(5), OTHER]
    assert at(lines) == [NOON, NOON, NOON, NOON, NOON, NOON + 5, NOON + 5]


def test_disorder_among_receivers_does_not_turn_the_clock_back() -> None:
    """A line keeps its own time; the next without one does not go back with it, unless the clock was set."""
    lines = [clock(30), clock(28), OTHER, clock(0) + b"", OTHER]
    assert at(lines) == [NOON + 30, NOON + 28, NOON + 30, NOON, NOON + 30]
    wrong = tagged(OTHER, "s:x")
    assert at([tagged(one(1, **PLACE), f"c:{NOON + 10**8}"), clock(0), wrong]) == [NOON + 10**8, NOON, NOON]


def test_a_log_without_any_time_counts_from_0_by_the_seconds_in_its_reports() -> None:
    """The second of the minute moves the clock on, over the minute too; a report that lags does not."""
    seconds = [5, 6, 20, 19, 45, 2, 60]
    lines = [one(1, second=second, **PLACE) for second in seconds]
    assert at(lines) == [5, 6, 20, 20, 45, 62, 62]


def test_class_b_moves_the_clock_too_and_damage_does_not() -> None:
    """A report whose checksum is wrong says no second."""
    damaged = one(1, second=40, **PLACE)[:-2] + b"00"
    assert at([OTHER, one(18, second=7, **PLACE), damaged, one(4, second=30)]) == [0, 7, 7, 7]


@given(st.lists(st.binary(max_size=60).map(bytes.strip).filter(bool), max_size=20))
def test_any_lines_get_times(lines: list[bytes]) -> None:
    """Every line gets a time from 1970 on, in order, and no line raises."""
    stamped = list(stamp(enumerate(lines)))
    assert [line for _, line, _ in stamped] == lines
    assert all(time_us >= 0 for _, _, time_us in stamped)
