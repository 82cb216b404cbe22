"""Repeats are recognised, the memory is bounded, and neither depends on the cut."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.ingest.duplicates import Duplicates, pack, unpack


def ids(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Ids as a column."""
    return np.frombuffer(b"".join(number.to_bytes(16, "big") for number in numbers), "V16")


def repeats(memory: Duplicates, *numbers: int) -> list[int]:
    """Which of these ids are repeats; id ``n`` is of sensor 0 at time ``n``."""
    return memory.repeats(ids(*numbers), np.zeros(len(numbers), np.int32), np.array(numbers, np.int64))


def test_a_repeat_is_found_in_its_own_batch_and_later() -> None:
    """The first of equal ids is new, every further one a repeat."""
    memory = Duplicates()
    assert repeats(memory, 1, 2, 1, 3, 2) == [2, 4]
    assert repeats(memory, 3, 4) == [0]
    assert len(memory) == 4


def test_two_generations_bound_the_memory() -> None:
    """At least the newest generation of ids is remembered, never more than two."""
    memory = Duplicates(10)
    for number in range(100):
        assert repeats(memory, number) == []
        assert len(memory) <= 20
        assert repeats(memory, *range(max(0, number - 9), number + 1)) == list(range(min(number + 1, 10)))


def test_what_has_left_the_window_is_dropped() -> None:
    """Ids older than every sensor's window go; ids still within it stay."""
    memory = Duplicates(10)
    repeats(memory, 1, 2)
    memory.forget(np.array([2], np.int64))  # a generation goes as a whole, when its newest has left
    assert repeats(memory, 1, 2) == [0, 1]
    memory.forget(np.array([3], np.int64))
    assert len(memory) == 0


def test_a_snapshot_holds_the_memory() -> None:
    """A generation survives packing, with its order and its times."""
    memory = Duplicates(10)
    repeats(memory, 5, 3, 4)
    assert unpack(*pack(memory.young)).ids == memory.young.ids
    assert unpack(*pack(memory.young)).until_us.tolist() == [5]


@given(numbers=st.lists(st.integers(0, 30), max_size=80), cuts=st.lists(st.integers(1, 9), min_size=1))
def test_cuts_do_not_matter(numbers: list[int], cuts: list[int]) -> None:
    """The repeats and the memory after a batch are those of its ids one at a time, also where a generation fills."""
    cut, alone, found = Duplicates(7), Duplicates(7), []
    start, index = 0, 0
    while start < len(numbers):
        part = numbers[start : start + cuts[index % len(cuts)]]
        found += [start + at for at in repeats(cut, *part)]
        start, index = start + len(part), index + 1
    assert found == [at for at, number in enumerate(numbers) if repeats(alone, number)]
    assert (list(cut.young.ids), list(cut.old.ids)) == (list(alone.young.ids), list(alone.old.ids))
    assert cut.young.until_us.tolist() == alone.young.until_us.tolist()
