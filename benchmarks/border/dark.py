"""Who is who and who is silent: one run of radars with a bias, registration found on the way, tracks, AIS, dark labels.

For 60 s the radars are unregistered (no label is allowed); then the vote's bias is taken off, and refined by bound
pairs every 10 s. Figures count from 90 s: labels against the truth of each track's plots.
"""

import math
import time
from collections import Counter, deque
from typing import NamedTuple

import numpy as np

from benchmarks.border.bias import ACCURACY, SENSING, found
from benchmarks.border.world import Floats, Ints, Plots, Radar, Sent, ais, plots, truth
from streams.tracks.identity.dark import Label
from streams.tracks.identity.evidence import Tracks, bonds
from streams.tracks.identity.identities import Identities, IdentityRules, Surroundings, judge, merged, observe
from streams.tracks.identity.names import name_of
from streams.tracks.identity.reporters import Reports
from streams.tracks.registration.refine import RefineRules, Registration, Standing, corrected, refine, registered
from streams.tracks.registration.residuals import PolarPlots, References, residuals
from streams.tracks.sensor import Sensor
from streams.tracks.state import Frame
from streams.tracks.tracker import Tracker

FRAME_S, REGISTER_S, COUNT_S = 0.25, 60.0, 90.0
INTERVAL_S, RECEIVED = 10.0, 0.9


class Score:
    """Track time by truth and label, and bonds that moved."""

    def __init__(self, senders: frozenset[int]) -> None:
        """``senders``: the objects with AIS."""
        self.senders = senders
        self.equipped_s = self.false_dark_s = self.silent_s = self.dark_s = 0.0
        self.bound_s = self.wrong_s = 0.0
        self.rebindings = 0
        self.sources: dict[int, deque[int]] = {}
        self.settled: dict[int, float] = {}
        self.last_bond: dict[int, int] = {}

    def plots(self, track: Ints, source: Ints) -> None:
        """Which objects the plots of each track came from."""
        for one, what in zip(track.tolist(), source.tolist(), strict=True):
            if one and what >= 0:
                self.sources.setdefault(one, deque(maxlen=9)).append(what)

    def object_of(self, track: int) -> int:
        """The object most of a track's last plots came from, -1 where none."""
        seen = self.sources.get(track)
        return Counter(seen).most_common(1)[0][0] if seen else -1

    def second(self, state: Identities, tracks: Tracks, now_s: float) -> None:
        """One second of all confirmed tracks."""
        parts, ids, _ = bonds(state.evidence)
        living = set(tracks.id.tolist())
        for part, track in zip(parts.tolist(), ids.tolist(), strict=True):
            before = self.last_bond.get(part)
            if before is not None and before != track and before in living and now_s > COUNT_S:
                self.rebindings += 1
            self.last_bond[part] = track
            if now_s > COUNT_S:
                self.bound_s += 1.0
                self.wrong_s += float(self.object_of(track) != name_of(part))
        known = np.searchsorted(state.darkness.id, tracks.id)
        labels = state.darkness.label[known]
        for track, shown, label in zip(tracks.id.tolist(), tracks.confirmed.tolist(), labels.tolist(), strict=True):
            what = self.object_of(track)
            if not shown or what < 0:
                continue
            since = self.settled.setdefault(track, now_s)
            if now_s <= COUNT_S:
                continue
            dark = label != Label.NONE
            if what in self.senders:
                self.equipped_s += 1.0
                self.false_dark_s += float(dark)
            elif (
                now_s - max(since, COUNT_S - 30.0) > 75.0
            ):  # the test itself needs 4.6 intervals of 10 s, at 90 % heard
                self.silent_s += 1.0
                self.dark_s += float(dark)


class Result(NamedTuple):
    """The figures of one run."""

    false_dark: float
    recall: float
    rebindings: int
    wrong: float
    tracks_per_object: float
    cpu_us_per_report: float
    standing: tuple[Standing, ...]
    off_m: float  # the worst of the refined biases at the end
    off_deg: float


