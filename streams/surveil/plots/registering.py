"""The radars' registration from what an owner's log holds: voted from all plots and AIS, then refined by bound tracks.

A radar that stands at a known site is unregistered until a minute of its plots and of the senders about it agree on a
bias; from then on its plots are corrected, and the pairs of bound tracks keep the bias up to date. The tracks that rest
on its plots are moved with the first correction, so that they go on. Where the pairs stop fitting, it has jumped: its
plots go uncorrected, nothing it sees is called dark, and it is voted on again.
"""

import math
from typing import NamedTuple

import numpy as np

from streams.surveil.plots.scene import Scene
from streams.surveil.plots.state import RegisteringState
from streams.tracks.identity import columns
from streams.tracks.registration.refine import RefineRules, Registration, Standing, corrected, refine, registered
from streams.tracks.registration.residuals import PolarPlots, References, cartesian, polar, residuals
from streams.tracks.registration.vote import Accuracy, survey
from streams.tracks.state import Flags, Floats, Frame, Ids, Indices

VOTE_S, EVERY_S = 60.0, 10.0
KEPT_S = 70.0  # of plots and reports, while a vote is due; then as long as refinement needs
REFINED_S, SETTLED_S = 20.0, 10.0  # plots of this age are compared, when the reports after them have come
MOST_PLOTS = 8_000  # a vote looks at, evenly taken
LEAST_SENDERS, MOST_SENDERS = 2, 60  # a vote, or a refinement, compares with; others in turn
SIGMA_DEG = 0.15
_GATE_M = 100.0
_RULES = RefineRules()


class _Seen(NamedTuple):
    """Raw plots. Columns (n,)."""

    radar: Indices
    time_s: Floats
    range_m: Floats
    azimuth_rad: Floats
    track: Ids


class _Heard(NamedTuple):
    """Reports of senders. Columns (n,)."""

    sender: Indices
    time_s: Floats
    position_m: Floats


