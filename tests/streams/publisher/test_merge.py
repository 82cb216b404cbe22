"""Several recordings as one."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from sensors.adapter import RawRecord
from streams.config import Format
from streams.inputs import Input
from streams.publisher.merge import Row, merged

_HOUR_US = 3_600_000_000


def play(*recordings: list[int]) -> list[Row]:
    """Merge recordings given by their rows' times."""
    inputs = [Input(str(number), "v", f"s{number}", Format.JSON) for number in range(len(recordings))]

    def read(item: Input) -> Iterator[RawRecord]:
        return (RawRecord(i, t, b"", b"%d" % i, {}) for i, t in enumerate(recordings[int(item.path)]))

    return list(merged(inputs, read))


_TIMES = st.lists(st.integers(1, 10**10), max_size=30)


@given(st.lists(_TIMES, min_size=1, max_size=4))
def test_every_row_comes_once_and_in_the_order_of_its_input(recordings: list[list[int]]) -> None:
    """Merging reorders inputs against each other, never the rows of one: a sensor's sequence is what it said."""
    rows = play(*recordings)
    for number, times in enumerate(recordings):
        own = [row for row in rows if row.source == number]
        assert [row.number for row in own] == list(range(len(times)))
        assert [row.record.log_time_us for row in own] == times


@given(st.lists(st.lists(st.integers(1, 10**9)).map(sorted), min_size=2, max_size=4))
def test_ordered_recordings_merge_into_the_order_of_time(recordings: list[list[int]]) -> None:
    """No feed runs ahead of another: what is published never goes back in time."""
    due = [row.due_us for row in play(*recordings)]
    assert due == sorted(due)
    assert due == sorted(time for recording in recordings for time in recording)


def test_one_wrong_clock_does_not_hold_its_input_back() -> None:
    """A row three days ahead is due with its neighbours; else all after it would wait for the other inputs to end."""
    wrong = [1_000, 2_000, 3_000 + 72 * _HOUR_US, 4_000, 5_000]
    rows = play(wrong, [1_500, 3_500, 4_500])
    assert [(row.source, row.number) for row in rows] == [
        (0, 0), (1, 0), (0, 1), (0, 2), (1, 1), (0, 3), (1, 2), (0, 4),
    ]  # fmt: skip


def test_a_pause_of_hours_is_believed() -> None:
    """Two rows that agree on a later time are no wrong clock."""
    rows = play([1_000, 10 * _HOUR_US, 10 * _HOUR_US + 1], [5 * _HOUR_US, 5 * _HOUR_US + 1])
    assert [row.source for row in rows] == [0, 1, 1, 0, 0]


def test_a_wrong_clock_at_the_beginning_is_not_believed_either() -> None:
    """The first row's time counts only as far as the second one's."""
    assert [row.due_us for row in play([72 * _HOUR_US, 1_000, 2_000])] == [1_000, 1_000, 2_000]
