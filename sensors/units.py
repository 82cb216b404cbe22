"""Units and times at the edge: what vendors write, in SI and in integer microseconds."""

from datetime import UTC, datetime, timedelta

KNOT_MPS = 1852.0 / 3600.0  # the international knot, exact

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FIRST_US = 0  # an event lies in [FIRST_US, END_US): from 1970 (a log without any date counts from 0) …
END_US = 4_102_444_800_000_000  # … to 2100, which keeps sums of times far from the ends of int64 and of datetime
TIME_EXPECTED = "expected a time from 1970 to 2099"


def to_us(time: datetime) -> int:
    """Microseconds since 1970 of an aware time, exact; raises TypeError where it has no zone.

    >>> to_us(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (time - EPOCH) // MICROSECOND


def to_time(time_us: int) -> datetime:
    """The aware UTC time of microseconds since 1970, exact; raises OverflowError outside the years 1 to 9999."""
    return EPOCH + timedelta(microseconds=time_us)
