"""Playing a recording at a pace."""

import threading

import pytest

from streams.publisher.speed import Pace, parse_speed


class _Clock:
    """A clock that moves when one waits for it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now


class _Stop(threading.Event):
    """A stop flag that records how long it was waited for, and lets that time pass."""

    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self._clock.waits.append(timeout)
        self._clock.now += timeout
        return self.is_set()


def pace(speed: float | None) -> tuple[Pace, _Clock, _Stop]:
    """A pace whose waits take no time."""
    clock = _Clock()
    stop = _Stop(clock)
    return Pace(speed, stop, clock), clock, stop


@pytest.mark.parametrize("text, speed", [("1x", 1.0), ("60x", 60.0), ("0.5x", 0.5), ("max", None)])
def test_speeds(text: str, speed: float | None) -> None:
    """A factor with an x, or max."""
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["", "x", "fast", "-1x", "0x", "60", "1e3x", "1xx"])
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    """A wrong speed is a usage error, not a guess."""
    with pytest.raises(ValueError, match="expected 1x, 60x"):
        parse_speed(text)


@pytest.mark.parametrize("speed", [1.0, 60.0, 0.5])
def test_the_whole_takes_the_recordings_time_divided_by_the_speed(speed: float) -> None:
    """However unevenly the rows come, the last one is due when its share of the time has passed."""
    timed, clock, _ = pace(speed)
    for second in (0.0, 0.3, 0.3, 10.0, 599.5, 600.0):
        assert timed.wait(int(1e15 + second * 1e6))
    assert clock.now - 100.0 == pytest.approx(600.0 / speed, abs=0.002)


def test_time_lost_elsewhere_is_caught_up() -> None:
    """A slow broker does not shift the rest of the recording: rows that are overdue go at once."""
    timed, clock, _ = pace(1.0)
    timed.wait(1_000_000)
    clock.now += 30.0
    timed.wait(11_000_000)
    assert clock.waits == []


def test_at_full_speed_nothing_waits() -> None:
    """``max`` never looks at a clock."""
    timed, clock, _ = pace(None)
    assert all(timed.wait(second * 1_000_000) for second in range(100))
    assert clock.waits == []


def test_a_leap_of_more_than_an_hour_is_not_waited_for() -> None:
    """A night without traffic, or one row with a clock three days ahead, does not stop the show; the pace goes on."""
    timed, clock, _ = pace(1.0)
    day = 86_400_000_000
    for time_us in (10**15, 10**15 + 1_000_000, 10**15 + 3 * day, 10**15 + 2_000_000, 10**15 + 3_000_000):
        timed.wait(time_us)
    assert clock.now - 100.0 == pytest.approx(2.0)


def test_rows_before_the_first_time_of_a_recording_are_due_at_once() -> None:
    """A log that begins with rows without a time says 0 for them: nobody waits for 1970 to become today."""
    timed, clock, _ = pace(1.0)
    timed.wait(0)
    timed.wait(1_780_000_000_000_000)
    timed.wait(1_780_000_001_000_000)
    assert clock.now - 100.0 == pytest.approx(1.0)


def test_a_stop_ends_the_waiting() -> None:
    """Ctrl-C during a long pause of a recording is answered at once."""
    timed, _, stop = pace(1.0)
    timed.wait(0)
    stop.set()
    assert not timed.wait(3_000_000_000)
    assert not Pace(None, stop).wait(0)
