"""The part of a step that is no plots: see :mod:`streams.surveil.plots.places`.

Bearings correct tracks, and two cameras' bearings make plots; ground sensors' triggers support tracks and, in chains,
begin them; other trackers' tracks are fused with ours or followed by themselves. What such sensors alone support ends
when they are silent for long.
"""

from collections.abc import Sequence
from itertools import groupby

import msgspec
import numpy as np

from streams.config import PlotSensor
from streams.partitioning import Owners
from streams.surveil.arrival import Arrival
from streams.surveil.others.land import Land
from streams.surveil.others.pictures import Cameras
from streams.surveil.others.reports import SILENT_S, Reports
from streams.surveil.others.state import OthersState
from streams.surveil.others.triggers import Ground
from streams.surveil.others.word import Word, words
from streams.surveil.plots.scene import Scene
from streams.surveil.plots.told import Came, Told
from streams.tracks import outside
from streams.tracks.sensors.ground import GroundRules
from streams.tracks.state import Flags, Ids, Indices, Outcome

_PATIENCE_S = {"ground": GroundRules().longest_s, "camera": 30.0, "external": SILENT_S}
_FADE_EVERY_S = 1.0
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(OthersState).decode


def others_of(sensors: Sequence[PlotSensor], owners: Owners, partition: int) -> "OtherSensors | None":
    """Those of one owner; None where no such sensor is described."""
    some = any(sensor.modality in _PATIENCE_S for sensor in sensors)
    return OtherSensors(sensors, owners, partition) if some else None


class OtherSensors:
    """Implements :class:`streams.surveil.plots.places.Others` for one sector owner."""

    def __init__(self, sensors: Sequence[PlotSensor], owners: Owners, partition: int) -> None:
        self._sensors, self._owners, self._partition = tuple(sensors), owners, partition
        self._trackers = [sensor.modality == "external" for sensor in sensors]
        self._patience_s = np.array([_PATIENCE_S.get(sensor.modality, np.inf) for sensor in sensors])
        self._state = OthersState()

    def begin(self, scene: Scene) -> None:
        """Work in this scene from now on."""
        self._scene = scene
        land = Land(scene, self._owners, self._partition)
        self._cameras = Cameras(self._sensors, scene, self._state, land)
        self._ground = Ground(self._sensors, scene, self._state, land)
        self._reports = Reports(self._sensors, scene, self._state, land)

    def dump(self) -> bytes:
        """The whole state."""
        self._ground.save()
        return _encode(self._state)

    def load(self, state: bytes) -> None:
        """What :meth:`dump` gave; b"" is nothing yet."""
        self._state = _decode(state) if state else OthersState()

    def among(self, frame: Arrival, rows: Indices) -> Flags:
        """Which of the ``rows`` of described sensors (m,) are no plots: without a position, or of another tracker."""
        out: Flags = np.isnan(frame.columns["lon"][rows].astype(np.float64))
        if any(self._trackers):
            index = {sensor.sensor_id for sensor, tracker in zip(self._sensors, self._trackers, strict=True) if tracker}
            foreign = np.array([name in index for name in frame.sensors], bool)
            out |= foreign[frame.columns["sensor"][rows].astype(np.intp)]
        return out

    def apply(self, frame: Arrival, rows: Indices) -> Came:
        """The rows of one second of event time, in order."""
        scene = self._scene
        first = rows[0]
        scene.begin(*self._where(frame, int(first)), frame.columns["event_time_us"][first].item())
        track_id: Ids = np.zeros(len(rows), np.uint64)
        outcomes: list[Outcome] = []
        at = 0
        for _, group in groupby(words(scene, frame, rows), key=_picture):
            some = list(group)
            track_id[at : at + len(some)] = self._hear(frame, some, outcomes)
            at += len(some)
        newest_s = float(scene.seconds(frame.columns["event_time_us"][rows].astype(np.int64)).max())
        scene.state.newest_s = max(scene.newest_s, newest_s)
        ended = [outcome.ended for outcome in outcomes]
        aliases = tuple(pair for outcome in outcomes for pair in outcome.aliases)
        for goes, stays in aliases:
            self.merged(goes, stays)
        return Came(track_id, np.concatenate([*ended, np.zeros(0, np.uint64)]), aliases)

    def fade(self, now_s: float) -> Ids:
        """End what only these sensors supported, once a second; the tracks."""
        state = self._state
        if now_s - state.faded_s < _FADE_EVERY_S or not np.isfinite(self._patience_s).any():
            return np.zeros(0, np.uint64)
        state.faded_s = now_s
        self._reports.forget(now_s)
        return outside.fade(self._scene.tracker, now_s, self._patience_s)

    def merged(self, goes: int, stays: int) -> None:
        """Two tracks were found to be one."""
        for foreign in self._state.foreign.values():
            if foreign.track == goes:
                foreign.track = stays
        self._state.past.pop(goes, None)

    def ended(self, tracks: Ids) -> None:
        """Tracks are over."""
        for track in tracks.tolist():
            self._state.past.pop(track, None)

    def past(self) -> dict[int, list[Told]]:
        """What tracks were before they were tracks, until the caller takes it out."""
        return self._state.past

    def _hear(self, frame: Arrival, some: list[Word], outcomes: list[Outcome]) -> list[int]:
        """The words of one picture, or one other word."""
        word = some[0]
        if word.extras.bearing is not None:
            given, aims = self._cameras.look(some)
            outcome = self._cameras.meet(some, aims, given)
            if outcome is not None:
                outcomes.append(outcome)
            return given
        if word.extras.zone_id is not None and self._ground.known(word.extras.zone_id):
            return [self._ground.trigger(word)]
        return [self._reports.hear(frame, word)]

    def _where(self, frame: Arrival, row: int) -> tuple[float, float]:
        """The place of a row, for the plane: its own, its camera's, or a corner of its footprint."""
        c = frame.columns
        if not np.isnan(c["lon"][row].item()):
            return c["lon"][row].item(), c["lat"][row].item()
        sensor = self._sensors[int(self._scene.sensor_of(frame, np.array([row]))[0])]
        return sensor.site or next(iter(sensor.footprints.values()))[0]


def _picture(word: Word) -> tuple[int, float, int]:
    """Bearings of one camera and moment belong together; any other word stands alone."""
    return word.sensor, word.time_s, -1 if word.extras.bearing is not None else word.row
