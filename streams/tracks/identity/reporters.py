"""One filter per reporting identity, apart from every radar track, so that a false position drags nothing along.

A name may hold up to three parts: a report goes to the part it fits best, or begins another. Two parts that live at
the same time are two transmitters under one name (`duplicate`).
"""

from typing import NamedTuple

import numpy as np

from streams.tracks.identity.columns import dump, load, made, ranks, take
from streams.tracks.identity.filter import Bools, Floats, Ints, correct, predict
from streams.tracks.identity.names import PARTS

MOST_PARTS = 3
RECENT = 3  # times kept per part, for `duplicate`
NOBODY: Ints = np.zeros(0, np.int64)


class ReporterRules(NamedTuple):
    """How reports are followed; the gate of 16 after Banyś 2024, the rest engineering values."""

    gate: float = 16.0  # squared Mahalanobis distance up to which a report continues a part
    noise: float = 0.5  # m²/s³, between a vessel's and a small boat's manoeuvres
    speed_sigma_mps: float = 10.0  # of a first report without a velocity
    velocity_sigma_mps: float = 1.0  # of a velocity the report states
    stamp_sigma_s: float = 0.3  # AIS gives whole seconds: ±0.5 s, evenly
    silent_s: float = 1800.0  # a part unheard for so long is dropped
    stray_s: float = 120.0  # one that never came again, sooner
    most_speed_mps: float = 35.0  # what a boat can cover: a new part within its reach may be the old one that turned
    reach_m: float = 100.0


class Reports(NamedTuple):
    """Reports of identified senders, in order of time. Columns (n,)."""

    name: Ints
    time_s: Floats
    position_m: Floats  # (n, 2)
    sigma_m: Floats
    velocity_mps: Floats  # (n, 2), NaN where not stated


class Reporters(NamedTuple):
    """All parts, by ascending ``part`` (`names.part_key`). Columns (k,)."""

    part: Ints
    time_s: Floats
    mean: Floats  # (k, 4)
    covariance: Floats  # (k, 4, 4)
    reports: Ints
    interval_s: Floats  # the mean distance of its reports, forgetting; NaN before the second
    recent_s: Floats  # (k, RECENT) its last times, newest first, -inf where none

    @classmethod
    def none(cls) -> "Reporters":
        """Nobody was heard yet."""
        empty = np.zeros(0)
        return cls(
            np.zeros(0, np.int64),
            empty,
            np.zeros((0, 4)),
            np.zeros((0, 4, 4)),
            np.zeros(0, np.int64),
            empty,
            np.zeros((0, RECENT)),
        )

    def dump(self) -> bytes:
        """The whole state."""
        return dump(self._asdict())

    @classmethod
    def load(cls, record: bytes) -> "Reporters":
        """The state that `dump` wrote, bit for bit."""
        return cls(**load(record))  # type: ignore[arg-type]  # one column each, of the type dumped


class Heard(NamedTuple):
    """The filters after a batch, and the part every report went to."""

    reporters: Reporters
    part: Ints  # (n,)
    noise_m2: Floats  # (n, 2, 2) of each position, time stamp included


def hear(reporters: Reporters, reports: Reports, rules: ReporterRules, kept: Ints = NOBODY) -> Heard:
    """Apply reports, in rounds of one per name; late ones (before their part's time) change no state.

    ``kept``: parts that are not dropped for their silence, because somebody still goes by their name."""
    part = np.full(len(reports.name), -1, np.int64)
    noise = np.zeros((len(part), 2, 2))
    rank = ranks(reports.name)
    for turn in range(int(rank.max(initial=-1)) + 1):
        rows = np.flatnonzero(rank == turn)
        reporters, part[rows], noise[rows] = _round(reporters, take(reports, rows), rules)
    if len(part):
        reporters = _forget(reporters, float(reports.time_s.max()), rules, kept)
    return Heard(reporters, part, noise)


