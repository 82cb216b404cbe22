"""Which times are believed, what is late, and how far a source's watermark has come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.ingest import clock
from streams.ingest.clock import ABSENT, ClockRules, Heard, SensorClocks
from streams.ingest.outcomes import Code

S = 1_000_000
NOW = 1_700_000_000 * S
RULES = ClockRules(ahead_us=60 * S, behind_us=3600 * S, jump_us=1000 * S)
Row = tuple[int, int, bool]  # sensor, seconds after NOW, historical; received at NOW


def judge(clocks: SensorClocks, rows: list[Row]) -> Heard:
    """Judge rows of sensors named by number, all received at NOW."""
    slots = clocks.slots([str(sensor) for sensor, _, _ in rows])
    times = np.array([NOW + seconds * S for _, seconds, _ in rows], np.int64)
    return clocks.judge(
        np.array(slots, np.int32), times, np.full(len(rows), NOW, np.int64), np.array([past for _, _, past in rows])
    )


def codes(rows: list[Row]) -> list[Code]:
    """The verdicts of fresh clocks."""
    return [Code(code) for code in judge(SensorClocks(RULES), rows).code.tolist()]


def test_live_times_are_held_against_the_time_of_arrival() -> None:
    """A live time may be ``ahead`` or ``behind`` by the limits and not by more."""
    rows = [(1, seconds, False) for seconds in (60, 61, -3600, -3601)]
    assert codes(rows) == [Code.ACCEPTED, Code.CLOCK_AHEAD, Code.ACCEPTED, Code.CLOCK_BEHIND]


def test_a_refused_time_moves_nothing() -> None:
    """A clock an hour ahead does not make its own sensor late, nor move the watermark."""
    clocks = SensorClocks(RULES)
    heard = judge(clocks, [(1, 0, False), (1, 3000, False), (1, 1, False)])
    assert heard.newest_us.tolist() == [ABSENT, NOW, NOW]
    assert clocks.watermark(NOW, 5 * S, ended=False) == NOW + S - 5 * S


def test_a_time_before_1970_is_refused_even_in_history() -> None:
    """Negative times are where absent ones live, so none is believed."""
    assert codes([(1, -NOW // S - 1, True)]) == [Code.CLOCK_BEHIND]
    assert codes([(1, -NOW // S - 1, True)] * 9) == [Code.CLOCK_BEHIND] * 9


def test_one_wild_time_of_history_is_refused_and_three_that_agree_are_believed() -> None:
    """One row far ahead of its sensor's newest is a broken clock; the third in a row that agrees re-bases it."""
    rows = [(1, t, True) for t in (0, 10, 20, 5000, 30, 5000, 5010, 5020, 5030)]
    jump = Code.CLOCK_JUMP
    assert codes(rows) == [0, 0, 0, jump, 0, jump, jump, 0, 0]


def test_a_wild_first_row_of_history_poisons_nothing() -> None:
    """Before three rows agree a historical sensor moves no watermark; three that agree undo a wild first row."""
    clocks = SensorClocks(RULES)
    judge(clocks, [(1, 400_000_000, True), (1, 0, True), (1, 1, True)])
    assert clocks.watermark(NOW, 5 * S, ended=False) == -1
    heard = judge(clocks, [(1, 2, True), (1, 3, True)])
    assert heard.newest_us.tolist() == [NOW + 2 * S, NOW + 2 * S]
    assert clocks.watermark(NOW, 5 * S, ended=False) == NOW + 3 * S - 5 * S


def test_once_confirmed_a_clock_is_never_set_back() -> None:
    """A backlog far behind a confirmed clock is late, however many rows agree."""
    heard = judge(SensorClocks(RULES), [(1, t, True) for t in (0, 1, 2, -5000, -4999, -4998, -4997)])
    assert heard.newest_us[-1] == NOW + 2 * S


def test_the_watermark_waits_for_the_slowest_sensor_that_still_speaks() -> None:
    """Minimum over the sensors heard in the last 15 s of log time, less the lateness; at the end, the newest time."""
    clocks = SensorClocks(RULES)
    judge(clocks, [(1, 0, False), (2, -100, False), (3, 10, False)])
    assert clocks.watermark(NOW + 15 * S, 5 * S, ended=False) == NOW - 105 * S
    assert clocks.watermark(NOW + 16 * S, 5 * S, ended=False) == NOW + 5 * S
    assert clocks.watermark(NOW, 5 * S, ended=True) == NOW + 10 * S


