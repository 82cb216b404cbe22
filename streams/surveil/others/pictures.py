"""Bearings: those of one camera and moment are a picture. A bearing that can only be one track's corrects that track;
one that no track explains may meet another camera's, and then the two are a plot.

A picture is read as a whole: a track that two of its bearings could be, or a bearing that could be two tracks, says
nothing. So do three bearings of one camera against three of another, which meet in nine places.
"""

import math
from collections.abc import Sequence

import numpy as np

from streams.config import PlotSensor
from streams.surveil.others.land import Land
from streams.surveil.others.state import Aim, OthersState
from streams.surveil.others.word import Word
from streams.surveil.plots.scene import Scene
from streams.tracks import outside
from streams.tracks.sensors.bearing import BearingRules, seen
from streams.tracks.sensors.triangulate import triangulate
from streams.tracks.state import Flags, Floats, Frame, Outcome

PAIR_S = 1.0  # between two cameras' pictures of one thing
_MOVED_MPS = 2.0  # what it may have moved meanwhile, one sigma
_STEP_DEG = 1e-3  # to the north
_RULES = BearingRules()


class Cameras:
    """The described cameras of one owner."""

    def __init__(self, sensors: Sequence[PlotSensor], scene: Scene, state: OthersState, land: Land) -> None:
        self._sensors, self._scene, self._state, self._land = sensors, scene, state, land

    def look(self, picture: Sequence[Word]) -> tuple[list[int], dict[int, Aim]]:
        """The track that each bearing of one picture corrected (0: none), and, by their numbers, the bearings that no
        track explains."""
        scene, camera = self._scene, self._sensors[picture[0].sensor]
        site, time_s = self._site(picture[0].sensor), picture[0].time_s
        given = [0] * len(picture)
        belief = scene.tracker.extrapolate(time_s)
        belief = belief.only(belief.confirmed)
        azimuth, sigma = np.array([self._said(word) for word in picture]).T
        inside = np.zeros((len(picture), len(belief)), bool)
        looks = [seen(belief.mean, belief.covariance, site, float(angle)) for angle in azimuth]
        for number, (off, _, range_m, across2) in enumerate(looks):
            assert camera.max_range_m is not None
            near = (range_m > _RULES.shortest_m) & (range_m < camera.max_range_m)
            inside[number] = near & (off**2 < _RULES.gate * (across2 + sigma[number] ** 2))
        for number, track in _only(inside):
            off, by, _, across2 = looks[number]
            if sigma[number] >= _RULES.gain * np.sqrt(across2[track]):
                continue  # the track knows that better
            error = np.array([[sigma[number] ** 2]])
            known = int(belief.id[track])
            if outside.narrow(scene.tracker, known, picture[0].sensor, time_s, by[track][None], off[[track]], error):
                given[number] = known
        free = np.flatnonzero(~inside.any(axis=1)).tolist()
        aims = {n: Aim(time_s, picture[0].sensor, float(azimuth[n]), float(sigma[n])) for n in free}
        return given, aims

    def meet(self, picture: Sequence[Word], aims: dict[int, Aim], given: list[int]) -> Outcome | None:
        """A step of the tracker with the places where new bearings of one picture meet waiting ones; keeps them all.

        A plot has the observation's id of the newer bearing; its track is ``given`` to that one."""
        state, scene = self._state, self._scene
        time_s = picture[0].time_s
        state.aims = [aim for aim in state.aims if aim.time_s >= time_s - PAIR_S]
        others = sorted({aim.camera for aim in state.aims} - {picture[0].sensor})
        places: list[tuple[Floats, Floats, int]] = []
        for camera in others if aims else ():
            latest = max(aim.time_s for aim in state.aims if aim.camera == camera)
            waiting = [aim for aim in state.aims if aim.camera == camera and aim.time_s == latest]
            places += [one for one in self._crossings(aims, waiting) if self._land.is_mine(one[0])]
        state.aims = [*state.aims, *aims.values()]
        if not places:
            return None
        place = np.array([at for at, _, _ in places])
        spread = np.array([covariance for _, covariance, _ in places])
        plots = Frame(
            np.full(len(places), time_s),
            np.full(len(places), picture[0].sensor, np.intp),
            place[:, 0].copy(),
            place[:, 1].copy(),
            spread[:, 0, 0].copy(),
            spread[:, 0, 1].copy(),
            spread[:, 1, 1].copy(),
            np.array([picture[number].track_id for _, _, number in places], np.uint64),
        )
        outcome = scene.tracker.step(plots)
        for (_, _, number), track in zip(places, outcome.track_id.tolist(), strict=True):
            given[number] = track
        return outcome

    def _crossings(self, new: dict[int, Aim], waiting: Sequence[Aim]) -> list[tuple[Floats, Floats, int]]:
        """Place, covariance and number of the new bearing, of every pair that is the only one for both."""
        numbers, aims = list(new), list(new.values())
        one, other = np.divmod(np.arange(len(aims) * len(waiting)), len(waiting))
        sites = [self._site(some[0].camera) for some in (aims, waiting)]
        ranges = [self._sensors[some[0].camera].max_range_m or 0.0 for some in (aims, waiting)]
        angle = np.array([aim.azimuth_rad for aim in aims])[one], np.array([aim.azimuth_rad for aim in waiting])[other]
        sigma = np.array([aim.sigma_rad for aim in aims])[one], np.array([aim.sigma_rad for aim in waiting])[other]
        at = [np.tile(site, (len(one), 1)) for site in sites]
        fixes = triangulate(at[0], angle[0], sigma[0], at[1], angle[1], sigma[1])
        good = fixes.good.copy()
        for site, range_m in zip(at, ranges, strict=True):
            good &= np.hypot(*(fixes.position_m - site).T) < range_m
        moved_m = _MOVED_MPS * abs(aims[0].time_s - waiting[0].time_s)
        pairs = _only(good.reshape(len(aims), len(waiting)))
        found = []
        for mine, theirs in pairs:
            row = mine * len(waiting) + theirs
            found.append((fixes.position_m[row], fixes.covariance[row] + moved_m**2 * np.eye(2), numbers[mine]))
        return found

    def _site(self, camera: int) -> Floats:
        site = self._sensors[camera].site
        assert site is not None
        place: Floats = self._scene.plane.to_plane(np.array([site]))[0]
        return place

    def _said(self, word: Word) -> tuple[float, float]:
        """Azimuth and deviation, radians; a camera is not believed to be better than it is described."""
        bearing, usual = word.extras.bearing, self._sensors[word.sensor].sigma_deg
        assert bearing is not None
        assert usual is not None
        azimuth_rad = math.radians(bearing.bearing_deg) + self._turned(word.sensor)
        return azimuth_rad, math.radians(max(usual, bearing.sigma_deg or 0.0))

    def _turned(self, camera: int) -> float:
        """The direction of true north at a camera, in the plane: meridians are no parallels."""
        site = self._sensors[camera].site
        assert site is not None
        lon, lat = site
        beside = self._scene.plane.to_plane(np.array([(lon, lat), (lon, lat + _STEP_DEG)]))
        return float(np.arctan2(*(beside[1] - beside[0])))


def _only(pairs: Flags) -> list[tuple[int, int]]:
    """Row and column of those that are alone in both."""
    alone = pairs & (pairs.sum(axis=0) == 1) & (pairs.sum(axis=1) == 1)[:, None]
    return [(int(row), int(column)) for row, column in zip(*np.nonzero(alone), strict=True)]
