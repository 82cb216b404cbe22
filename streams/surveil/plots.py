"""Objects that say no name: plots become tracks, and a confirmed track is followed like any other object.

The plots of a second are one step of the tracker, in the owner's own plane. What it shows of a track goes the way of
every row: as a fix of the object ``track:<id>``, where the plot that moved it stands for the evidence, at most once in
``_EVERY_S`` of event time. So zones, hysteresis, incidents, timers and pictures are those of named objects.

An owner follows the plots in its own sectors only; a track that leaves them is lost here and begins there.
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from geo.sectors import centre, sector
from sensors.observation import Identity
from streams.config import PlotSensor
from streams.partitioning import area_of
from streams.surveil.arrival import Arrival
from streams.surveil.follow import Follower
from streams.surveil.rows import Fix, Row
from streams.tracks.sensor import Sensor
from streams.tracks.sharing.plane import Plane
from streams.tracks.state import Belief, Frame, Ids
from streams.tracks.tracker import Tracker

_EVERY_S = 1.0
_NOTHING: NDArray[np.intp] = np.empty(0, np.intp)


class PlotsState(msgspec.Struct, array_like=True):
    """What a snapshot holds; ``origin`` lon, lat degrees and ``epoch_us`` are those of the first plot's sector."""

    origin: tuple[float, float] | None = None
    epoch_us: int = 0
    tracker: bytes = b""
    told_s: dict[int, float] = {}  # track -> when it was last told, seconds after the epoch


class Plots:
    """The tracker of one sector owner."""

    def __init__(self, sensors: Sequence[PlotSensor], follower: Follower, state: PlotsState) -> None:
        self._index = {sensor.sensor_id: number for number, sensor in enumerate(sensors)}
        self._sigma_m = np.array([sensor.sigma_m for sensor in sensors])
        self._tracker = Tracker(
            tuple(
                Sensor(
                    sensor.sensor_id,
                    sensor.modality,
                    sensor.revisit_s,
                    sensor.sigma_m,
                    sensor.detection_probability,
                    sensor.false_plots_per_km2,
                )
                for sensor in sensors
            )
        )
        if state.tracker:
            self._tracker.restore(state.tracker)
        self._follower, self._state = follower, state

    def __len__(self) -> int:
        return len(self._tracker)

    def state(self) -> PlotsState:
        """For the snapshot."""
        if len(self._index):
            self._state.tracker = self._tracker.snapshot()
        return self._state

    def among(self, frame: Arrival, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Which of the ``rows`` are plots: nameless, and of a sensor that is described."""
        if not self._index:
            return _NOTHING
        nameless = rows[frame.columns["identity"][rows] < 0]  # type: ignore[operator]
        if not len(nameless):
            return nameless
        described = np.array([name in self._index for name in frame.sensors], bool)
        plots: NDArray[np.intp] = nameless[described[frame.columns["sensor"][nameless].astype(np.intp)]]
        return plots

    def take(self, frame: Arrival, rows: NDArray[np.intp], epoch: int) -> None:
        """The plots among ``rows`` (see :meth:`among`), a step for each second of event time, so that a backlog in one
        frame is followed as it would have been live; ``epoch`` numbers the tracks begun."""
        second = frame.columns["event_time_us"][rows] // 1_000_000
        for part in np.split(rows, np.flatnonzero(second[1:] != second[:-1]) + 1):
            self._step(frame, part, epoch)

    def _step(self, frame: Arrival, rows: NDArray[np.intp], epoch: int) -> None:
        columns, state = frame.columns, self._state
        lonlat = np.column_stack([columns["lon"][rows], columns["lat"][rows]]).astype(np.float64)
        time_us = columns["event_time_us"][rows].astype(np.int64)
        if state.origin is None:
            state.origin = centre(sector(*lonlat[0].tolist()))
            state.epoch_us = int(time_us[0])
        plane = Plane(*state.origin)
        place = plane.to_plane(lonlat)
        sensor = np.array([self._index.get(name, -1) for name in frame.sensors])[
            columns["sensor"][rows].astype(np.intp)
        ]
        said = columns["sigma_m"][rows].astype(np.float64)
        variance = np.where(said > 0, said, self._sigma_m[sensor]) ** 2
        ids = np.frombuffer(columns["observation_id"][rows].tobytes(), np.uint64)[::2]
        plots = Frame(
            (time_us - state.epoch_us) / 1e6,
            sensor,
            place[:, 0].copy(),
            place[:, 1].copy(),
            variance,
            np.zeros(len(rows)),
            variance.copy(),
            np.maximum(ids, np.uint64(1)),
        )
        outcome = self._tracker.step(plots)
        self._end(outcome.ended)
        self._tell(frame, rows, plots, outcome.track_id, plane, epoch)

    def _tell(
        self, frame: Arrival, rows: NDArray[np.intp], plots: Frame, track_id: Ids, plane: Plane, epoch: int
    ) -> None:
        """The shown tracks that these plots moved, in the order of the tracks."""
        hit = {int(track): at for at, track in enumerate(track_id.tolist()) if track}
        if not hit:
            return
        newest_s = float(plots.time_s.max())
        belief = self._tracker.extrapolate(newest_s)
        chosen = [
            index
            for index, track in enumerate(belief.id.tolist())
            if belief.confirmed[index]
            and track in hit
            and plots.time_s[hit[track]] - self._state.told_s.get(track, -math.inf) >= _EVERY_S
        ]
        if not chosen:
            return
        shown = belief.only(np.array(chosen, np.intp))
        at = np.array([hit[track] for track in shown.id.tolist()], np.intp)
        back_s = (plots.time_s[at] - newest_s)[:, None]
        lonlat = plane.to_lonlat(shown.mean[:, :2] + shown.mean[:, 2:] * back_s)
        for number, index in enumerate(at.tolist()):
            self._state.told_s[int(shown.id[number])] = float(plots.time_s[index])
            self._follow(_row(frame, int(rows[index]), shown, number, lonlat[number]), epoch)

    def _follow(self, row: Row, epoch: int) -> None:
        slot = self._follower.objects.slots.get(row.key)
        if slot is None or self._follower.apply(slot, row) is None:
            self._follower.begin(row, epoch)

    def _end(self, ended: Ids) -> None:
        """Tracks that nothing supports any more are lost, at their last word."""
        objects = self._follower.objects
        for track in ended.tolist():
            self._state.told_s.pop(track, None)
            slot = objects.slots.get(_key(track))
            if slot is not None:
                self._follower.lose(slot, int(objects.heard_us[slot]))


def _key(track: int) -> str:
    return f"track:{track:016x}"


def _row(frame: Arrival, index: int, shown: Belief, number: int, lonlat: NDArray[np.float64]) -> Row:
    """A track's state at its newest plot, as a row of the frame."""
    c = frame.columns
    vx, vy = shown.mean[number, 2:].tolist()
    covariance = shown.covariance[number]
    lon, lat = lonlat.tolist()
    fix = Fix(
        c["event_time_us"][index].item(),
        c["ingest_time_us"][index].item(),
        lon,
        lat,
        math.hypot(vx, vy),
        math.degrees(math.atan2(vx, vy)) % 360.0,
        int(area_of(np.array([sector(lon, lat)], np.uint64))[0]),
        frame.sensors[c["sensor"][index].item()],
        c["observation_id"][index].tobytes(),
        c["flags"][index].item(),
        math.sqrt(max(covariance[0, 0], covariance[1, 1])),
    )
    return Row(_key(int(shown.id[number])), Identity(), fix, c["owner"][index].item(), -1, math.nan, math.nan, -1, b"")