def test_an_unconfirmed_sensor_holds_the_watermark_but_does_not_move_it() -> None:
    """A new historical sensor may be behind the others, never ahead of them."""
    clocks = SensorClocks(RULES)
    judge(clocks, [(1, 0, False), (2, 900, True)])
    assert clocks.watermark(NOW, 5 * S, ended=False) == NOW - 5 * S
    judge(clocks, [(3, -50, True)])
    assert clocks.watermark(NOW, 5 * S, ended=False) == NOW - 55 * S


def test_nothing_heard_is_no_watermark() -> None:
    """No sensor, no time; also at the end of an empty input."""
    clocks = SensorClocks(RULES)
    assert clocks.watermark(NOW, 5 * S, ended=False) == clocks.watermark(NOW, 5 * S, ended=True) == -1
    clocks.slots(["a", "b"])
    assert clocks.watermark(NOW, 5 * S, ended=False) == clocks.watermark(NOW, 5 * S, ended=True) == -1


def test_sensors_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever invents sensors cannot fill the memory: beyond the capacity there is no slot, the known keep theirs."""
    monkeypatch.setattr(clock, "CAPACITY", 3)
    clocks = SensorClocks(RULES)
    assert clocks.slots(["a", "b"]) == [0, 1]
    assert clocks.slots(["c", "d", "a"]) == [2, -1, 0]


@given(
    groups=st.lists(
        st.lists(st.sampled_from((ABSENT, 0, 5, NOW, NOW + 7)), min_size=1, max_size=5), min_size=1, max_size=5
    ),
    copies=st.sampled_from((1, 1000)),
    far=st.sampled_from((0, 200 * 365 * 86_400 * S)),
)
def test_the_running_newest_is_each_group_s_own(groups: list[list[int]], copies: int, far: int) -> None:
    """The newest before each row, of its own group alone, also where the groups' clocks are centuries apart."""
    groups = [[t if t == ABSENT else t + far * (at % 2) for t in group] for at, group in enumerate(groups * copies)]
    counted = np.array([time for group in groups for time in [*group[1:], ABSENT]], np.int64)
    heads = np.cumsum([0, *(len(group) for group in groups[:-1])])
    opens = np.zeros(len(counted), np.bool_)
    opens[heads] = True
    start = np.array([group[0] for group in groups], np.int64)
    wanted = [max(group[: at + 1]) for group in groups for at in range(len(group))]
    assert clock._running_newest(counted, opens, heads, start).tolist() == wanted


one_sensor = st.tuples(st.just(0), st.sampled_from((0, 1, 2, 500, 990, 1500, 5000, -30, -2000)), st.booleans())
any_sensor = st.tuples(st.integers(0, 3), st.sampled_from((0, 1, 2, 500, 990, 1500, 5000, -30, -2000)), st.booleans())
one_kind = st.lists(one_sensor, min_size=1, max_size=40).map(lambda rows: [(s, t, True) for s, t, _ in rows])
many = st.one_of(st.lists(any_sensor, min_size=1, max_size=40), one_kind)


@given(batches=st.lists(many, min_size=1, max_size=6))
def test_batches_are_judged_as_row_by_row(batches: list[list[Row]]) -> None:
    """The columnar paths give the codes, the newest times and the clocks that one row at a time gives."""
    together, alone = SensorClocks(RULES), SensorClocks(RULES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "_FEW", 0)
        got = [judge(together, batch) for batch in batches]
    want = [[judge(alone, [row]) for row in batch] for batch in batches]
    for heard, rows in zip(got, want, strict=True):
        assert heard.code.tolist() == [int(row.code[0]) for row in rows]
        assert heard.newest_us.tolist() == [int(row.newest_us[0]) for row in rows]
    assert [column.tolist() for column in together.columns()] == [column.tolist() for column in alone.columns()]
    assert together.confirmed.tolist() == alone.confirmed.tolist()
