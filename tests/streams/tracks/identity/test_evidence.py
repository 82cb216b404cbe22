"""Pairs gather evidence; bonds are made and broken with hysteresis, never two of one side."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.tracks.identity.evidence import Evidence, EvidenceRules, Sightings, Tracks, bonds, decide, renamed, weigh
from tests.streams.tracks.identity import scalar

RULES = EvidenceRules()


def tracks(*places: tuple[float, float], time_s: float = 0.0) -> Tracks:
    """Standing confirmed tracks, ids 1, 2, …; 10 m."""
    n = len(places)
    mean = np.concatenate([np.array(places, float).reshape(n, 2), np.zeros((n, 2))], axis=1)
    covariance = np.broadcast_to(np.diag([100.0, 100.0, 1.0, 1.0]), (n, 4, 4)).copy()
    return Tracks(np.arange(1, n + 1, dtype=np.uint64), np.full(n, time_s), mean, covariance, np.ones(n, np.bool_))


def sightings(*rows: tuple[int, float, float, float]) -> Sightings:
    """Rows of part, time, x, y; 8 m."""
    part, time, x, y = (np.array(column) for column in zip(*rows, strict=True))
    noise = np.broadcast_to(64.0 * np.eye(2), (len(rows), 2, 2)).copy()
    return Sightings(part.astype(np.int64), time.astype(float), np.stack([x, y], 1).astype(float), noise)


def after(
    reports: int, where: tuple[float, float], believed: Tracks, state: Evidence | None = None, part: int = 40
) -> Evidence:
    """Reports of one sender, one a second."""
    state = state or Evidence.none()
    start = float(state.time_s.max(initial=0.0))
    for i in range(reports):
        now = start + 1.0 + i
        believed = believed._replace(time_s=np.full(len(believed.id), now))
        state = weigh(state, sightings((part, now, *where)), believed, 0.0, RULES).evidence
    return state


def test_the_score_is_the_scalar_one() -> None:
    """Law: score and pairs equal the sum of clipped log-likelihood ratios, decayed, pair by pair in Python."""
    rng = np.random.default_rng(5)
    places = rng.uniform(0, 700, (12, 2))
    believed = tracks(*[(float(x), float(y)) for x, y in places])
    rows = [
        (int(rng.integers(6)) * 4, float(t), float(p[0]), float(p[1]))
        for t, p in zip(np.sort(rng.uniform(0, 40, 30)), rng.uniform(0, 700, (30, 2)), strict=True)
    ]
    state = Evidence.none()
    for start in range(0, 30, 7):
        state = weigh(state, sightings(*rows[start : start + 7]), believed, 4.0, RULES).evidence
    scores: dict[tuple[int, int], tuple[float, float]] = {}
    for part, time, x, y in rows:
        near = sum(math.hypot(x - px, y - py) < RULES.density_radius_m for px, py in places)
        density = max(near, 1) / (math.pi * RULES.density_radius_m**2)
        for track, (px, py) in enumerate(places, start=1):
            old = scores.get((part, track))
            if math.hypot(x - px, y - py) < RULES.gate_m:
                mean, spread = scalar.predict(
                    believed.mean[track - 1], believed.covariance[track - 1], time, RULES.noise
                )
                fit = scalar.log_normal(np.array([x, y]) - mean[:2], spread[:2, :2] + 68.0 * np.eye(2))
                gain = min(max(fit - math.log(density), RULES.clip[0]), RULES.clip[1])
            elif old is not None:
                gain = RULES.outside
            else:
                continue
            before, at = old or (0.0, time)
            score = min(RULES.cap, before * math.exp(-(time - at) / RULES.decay_s) + gain)
            scores[(part, track)] = (score, time)
            if score < RULES.floor:
                del scores[(part, track)]
    assert list(zip(state.part.tolist(), state.track.tolist(), strict=True)) == sorted(scores)
    np.testing.assert_allclose(state.score, [scores[pair][0] for pair in sorted(scores)], rtol=1e-9, atol=1e-9)


def test_blocks_of_reports_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: pairs and scores do not depend on how many distances are computed at once."""
    believed = tracks((0.0, 0.0), (90.0, 0.0), (150.0, 20.0))
    some = sightings(*[(4 * i, 1.0 + i, 20.0 * i, 5.0) for i in range(9)])
    whole = weigh(Evidence.none(), some, believed, 0.0, RULES)
    monkeypatch.setattr("streams.tracks.identity.evidence._AT_ONCE", 4)
    cut = weigh(Evidence.none(), some, believed, 0.0, RULES)
    assert cut.evidence.dump() == whole.evidence.dump()
    assert (cut.report == whole.report).all()


