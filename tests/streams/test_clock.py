"""Whose time an owner goes by."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.clock import OwnerClock
from streams.frames import SourceTick

FOREVER = float("inf")
S = 1_000_000


def hear(clock: OwnerClock, source: str, us: int, *, log_s: int = 0, stall: float = FOREVER, **flags: bool) -> bool:
    """Take one tick."""
    return clock.hear(source, SourceTick(us, **flags), log_s * S, stall)


def test_the_slowest_source_decides() -> None:
    """The clock is the minimum; one never heard holds it at its start."""
    clock = OwnerClock.of(("a", "b"))
    assert not hear(clock, "a", 10)
    assert hear(clock, "b", 5)
    assert clock.now_us == 5


def test_it_never_goes_back() -> None:
    """Not for a source that returns from idling with an older watermark."""
    clock = OwnerClock.of(("a", "b"))
    hear(clock, "b", 0, idle=True)
    hear(clock, "a", 10)
    hear(clock, "b", 3)
    assert clock.now_us == 10


def test_an_input_continued_after_its_end_holds_the_clock_again() -> None:
    """Its next tick makes it active; an older one, read again or a zombie's, does not."""
    clock = OwnerClock.of(("a", "b"))
    hear(clock, "a", 10, end=True)
    hear(clock, "b", 5)
    hear(clock, "a", 8)
    assert clock.sources["a"].end
    hear(clock, "a", 12)
    hear(clock, "b", 30)
    assert (clock.now_us, clock.ended) == (12, False)
    hear(clock, "a", 13, end=True)
    hear(clock, "b", 31, end=True)
    assert (clock.now_us, clock.ended) == (31, True)


def test_idle_and_ended_sources_leave_the_minimum() -> None:
    """Where all have left, the newest watermark is the time; an ended source is not waited for."""
    clock = OwnerClock.of(("a", "b"))
    hear(clock, "a", 7, end=True)
    hear(clock, "b", 4)
    assert (clock.now_us, clock.idle, clock.ended) == (4, False, False)
    hear(clock, "b", 5, idle=True)
    assert (clock.now_us, clock.idle, clock.ended) == (7, True, False)
    hear(clock, "b", 6, end=True)
    assert clock.ended


def test_a_silent_source_is_left_behind_and_named() -> None:
    """After so many distinct seconds in which others ticked, not before, and only until it speaks again."""
    clock = OwnerClock.of(("a", "b"))
    for second in range(15):
        for _ in range(3):
            hear(clock, "a", 100 + second, log_s=second, stall=15)
        assert (clock.now_us, clock.stalled(15)) == ((-1, []) if second < 14 else (114, ["b"]))
    hear(clock, "b", 50, log_s=15, stall=15)
    assert clock.stalled(15) == []
    assert clock.now_us == 114


def test_nobody_is_left_behind_in_a_replay() -> None:
    """However far its log times are apart."""
    clock = OwnerClock.of(("a", "b"))
    for hour in range(100):
        hear(clock, "a", hour, log_s=3600 * hour)
    assert clock.now_us == -1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50), st.booleans(), st.booleans()), max_size=30))
def test_ticks_are_maxima(ticks: list[tuple[str, int, bool, bool]]) -> None:
    """A tick taken twice changes nothing, the clock only rises, and the state survives a snapshot."""
    once, twice, before = OwnerClock.of("abc"), OwnerClock.of("abc"), -1
    for source, us, idle, end in ticks:
        hear(once, source, us, idle=idle, end=end)
        for _ in range(2):
            hear(twice, source, us, idle=idle, end=end)
        assert once.now_us >= before
        before = once.now_us
        twice = msgspec.msgpack.decode(msgspec.msgpack.encode(twice), type=OwnerClock)
    assert once == twice
