"""All of identity as one state: the same from any cut of the reports, and after any restart."""

import numpy as np

from streams.tracks.identity.dark import Label
from streams.tracks.identity.evidence import Tracks
from streams.tracks.identity.identities import (
    Identities,
    IdentityRules,
    Surroundings,
    doubled,
    judge,
    merged,
    observe,
    picture,
)
from streams.tracks.identity.names import part_key
from streams.tracks.identity.reporters import Reports

RULES = IdentityRules()


def world(now_s: float) -> Tracks:
    """Three boats on straight courses, 10 m; ids 11, 22, 33."""
    mean = np.array([[5.0 * now_s, 0.0, 5.0, 0.0], [3000.0, 2.0 * now_s, 0.0, 2.0], [6000.0, 0.0, 0.0, 0.0]])
    covariance = np.broadcast_to(np.diag([100.0, 100.0, 1.0, 1.0]), (3, 4, 4)).copy()
    return Tracks(np.array([11, 22, 33], np.uint64), np.full(3, now_s), mean, covariance, np.ones(3, np.bool_))


def second(state: Identities, now_s: float) -> Identities:
    """Boat 11 reports as 1 for 60 s, boat 22 as 2 throughout, boat 33 never."""
    tracks = world(now_s)
    who = [(name, row) for name, row, until in ((1, 0, 60.0), (2, 1, 1e9)) if now_s % 5.0 == 0.0 and now_s <= until]
    if who:
        n = len(who)
        place = tracks.mean[[row for _, row in who], :2] + 3.0
        names = np.array([name for name, _ in who], np.int64)
        reports = Reports(names, np.full(n, now_s), place, np.full(n, 8.0), np.full((n, 2), np.nan))
        state = observe(state, reports, tracks, 1.0, RULES)
    one = np.ones(3)
    around = Surroundings(10.0 * one, one, np.ones(3, np.bool_), np.zeros(3, np.bool_), np.ones(3, np.bool_))
    return judge(state, tracks, around, now_s, RULES)


def test_names_darkness_and_the_picture_together() -> None:
    """Law: who reports is bound and bright, who stops went dark, who never did is non-cooperative."""
    state = Identities.none()
    for now in range(1, 141):
        state = second(state, float(now))
    out, label = picture(state, world(140.0), 140.0)
    assert out.part.tolist() == [part_key(1, 0), part_key(2, 0), -1]
    assert label.tolist() == [Label.WENT_DARK, Label.NONE, Label.NON_COOPERATIVE]
    assert not len(doubled(state, 140.0).name)


def test_a_restart_at_any_second_changes_nothing() -> None:
    """Law: dump and load at every second give, bit for bit, the state of an undisturbed run."""
    whole = Identities.none()
    cut = Identities.none()
    for now in range(1, 91):
        whole = second(whole, float(now))
        cut = Identities.load(second(cut, float(now)).dump())
        assert cut.dump() == whole.dump()


def test_a_merged_track_keeps_its_name_and_history() -> None:
    """Law: what was known of the track that goes belongs to the one that stays."""
    state = Identities.none()
    for now in range(1, 41):
        state = second(state, float(now))
    state = merged(state, 11, 33)
    assert 11 not in state.evidence.track.tolist()
    assert [int(t) for t, b in zip(state.evidence.track, state.evidence.bound, strict=True) if b] == [33, 22]
    assert state.darkness.had_name[state.darkness.id == 33].tolist() == [True]
