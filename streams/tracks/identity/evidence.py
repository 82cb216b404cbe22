"""How well each sender's reports fit each track, accumulated per pair, and who is bound to whom with hysteresis."""

from typing import NamedTuple

import numpy as np

from streams.tracks.identity.columns import dump, load, ranks, take
from streams.tracks.identity.filter import Bools, Floats, Ids, Ints, distance2, predict
from streams.tracks.state import Belief

_AT_ONCE = 1_000_000  # distances of temporary arrays


class EvidenceRules(NamedTuple):
    """The sequential test's numbers; uncapped, a score needs minutes to unbind."""

    gate_m: float = 300.0
    clip: tuple[float, float] = (-4.0, 3.0)  # of one report
    cap: float = 12.0
    floor: float = -8.0  # below it a pair is dropped
    outside: float = -3.0  # a scored pair that left the gate
    decay_s: float = 120.0
    bind: float = 7.0
    lead: float = 4.0  # over the runner-up, on both sides
    unbind: float = 3.0
    density_radius_m: float = 1000.0
    noise: float = 1.0  # m²/s³ between a track's time and the report's


class Sightings(NamedTuple):
    """Reports in order of time, as `reporters.hear` placed them. Columns (n,)."""

    part: Ints
    time_s: Floats
    position_m: Floats  # (n, 2)
    noise_m2: Floats  # (n, 2, 2)


class Tracks(NamedTuple):
    """What identity reads of the tracks, by ascending ``id``. Columns (m,)."""

    id: Ids
    time_s: Floats
    mean: Floats  # (m, 4)
    covariance: Floats  # (m, 4, 4)
    confirmed: Bools

    @classmethod
    def of(cls, belief: Belief) -> "Tracks":
        """The tracker's belief, in order of id."""
        order = np.argsort(belief.id, kind="stable")
        return take(cls(belief.id, belief.time_s, belief.mean, belief.covariance, belief.confirmed), order)


class Evidence(NamedTuple):
    """Scored pairs, by ascending (part, track). Columns (k,)."""

    part: Ints
    track: Ids
    score: Floats
    time_s: Floats  # of the last report weighed
    bound: Bools

    @classmethod
    def none(cls) -> "Evidence":
        """Nothing weighed yet."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0), np.zeros(0), np.zeros(0, np.bool_))

    def dump(self) -> bytes:
        """The whole state."""
        return dump(self._asdict())

    @classmethod
    def load(cls, record: bytes) -> "Evidence":
        """The state that `dump` wrote, bit for bit."""
        return cls(**load(record))  # type: ignore[arg-type]  # one column each, of the type dumped


class Weighed(NamedTuple):
    """The evidence after a batch, and every pair weighed inside the gate: row of the report, id of the track."""

    evidence: Evidence
    report: Ints
    track: Ids


def weigh(
    evidence: Evidence, sightings: Sightings, tracks: Tracks, registration_m2: Floats | float, rules: EvidenceRules
) -> Weighed:
    """Weigh reports against tracks: ``log N(z - x; 0, P + R + registration) - log density``, clipped and summed.

    ``registration_m2``: variance per axis left by the radars' registration, a number or one per track. Only confirmed
    tracks take part. Pairs of tracks that are gone vanish.
    """
    evidence = _living(evidence, tracks.id)
    rank = ranks(sightings.part)
    reports: list[Ints] = [np.zeros(0, np.int64)]
    ids: list[Ids] = [np.zeros(0, np.uint64)]
    spread = np.broadcast_to(np.asarray(registration_m2, np.float64), (len(tracks.id),))
    for turn in range(int(rank.max(initial=-1)) + 1):
        rows = np.flatnonzero(rank == turn)
        some = take(sightings, rows)
        report, track, gain = _pairs(some, tracks, spread, rules)
        reports.append(rows[report])
        ids.append(tracks.id[track])
        evidence = _added(evidence, some, report, tracks.id[track], gain, rules)
        evidence = decide(evidence, rules)
    return Weighed(evidence, np.concatenate(reports), np.concatenate(ids))


def _pairs(some: Sightings, tracks: Tracks, spread: Floats, rules: EvidenceRules) -> tuple[Ints, Ints, Floats]:
    """Pairs inside the gate: row of the report, row of the track, log-likelihood ratio."""
    use = np.flatnonzero(tracks.confirmed)
    block = max(_AT_ONCE // max(len(use), 1), 1)
    parts = [_gated(some, tracks, use, start, block, rules) for start in range(0, len(some.part), block)]
    report, track, density = (np.concatenate(column) for column in zip(*parts, strict=True))
    dt = some.time_s[report] - tracks.time_s[track]
    mean, covariance = predict(tracks.mean[track], tracks.covariance[track], dt, rules.noise)
    spread_m2 = spread[track, None, None] * np.eye(2)
    _, log_density = distance2(
        some.position_m[report] - mean[:, :2], covariance[:, :2, :2] + some.noise_m2[report] + spread_m2
    )
    return report, track, np.clip(log_density - np.log(density), *rules.clip)


def _gated(
    some: Sightings, tracks: Tracks, use: Ints, start: int, block: int, rules: EvidenceRules
) -> tuple[Ints, Ints, Floats]:
    """Pairs within the gate of a block of reports, and the density of tracks (per m²) about each pair's report."""
    rows = slice(start, start + block)
    dt = some.time_s[rows, None] - tracks.time_s[use]
    x = tracks.mean[use, 0] + dt * tracks.mean[use, 2]
    y = tracks.mean[use, 1] + dt * tracks.mean[use, 3]
    away2 = (some.position_m[rows, :1] - x) ** 2 + (some.position_m[rows, 1:] - y) ** 2
    area = np.pi * rules.density_radius_m**2
    density = np.maximum((away2 < rules.density_radius_m**2).sum(axis=1), 1) / area
    report, column = np.nonzero(away2 < rules.gate_m**2)
    return report + start, use[column], density[report]