def run(seed: int, side_m: float, radars: tuple[Radar, ...], *, register: bool = True, end_s: float = 260.0) -> Result:
    """One world of 300 objects, 60 % with AIS; ``register`` False: tracked with the bias, and labels allowed."""
    rng = np.random.default_rng([seed, int(side_m)])
    world = truth(300, side_m, end_s, rng)
    senders = np.flatnonzero(rng.random(world.number) < 0.6)
    seen, sent = plots(world, radars, rng), ais(world, senders, rng, received=RECEIVED)
    density = 0.1 * 0.9 * world.number / side_m**2 * 1e6
    sensors = tuple(
        Sensor(f"r{i}", revisit_s=radar.period_s, false_plots_per_km2=density) for i, radar in enumerate(radars)
    )
    tracker, state, score = Tracker(sensors), Identities.none(), Score(frozenset(senders.tolist()))
    registrations = [Registration.unknown() for _ in radars]
    owners: list[tuple[Ints, Ints]] = []  # rows of plots and their tracks, for refinement
    spent = 0.0
    rules = IdentityRules()
    for step in range(int(end_s / FRAME_S)):
        now_s = (step + 1) * FRAME_S
        rows = np.arange(*np.searchsorted(seen.time_s, [now_s - FRAME_S, now_s]))
        if register and abs(now_s - REGISTER_S) < 1e-9:
            for index, radar in enumerate(radars):
                bias, _ = found(radar, index, seen, sent, REGISTER_S)
                registrations[index] = registered(bias, now_s, RefineRules())
        if len(rows):
            frame = _frame(seen, rows, radars, registrations)
            track = tracker.step(frame)
            ids = track.track_id.astype(np.int64)
            score.plots(ids, seen.source[rows])
            owners.append((rows, ids))
            for goes, stays in track.aliases:
                state = merged(state, goes, stays)
        tracks = Tracks.of(tracker.extrapolate(now_s))
        heard = slice(*np.searchsorted(sent.time_s, [now_s - FRAME_S, now_s]))
        began = time.process_time()
        if heard.stop > heard.start:
            k = heard.stop - heard.start
            silent = np.full((k, 2), np.nan)
            reports = Reports(sent.who[heard], sent.time_s[heard], sent.position_m[heard], np.full(k, 8.0), silent)
            state = observe(state, reports, tracks, 1.0, rules)
        if step % 4 == 3:
            ready = all(one.standing is Standing.REGISTERED for one in registrations) or not register
            state = judge(state, tracks, _around(len(tracks.id), ready), now_s, rules)
            spent += time.process_time() - began
            score.second(state, tracks, now_s)
        else:
            spent += time.process_time() - began
        if register and now_s > REGISTER_S + 20.0 and now_s % 10.0 == 0.0:
            registrations = _refined(registrations, radars, seen, sent, owners, state, now_s)
    shown = tracker.extrapolate(end_s)
    real = sum(1 for one in shown.id[shown.confirmed].tolist() if score.object_of(one) >= 0)
    off = [
        np.abs(one.value - np.array([radar.range_bias_m, radar.azimuth_bias_rad, radar.time_bias_s]))
        for one, radar in zip(registrations, radars, strict=True)
    ]
    return Result(
        score.false_dark_s / max(score.equipped_s, 1.0),
        score.dark_s / max(score.silent_s, 1.0),
        score.rebindings,
        score.wrong_s / max(score.bound_s, 1.0),
        real / world.number,
        1e6 * spent / len(sent.time_s),
        tuple(one.standing for one in registrations),
        max(float(one[0]) for one in off),
        math.degrees(max(float(one[1]) for one in off)),
    )


def _frame(seen: Plots, rows: Ints, radars: tuple[Radar, ...], registrations: list[Registration]) -> Frame:
    time_s = seen.time_s[rows].copy()
    place, noise = np.zeros((len(rows), 2)), np.zeros((len(rows), 2, 2))
    for index, radar in enumerate(radars):
        own = np.flatnonzero(seen.sensor[rows] == index)
        polar = PolarPlots(time_s[own], seen.range_m[rows[own]], seen.azimuth_rad[rows[own]])
        known = registrations[index]
        if known.standing is not Standing.REGISTERED:
            known = known._replace(covariance=np.zeros((3, 3)))
        time_s[own], place[own], noise[own] = corrected(polar, known, radar.place_m, ACCURACY)
    return Frame(
        time_s,
        seen.sensor[rows].astype(np.intp),
        place[:, 0].copy(),
        place[:, 1].copy(),
        noise[:, 0, 0].copy(),
        noise[:, 0, 1].copy(),
        noise[:, 1, 1].copy(),
        (rows + 1).astype(np.uint64),
    )


def _around(count: int, ready: bool) -> Surroundings:
    yes: Floats = np.ones(count)
    return Surroundings(
        yes * INTERVAL_S, yes * RECEIVED, np.full(count, ready), np.zeros(count, np.bool_), np.ones(count, np.bool_)
    )


def _refined(
    registrations: list[Registration],
    radars: tuple[Radar, ...],
    seen: Plots,
    sent: Sent,
    owners: list[tuple[Ints, Ints]],
    state: Identities,
    now_s: float,
) -> list[Registration]:
    """Plots of bound tracks from 20 to 10 s ago, beside their own sender's reports."""
    rows, tracks = (np.concatenate(column) for column in zip(*owners[-int(20.0 / FRAME_S) :], strict=True))
    parts, ids, _ = bonds(state.evidence)
    sender = dict(zip(ids.tolist(), (name_of(part) for part in parts.tolist()), strict=True))
    own = np.array([sender.get(track, -1) for track in tracks.tolist()])
    chosen = (own >= 0) & (seen.time_s[rows] < now_s - 10.0)
    window = slice(*np.searchsorted(sent.time_s, [now_s - 32.0, now_s]))
    references = References(sent.who[window], sent.time_s[window], sent.position_m[window])
    out = []
    for index, (radar, before) in enumerate(zip(radars, registrations, strict=True)):
        use = np.flatnonzero(chosen & (seen.sensor[rows] == index))
        polar = PolarPlots(seen.time_s[rows[use]], seen.range_m[rows[use]], seen.azimuth_rad[rows[use]])
        expected = (float(before.value[0]), float(before.value[1]))
        pairs = residuals(polar, references, radar.place_m, 100.0, expected)
        right = pairs.sender == own[use][pairs.plot]
        known = type(pairs)(*(column[right] for column in pairs))
        out.append(refine(before, known, now_s, ACCURACY, RefineRules()))
    return out


def measure(seeds: tuple[int, ...], side_m: float = 8000.0, *, register: bool = True) -> list[Result]:
    """One result per seed at 300 objects on ``side_m`` squared (8 km: 4.7 per km²)."""
    radars = (SENSING[0], SENSING[1]._replace(place_m=np.array([side_m, 0.0])))
    return [run(seed, side_m, radars, register=register) for seed in seeds]
