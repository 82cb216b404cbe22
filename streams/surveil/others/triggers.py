"""Ground sensors: a trigger is evidence for the track that may be in the footprint, else a contact; contacts in a chain
at walking pace become a track, which is told from its first trigger on.

A track that rests on triggers alone goes on by the rule it began by: the next trigger must lie on the walk. (Its state
between triggers says little: after minutes its ellipse covers half the field.) A trigger that its sensor takes for an
animal's begins and lengthens no chain.
"""

from collections.abc import Sequence

import numpy as np

from streams.config import PlotSensor
from streams.surveil.others.land import Land
from streams.surveil.others.state import OthersState
from streams.surveil.others.word import Word
from streams.surveil.plots.scene import Scene
from streams.surveil.plots.told import Told
from streams.tracks import outside
from streams.tracks.classes import WALKER
from streams.tracks.sensors.ground import (
    Chained,
    Contact,
    GroundRules,
    GroundSensor,
    Trigger,
    dump,
    follows,
    heed,
    load,
    misfit,
    track_of,
)
from streams.tracks.sensors.zone import footprint, reaches
from streams.tracks.state import Belief

_RULES = GroundRules()
_ANIMAL = "animal"
_LATEST = 5  # links that say how a walk goes on
_PASSAGE_S = 180.0  # a group passes its last footprint


class Ground:
    """The described ground sensors of one owner."""

    def __init__(self, sensors: Sequence[PlotSensor], scene: Scene, state: OthersState, land: Land) -> None:
        self._scene, self._state, self._land, self._described = scene, state, land, sensors
        self._is_ground = np.array([sensor.modality == "ground" for sensor in sensors])
        self._ring = {zone_id: (n, ring) for n, s in enumerate(sensors) for zone_id, ring in s.footprints.items()}
        self._known: dict[str, GroundSensor] = {}
        self._contacts = load(state.contacts) if state.contacts else ()

    def save(self) -> None:
        """Into the state."""
        self._state.contacts = dump(self._contacts) if self._contacts else b""

    def known(self, zone_id: str) -> bool:
        """Whether a footprint is described."""
        return zone_id in self._ring

    def trigger(self, word: Word) -> int:
        """The track that a trigger moved or began, 0 where none."""
        zone_id = word.extras.zone_id
        assert zone_id is not None
        self._forget()
        sensors, tracker = self._sensors(), self._scene.tracker
        belief = tracker.extrapolate(word.time_s)
        walks = np.array(list(self._state.walks), np.uint64)
        belief = belief.only(belief.confirmed & ~np.isin(belief.id, walks))
        place, spread = belief.mean[:, :2], belief.covariance[:, :2, :2]
        heard = Trigger(word.track_id, zone_id, word.time_s)
        near = reaches(sensors[zone_id].zone, place, spread) if len(belief) else np.zeros(0, bool)
        if not near.any():
            if _likeliest(word) == _ANIMAL:
                return 0
            known = self._walk_on(heard, word, sensors)
            if known is not None:
                return known
        out = heed(heard, sensors, place, spread, self._contacts, _RULES)
        self._contacts = out.contacts
        if out.track is not None:
            return self._begin(out.track, word, sensors)
        self._state.traces[word.track_id] = word.trace
        outside.believe(tracker, belief.id, out.log_ratio)
        return self._place(belief.only(near), word, sensors[zone_id]) if near.sum() == 1 else 0

    def _place(self, one: Belief, word: Word, sensor: GroundSensor) -> int:
        """A trigger of the only track that can have caused it, where the footprint is smaller than what is known."""
        track, tracker = int(one.id[0]), self._scene.tracker
        if np.trace(sensor.zone.covariance) < np.trace(one.covariance[0, :2, :2]):
            off, error = sensor.zone.centre_m - one.mean[0, :2], sensor.zone.covariance
            return track if outside.narrow(tracker, track, word.sensor, word.time_s, np.eye(2, 4), off, error) else 0
        outside.credit(tracker, track, word.sensor, word.time_s)
        return 0

    def _walk_on(self, heard: Trigger, word: Word, sensors: dict[str, GroundSensor]) -> int | None:
        """The walk that a trigger lies on, and is moved by; 0 where it only passes on, None where there is none."""
        link = (heard.observation_id, heard.sensor, heard.time_s)
        best: tuple[float, int, Contact] | None = None
        for track, chain in sorted(self._state.walks.items()):
            _, zone_id, last_s = chain[-1]
            if zone_id == heard.sensor and 0.0 <= heard.time_s - last_s <= _PASSAGE_S:
                outside.credit(self._scene.tracker, track, word.sensor, word.time_s)
                return 0
            longer = Contact((*chain[-_LATEST + 1 :], link))
            if follows(Contact(tuple(chain)), heard, sensors, _RULES):
                off = misfit(longer, sensors, _RULES)
                if off < _RULES.straight and (best is None or (off, track) < best[:2]):
                    best = (off, track, longer)
        if best is None:
            return None
        _, track, longer = best
        walk = track_of(longer, sensors)
        self._state.walks[track] = [*self._state.walks[track], link]
        outside.adopt(self._scene.tracker, track, word.sensor, walk.time_s, walk.mean, walk.covariance)
        return track

    def _begin(self, track: Chained, word: Word, sensors: dict[str, GroundSensor]) -> int:
        """A chain becomes a track of this owner, where it ends on its ground."""
        if not self._land.is_mine(track.mean[:2]):
            return 0
        scene, known = self._scene, track.track_id
        outside.adopt(scene.tracker, known, word.sensor, track.time_s, track.mean, track.covariance, WALKER)
        self._state.walks[known] = list(track.chain)
        past = []
        for observation, zone_id, time_s in track.chain[:-1]:
            place = track.mean[:2] + (time_s - track.time_s) * track.mean[2:]
            lon, lat = scene.plane.to_lonlat(place[None])[0].tolist()
            (xx, xy), (_, yy) = sensors[zone_id].zone.covariance.tolist()
            vx, vy = track.mean[2:].tolist()
            past.append(Told(self._state.traces[observation], (lon, lat), (vx, vy), (xx, xy, yy)))
        self._state.past[known] = past
        return known

    def _forget(self) -> None:
        """Traces of triggers that are in no chain any more, and walks that other sensors see or nobody follows."""
        living = {link[0] for contact in self._contacts for link in contact.chain}
        state, tracker = self._state, self._scene.tracker
        state.traces = {link: trace for link, trace in state.traces.items() if link in living}
        for track in list(state.walks):
            seen = outside.seen_by(tracker, track)
            if not seen.any() or (seen & ~self._is_ground).any():
                del state.walks[track]

    def _sensors(self) -> dict[str, GroundSensor]:
        """All footprints in the plane, worked out once it is laid."""
        if not self._known:
            plane = self._scene.plane
            for zone_id, (number, ring) in self._ring.items():
                sensor = self._described[number]
                zone = footprint(plane.to_plane(np.array(ring)))
                self._known[zone_id] = GroundSensor(zone, sensor.detection_probability, sensor.false_per_hour or 0.0)
        return self._known


def _likeliest(word: Word) -> str | None:
    """The label its sensor gives the object; the first of equally sure ones."""
    told = word.extras.classification
    return max(told, key=lambda one: one.confidence).label if told else None
