"""Which sender is which track: the reports of named objects near tracks, weighed once a second.

Reports wait until the second turns, so that it does not matter how they were cut into frames. What is near no track is
looked at no further than for reception: how well AIS is heard here.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.frames import Purpose
from streams.surveil.arrival import Arrival
from streams.surveil.plots.scene import Scene
from streams.surveil.plots.state import Came, NamingState
from streams.tracks.classes import CLASSES
from streams.tracks.identity import columns
from streams.tracks.identity.coverage import Coverage, CoverageRules, hear, reception
from streams.tracks.identity.dark import CLASS_A, CLASS_B_CS, nominal_interval_s
from streams.tracks.identity.evidence import Tracks, bonds
from streams.tracks.identity.identities import (
    Identities,
    IdentityRules,
    Surroundings,
    doubled,
    judge,
    merged,
    observe,
)
from streams.tracks.identity.names import name_key, name_of
from streams.tracks.identity.reporters import Reports
from streams.tracks.sharing.baggage import packed, unpacked
from streams.tracks.sharing.messages import Baggage
from streams.tracks.state import Flags, Floats, Indices

REACH_M = 1_000.0  # cells of this size beside a track's own are near it: the gate of 300 m, and what moves meanwhile
AROUND_M = 5_000.0  # so far about the tracks reception is learned
EXPECTED_S = 30.0  # for the sender of a track that came from another owner to be heard here
SIGMA_M = 10.0  # of a report that says none
_RULES = IdentityRules()
# Without any report for half a minute the receivers count as failed, before a label could fall (46 s at 10 s).
_COVERAGE = CoverageRules(healthy_s=30.0)
_VESSEL, _ASHORE = CLASSES.index("vessel"), (CLASSES.index("vehicle"), CLASSES.index("drone"))


_NO_REPORTS = Reports(np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 2)), np.zeros(0), np.zeros((0, 2)))


class _Waiting(NamedTuple):
    """Reports until the second turns. Columns (n,)."""

    name: NDArray[np.int64]  # -1: only for reception
    time_s: Floats
    position_m: Floats  # (n, 2)
    sigma_m: Floats
    velocity_mps: Floats  # (n, 2), NaN where not stated
    since_s: Floats  # since the sender's report before, NaN where none
    interval_s: Floats


def _together(waiting: list[_Waiting]) -> _Waiting:
    return _Waiting(*(np.concatenate(parts) for parts in zip(*waiting, strict=True)))


class Naming:
    """Identities of one owner's tracks."""

    def __init__(self, scene: Scene, state: NamingState) -> None:
        self._scene, self._state = scene, state
        scene.names = self
        self.identities = Identities.load(state.identities) if state.identities else Identities.none()
        self.coverage = Coverage.load(state.coverage) if state.coverage else Coverage.none()
        self._waiting: list[_Waiting] = []
        if state.waiting:
            self._waiting.append(_Waiting(**columns.load(state.waiting)))  # type: ignore[arg-type]
        self._names = {key: name for name, key in state.names.items()}

    def state(self) -> NamingState:
        """For the snapshot."""
        state = self._state
        state.identities, state.coverage = self.identities.dump(), self.coverage.dump()
        state.waiting = columns.dump(_together(self._waiting)._asdict()) if self._waiting else b""
        return state

    @property
    def judged_s(self) -> float:
        """When silence was last judged."""
        return self._state.judged_s

    def hear(self, frame: Arrival, rows: Indices) -> None:
        """Keep what the named ``rows`` say about the surroundings of tracks."""
        c, scene = frame.columns, self._scene
        rows = rows[(c["purpose"][rows] == Purpose.HERE) & np.isfinite(c["lon"][rows])]
        if not len(rows):
            return
        _, tracks_m, shown = scene.tracker.positions(scene.newest_s)
        if not shown.any():
            return
        place = scene.place(frame, rows)
        about = near(place, tracks_m[:, shown].T, AROUND_M)
        if not about.any():
            return
        rows, place = rows[about], place[about]
        beside = near(place, tracks_m[:, shown].T, REACH_M)
        time_us = c["event_time_us"][rows].astype(np.int64)
        before_us = c["prev_event_time_us"][rows].astype(np.int64)
        speed, course = c["speed_mps"][rows].astype(np.float64), np.radians(c["course_deg"][rows].astype(np.float64))
        said = c["sigma_m"][rows].astype(np.float64)
        self._waiting.append(
            _Waiting(
                self._named(frame, rows, beside),
                scene.seconds(time_us),
                place,
                np.where(said > 0, said, SIGMA_M),
                np.stack([speed * np.sin(course), speed * np.cos(course)], axis=1),
                np.where(before_us >= 0, (time_us - before_us) / 1e6, np.nan),
                nominal_interval_s(CLASS_A, np.nan_to_num(speed, nan=1.0), np.zeros(len(rows), bool)),
            )
        )

    def _named(self, frame: Arrival, rows: Indices, beside: Flags) -> NDArray[np.int64]:
        """The key of each row's name; -1 for those beside no track."""
        identity = frame.columns["identity"][rows].astype(np.intp)
        numbers = {}
        for index in np.unique(identity[beside]).tolist():
            key = frame.keys[index]
            number = self._names.get(key)
            if number is None:
                number = self._names[key] = name_key("object", key)
                self._state.names[number] = key
            numbers[index] = number
        out = np.full(len(rows), -1, np.int64)
        out[beside] = [numbers[index] for index in identity[beside].tolist()]
        return out

    def turn(self, now_s: float, registration_m2: Floats) -> Reports:
        """Weigh what has waited against the tracks as they stand; what it was.

        ``registration_m2`` (m,) is what is left of the bias of the radars of each track, in the order of ids."""
        if self._state.came:
            self._arrived(now_s)
        if not self._waiting:
            return _NO_REPORTS
        said = _together(self._waiting)
        self._waiting = []
        order = np.lexsort((said.name, said.time_s))
        said = columns.take(said, order)
        self.coverage = hear(self.coverage, said.position_m, said.time_s, said.since_s, said.interval_s, _COVERAGE)
        said = columns.take(said, np.flatnonzero(said.name >= 0))
        if not len(said.name):
            return _NO_REPORTS
        reports = Reports(said.name, said.time_s, said.position_m, said.sigma_m, said.velocity_mps)
        tracks = Tracks.of(self._scene.tracker.extrapolate(now_s))
        self.identities = observe(self.identities, reports, tracks, registration_m2, _RULES)
        self._keep_apart()
        self._forget()
        return reports

    def judge(self, now_s: float, registered: Flags) -> None:
        """Who is silent, at ``now_s`` up to which every source has told what it knows; at most once a second.

        ``registered`` (m,): whether every radar that contributes to a track is, in the order of ids."""
        if now_s < self._state.judged_s + 1.0:
            return
        self._state.judged_s = now_s
        belief = self._scene.tracker.extrapolate(self._scene.newest_s)
        tracks = Tracks.of(belief)
        if not len(tracks.id):
            return
        order = np.argsort(belief.id, kind="stable")
        code = belief.class_code[order]
        duty = code == _VESSEL
        speed = np.hypot(tracks.mean[:, 2], tracks.mean[:, 3])
        still = np.zeros(len(speed), bool)
        interval = np.where(
            duty, nominal_interval_s(CLASS_A, speed, still), nominal_interval_s(CLASS_B_CS, speed, still)
        )
        around = Surroundings(
            interval,
            reception(self.coverage, tracks.mean[:, :2], now_s, _COVERAGE),
            registered,
            duty,
            ~np.isin(code, _ASHORE),
        )
        self.identities = judge(self.identities, tracks, around, now_s, _RULES)

    def merged(self, goes: int, stays: int) -> None:
        """Two tracks were found to be one."""
        self.identities = merged(self.identities, goes, stays)

    def carried(self) -> dict[int, Baggage]:
        """See :class:`streams.surveil.plots.scene.Names`."""
        epoch_s = self._scene.state.epoch_us / 1e6
        return {track: _later(baggage, epoch_s) for track, baggage in packed(self.identities, {}, {}).items()}

    def silent(self, track: int) -> str | None:
        """See :class:`streams.surveil.plots.scene.Names`."""
        key, _, part = self.bonds().get(track, ("", 0.0, -1))
        if self._scene.state.binding.joined.get(track) != key:
            return None
        reporters = self.identities.reporters
        row = np.flatnonzero(reporters.part == part)
        heard_s = float(reporters.time_s[row[0]]) if len(row) else -np.inf
        return key if self._scene.newest_s - heard_s > EXPECTED_S else None

    def receive(self, track: int, baggage: Baggage) -> None:
        """See :class:`streams.surveil.plots.scene.Names`. Its senders may not have been heard here yet: that waits."""
        here = _later(baggage, -self._scene.state.epoch_us / 1e6)
        silent = msgspec.structs.replace(here, evidence=(), incidents=())
        self.identities = unpacked(self.identities, track, silent)
        if here.evidence:
            kept = [came for came in self._state.came if came.track != track]
            self._state.came = [*kept, Came(track, self._scene.newest_s + EXPECTED_S, here)]

    def expected(self, track: int) -> bool:
        """Whether another owner told the track under a name that was not heard here yet."""
        return any(
            came.track == track and any(score.bound for score in came.baggage.evidence) for came in self._state.came
        )

    def _arrived(self, now_s: float) -> None:
        """Take over evidence about senders that are heard here now; let go of what has waited for too long."""
        parts = self.identities.reporters.part
        left = []
        for came in self._state.came:
            known = [bool(np.isin(score.part, parts)) for score in came.baggage.evidence]
            if any(known):
                here = tuple(score for score, yes in zip(came.baggage.evidence, known, strict=True) if yes)
                self.identities = unpacked(self.identities, came.track, Baggage(evidence=here))
            elif now_s < came.until_s:
                left.append(came)
        self._state.came = left

    def bonds(self) -> dict[int, tuple[str, float, int]]:
        """Object, score and sender's part of every bound track, by track."""
        parts, tracks, scores = bonds(self.identities.evidence)
        rows = zip(parts.tolist(), tracks.tolist(), scores.tolist(), strict=True)
        found = {track: (self._state.names[name_of(part)], score, part) for part, track, score in rows}
        return dict(sorted(found.items()))

    def labels(self) -> dict[int, int]:
        """The dark label of every track that has one."""
        darkness = self.identities.darkness
        at = np.flatnonzero(darkness.label)
        return dict(zip(darkness.id[at].tolist(), darkness.label[at].tolist(), strict=True))

    def doubled(self, now_s: float) -> dict[str, None]:
        """Objects whose name two transmitters use."""
        return {self._state.names[name]: None for name in doubled(self.identities, now_s).name.tolist()}

    def cut(self, key: str, track: int) -> None:
        """An operator says that this sender is not this track: they are never bound again."""
        self._state.cut = [*self._state.cut, (key, track)]
        self._keep_apart()

    def mend(self, key: str, track: int) -> None:
        """An operator says that it is after all."""
        self._state.cut = [pair for pair in self._state.cut if pair != (key, track)]

    def _keep_apart(self) -> None:
        evidence = self.identities.evidence
        for key, track in self._state.cut:
            name = self._names.get(key, -1)
            evidence = columns.take(
                evidence, ~((name_of_all(evidence.part) == name) & (evidence.track == np.uint64(track)))
            )
        self.identities = self.identities._replace(evidence=evidence)

    def _forget(self) -> None:
        """Names nobody follows any more, and cuts of tracks that are gone."""
        if len(self._state.names) > 2 * len(self.identities.reporters.part) + 64:
            known = dict.fromkeys(name_of_all(self.identities.reporters.part).tolist())
            self._state.names = {name: key for name, key in self._state.names.items() if name in known}
            self._names = {key: name for name, key in self._state.names.items()}
        if self._state.cut:
            living = dict.fromkeys(self._scene.tracker.positions(self._scene.newest_s)[0].tolist())
            self._state.cut = [(key, track) for key, track in self._state.cut if track in living]


def _later(baggage: Baggage, by_s: float) -> Baggage:
    """The same on another scale of time."""
    replace = msgspec.structs.replace
    silence = baggage.silence
    if silence is not None:
        silence = replace(silence, time_s=silence.time_s + by_s, confirmed_s=silence.confirmed_s + by_s)
    evidence = tuple(replace(score, time_s=score.time_s + by_s) for score in baggage.evidence)
    return replace(baggage, evidence=evidence, silence=silence)


def near(place_m: Floats, tracks_m: Floats, reach_m: float) -> Flags:
    """Which places (n, 2) lie in the cell of a track, of ``reach_m``, or in one of the eight about it."""
    span = 1 << 20
    cells = np.floor(tracks_m / reach_m).astype(np.int64) + span
    steps = np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)], np.int64)
    about = np.unique(((cells[:, None] + steps) @ np.array([2 * span, 1])).ravel())
    own = (np.floor(place_m / reach_m).astype(np.int64) + span) @ np.array([2 * span, 1])
    found: Flags = np.isin(own, about)
    return found


def name_of_all(part: NDArray[np.int64]) -> NDArray[np.int64]:
    """The name of each part."""
    return np.array([name_of(one) for one in part.tolist()], np.int64)