def test_a_bond_takes_three_reports_and_breaks_by_four() -> None:
    """Law: reports on the track bind after the third; reports beside it then unbind, but not the first of them."""
    believed = tracks((0.0, 0.0), (5000.0, 0.0))
    assert not after(2, (3.0, 0.0), believed).bound.any()
    bound = after(6, (3.0, 0.0), believed)
    assert [column.tolist() for column in bonds(bound)[:2]] == [[40], [1]]
    assert after(1, (200.0, 0.0), believed, bound).bound.any()
    assert not after(4, (200.0, 0.0), believed, bound).bound.any()


def test_nobody_is_bound_between_two_equal_tracks() -> None:
    """Law: a sender between two tracks is bound to neither."""
    assert not after(20, (0.0, 0.0), tracks((-6.0, 0.0), (6.0, 0.0))).bound.any()


def test_an_unconfirmed_track_takes_no_part() -> None:
    """Law: tentative tracks get no evidence."""
    believed = tracks((0.0, 0.0))._replace(confirmed=np.zeros(1, np.bool_))
    assert not len(after(5, (0.0, 0.0), believed).part)


def test_a_vanished_track_loses_its_bond() -> None:
    """Law: pairs of tracks that are gone vanish."""
    bound = after(6, (0.0, 0.0), tracks((0.0, 0.0)))
    assert not len(weigh(bound, sightings((44, 9.0, 9e4, 0.0)), tracks(), 0.0, RULES).evidence.part)


def test_a_merged_track_keeps_the_bond() -> None:
    """Law: evidence of a track that goes belongs to the one that stays, the higher score of each sender."""
    bound = after(6, (0.0, 0.0), tracks((0.0, 0.0), (100.0, 0.0)))
    moved = renamed(bound, 1, 2)
    assert moved.track.tolist() == [2]
    assert moved.bound.tolist() == [True]
    assert moved.score.tolist() == [float(bound.score.max())]


pairs = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(1, 5)), st.tuples(st.floats(-8, 12), st.booleans()), max_size=20
)


@given(pairs)
def test_no_side_is_bound_twice_and_winners_lead(held: dict[tuple[int, int], tuple[float, bool]]) -> None:
    """Law: new bonds are exactly the leaders by the written rule, and each side of them is bound once."""
    keys = sorted(held)
    state = Evidence(
        np.array([part for part, _ in keys], np.int64),
        np.array([track for _, track in keys], np.uint64),
        np.array([held[key][0] for key in keys], np.float64),
        np.zeros(len(keys)),
        np.zeros(len(keys), np.bool_),
    )
    out = decide(state, RULES)
    for i, (part, track) in enumerate(keys):
        rivals = [held[k][0] for k in keys if k != (part, track) and (k[0] == part or k[1] == track)]
        score = held[(part, track)][0]
        expected = score > RULES.bind and all(score - rival > RULES.lead for rival in rivals)
        assert bool(out.bound[i]) == expected
    for side in (out.part[out.bound].tolist(), out.track[out.bound].tolist()):
        assert len(side) == len(set(side))


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(-400, 400)), min_size=1, max_size=60))
def test_bonds_stay_one_to_one_over_any_history(history: list[tuple[int, float]]) -> None:
    """Law: whatever is reported, no sender and no track is bound twice, and a bond's score is at least ``unbind``."""
    believed, state = tracks((0.0, 0.0), (60.0, 0.0), (150.0, 0.0)), Evidence.none()
    for i, (part, x) in enumerate(history):
        state = weigh(state, sightings((part, float(i), x, 0.0)), believed, 0.0, RULES).evidence
        parts, ids, scores = bonds(state)
        assert len(set(parts.tolist())) == len(parts)
        assert len(set(ids.tolist())) == len(ids)
        assert (scores >= RULES.unbind).all()
