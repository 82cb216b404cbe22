"""Reporting intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.ais import BURST, KNOT_MPS, interval_s
from simulator.craft import Transponder


def scalar(kind: Transponder, knots: float, turning: bool, at_rest: bool, sent: int) -> float:
    """ITU-R M.1371-5, annex 1, tables 1 and 2, one craft at a time."""
    if kind is Transponder.NONE:
        return float("inf")
    if kind in (Transponder.REMOTE_ID, Transponder.ADSB):
        return 1.0
    if kind is Transponder.BEACON:
        return 2.0 if sent % BURST != BURST - 1 else 46.0
    if kind is Transponder.A:
        if at_rest:
            return 180.0 if knots <= 3.0 else 10.0
        if knots <= 14.0:
            return 10.0 / 3.0 if turning else 10.0
        if knots <= 23.0:
            return 2.0 if turning else 6.0
        return 2.0
    if knots <= 2.0:
        return 180.0
    if kind is Transponder.B_CS or knots <= 14.0:
        return 30.0
    return 15.0 if knots <= 23.0 else 5.0


_CRAFT = st.tuples(
    st.sampled_from(list(Transponder)),
    st.sampled_from([0.0, 1.99, 2.01, 2.99, 3.01, 13.99, 14.01, 22.99, 23.01, 45.0]),
    st.booleans(),
    st.booleans(),
    st.integers(0, 100),
)


@given(st.lists(_CRAFT, min_size=1, max_size=20))
def test_the_arrays_say_what_the_tables_say(fleet: list[tuple[Transponder, float, bool, bool, int]]) -> None:
    """Every craft of a fleet gets the interval of the Recommendation's tables, beside each limit."""
    kinds, knots, turning, at_rest, sent = (list(column) for column in zip(*fleet, strict=True))
    found = interval_s(
        np.array(kinds, np.int8), np.array(knots) * KNOT_MPS, np.array(turning), np.array(at_rest), np.array(sent)
    )
    wanted = [scalar(*craft) for craft in fleet]
    assert found.tolist() == pytest.approx(wanted)


def test_a_beacon_sends_eight_messages_a_minute() -> None:
    """A locating device bursts: 8 messages 2 s apart, and the next burst begins 60 s after the first message."""
    sent = np.arange(BURST * 3)
    one = np.ones(len(sent), np.bool_)
    found = interval_s(np.full(len(sent), Transponder.BEACON, np.int8), np.zeros(len(sent)), one, one, sent)
    assert found.reshape(3, BURST).sum(axis=1).tolist() == [60.0] * 3