class Registering:
    """The registrations of one owner's radars."""

    def __init__(self, scene: Scene, state: RegisteringState) -> None:
        self._scene, self._state = scene, state
        self.sited = np.array([sensor.site is not None for sensor in scene.sensors], bool)
        self._radars = {name: Registration.load(held) for name, held in state.radars.items()}
        self._seen: list[_Seen] = [_Seen(**columns.load(state.seen))] if state.seen else []  # type: ignore[arg-type]
        self._heard: list[_Heard] = [_Heard(**columns.load(state.heard))] if state.heard else []  # type: ignore[arg-type]

    def state(self) -> RegisteringState:
        """For the snapshot."""
        state = self._state
        state.radars = {name: one.dump() for name, one in self._radars.items()}
        state.seen = columns.dump(_plots(self._seen)._asdict()) if self._seen else b""
        state.heard = columns.dump(_reports(self._heard)._asdict()) if self._heard else b""
        return state

    def of(self, sensor: int) -> Registration:
        """What is known of a radar."""
        found = self._radars.get(self._scene.sensors[sensor].sensor_id)
        return Registration.unknown() if found is None else found

    def clean(self, contributes: Flags) -> Flags:
        """Whether every radar that contributes to a track (s, m) is registered, (m,)."""
        unknown = [
            sensor.modality == "radar" and self.of(number).standing is not Standing.REGISTERED
            for number, sensor in enumerate(self._scene.sensors)
        ]
        out: Flags = np.logical_not(contributes[np.flatnonzero(unknown)].any(axis=0))
        return out

    def sigmas(self) -> list[tuple[float, float]]:
        """What is left of range (m) and azimuth (rad) of every registered radar, one sigma."""
        found = [one for one in self._radars.values() if one.standing is Standing.REGISTERED]
        return [(float(one.sigma[0]), float(one.sigma[1])) for one in found]

    # -- plots in, plots out

    def correct(self, plots: Frame) -> Frame:
        """The plots with what is known of the biases taken off, and its sigma added."""
        if not self._radars:
            return plots
        time_s, x_m, y_m = plots.time_s.copy(), plots.x_m.copy(), plots.y_m.copy()
        xx, xy, yy = plots.xx_m2.copy(), plots.xy_m2.copy(), plots.yy_m2.copy()
        for number in np.flatnonzero(self.sited).tolist():
            known = self.of(number)
            rows = np.flatnonzero(plots.sensor == number)
            if known.standing is not Standing.REGISTERED or not len(rows):
                continue
            site = self._site(number)
            range_m, azimuth = polar(np.stack([x_m[rows], y_m[rows]], axis=1), site)
            none = Accuracy(0.0, 0.0)
            at_s, place, spread = corrected(PolarPlots(time_s[rows], range_m, azimuth), known, site, none)
            time_s[rows], x_m[rows], y_m[rows] = at_s, place[:, 0], place[:, 1]
            xx[rows] += spread[:, 0, 0]
            xy[rows] += spread[:, 0, 1]
            yy[rows] += spread[:, 1, 1]
        return Frame(time_s, plots.sensor, x_m, y_m, xx, xy, yy, plots.observation_id, plots.class_code, plots.looks)

    def saw(self, raw: Frame, track_id: Ids) -> None:
        """Keep raw plots of sited radars, and the tracks they moved."""
        rows = np.flatnonzero(self.sited[raw.sensor])
        if not len(rows):
            return
        range_m, azimuth = np.empty(len(rows)), np.empty(len(rows))
        place = np.stack([raw.x_m[rows], raw.y_m[rows]], axis=1)
        for number in np.unique(raw.sensor[rows]).tolist():
            own = raw.sensor[rows] == number
            range_m[own], azimuth[own] = polar(place[own], self._site(number))
            name = self._scene.sensors[number].sensor_id
            self._state.began_s.setdefault(name, float(raw.time_s[rows][own].min()))
        self._seen.append(_Seen(raw.sensor[rows].astype(np.int64), raw.time_s[rows], range_m, azimuth, track_id[rows]))

    def hear(self, sender: Indices, time_s: Floats, position_m: Floats) -> None:
        """Keep where senders were."""
        if self.sited.any() and len(sender):
            self._heard.append(_Heard(sender, time_s, position_m))

    # -- every ten seconds

    def turn(self, now_s: float, senders: dict[int, int]) -> None:
        """Vote, or refine; ``senders``: the sender bound to each track."""
        if not self.sited.any() or now_s < self._state.turned_s + EVERY_S:
            return
        self._state.turned_s = now_s
        if not self._seen:
            return
        seen, heard = _plots(self._seen), _reports(self._heard) if self._heard else None
        if heard is not None:
            references = References(heard.sender, heard.time_s, heard.position_m)
            for number in np.flatnonzero(self.sited).tolist():
                if self.of(number).standing is Standing.REGISTERED:
                    self._refine(number, seen, references, senders, now_s)
                else:
                    self._vote(number, seen, references, now_s)
        settled = all(self.of(number).standing is Standing.REGISTERED for number in np.flatnonzero(self.sited).tolist())
        oldest_s = now_s - (REFINED_S + EVERY_S + 5.0 if settled else KEPT_S)
        self._seen = [columns.take(seen, seen.time_s >= oldest_s)]
        if heard is not None:
            self._heard = [columns.take(heard, heard.time_s >= oldest_s - 45.0)]

    def _vote(self, number: int, seen: _Seen, references: References, now_s: float) -> None:
        name = self._scene.sensors[number].sensor_id
        if now_s - self._state.began_s.get(name, now_s) < VOTE_S:
            return
        rows = np.flatnonzero((seen.radar == number) & (seen.time_s >= self._state.began_s[name]))
        rows = rows[:: max(-(-len(rows) // MOST_PLOTS), 1)]
        senders = np.unique(references.sender)
        if not len(rows) or len(senders) < LEAST_SENDERS:
            return
        references = columns.take(references, np.isin(references.sender, _some(senders, now_s)))
        bias = survey(_polar(seen, rows), references, self._site(number), self._accuracy(number))
        found = registered(bias, now_s, _RULES)
        if found.standing is Standing.REGISTERED:
            self._radars[name] = found
            self._move(number, np.zeros(3), found.value)

    def _refine(self, number: int, seen: _Seen, references: References, senders: dict[int, int], now_s: float) -> None:
        before = self.of(number)
        recent = (seen.radar == number) & (seen.time_s >= now_s - REFINED_S) & (seen.time_s < now_s - SETTLED_S)
        rows = np.flatnonzero(recent)
        own = np.array([senders.get(track, -1) for track in seen.track[rows].tolist()], np.int64)
        chosen = _some(np.unique(own[own >= 0]), now_s)
        rows, own = rows[np.isin(own, chosen)], own[np.isin(own, chosen)]
        references = columns.take(references, np.isin(references.sender, chosen))
        expected = (float(before.value[0]), float(before.value[1]))
        pairs = residuals(_polar(seen, rows), references, self._site(number), _GATE_M, expected)
        right = pairs.sender == own[pairs.plot] if len(rows) else np.zeros(len(pairs.plot), bool)
        after = refine(before, columns.take(pairs, right), now_s, self._accuracy(number), _RULES)
        name = self._scene.sensors[number].sensor_id
        self._radars[name] = after
        if after.standing is Standing.JUMPED:
            self._state.began_s[name] = now_s  # what was seen before is of the old bias
            self._move(number, before.value, np.zeros(3))

    def _move(self, number: int, taken: Floats, now: Floats) -> None:
        """Tracks that rest on one radar go where its plots are taken for from now on: another bias is taken off."""
        tracker, site = self._scene.tracker, self._site(number)
        ids, place, _ = tracker.positions(self._scene.newest_s)
        contributes = tracker.contributing(self._scene.newest_s)
        rows = np.flatnonzero(contributes[number] & (contributes.sum(axis=0) == 1))
        if not len(rows):
            return
        range_m, azimuth = polar(place[:, rows].T, site)
        right = cartesian(range_m + taken[0] - now[0], azimuth + taken[1] - now[1], site)
        tracker.shift(ids[rows], right - place[:, rows].T)

    def _site(self, number: int) -> Floats:
        site = self._scene.sensors[number].site
        assert site is not None
        out: Floats = self._scene.plane.to_plane(np.array([site], np.float64))[0]
        return out

    def _accuracy(self, number: int) -> Accuracy:
        sensor = self._scene.sensors[number]
        return Accuracy(range_m=sensor.sigma_m, azimuth_rad=math.radians(sensor.sigma_deg or SIGMA_DEG))

    # -- what is said of tracks

    def left_m2(self, place_m: Floats, contributes: Flags) -> Floats:
        """The variance per axis (m,) that registration leaves at places (m, 2) of tracks, by their sensors (s, m)."""
        out = np.zeros(len(place_m))
        for number in np.flatnonzero(self.sited).tolist():
            known = self.of(number)
            if known.standing is Standing.REGISTERED and contributes[number].any():
                range_m, _ = polar(place_m, self._site(number))
                worst = np.maximum(known.covariance[0, 0], known.covariance[1, 1] * range_m**2)
                out = np.maximum(out, np.where(contributes[number], worst, 0.0))
        return out


def _some(senders: Indices, now_s: float) -> Indices:
    """So many of them as can be compared with at a time, others each time."""
    step = max(-(-len(senders) // MOST_SENDERS), 1)
    return senders[int(now_s // EVERY_S) % step :: step]


def _plots(parts: list[_Seen]) -> _Seen:
    return _Seen(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _reports(parts: list[_Heard]) -> _Heard:
    return _Heard(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _polar(seen: _Seen, rows: Indices) -> PolarPlots:
    return PolarPlots(seen.time_s[rows], seen.range_m[rows], seen.azimuth_rad[rows])