def _added(
    evidence: Evidence, some: Sightings, report: Ints, track: Ids, gain: Floats, rules: EvidenceRules
) -> Evidence:
    """One report per part: pairs inside the gate gain, known pairs outside lose."""
    known = _find(evidence, some.part[report], track)
    new = np.flatnonzero(known < 0)
    old = np.flatnonzero(known >= 0)
    k = len(evidence.part)
    merged = Evidence(
        np.r_[evidence.part, some.part[report[new]]],
        np.r_[evidence.track, track[new]],
        np.r_[evidence.score, np.zeros(len(new))],
        np.r_[evidence.time_s, some.time_s[report[new]]],
        np.r_[evidence.bound, np.zeros(len(new), np.bool_)],
    )
    order = np.argsort(some.part, kind="stable")
    at = np.searchsorted(some.part[order], merged.part)
    spoke = at < len(order)
    row = order[np.minimum(at, max(len(order) - 1, 0))] if len(order) else np.zeros(len(at), np.int64)
    spoke &= some.part[row] == merged.part if len(order) else False
    step = np.where(spoke, rules.outside, 0.0)
    step[known[old]] = gain[old]
    step[k:] = gain[new]
    now_s = np.where(spoke, np.maximum(some.time_s[row], merged.time_s), merged.time_s)
    decayed = merged.score * np.exp(-(now_s - merged.time_s) / rules.decay_s)
    score = np.where(spoke, np.minimum(rules.cap, decayed + step), merged.score)
    merged = merged._replace(score=score, time_s=now_s)
    keep = score >= rules.floor
    order = np.lexsort((merged.track, merged.part))
    order = order[keep[order]]
    return take(merged, order)


def decide(evidence: Evidence, rules: EvidenceRules) -> Evidence:
    """Bind where a score stands ``bind`` high and ``lead`` above all rivals of either side; unbind below ``unbind``.

    A new bond replaces the old ones of both its sides, so no sender and no track is ever bound twice.
    """
    score = evidence.score
    rival = np.maximum(_rivals(evidence.part, score), _rivals(evidence.track, score))
    wins = (score > rules.bind) & (score - rival > rules.lead)
    taken = np.isin(evidence.part, evidence.part[wins]) | np.isin(evidence.track, evidence.track[wins])
    return evidence._replace(bound=wins | (evidence.bound & (score >= rules.unbind) & ~taken))


def _rivals(group: Ints | Ids, score: Floats) -> Floats:
    """The highest score of the other rows of each row's group; -inf where alone."""
    out = np.full(len(group), -np.inf)
    if not len(group):
        return out
    order = np.lexsort((score, group))
    ordered = group[order]
    last = np.r_[ordered[1:] != ordered[:-1], True]
    end = np.flatnonzero(last)[np.cumsum(np.r_[0, last[:-1]]).astype(np.int64)]
    best = score[order][end]
    before = np.maximum(end - 1, 0)
    second = np.where((end > 0) & (ordered[before] == ordered), score[order][before], -np.inf)
    out[order] = np.where(last, second, best)
    return out


def _find(evidence: Evidence, part: Ints, track: Ids) -> Ints:
    """The row of each pair, -1 where not scored."""
    places = {pair: row for row, pair in enumerate(zip(evidence.part.tolist(), evidence.track.tolist(), strict=True))}
    wanted = zip(part.tolist(), track.tolist(), strict=True)
    return np.fromiter((places.get(pair, -1) for pair in wanted), np.int64, len(part))


def _living(evidence: Evidence, ids: Ids) -> Evidence:
    keep = np.isin(evidence.track, ids)
    return evidence if keep.all() else take(evidence, keep)


def renamed(evidence: Evidence, before: int, after: int) -> Evidence:
    """The evidence of two tracks that were found to be one, under its remaining id: the higher score of each sender."""
    track = np.where(evidence.track == np.uint64(before), np.uint64(after), evidence.track)
    order = np.lexsort((evidence.bound, evidence.score, track, evidence.part))
    relabelled, part, track = track, evidence.part[order], track[order]
    last = np.r_[(part[1:] != part[:-1]) | (track[1:] != track[:-1]), True] if len(part) else np.zeros(0, np.bool_)
    kept = take(evidence._replace(track=relabelled), order[last])
    bound = kept.bound & (_rivals(kept.track, np.where(kept.bound, kept.score, -np.inf)) < kept.score)
    return kept._replace(bound=bound)


def bonds(evidence: Evidence) -> tuple[Ints, Ids, Floats]:
    """Part, track and score of every bond, by ascending part."""
    rows = np.flatnonzero(evidence.bound)
    return evidence.part[rows], evidence.track[rows], evidence.score[rows]
