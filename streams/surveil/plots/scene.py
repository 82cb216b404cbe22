"""What one owner follows plots with: its plane, its tracker, and how rows of a frame become plots of the tracker."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from geo.sectors import centre, sector
from streams.config import PlotSensor
from streams.surveil.arrival import Arrival
from streams.surveil.follow import Follower
from streams.surveil.plots.state import PlotsState
from streams.tracks.sensor import Sensor
from streams.tracks.sharing.messages import Baggage
from streams.tracks.sharing.plane import Plane
from streams.tracks.state import Flags, Floats, Frame, Indices
from streams.tracks.tracker import Tracker


class Names(Protocol):
    """What is known of the names of tracks, as it travels from owner to owner; times since 1970."""

    def carried(self) -> dict[int, Baggage]:
        """Of every track, by the tracker's id."""
        ...

    def silent(self, track: int) -> str | None:
        """The key of the named object that only this track moves now: it is told as that, and its sender is silent."""
        ...

    def receive(self, track: int, baggage: Baggage) -> None:
        """What came for a track that is followed here."""
        ...


class Scene:
    """Shared by all that happens in a step. The plane begins with the first row that says where."""

    def __init__(self, sensors: Sequence[PlotSensor], follower: Follower, state: PlotsState) -> None:
        self.sensors = tuple(sensors)
        self.index = {sensor.sensor_id: number for number, sensor in enumerate(sensors)}
        self.follower, self.state = follower, state
        self.names: Names | None = None
        self.sigma_m = np.array([sensor.sigma_m for sensor in sensors])
        self.tracker = Tracker(tuple(_described(sensor) for sensor in sensors))
        if state.tracker:
            self.tracker.restore(state.tracker)

    @property
    def begun(self) -> bool:
        """Whether there is a plane yet."""
        return self.state.origin is not None

    @property
    def plane(self) -> Plane:
        """The owner's own plane; ask only where it has begun."""
        assert self.state.origin is not None
        return Plane(*self.state.origin)

    @property
    def newest_s(self) -> float:
        """The newest plot, seconds after the epoch."""
        return self.state.newest_s

    def begin(self, lon: float, lat: float, time_us: int) -> None:
        """Lay the plane through the middle of the sector of the first place, where it does not lie yet."""
        if self.state.origin is None:
            self.state.origin = centre(sector(lon, lat))
            self.state.epoch_us = time_us // 1_000_000 * 1_000_000  # whole seconds: the same ones for all owners

    def seconds(self, time_us: Indices) -> Floats:
        """Event times in seconds after the epoch."""
        out: Floats = (time_us - self.state.epoch_us) / 1e6
        return out

    def sensor_of(self, frame: Arrival, rows: Indices) -> Indices:
        """The number of the described sensor of each row, -1 where it is none."""
        known = np.array([self.index.get(name, -1) for name in frame.sensors], np.intp)
        out: Indices = known[frame.columns["sensor"][rows].astype(np.intp)]
        return out

    def place(self, frame: Arrival, rows: Indices) -> Floats:
        """Positions (m, 2) of rows in the plane."""
        columns = frame.columns
        return self.plane.to_plane(np.column_stack([columns["lon"][rows], columns["lat"][rows]]).astype(np.float64))

    def plots(self, frame: Arrival, rows: Indices) -> Frame:
        """Rows with a position as plots for the tracker."""
        columns = frame.columns
        place, sensor = self.place(frame, rows), self.sensor_of(frame, rows)
        said = columns["sigma_m"][rows].astype(np.float64)
        variance = np.where(said > 0, said, self.sigma_m[sensor]) ** 2
        xx_m2, xy_m2, yy_m2 = variance, np.zeros(len(rows)), variance.copy()
        if "xx_m2" in columns:  # what a row says of its own error
            told = [columns[name][rows].astype(np.float64) for name in ("xx_m2", "xy_m2", "yy_m2")]
            good = (told[0] > 0) & (told[2] > 0) & (told[1] ** 2 < told[0] * told[2])  # False for NaN
            xx_m2, xy_m2, yy_m2 = (
                np.where(good, said, usual) for said, usual in zip(told, (xx_m2, xy_m2, yy_m2), strict=True)
            )
        ids = np.frombuffer(columns["observation_id"][rows].tobytes(), np.uint64)[::2]
        return Frame(
            self.seconds(columns["event_time_us"][rows].astype(np.int64)),
            sensor,
            place[:, 0].copy(),
            place[:, 1].copy(),
            xx_m2,
            xy_m2,
            yy_m2,
            np.maximum(ids, np.uint64(1)),
        )


def described(frame: Arrival, scene: Scene, rows: Indices) -> Flags:
    """Which of the ``rows`` come of a sensor that is described."""
    known = np.array([name in scene.index for name in frame.sensors], bool)
    out: Flags = known[frame.columns["sensor"][rows].astype(np.intp)]
    return out


def _described(sensor: PlotSensor) -> Sensor:
    return Sensor(
        sensor.sensor_id,
        sensor.modality,
        sensor.revisit_s or 1.0,  # what a sensor without plots does not say matters to none
        sensor.sigma_m or 10.0,
        sensor.detection_probability or 0.5,
        sensor.false_plots_per_km2,
    )
