"""The tracker of one sector: a frame of plots is one step, and the same frames give the same tracks, bit for bit."""

import math

import msgspec
import numpy as np

from streams.tracks import life, merge
from streams.tracks.classes import NOISE, class_by_speed
from streams.tracks.clutter import ClutterMap, Dumped, Places
from streams.tracks.existence import after_plot, likelihood_ratio, score
from streams.tracks.imm import as_matrices, combined, mean
from streams.tracks.motion import FIRST, SECOND, innovation, predict
from streams.tracks.roles import Roles
from streams.tracks.rotations import Batch, batches
from streams.tracks.sensor import Sensor
from streams.tracks.settings import Settings
from streams.tracks.state import NO_TRACK, Belief, Flags, Floats, Frame, Ids, Indices, Outcome
from streams.tracks.table import Table

_LEAST_MODE = 1e-4
_SNAPSHOT_VERSION = 1
_ROUNDS = 4


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
        self._front_s = np.full(len(sensors), -np.inf)
        self._now_s = self._merged_s = self._classified_s = -math.inf
        self._clutter = [self._clutter_of(sensor) for sensor in sensors]
        self._most_noise = float(NOISE.max())
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
        return Outcome(track_id, born, np.concatenate(ended) if ended else np.zeros(0, np.uint64), aliases)

    def _apply(self, batch: Batch, plots: Frame, ended: list[Ids]) -> tuple[Ids, Flags]:
        index, newest = batch.sensor, batch.newest_s
        sensor, settings, table = self.sensors[index], self.settings, self._table
        clutter = self._clutter[index]
        clutter.pass_time(newest)
        places = clutter.places(plots.x_m, plots.y_m)
        track_id = np.zeros(len(plots), np.uint64)
        if table.count:
            tracks, chosen = self._associate(batch, plots, places)
            track_id[chosen] = table.id[tracks]
        else:
            clutter.density(places)  # the first plots say where to start
            clutter.count(places, np.ones(len(plots)))
        front = max(float(self._front_s[index]), newest)
        self._front_s[index] = front
        self._now_s = max(self._now_s, newest)
        self._end_unseen(index, newest, ended)
        born: Flags = np.zeros(len(plots), bool)
        if sensor.births:
            born = track_id == NO_TRACK
            born &= plots.time_s >= front - settings.birth_lateness * sensor.revisit_s
            if born.any():
                ratio = settings.first_birth_ratio if clutter.new else settings.birth_ratio
                life.start(table, index, plots, np.nonzero(born)[0], self.sensors, settings, ratio)
                track_id[born] = plots.observation_id[born]
        return track_id, born

    def _associate(self, batch: Batch, plots: Frame, places: Places) -> tuple[Indices, Indices]:
        """Update the tracks that own a plot; their columns and their plots."""
        table, settings, roles = self._table, self.settings, self.roles
        index, sensor = batch.sensor, self.sensors[batch.sensor]
        clutter = self._clutter[index]
        density = clutter.density(places)
        track, plot = self._candidates(batch, plots)
        if not track.size:
            clutter.count(places, np.ones(len(plots)))
            return track, plot
        dt_s = plots.time_s.take(plot) - table.time_s.take(track)
        noise = NOISE.take(table.class_code.take(track), axis=1)
        expected, mode = roles.predict(
            table.state.take(track, axis=2), table.mode.take(track, axis=1), dt_s, noise, settings
        )
        xx_m2, xy_m2, yy_m2 = plots.xx_m2.take(plot), plots.xy_m2.take(plot), plots.yy_m2.take(plot)
        late = float(dt_s.min()) < 0.0
        if late:  # what may have happened since the plot is charged to the plot
            since = (settings.late_noise / 3.0) * np.maximum(-dt_s, 0.0) ** 3
            xx_m2, yy_m2 = xx_m2 + since, yy_m2 + since
        seen = innovation(expected, plots.x_m.take(plot), plots.y_m.take(plot), xx_m2, xy_m2, yy_m2)
        detection = sensor.detection_probability
        each = mode * seen.likelihood
        likelihood = each[0] + each[1]
        existence = table.existence.take(track) * np.exp(np.maximum(dt_s, 0.0) * (-1.0 / settings.survival_s))
        ratio = likelihood_ratio(likelihood, detection, density.take(plot) * (1.0 + settings.birth_ratio))
        value = score(existence, ratio, detection) - settings.least_score
        good = np.nonzero((np.minimum(seen.distance[0], seen.distance[1]) < settings.gate) & (value > 0.0))[0]
        pick = good[roles.associate(track.take(good), plot.take(good), value.take(good), table.count, len(plots))]
        owner, owned = track.take(pick), plot.take(pick)
        state = roles.update(expected.take(pick, axis=2), seen.correction.take(pick, axis=2))
        if late:
            state = predict(state, np.maximum(-dt_s[pick], 0.0), 0.0)
        table.state[:, :, owner] = state
        table.mode[:, owner] = np.maximum(
            each.take(pick, axis=1) / np.maximum(likelihood.take(pick), 1e-300), _LEAST_MODE
        )
        time_s = plots.time_s.take(owned)
        table.time_s[owner] = np.maximum(time_s, table.time_s.take(owner))
        table.looked_s[index, owner] = np.maximum(time_s, table.looked_s[index, owner])
        table.hit_s[index, owner] = np.maximum(time_s, table.hit_s[index, owner])
        if not sensor.evidence:
            return owner, owned
        table.hits[owner] += 1
        self._believe(
            sensor, clutter, places, owner, owned, existence.take(pick), ratio.take(pick), density.take(owned)
        )
        if plots.class_code is not None:
            life.tell_class(table, owner, plots.class_code[owned].astype(np.intp))
        return owner, owned

    def _believe(
        self,
        sensor: Sensor,
        clutter: ClutterMap,
        places: Places,
        owner: Indices,
        owned: Indices,
        existence: Floats,
        ratio: Floats,
        density: Floats,
    ) -> None:
        """Existence after the plots, and the clutter map after them: a plot nobody owns is false, the plots of a
        tentative track are by the chance that it is no object, those of a confirmed one are not.

        Each depends on the other, which matters while the map is young: then both are found in turns."""
        table, settings = self._table, self.settings
        detection = sensor.detection_probability
        weight = np.ones(places.cell.size)
        if not clutter.young:
            after = after_plot(existence, ratio, detection)
            false = np.where(table.confirmed[owner], 0.0, table.hits[owner] * (1.0 - after))
            weight[owned] = false - table.counted[owner]
            clutter.count(places, weight)
        else:
            weight[owned] = 0.0
            clutter.count(places, weight)
            mine, counted = places.only(owned), table.counted[owner]
            told = ratio * density
            for _ in range(_ROUNDS):
                after = after_plot(existence, told / clutter.density(mine), detection)
                false = np.where(table.confirmed[owner], 0.0, table.hits[owner] * (1.0 - after))
                clutter.count(mine, false - counted)
                counted = false
        table.counted[owner] = false
        table.existence[owner] = np.minimum(after, settings.existence_cap)

    def _candidates(self, batch: Batch, plots: Frame) -> tuple[Indices, Indices]:
        """Pairs whose boxes at the middle of the plots' times meet."""
        table, n = self._table, self._table.count
        low, high = batch.oldest_s, batch.newest_s
        half = 0.5 * (high - low)
        at = mean(table.state[:, :, :n], table.mode[:, :n])
        ahead = 0.5 * (low + high) - table.time_s[:n]
        dt = np.abs(ahead) + half if half > 0.0 else np.abs(ahead)
        wide = table.state[1, :, :n]  # the restless model is never the surer one
        variance = wide[11:13] + (self._most_noise / 3.0) * dt
        variance *= dt
        variance += 2.0 * wide[7:9]
        variance *= dt
        variance += wide[4:6]
        most = max(float(plots.xx_m2.max()), float(plots.yy_m2.max()))
        radius = np.sqrt(self.settings.gate * (np.maximum(variance[0], variance[1]) + most))
        if half > 0.0:
            radius += half * np.hypot(at[2], at[3])
        x_m, y_m = at[0:2] + at[2:4] * ahead
        return self.roles.gate(x_m, y_m, radius, plots.x_m, plots.y_m)

    def take_over(self, track_id: int, time_s: float, mean: Floats, covariance: Floats, existence: float) -> None:
        """Go on with a track that another tracker followed: mean (4,) x, y, vx, vy, covariance (4, 4). It is shown, and
        ends unless one of the sensors sees it. Nothing happens where the id is known here."""
        table = self._table
        if np.any(table.id[: table.count] == np.uint64(track_id)):
            return
        new = table.append(1)
        table.clear(new)
        table.state[:, :4, new] = mean[None, :, None]
        table.state[:, 4:, new] = covariance[FIRST, SECOND][None, :, None]
        table.mode[:, new] = 0.5
        table.time_s[new] = table.born_s[new] = time_s
        table.existence[new] = min(existence, self.settings.existence_cap)
        table.id[new] = track_id
        table.hits[new] = self.settings.confirmed_hits
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
        if not alive.all():
            ended.append(table.id[: table.count][~alive])
            table.keep(alive)

    def _tidy(self, ended: list[Ids]) -> tuple[tuple[int, int], ...]:
        """Now and then: what the speeds tell, and duplicates."""
        table, settings = self._table, self.settings
        if self._now_s - self._classified_s >= settings.classify_every_s:
            self._classified_s = self._now_s
            by_speed = class_by_speed(*life.speeds(table))
            n = table.count
            table.class_code[:n] = np.where(table.class_known[:n], table.class_code[:n], by_speed)
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
        noise = (mode * NOISE.take(table.class_code[:n], axis=1)).sum(axis=0)
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
            table.class_code[:n].astype(np.int8),
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
                table.state[:, 0, rows[track]] += x_m
                table.state[:, 1, rows[track]] += y_m

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
