"""What a track carries arrives whole."""

import numpy as np

from streams.tracks.identity.evidence import Evidence
from streams.tracks.identity.identities import Identities
from streams.tracks.sharing.baggage import packed, unpacked
from streams.tracks.sharing.messages import Baggage, Incident, PairScore
from tests.streams.tracks.identity.test_identities import second


def grown(seconds: int) -> Identities:
    """Three boats: 11 bound until 60 s, 22 bound, 33 silent."""
    state = Identities.none()
    for now in range(1, seconds + 1):
        state = second(state, float(now))
    return state


def test_everything_arrives_at_an_owner_that_knew_nothing() -> None:
    """Law: packed and unpacked into an empty state, a track's evidence, bond and dark test are as they were."""
    state = grown(120)
    bags = packed(state, {11: (1.0, 2.0)}, {33: (Incident("a", 1, 2),)})
    assert sorted(bags) == [11, 22, 33]
    assert (bags[11].accumulators, bags[33].incidents) == ((1.0, 2.0), (Incident("a", 1, 2),))
    other = Identities.none()
    for track in (33, 11, 22):
        other = unpacked(other, track, bags[track])
    assert other.evidence.dump() == state.evidence.dump()
    for name in ("id", "time_s", "confirmed_s", "ratio", "had_name", "dark"):
        np.testing.assert_array_equal(getattr(other.darkness, name), getattr(state.darkness, name))


def test_the_label_goes_on_at_the_new_owner() -> None:
    """Law: after the next second the new owner labels as the old one would."""
    state = grown(120)
    other = Identities.none()._replace(reporters=state.reporters)
    for track, bag in packed(state, {}, {}).items():
        other = unpacked(other, track, bag)
    whole, moved = second(state, 121.0), second(other, 121.0)
    np.testing.assert_array_equal(moved.darkness.label, whole.darkness.label)
    assert whole.darkness.label.any()


def test_a_sender_bound_elsewhere_is_not_bound_twice() -> None:
    """Law: a bond that came does not break the rule of one track per sender; the later score counts."""
    state = grown(40)
    part = int(state.evidence.part[0])
    came = Baggage((PairScore(part, 11.0, 40.0, True),))
    after = unpacked(state, 33, came).evidence
    bound = [int(t) for p, t, b in zip(after.part, after.track, after.bound, strict=True) if p == part and b]
    assert bound == [11]
    older = unpacked(state, 11, Baggage((PairScore(part, 1.0, 3.0, False),))).evidence
    assert older.dump() == state.evidence.dump()


def test_a_bond_that_came_stands_where_the_own_reports_speak_for_it_too() -> None:
    """Law: a few later reports of one's own do not undo what the old owner had gathered; later ones against it do."""
    state = grown(40)
    part = int(state.evidence.part[0])
    for own, score, bound in ((2.0, 11.0, True), (-2.0, -2.0, False)):
        few = state._replace(
            evidence=Evidence(
                np.array([part]), np.array([11], np.uint64), np.array([own]), np.array([50.0]), np.array([False])
            )
        )
        after = unpacked(few, 11, Baggage((PairScore(part, 11.0, 40.0, True),))).evidence
        assert (after.score.tolist(), after.time_s.tolist(), after.bound.tolist()) == ([score], [50.0], [bound])
