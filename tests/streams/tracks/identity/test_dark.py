"""Silence becomes a label by a sequential test, and only where silence means something."""

import math

import numpy as np
import pytest

from streams.tracks.identity.columns import take
from streams.tracks.identity.dark import (
    CLASS_A,
    CLASS_B_CS,
    CLASS_B_SO,
    Circumstances,
    Darkness,
    DarkRules,
    Label,
    nominal_interval_s,
    step,
)

RULES = DarkRules()


def now(**changed: bool | float) -> Circumstances:
    """One confirmed boat without a name, in coverage, seen by registered radars; every 10 s expected."""
    values: dict[str, bool | float] = {
        "confirmed": True, "bound": False, "candidate": False, "reported": False, "interval_s": 10.0,
        "reception": 1.0, "registered": True, "duty": True, "afloat": True,
    }  # fmt: skip
    values.update(changed)
    return Circumstances(np.array([7], np.uint64), *(np.array([value]) for value in values.values()))


def through(*seconds: tuple[int, Circumstances]) -> list[Label]:
    """The label after every second of the phases (how long, under what)."""
    state, out, at = Darkness.none(), [], 0.0
    for length, around in seconds:
        for _ in range(length):
            at += 1.0
            state = step(state, around, at, RULES)
            out.append(Label(int(state.label[0])))
    return out


def test_a_silent_boat_is_labelled_after_its_missed_reports() -> None:
    """Law: the label comes when dt / interval reaches ln 100, 46 s at 10 s, and not before."""
    labels = through((120, now()))
    first = labels.index(Label.EXPECTED_ABSENT)
    assert first == math.ceil(-RULES.limit * 10.0)
    assert set(labels[first:]) == {Label.EXPECTED_ABSENT}


def test_poor_reception_takes_longer() -> None:
    """Law: where half of the messages are received, silence is half the evidence."""
    assert through((120, now(reception=0.5))).index(Label.EXPECTED_ABSENT) == math.ceil(-RULES.limit * 20.0)


@pytest.mark.parametrize(
    "excuse",
    [{"reception": 0.0}, {"registered": False}, {"candidate": True}, {"confirmed": False}, {"afloat": False}],
)
def test_no_label_where_silence_means_nothing(excuse: dict[str, bool | float]) -> None:
    """Law: no label outside AIS coverage, from an unregistered radar, beside a candidate, unconfirmed, or on land."""
    assert set(through((300, now(**excuse)))) == {Label.NONE}


def test_time_without_registration_or_coverage_does_not_count() -> None:
    """Law: after it ends, the test takes as long as from the start."""
    for excuse in ({"registered": False}, {"reception": 0.0}):
        labels = through((200, now(**excuse)), (100, now()))
        assert labels.index(Label.EXPECTED_ABSENT) - 200 >= math.ceil(-RULES.limit * 10.0) - 1


def test_a_report_of_its_own_begins_the_test_anew() -> None:
    """Law: a boat that reports now and then is never labelled."""
    heard, silent = (1, now(bound=True, reported=True)), (40, now(bound=True))
    assert set(through(*(heard, silent) * 6)) == {Label.NONE}


def test_the_three_labels() -> None:
    """Law: a boat that had a name went dark, one with the duty is absent, small craft is non-cooperative."""
    assert through((5, now(bound=True, reported=True)), (100, now(bound=True)))[-1] is Label.WENT_DARK
    assert through((5, now(bound=True, reported=True)), (100, now()))[-1] is Label.WENT_DARK
    assert through((100, now()))[-1] is Label.EXPECTED_ABSENT
    assert through((100, now(duty=False)))[-1] is Label.NON_COOPERATIVE


def test_only_a_bond_that_reports_clears_a_label() -> None:
    """Law: a candidate alone clears nothing; a bond with a report does."""
    assert through((100, now()), (50, now(candidate=True)))[-1] is Label.EXPECTED_ABSENT
    assert through((100, now()), (1, now(bound=True, reported=True)))[-1] is Label.NONE


def test_a_label_is_withheld_while_the_radar_is_unregistered() -> None:
    """Law: it is hidden as long as it cannot be trusted, and back afterwards."""
    labels = through((100, now()), (5, now(registered=False)), (5, now()))
    assert labels[99] is Label.EXPECTED_ABSENT
    assert set(labels[100:105]) == {Label.NONE}
    assert set(labels[105:]) == {Label.EXPECTED_ABSENT}


def test_tracks_come_and_go() -> None:
    """Law: every track has its own test; one that goes leaves nothing behind, one that comes starts at 0."""
    two = take(now(), np.array([0, 0]))._replace(id=np.array([7, 9], np.uint64))
    state = step(step(Darkness.none(), now(), 0.0, RULES), now(), 10.0, RULES)
    state = step(state, two, 20.0, RULES)
    np.testing.assert_allclose(state.ratio, [-2.0, 0.0])
    again = now()._replace(id=np.array([9], np.uint64))
    assert step(state, again, 30.0, RULES).ratio.tolist() == [-1.0]
    assert Darkness.load(state.dump()).dump() == state.dump()


def test_reporting_intervals_are_those_of_the_recommendation() -> None:
    """Law: nominal intervals by class and speed (ITU-R M.1371-5)."""
    knots = np.array([0.0, 10.0, 18.0, 30.0])
    still = np.zeros(4, np.bool_)
    speed = knots * 0.514444
    assert nominal_interval_s(CLASS_A, speed, still).tolist() == [180.0, 10.0, 6.0, 2.0]
    assert nominal_interval_s(CLASS_A, speed, ~still).tolist() == [180.0, 10.0 / 3.0, 2.0, 2.0]
    assert nominal_interval_s(CLASS_B_CS, speed, still).tolist() == [180.0, 30.0, 30.0, 30.0]
    assert nominal_interval_s(CLASS_B_SO, speed, still).tolist() == [180.0, 30.0, 15.0, 5.0]
