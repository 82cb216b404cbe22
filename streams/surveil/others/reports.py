"""Tracks of other trackers. Where one is near a track of ours it is compared look by look; six near ones of eight make
them one, and from then on each report is fused with our state by covariance intersection, because both may rest on the
same plots. One that is near none of ours, or turns out to be another, is followed as a track of its own.
"""

import math
from collections.abc import Sequence

import numpy as np

from streams.config import PlotSensor
from streams.surveil.arrival import Arrival
from streams.surveil.others.land import Land
from streams.surveil.others.state import Foreign, OthersState
from streams.surveil.others.word import Word
from streams.surveil.plots.scene import Scene
from streams.tracks import outside
from streams.tracks.classes import CLASSES
from streams.tracks.identity.fusion import intersect
from streams.tracks.sensors.external import COUNT_WINDOW, FAR_M, Counts, associated
from streams.tracks.state import Belief, Floats

SILENT_S = 60.0  # a track of another tracker unheard for so long is over
_SIGMA_MPS = 2.0  # of a velocity without a covariance
_SIGMAS = 3.0  # within so many the counting technique calls two places near


class Reports:
    """The described trackers of one owner."""

    def __init__(self, sensors: Sequence[PlotSensor], scene: Scene, state: OthersState, land: Land) -> None:
        self._sensors, self._scene, self._state, self._land = sensors, scene, state, land

    def hear(self, frame: Arrival, word: Word) -> int:
        """The track that a report moved or began, 0 where none (yet)."""
        scene, said = self._scene, word.extras.track
        if said is None:
            return 0
        mean, covariance = self._state_of(frame, word)
        belief = scene.tracker.extrapolate(word.time_s)
        belief = belief.only(belief.confirmed)
        name = f"{word.trace.sensor}|{said.ref}"
        foreign = self._state.foreign.setdefault(name, Foreign())
        if foreign.heard_s and word.time_s - foreign.heard_s > SILENT_S:
            foreign = self._state.foreign[name] = Foreign()  # a number used again
        foreign.heard_s = max(foreign.heard_s, word.time_s)
        if foreign.track and (at := np.flatnonzero(belief.id == np.uint64(foreign.track))).size:
            return self._fuse(word, belief.only(at), mean, covariance)
        foreign.track = 0
        self._compare(foreign, belief, mean, covariance, told=said.covariance is not None)
        same = [track for track, near in foreign.near.items() if Counts(near).same]
        if same:
            foreign.track, foreign.near = same[0], {}
            return self._fuse(word, belief.only(belief.id == np.uint64(same[0])), mean, covariance)
        if any(len(near) < COUNT_WINDOW for near in foreign.near.values()) or not self._land.is_mine(mean[:2]):
            return 0
        foreign.track, foreign.near = word.track_id, {}
        told = max(word.extras.classification, key=lambda one: one.confidence, default=None)
        code = CLASSES.index(told.label) if told is not None and told.label in CLASSES else 0
        outside.adopt(scene.tracker, word.track_id, word.sensor, word.time_s, mean, covariance, code)
        return word.track_id

    def forget(self, now_s: float) -> None:
        """Those that are over."""
        foreign = self._state.foreign
        over = [name for name, one in foreign.items() if now_s - one.heard_s > SILENT_S]
        for name in over:
            del foreign[name]

    def _compare(self, foreign: Foreign, belief: Belief, mean: Floats, covariance: Floats, *, told: bool) -> None:
        """One more look at every track of ours that is, or has been, near."""
        near = np.hypot(*(belief.mean[:, :2] - mean[:2]).T) < FAR_M
        close = belief.only(near)
        if told:
            pairs = associated(close.mean, close.covariance, mean[None], covariance[None])
            alike = {int(close.id[row]) for row in pairs.own.tolist()}
        else:
            apart = np.hypot(*(close.mean[:, :2] - mean[:2]).T)
            both = np.trace(close.covariance[:, :2, :2], axis1=1, axis2=2) + np.trace(covariance[:2, :2])
            alike = {int(track) for track in close.id[apart < _SIGMAS * np.sqrt(both / 2.0)].tolist()}
        ids = [int(track) for track in close.id.tolist()]
        for track in [*ids, *(known for known in foreign.near if known not in ids)]:
            looks = (track in alike, *foreign.near.get(track, ()))[:COUNT_WINDOW]
            foreign.near[track] = looks
        foreign.near = {track: looks for track, looks in sorted(foreign.near.items()) if any(looks) or track in ids}
        if not any(any(looks) for looks in foreign.near.values()):
            foreign.near = {}  # near in place, and another all the same

    def _fuse(self, word: Word, own: Belief, mean: Floats, covariance: Floats) -> int:
        """Our state and theirs; theirs alone where no sensor of ours has a part in the track."""
        tracker, track = self._scene.tracker, int(own.id[0])
        if self._is_ours(track, word):
            joined = intersect(own.mean, own.covariance, mean[None], covariance[None])
            mean, covariance = joined.mean[0], joined.covariance[0]
        if word.time_s < outside.time_of(tracker, track):
            return 0
        outside.adopt(tracker, track, word.sensor, word.time_s, mean, covariance)
        return track

    def _is_ours(self, track: int, word: Word) -> bool:
        seen = outside.seen_by(self._scene.tracker, track)
        return bool(seen.any()) and not (seen.sum() == 1 and seen[word.sensor])

    def _state_of(self, frame: Arrival, word: Word) -> tuple[Floats, Floats]:
        """A report as a state of the plane (4,) with a covariance (4, 4): its own, else from what it says of itself."""
        c, scene, said = frame.columns, self._scene, word.extras.track
        assert said is not None
        place = scene.place(frame, np.array([word.row]))[0]
        speed, course = float(c["speed_mps"][word.row]), math.radians(float(c["course_deg"][word.row]))
        mean = np.array([*place, speed * math.sin(course), speed * math.cos(course)])
        covariance = np.zeros((4, 4))
        if said.covariance is not None:
            covariance[np.triu_indices(4)] = said.covariance
            return mean, covariance + np.triu(covariance, 1).T
        sigma_m = float(c["sigma_m"][word.row])
        sigma_m = sigma_m if sigma_m > 0 else self._sensors[word.sensor].sigma_m
        covariance[[0, 1], [0, 1]] = sigma_m**2
        covariance[[2, 3], [2, 3]] = _SIGMA_MPS**2
        return mean, covariance
