"""Ground sensors: a trigger is evidence for the track that may be in the footprint, else a contact; contacts in a chain
at walking pace become a track, which is told from its first trigger on.

A trigger that its sensor takes for an animal's begins and lengthens no chain.
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
from streams.tracks.sensors.ground import Chained, GroundRules, GroundSensor, Trigger, dump, heed, load
from streams.tracks.sensors.zone import footprint, reaches
from streams.tracks.state import Belief

_RULES = GroundRules()
_ANIMAL = "animal"


class Ground:
    """The described ground sensors of one owner."""

    def __init__(self, sensors: Sequence[PlotSensor], scene: Scene, state: OthersState, land: Land) -> None:
        self._scene, self._state, self._land = scene, state, land
        self._rings = {
            zone_id: (number, ring)
            for number, sensor in enumerate(sensors)
            for zone_id, ring in sorted(sensor.footprints.items())
        }
        self._described = sensors
        self._known: dict[str, GroundSensor] = {}
        self._contacts = load(state.contacts) if state.contacts else ()

    def save(self) -> None:
        """Into the state."""
        self._state.contacts = dump(self._contacts) if self._contacts else b""

    def known(self, zone_id: str) -> bool:
        """Whether a footprint is described."""
        return zone_id in self._rings

    def trigger(self, word: Word) -> int:
        """The track that a trigger moved or began, 0 where none."""
        zone_id, scene = word.extras.zone_id, self._scene
        assert zone_id is not None
        sensors = self._sensors()
        belief = scene.tracker.extrapolate(word.time_s)
        belief = belief.only(belief.confirmed)
        place, spread = belief.mean[:, :2], belief.covariance[:, :2, :2]
        heard = Trigger(word.track_id, zone_id, word.time_s)
        animal = _likeliest(word) == _ANIMAL
        near = reaches(sensors[zone_id].zone, place, spread) if len(belief) else np.zeros(0, bool)
        if animal and not near.any():
            return 0
        out = heed(heard, sensors, place, spread, self._contacts, _RULES)
        self._contacts = out.contacts
        self._state.traces[word.track_id] = word.trace
        if out.track is not None:
            self._begin(out.track, word, sensors)
        self._forget()
        if out.track is not None:
            return out.track.track_id if self._land.is_mine(out.track.mean[:2]) else 0
        outside.believe(scene.tracker, belief.id, out.log_ratio)
        return self._place(belief.only(near), word, sensors[zone_id]) if near.sum() == 1 else 0

    def _place(self, one: Belief, word: Word, sensor: GroundSensor) -> int:
        """A trigger of the only track that can have caused it, where the footprint is smaller than what is known."""
        track, tracker = int(one.id[0]), self._scene.tracker
        if np.trace(sensor.zone.covariance) < np.trace(one.covariance[0, :2, :2]):
            off = sensor.zone.centre_m - one.mean[0, :2]
            moved = outside.narrow(tracker, track, word.sensor, word.time_s, np.eye(2, 4), off, sensor.zone.covariance)
            return track if moved else 0
        outside.credit(tracker, track, word.sensor, word.time_s)
        return 0

    def _begin(self, track: Chained, word: Word, sensors: dict[str, GroundSensor]) -> None:
        """A chain becomes a track of this owner, where it ends on its ground."""
        if not self._land.is_mine(track.mean[:2]):
            return
        scene = self._scene
        outside.adopt(scene.tracker, track.track_id, word.sensor, track.time_s, track.mean, track.covariance, WALKER)
        past = []
        for observation, zone_id, time_s in track.chain[:-1]:
            trace = self._state.traces.get(observation)
            if trace is None:
                continue
            back_s = time_s - track.time_s
            zone = sensors[zone_id].zone
            place = track.mean[:2] + back_s * track.mean[2:]
            lon, lat = scene.plane.to_lonlat(place[None])[0].tolist()
            (xx, xy), (_, yy) = zone.covariance.tolist()
            vx, vy = track.mean[2:].tolist()
            past.append(Told(trace, (lon, lat), (vx, vy), (xx, xy, yy)))
        self._state.past[track.track_id] = past

    def _forget(self) -> None:
        """Traces of triggers that are in no chain any more."""
        living = {link[0] for contact in self._contacts for link in contact.chain}
        self._state.traces = {link: trace for link, trace in self._state.traces.items() if link in living}

    def _sensors(self) -> dict[str, GroundSensor]:
        """All footprints in the plane, worked out once it is laid."""
        if not self._known:
            plane = self._scene.plane
            for zone_id, (number, ring) in self._rings.items():
                sensor = self._described[number]
                self._known[zone_id] = GroundSensor(
                    footprint(plane.to_plane(np.array(ring))),
                    sensor.detection_probability,
                    sensor.false_per_hour or 0.0,
                )
        return self._known


def _likeliest(word: Word) -> str | None:
    """The label its sensor gives the object; the first of equally sure ones."""
    told = word.extras.classification
    return max(told, key=lambda one: one.confidence).label if told else None
