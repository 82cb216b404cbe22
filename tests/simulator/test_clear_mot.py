"""CLEAR-MOT counts on worked examples and against a scalar count over random moments."""

from itertools import permutations

import numpy as np
import pytest

from simulator.clear_mot import ClearMot


def follow(*moments: tuple[dict[str, complex], dict[str, complex]], c_m: float = 10.0) -> ClearMot:
    """Counts over moments a second apart; a place is ``x + iy`` metres."""
    mot = ClearMot(c_m)
    for time_s, (truth, track) in enumerate(moments):
        truth_xy = np.array([[z.real, z.imag] for z in truth.values()]).reshape(-1, 2)
        track_xy = np.array([[z.real, z.imag] for z in track.values()]).reshape(-1, 2)
        mot.step(float(time_s), list(truth), truth_xy, list(track), track_xy)
    return mot


def test_one_track_that_stays_is_no_switch() -> None:
    """A follower is kept though another comes nearer; the other one, that follows nothing, is false."""
    found = follow(({"a": 0.0}, {"t": 3.0}), ({"a": 0.0}, {"t": 3.0, "u": 1.0})).followed()
    assert (found.switches, found.fragmentations, found.false_tracks, found.tracks) == (0, 0, 1, 2)
    assert found.tracks_per_object == 1.0


def test_another_track_is_a_switch_also_after_a_gap() -> None:
    """Gaps are fragmentations where the object goes on unseen and is found again; a new id then is a switch as well."""
    found = follow(({"a": 0.0}, {"t": 0.0}), ({"a": 0.0}, {}), ({"a": 0.0}, {"u": 0.0}), ({"a": 0.0}, {"v": 0.0}))
    assert found.followed()[4:7] == (2, 1, 3.0)


def test_an_object_out_of_sight_of_the_truth_is_no_gap() -> None:
    """Where the object itself was away there was nothing to follow."""
    found = follow(({"a": 0.0}, {"t": 0.0}), ({}, {}), ({"a": 0.0}, {"t": 0.0})).followed()
    assert (found.switches, found.fragmentations) == (0, 0)


def test_time_to_confirm_counts_from_the_first_moment() -> None:
    """One object is found after two seconds, one at once, one never."""
    empty: dict[str, complex] = {"a": 0.0, "b": 50.0, "c": 99.0}
    found = follow((empty, {"t": 50.0}), (empty, {"t": 50.0}), (empty, {"t": 50.0, "u": 1.0})).followed()
    assert sorted(found.confirm_s) == [0.0, 2.0]
    assert (found.objects, found.never_followed) == (3, 1)


def naive(moments: list[tuple[dict[str, complex], dict[str, complex]]], c_m: float) -> tuple[int, int]:
    """Switches and fragmentations with the fresh pairs found by trying all."""
    switches = gaps = 0
    before: dict[str, str] = {}
    last: dict[str, str] = {}
    lost: dict[str, bool] = {}
    for truth, track in moments:
        now = {o: t for o, t in before.items() if o in truth and t in track and abs(truth[o] - track[t]) < c_m}
        objects = [o for o in truth if o not in now]
        tracks: list[str | None] = [t for t in track if t not in now.values()]
        tracks += [None] * len(objects)
        best: tuple[float, dict[str, str]] = (np.inf, {})
        for chosen in set(permutations(tracks, len(objects))):
            near = {
                o: t for o, t in zip(objects, chosen, strict=True) if t is not None and abs(truth[o] - track[t]) < c_m
            }
            cost = sum(abs(truth[o] - track[t]) for o, t in near.items()) + 1e6 * (len(objects) - len(near))
            best = min(best, (cost, near), key=lambda entry: entry[0])
        now |= best[1]
        for o in truth:
            if o in now:
                switches += last.get(o, now[o]) != now[o]
                gaps += lost.get(o, False)
                last[o] = now[o]
            lost[o] = o in last and o not in now
        before = now
    return switches, gaps


@pytest.mark.parametrize("seed", range(10))
def test_random_moments_count_as_by_hand(seed: int) -> None:
    """Switches and gaps equal a scalar count that tries every assignment."""
    rng = np.random.default_rng(seed)
    moments = [
        ({o: complex(*rng.uniform(0, 30, 2)) for o in "abc" if rng.random() < 0.9},
         {t: complex(*rng.uniform(0, 30, 2)) for t in "tuv" if rng.random() < 0.8})
        for _ in range(25)
    ]  # fmt: skip
    found = follow(*moments).followed()
    assert (found.switches, found.fragmentations) == naive(moments, 10.0)
    assert found.switches > 0