def _round(reporters: Reporters, reports: Reports, rules: ReporterRules) -> tuple[Reporters, Ints, Floats]:
    """One report per name."""
    n = len(reports.name)
    first = np.searchsorted(reporters.part, reports.name * PARTS)
    best = np.full(n, np.inf)
    chosen = np.full(n, -1, np.int64)
    worst_key = np.full(n, -1, np.int64)  # the row that makes room when all parts are taken
    worst = np.full((n, 2), np.inf)
    taken = np.zeros((n, MOST_PARTS), np.bool_)
    noise = _noise(reports.sigma_m, reports.velocity_mps, rules)
    for offset in range(MOST_PARTS):
        at = first + offset
        there = np.flatnonzero((at < len(reporters.part)) & (_name(reporters, at) == reports.name))
        rows = at[there]
        taken[there, reporters.part[rows] % PARTS] = True
        mean, covariance = predict(
            reporters.mean[rows],
            reporters.covariance[rows],
            reports.time_s[there] - reporters.time_s[rows],
            rules.noise,
        )
        stated = np.where(np.isnan(reports.velocity_mps[there]), mean[:, 2:], reports.velocity_mps[there])
        own = _noise(reports.sigma_m[there], stated, rules)
        squared = correct(mean, covariance, reports.position_m[there], own).distance2
        better = squared < best[there]
        best[there[better]], chosen[there[better]] = squared[better], rows[better]
        noise[there[better]] = own[better]
        rank = np.c_[reporters.reports[rows], reporters.time_s[rows]].astype(np.float64)
        less = (rank[:, 0] < worst[there, 0]) | ((rank[:, 0] == worst[there, 0]) & (rank[:, 1] < worst[there, 1]))
        worst[there[less]], worst_key[there[less]] = rank[less], rows[less]
    follows = best < rules.gate
    rows = np.flatnonzero(follows)
    reporters = _follow(reporters, chosen[rows], take(reports, rows), noise[rows], rules)
    out = np.full(n, -1, np.int64)
    out[rows] = reporters.part[chosen[rows]]
    new = np.flatnonzero(~follows)
    free = np.argmin(taken[new], axis=1)
    full = taken[new].all(axis=1)
    out[new] = reports.name[new] * PARTS + free
    out[new[full]] = reporters.part[worst_key[new[full]]]
    keep = np.ones(len(reporters.part), np.bool_)
    keep[worst_key[new[full]]] = False
    born = _begin(out[new], take(reports, new), noise[new], rules)
    reporters, renamed = _turned(_merged(_rows(reporters, keep), born), rules)
    for before, after in renamed:
        out[out == before] = after
    return reporters, out, noise


def _turned(reporters: Reporters, rules: ReporterRules) -> tuple[Reporters, list[tuple[int, int]]]:
    """A part heard twice whose elder was not heard since, and could have got there, is the elder after a hard turn."""
    renamed = []
    keep = np.ones(len(reporters.part), np.bool_)
    part, reports = reporters.part.copy(), reporters.reports.copy()
    for row in np.flatnonzero(reporters.reports == 2).tolist():
        began_s = reporters.recent_s[row, 1]
        for elder in range(max(row - MOST_PARTS, 0), min(row + MOST_PARTS + 1, len(part))):
            if part[elder] // PARTS != part[row] // PARTS or not reporters.time_s[elder] < began_s or not keep[elder]:
                continue
            covered = np.hypot(*(reporters.mean[row, :2] - reporters.mean[elder, :2]))
            elapsed = reporters.time_s[row] - reporters.time_s[elder]
            if covered <= rules.most_speed_mps * elapsed + rules.reach_m:
                renamed.append((int(part[row]), int(part[elder])))
                part[row], keep[elder] = part[elder], False
                reports[row] += reports[elder]
                break
    if not renamed:
        return reporters, renamed
    changed = _rows(reporters._replace(part=part, reports=reports), keep)
    return take(changed, np.argsort(changed.part, kind="stable")), renamed


