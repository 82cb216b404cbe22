"""Senders follow their own filters; one name with two transmitters is two."""

from itertools import pairwise

import numpy as np

from streams.tracks.identity.duplicate import duplicates
from streams.tracks.identity.names import name_key, name_of, part_key
from streams.tracks.identity.reporters import Heard, ReporterRules, Reporters, Reports, hear
from tests.streams.tracks.identity import scalar

RULES = ReporterRules()
NAN = np.array([[np.nan, np.nan]])


def reports(*rows: tuple[int, float, float, float]) -> Reports:
    """Rows of name, time, x, y; sigma 8 m, no velocity."""
    name, time, x, y = (np.array(column) for column in zip(*rows, strict=True))
    n = len(rows)
    return Reports(
        name.astype(np.int64), time.astype(float), np.stack([x, y], 1).astype(float), np.full(n, 8.0), NAN.repeat(n, 0)
    )


def fed(rows: list[tuple[int, float, float, float]], cut: int | None = None) -> Heard:
    """All rows, in one batch or in batches of ``cut``."""
    state, out = Reporters.none(), []
    step = cut or len(rows)
    for start in range(0, len(rows), step):
        heard = hear(state, reports(*rows[start : start + step]), RULES)
        state = heard.reporters
        out.append(heard.part)
    return Heard(state, np.concatenate(out), np.zeros((0, 2, 2)))


def straight(
    name: int, x0: float, vx: float, count: int, every_s: float = 6.0, start_s: float = 0.0
) -> list[tuple[int, float, float, float]]:
    """A sender on a straight course."""
    return [(name, start_s + i * every_s, x0 + vx * i * every_s, 0.0) for i in range(count)]


def test_one_sender_is_the_textbook_filter() -> None:
    """Law: the filter of one sender equals the scalar Kalman filter with the stamp's noise along the course."""
    rows = straight(5, 0.0, 6.0, 8)
    state = fed(rows).reporters
    mean = np.array([rows[0][2], rows[0][3], 0.0, 0.0])
    covariance = np.diag([64.0, 64.0, RULES.speed_sigma_mps**2, RULES.speed_sigma_mps**2])
    for before, row in pairwise(rows):
        mean, covariance = scalar.predict(mean, covariance, row[1] - before[1], RULES.noise)
        noise = 64.0 * np.eye(2) + RULES.stamp_sigma_s**2 * np.outer(mean[2:], mean[2:])
        mean, covariance, _ = scalar.correct(mean, covariance, np.array(row[2:]), noise)
    np.testing.assert_allclose(state.mean[0], mean, rtol=1e-9)
    np.testing.assert_allclose(state.covariance[0], covariance, rtol=1e-6)
    assert state.reports.tolist() == [8]
    assert abs(state.interval_s[0] - 6.0) < 1e-9


def test_the_cut_does_not_matter() -> None:
    """Law: reports in one batch or one at a time give the same senders, bit for bit."""
    rows = sorted(
        straight(5, 0.0, 6.0, 20) + straight(9, 4000.0, -3.0, 20, 7.0) + straight(5, 9000.0, 2.0, 9, 11.0, 30.0),
        key=lambda row: row[1],
    )
    one, single = fed(rows), fed(rows, 1)
    assert one.reporters.dump() == single.reporters.dump()
    assert one.part.tolist() == single.part.tolist()


def test_two_transmitters_under_one_name_are_two_and_flagged() -> None:
    """Law: reports of one name that alternate between two places become two parts, and a flag; others have none."""
    rows = sorted(
        straight(5, 0.0, 6.0, 12) + straight(5, 9000.0, -2.0, 12, 6.0, 3.0) + straight(7, 500.0, 1.0, 12),
        key=lambda row: row[1],
    )
    heard = fed(rows)
    assert heard.reporters.part.tolist() == [part_key(5, 0), part_key(5, 1), part_key(7, 0)]
    found = duplicates(heard.reporters, rows[-1][1])
    assert found.name.tolist() == [5]
    assert (found.one.tolist(), found.other.tolist()) == ([part_key(5, 0)], [part_key(5, 1)])
    assert not len(duplicates(heard.reporters, rows[-1][1] + 700.0).name)


def test_a_hard_turn_stays_one_sender() -> None:
    """Law: a sender that reverses within a boat's reach keeps its part, and is no duplicate."""
    there = straight(5, 0.0, 20.0, 10, 8.0)
    back = straight(5, there[-1][2] - 160.0, -20.0, 10, 8.0, there[-1][1] + 8.0)
    heard = fed(there + back)
    assert heard.reporters.part.tolist() == [part_key(5, 0)]
    assert not len(duplicates(heard.reporters, back[-1][1]).name)


def test_a_jump_is_another_part_until_the_old_one_is_forgotten() -> None:
    """Law: a jump no boat can make begins a part of its own, but without alternation it is no duplicate."""
    heard = fed(straight(5, 0.0, 5.0, 6) + straight(5, 50_000.0, 5.0, 6, 6.0, 36.0))
    assert heard.reporters.part.tolist() == [part_key(5, 0), part_key(5, 1)]
    assert not len(duplicates(heard.reporters, 66.0).name)


def test_a_fourth_place_takes_the_weakest_part() -> None:
    """Law: a name keeps at most three parts."""
    rows = straight(5, 0.0, 0.0, 3) + [(5, 20.0 + i, 20_000.0 * (i + 1), 0.0) for i in range(4)]
    assert len(fed(rows).reporters.part) == 3


def test_a_late_report_changes_nothing() -> None:
    """Law: a report before its part's time leaves the state as it is."""
    before = fed(straight(5, 0.0, 6.0, 8)).reporters
    after = hear(before, reports((5, 30.0, 180.0, 0.0)), RULES)
    assert after.reporters.dump() == before.dump()
    assert after.part.tolist() == [part_key(5, 0)]


def test_a_state_comes_back_bit_for_bit() -> None:
    """Law: load(dump) continues as the undisturbed state does."""
    rows = straight(5, 0.0, 6.0, 8)
    state = fed(rows[:5]).reporters
    again = Reporters.load(state.dump())
    one, other = (hear(s, reports(*rows[5:]), RULES).reporters.dump() for s in (state, again))
    assert one == other


def test_names_have_keys_of_their_own() -> None:
    """Law: a key depends on kind and value, fits 61 bits, and a part leads back to its name."""
    keys = {name_key(kind, value) for kind in ("mmsi", "icao24", "remote-id") for value in ("211000000", "4b1801")}
    assert len(keys) == 6
    assert all(0 <= key < 2**61 and name_of(part_key(key, 2)) == key for key in keys)


def test_a_sender_that_is_still_called_by_its_name_is_kept_through_its_silence() -> None:
    """Law: silence drops a part after half an hour, unless it is said to be kept; what is kept is not changed."""
    state = fed(straight(5, 0.0, 6.0, 8)).reporters
    late = reports((9, RULES.silent_s + 100.0, 5000.0, 0.0))
    assert hear(state, late, RULES).reporters.part.tolist() == [part_key(9, 0)]
    kept = hear(state, late, RULES, state.part).reporters
    assert kept.part.tolist() == [part_key(5, 0), part_key(9, 0)]
    np.testing.assert_array_equal(kept.mean[0], state.mean[0])
