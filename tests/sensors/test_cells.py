"""Cells to times and numbers: strict, and the same alone as in a column."""

import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.cells import NO_TIME, read_number, read_numbers, read_time
from sensors.units import EPOCH, to_us

NUMBERS = st.one_of(
    st.floats().map(repr),
    st.integers().map(str),
    st.text(max_size=6),
    st.text("0123456789+-.eE_ nan\x1cif", max_size=8),
    st.sampled_from(["", " ", "1_0", "٣", "nan", "-NaN", "inf", "1e999", " 12.5 ", "1.", ".5", "0x10", "1,5"]),
)


@given(st.lists(NUMBERS, max_size=10))
def test_a_column_is_its_cells(texts: list[str]) -> None:
    """No cell is read otherwise because of its neighbours: results may not depend on batches."""
    np.testing.assert_array_equal(read_numbers(texts), np.array([read_number(text) for text in texts], np.float64))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_exactly(value: float) -> None:
    """What Python writes is read back to the bit."""
    assert read_number(repr(value)) == value


@pytest.mark.parametrize("text", ["", "  ", "nan", "NaN", "-nan"])
def test_nothing_and_nan_are_absent(text: str) -> None:
    """An empty cell, or the NaN that data frames write, is not available."""
    assert math.isnan(read_number(text))


@pytest.mark.parametrize("text", ["1_0", "٣", "inf", "infinity", "0x10", "1,5", "12 3", "north", "--1", "1e", "\x00"])
def test_what_is_no_number_is_not_taken_for_one(text: str) -> None:
    """Python's leniency (underscores, digits of all scripts, infinity) is not the contract's."""
    assert math.isinf(read_number(text))
    assert math.isinf(read_numbers([text])[0])


@given(
    st.integers(-(10**16), 10**16).map(lambda us: (EPOCH + timedelta(microseconds=us)).replace(tzinfo=None)),
    st.integers(-14 * 60, 14 * 60),
)
def test_iso_times_are_read_exactly(time: datetime, minutes: int) -> None:
    """With a zone or without (then UTC), with T or a space, to the microsecond."""
    assert read_time(time.isoformat()) == read_time(time.isoformat(" ") + "Z") == to_us(time.replace(tzinfo=UTC))
    aware = time.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert read_time(aware.isoformat()) == to_us(aware)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2024-01-01T00:00", 1_704_067_200_000_000),
        (" 2024-01-01 00:00:00z ", 1_704_067_200_000_000),
        ("2024-01-01T01:00:00+0100", 1_704_067_200_000_000),
        ("2024-01-01T00:00:00.5", 1_704_067_200_500_000),
        ("2024-01-01T00:00:00.123456789Z", 1_704_067_200_123_456),
        ("", NO_TIME),
        ("2024-01-01", NO_TIME),
        ("2024-W01-1T00:00", NO_TIME),
        ("2024-02-30T00:00:00", NO_TIME),
        ("2024-01-01T24:00:00", NO_TIME),
        ("2024-01-01T23:59:60Z", NO_TIME),
        ("01/02/2024 00:00", NO_TIME),
        ("1704067200", NO_TIME),
        ("２０２４-01-01T00:00:00", NO_TIME),
    ],
)
def test_forms_of_time(text: str, expected: int) -> None:
    """A date and a time of ISO 8601, no other form, and no date that does not exist."""
    assert read_time(text) == expected
