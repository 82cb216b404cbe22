"""The tracker of one sector: a frame of plots is one step, and the same frames give the same tracks, bit for bit."""

import math

import msgspec
import numpy as np

from streams.tracks import life, merge
from streams.tracks.association import Association
from streams.tracks.classes import class_by_speed
from streams.tracks.clutter import ClutterMap, Dumped
from streams.tracks.imm import as_matrices, combined, mean
from streams.tracks.motion import FIRST, SECOND, predict
from streams.tracks.roles import Roles
from streams.tracks.rotations import Batch, batches
from streams.tracks.sensor import Sensor
from streams.tracks.settings import Settings
from streams.tracks.state import NO_TRACK, Belief, Flags, Floats, Frame, Ids, Outcome
from streams.tracks.table import Table

_SNAPSHOT_VERSION = 2


class _Snapshot(msgspec.Struct, array_like=True):
    version: int
    sensors: list[str]
    table: bytes
    clutter: list[Dumped]
    front_s: list[float]
    now_s: float
    merged_s: float
    classified_s: float


_decode = msgspec.msgpack.Decoder(_Snapshot).decode


class Tracker:
    """Tracks over plots of ``sensors``; nothing but the frames decides what it believes."""

    def __init__(
        self, sensors: tuple[Sensor, ...], settings: Settings | None = None, roles: Roles | None = None
    ) -> None:
        self.sensors = sensors
        self.settings = settings or Settings()
        self.roles = roles or Roles()
        self._table = Table(len(sensors))
        life.prepare(self._table, self.settings)
        self._front_s = np.full(len(sensors), -np.inf)
        self._now_s = self._merged_s = self._classified_s = -math.inf
        self._clutter = [self._clutter_of(sensor) for sensor in sensors]
        self._association = Association(self._table, sensors, self._clutter, self.settings, self.roles)
        self.apart: dict[tuple[int, int], None] = {}  # ids, ascending, that are two objects whatever it looks like

    def __len__(self) -> int:
        return self._table.count

    @property
    def table(self) -> Table:
        """Its tracks, for what is known of them by other ways than plots (:mod:`streams.tracks.outside`)."""
        return self._table

    # -- one step

    def step(self, frame: Frame) -> Outcome:
        """Apply a frame. Plots more than ``lag_s`` behind the newest one of their sensor are left alone."""
        track_id: Ids = np.zeros(len(frame), np.uint64)
        born: Flags = np.zeros(len(frame), bool)
        ended: list[Ids] = []
        for batch in batches(frame, self.sensors, self._front_s):
            if batch.newest_s < self._front_s[batch.sensor] - self.settings.lag_s:
                continue
            if batch.rows is None:
                track_id, born = self._apply(batch, frame, ended)
            else:
                track_id[batch.rows], born[batch.rows] = self._apply(batch, frame.only(batch.rows), ended)
        for index, time_s in frame.looks:
            self._look(index, time_s, ended)
        aliases = self._tidy(ended)
        return Outcome(track_id, born, _all(ended), aliases)

    def _apply(self, batch: Batch, plots: Frame, ended: list[Ids]) -> tuple[Ids, Flags]:
        index, newest = batch.sensor, batch.newest_s
        sensor, settings, table = self.sensors[index], self.settings, self._table
        track_id = np.zeros(len(plots), np.uint64)
        owner, owned = self._association.apply(batch, plots)
        track_id[owned] = table.id.take(owner)
        front = max(float(self._front_s[index]), newest)
        self._front_s[index] = front
        self._now_s = max(self._now_s, newest)
        self._end_unseen(index, newest, ended)
        born: Flags = np.zeros(len(plots), bool)
        if sensor.births:
            born = track_id == NO_TRACK
            if batch.oldest_s < front - settings.birth_lateness * sensor.revisit_s:
                born &= plots.time_s >= front - settings.birth_lateness * sensor.revisit_s
            rows = born.nonzero()[0]
            if rows.size:
                ratio = settings.first_birth_ratio if self._clutter[index].new else settings.birth_ratio
                life.start(table, index, plots, rows, self.sensors, settings, ratio)
                track_id[rows] = plots.observation_id.take(rows)
        return track_id, born

    def take_over(self, track_id: int, time_s: float, mean: Floats, covariance: Floats, existence: float) -> None:
        """Go on with a track that another tracker followed: mean (4,) x, y, vx, vy, covariance (4, 4). It is shown, and
        ends unless one of the sensors sees it. Nothing happens where the id is known here."""
        table = self._table
        if np.any(table.id[: table.count] == np.uint64(track_id)):
            return
        new = table.append(1)
        table.state[:4, :, new] = mean[:, None, None]
        table.state[4:, :, new] = covariance[FIRST, SECOND][:, None, None]
        table.mode[:, new] = 0.5
        table.time_s[new] = table.born_s[new] = time_s
        table.existence[new] = min(existence, self.settings.existence_cap)
        table.id[new] = track_id
        table.hits[new], table.counted[new] = self.settings.confirmed_hits, 0.0
        table.confirmed[new] = True
        table.looked_s[:, new] = table.hit_s[:, new] = time_s

    # -- what time does

    def _look(self, index: int, time_s: float, ended: list[Ids]) -> None:
        """A scan was made: what it did not see is missed."""
        self._clutter[index].pass_time(time_s)
        self._front_s[index] = max(float(self._front_s[index]), time_s)
        self._now_s = max(self._now_s, time_s)
        self._end_unseen(index, time_s, ended)

    def _end_unseen(self, index: int, until_s: float, ended: list[Ids]) -> None:
        table = self._table
        if not table.count:
            return
        life.miss(table, index, self.sensors[index], until_s)
        alive = life.judge(table, self.settings)
        if np.count_nonzero(alive) < table.count:
            ended.append(table.id[: table.count][~alive])
            table.keep(alive)

    def _tidy(self, ended: list[Ids]) -> tuple[tuple[int, int], ...]:
        """Now and then: what the speeds tell, and duplicates."""
        table, settings = self._table, self.settings
        if self._now_s - self._classified_s >= settings.classify_every_s:
            self._classified_s = self._now_s
            by_speed = class_by_speed(*life.speeds(table))
            n = table.count
            table.classify(slice(0, n), np.where(table.class_known[:n], table.class_code[:n], by_speed))
        if self._now_s - self._merged_s < settings.merge_every_s:
            return ()
        self._merged_s = self._now_s
        pairs = merge.duplicates(table, self._now_s, self.sensors, settings)
        if self.apart:
            pairs = [pair for pair in pairs if tuple(sorted(int(table.id[row]) for row in pair)) not in self.apart]
        aliases = tuple((int(table.id[goes]), int(table.id[stays])) for goes, stays in pairs)
        if pairs:
            kept = np.ones(table.count, bool)
            kept[[goes for goes, _ in pairs]] = False
            ended.append(table.id[: table.count][~kept])
            table.keep(kept)
        return aliases

    # -- what it believes

    def extrapolate(self, time_s: float) -> Belief:
        """Every track, moved to ``time_s`` with what may happen until then."""
        table, n = self._table, self._table.count
        state, mode = table.state[:, :, :n], table.mode[:, :n]
        noise = (mode * table.noise[:, :n]).sum(axis=0)
        ahead = time_s - table.time_s[:n]
        one = predict(combined(state, mode), ahead, noise * (ahead > 0.0))
        means, covariances = as_matrices(one)
        existence = table.existence[:n] * np.exp(-np.maximum(ahead, 0.0) / self.settings.survival_s)
        return Belief(
            table.id[:n].copy(),
            np.full(n, time_s),
            means,
            covariances,
            existence,
            self._shown(),
            table.class_code[:n].copy(),
            table.hit_s[:, :n].max(axis=0) if len(self.sensors) else np.zeros(0),
            table.hits[:n].astype(np.int32),
        )

    def contributing(self, time_s: float) -> Flags:
        """Which sensors have seen each track within ten of their looks before ``time_s``, (sensors, n)."""
        table, n = self._table, self._table.count
        recent_s = np.array([10.0 * sensor.revisit_s for sensor in self.sensors])
        seen: Flags = table.hit_s[:, :n] > time_s - recent_s[:, None]
        return seen

    def shift(self, ids: Ids, by_m: Floats) -> None:
        """Move tracks by ``by_m`` (k, 2): a bias was found in the plots they rest on."""
        table = self._table
        rows = {track: row for row, track in enumerate(table.id[: table.count].tolist())}
        for track, (x_m, y_m) in zip(ids.tolist(), by_m.tolist(), strict=True):
            if track in rows:
                table.state[0, :, rows[track]] += x_m
                table.state[1, :, rows[track]] += y_m

    def positions(self, time_s: float) -> tuple[Ids, Floats, Flags]:
        """Id (n,), x and y (2, n) at ``time_s`` and whether shown (n,): what a picture needs, without covariances."""
        table, n = self._table, self._table.count
        at = mean(table.state[:, :, :n], table.mode[:, :n])
        place: Floats = at[0:2] + at[2:4] * (time_s - table.time_s[:n])
        return table.id[:n].copy(), place, self._shown()

    def _shown(self) -> Flags:
        table, n = self._table, self._table.count
        shown: Flags = table.confirmed[:n] & (table.existence[:n] > self.settings.shown_from)
        return shown

    # -- recovery

    def snapshot(self) -> bytes:
        """Everything it knows; a tracker restored from it goes on bit for bit as this one does."""
        return msgspec.msgpack.encode(
            _Snapshot(
                _SNAPSHOT_VERSION,
                [sensor.sensor_id for sensor in self.sensors],
                self._table.dump(),
                [clutter.dump() for clutter in self._clutter],
                self._front_s.tolist(),
                self._now_s,
                self._merged_s,
                self._classified_s,
            )
        )

    def restore(self, snapshot: bytes) -> None:
        """Replace everything by a snapshot. Raises ValueError where it is of other sensors or another version, and
        msgspec.MsgspecError where it is none."""
        held = _decode(snapshot)
        if held.version != _SNAPSHOT_VERSION:
            raise ValueError(f"snapshot version {held.version}, expected {_SNAPSHOT_VERSION}")
        if held.sensors != [sensor.sensor_id for sensor in self.sensors]:
            raise ValueError("the snapshot is of other sensors")
        self._table.load(held.table)
        for clutter, dumped in zip(self._clutter, held.clutter, strict=True):
            clutter.load(dumped)
        self._front_s = np.array(held.front_s, np.float64)
        self._now_s, self._merged_s, self._classified_s = held.now_s, held.merged_s, held.classified_s

    def _clutter_of(self, sensor: Sensor) -> ClutterMap:
        start = None if sensor.false_plots_per_km2 is None else sensor.false_plots_per_km2 * 1e-6
        cell_m = self.settings.clutter_cell_sigmas * sensor.sigma_m
        return ClutterMap(cell_m, self.settings.clutter_memory_s, sensor.revisit_s, start)


def _all(ids: list[Ids]) -> Ids:
    if len(ids) == 1:
        return ids[0]
    return np.concatenate(ids) if ids else np.zeros(0, np.uint64)