def _name(reporters: Reporters, at: Ints) -> Ints:
    if not len(reporters.part):
        return np.full(len(at), -1, np.int64)
    return reporters.part[np.minimum(at, len(reporters.part) - 1)] // PARTS


def _noise(sigma_m: Floats, velocity_mps: Floats, rules: ReporterRules) -> Floats:
    """Position covariances, longer along the course for the whole seconds of the stamp."""
    v = np.nan_to_num(velocity_mps)
    return sigma_m[:, None, None] ** 2 * np.eye(2) + rules.stamp_sigma_s**2 * v[:, :, None] * v[:, None, :]


def _follow(reporters: Reporters, rows: Ints, reports: Reports, noise: Floats, rules: ReporterRules) -> Reporters:
    late = reports.time_s < reporters.time_s[rows]
    rows, noise = rows[~late], noise[~late]
    reports = take(reports, ~late)
    dt = reports.time_s - reporters.time_s[rows]
    mean, covariance = predict(reporters.mean[rows], reporters.covariance[rows], dt, rules.noise)
    mean, covariance, _ = correct(mean, covariance, reports.position_m, noise)
    stated = ~np.isnan(reports.velocity_mps[:, 0])
    mean[stated], covariance[stated] = _velocity(
        mean[stated], covariance[stated], reports.velocity_mps[stated], rules.velocity_sigma_mps
    )
    out = made(reporters, (c.copy() for c in reporters))
    out.time_s[rows], out.mean[rows], out.covariance[rows] = reports.time_s, mean, covariance
    out.reports[rows] += 1
    before = out.interval_s[rows]
    out.interval_s[rows] = np.where(np.isnan(before), dt, 0.8 * before + 0.2 * dt)
    out.recent_s[rows, 1:] = out.recent_s[rows, :-1]
    out.recent_s[rows, 0] = reports.time_s
    return out


def _velocity(mean: Floats, covariance: Floats, velocity_mps: Floats, sigma_mps: float) -> tuple[Floats, Floats]:
    swap = [2, 3, 0, 1]
    turned = covariance[:, swap][:, :, swap]
    noise = np.broadcast_to(np.eye(2) * sigma_mps**2, (len(mean), 2, 2))
    mean, covariance, _ = correct(mean[:, swap], turned, velocity_mps, noise)
    return mean[:, swap], covariance[:, swap][:, :, swap]


def _begin(part: Ints, reports: Reports, noise: Floats, rules: ReporterRules) -> Reporters:
    k = len(part)
    stated = ~np.isnan(reports.velocity_mps[:, 0])
    covariance = np.zeros((k, 4, 4))
    covariance[:, :2, :2] = noise
    spread = np.where(stated, rules.velocity_sigma_mps, rules.speed_sigma_mps)
    covariance[:, 2, 2] = covariance[:, 3, 3] = spread**2
    recent = np.full((k, RECENT), -np.inf)
    recent[:, 0] = reports.time_s
    mean = np.concatenate([reports.position_m, np.nan_to_num(reports.velocity_mps)], axis=1)
    return Reporters(part, reports.time_s.copy(), mean, covariance, np.ones(k, np.int64), np.full(k, np.nan), recent)


def _merged(one: Reporters, other: Reporters) -> Reporters:
    if not len(other.part):
        return one
    both = [np.concatenate([a, b]) for a, b in zip(one, other, strict=True)]
    order = np.argsort(both[0], kind="stable")
    return made(one, (column[order] for column in both))


def _rows(reporters: Reporters, keep: Bools) -> Reporters:
    return reporters if keep.all() else take(reporters, keep)


def _forget(reporters: Reporters, now_s: float, rules: ReporterRules, kept: Ints) -> Reporters:
    silence = now_s - reporters.time_s
    fresh = silence < np.where(reporters.reports > 1, rules.silent_s, rules.stray_s)
    return _rows(reporters, fresh | np.isin(reporters.part, kept))
