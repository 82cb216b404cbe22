"""What is told of tracks: each shown track is a fix of its object (:mod:`binding`), at most once a second."""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from geo.sectors import sector, sectors
from sensors.observation import Identity
from streams.frames import COLUMNS, OPTIONAL, Purpose
from streams.partitioning import area_of
from streams.surveil.arrival import Arrival
from streams.surveil.batch import apply_frame
from streams.surveil.details import Details
from streams.surveil.fold import Hint
from streams.surveil.incidents import digest
from streams.surveil.objects import Objects
from streams.surveil.plots.binding import Binding
from streams.surveil.plots.binding import key_of as key_of
from streams.surveil.plots.naming import Naming
from streams.surveil.plots.registering import Registering
from streams.surveil.plots.scene import Scene
from streams.surveil.plots.told import Told
from streams.surveil.rows import Fix, Row, row_of
from streams.tracks.classes import CLASSES
from streams.tracks.identity.columns import take
from streams.tracks.identity.evidence import Tracks
from streams.tracks.identity.fusion import shown
from streams.tracks.state import Belief, Flags, Floats, Ids, Indices

EVERY_S = 1.0
LATELY_S = 60.0  # since a sender's report, for its filter to have a say in where its track is
_NOBODY = msgspec.Raw(msgspec.msgpack.encode(Identity()))


class Telling:
    """Tells the tracks of one owner."""

    def __init__(self, scene: Scene, naming: Naming, binding: Binding, registering: Registering) -> None:
        self._scene, self._naming, self._binding, self._registering = scene, naming, binding, registering

    def tell(self, frame: Arrival, rows: Indices, times_s: Floats, track_id: Ids, epoch: int) -> None:
        """The shown tracks that these rows, at ``times_s``, moved, in the order of the tracks; where another owner
        speaks for one, nothing."""
        hit = {int(track): at for at, track in enumerate(track_id.tolist()) if track}
        if not hit:
            return
        scene, told_s = self._scene, self._scene.state.told_s
        newest_s = float(times_s.max())
        belief = scene.tracker.extrapolate(newest_s)
        bonds = self._naming.bonds()
        chosen, keys = [], []
        for index, track in enumerate(belief.id.tolist()):
            if not belief.confirmed[index] or track not in hit:
                continue
            time_s = float(times_s[hit[track]])
            if time_s - told_s.get(track, -math.inf) < EVERY_S:
                continue
            key = self._binding.told_as(track, time_s, bonds)
            if key is not None:
                chosen.append(index)
                keys.append(key)
        if not chosen:
            return
        some = belief.only(np.array(chosen, np.intp))
        seen = scene.tracker.contributing(newest_s)[:, chosen]
        self._fuse(some, newest_s)
        left_m2 = self._registering.left_m2(some.mean[:, :2], seen)  # common to all plots: not averaged away
        some.covariance[:, 0, 0] += left_m2
        some.covariance[:, 1, 1] += left_m2
        at = np.array([hit[track] for track in some.id.tolist()], np.intp)
        back_s = (times_s[at] - newest_s)[:, None]
        lonlat = scene.plane.to_lonlat(some.mean[:, :2] + some.mean[:, 2:] * back_s)
        details = self._details(frame, rows[at], some, seen, left_m2, bonds)
        for number, index in enumerate(at.tolist()):
            told_s[int(some.id[number])] = float(times_s[index])
        self._follow(_as_frame(frame, rows[at], some, lonlat, keys, scene.follower.objects), some.id, details, epoch)

    def recall(self, track: int, past: Sequence[Told], epoch: int) -> bool:
        """Tell what a track was before it was one, oldest first; whether it could be told."""
        scene, key = self._scene, None
        last_us = past[-1].trace.event_time_us if past else 0
        key = self._binding.told_as(track, (last_us - scene.state.epoch_us) / 1e6, self._naming.bonds())
        if key is None:
            return not past
        for told in past:
            fix = past_fix(told)
            row = Row(key, Identity(), fix, -1, -1, math.nan, math.nan, -1, b"")
            slot = scene.follower.objects.slots.get(key)
            if slot is None or scene.follower.apply(slot, row) is None:
                scene.follower.begin(row, epoch, digest("track", key))
        return True

    def _fuse(self, some: Belief, time_s: float) -> None:
        """What a track and its sender know together, in place."""
        if not self._binding.state.joined:
            return
        evidence, reporters = self._naming.identities.evidence, self._naming.identities.reporters
        lately = np.flatnonzero(time_s - reporters.time_s <= LATELY_S)  # what it said long ago tells nothing of now
        order = np.argsort(some.id, kind="stable")
        fused = shown(Tracks.of(some), take(reporters, lately), evidence, time_s)
        rows = order[fused.part >= 0]
        some.mean[rows], some.covariance[rows] = fused.mean[fused.part >= 0], fused.covariance[fused.part >= 0]

    def _details(
        self,
        frame: Arrival,
        rows: Indices,
        some: Belief,
        seen: Flags,
        left_m2: Floats,
        bonds: dict[int, tuple[str, float, int]],
    ) -> list[Details]:
        scene, c = self._scene, frame.columns
        registered = self._registering.clean(seen)
        labels = self._naming.labels()
        doubled = self._naming.doubled(scene.newest_s) if bonds else {}
        names = [sensor.sensor_id for sensor in scene.sensors]
        found = []
        for number, track in enumerate(some.id.tolist()):
            covariance = some.covariance[number]
            key, score, _ = bonds.get(track, ("", math.nan, -1))
            row = rows[number]
            found.append(
                Details(
                    c["observation_id"][row].tobytes(),
                    c["event_time_us"][row].item(),
                    (float(covariance[0, 0]), float(covariance[0, 1]), float(covariance[1, 1])),
                    CLASSES[int(some.class_code[number])],
                    float(some.existence[number]),
                    [name for index, name in enumerate(names) if seen[index, number]],
                    bool(registered[number]),
                    math.sqrt(left_m2[number]) if left_m2[number] > 0.0 else math.nan,
                    score,
                    labels.get(track, 0),
                    key in doubled,
                )
            )
        return found

    def _follow(self, told: Arrival, tracks: Ids, details: Sequence[Details], epoch: int) -> None:
        """Apply the fixes, the quiet ones at once; of a named object only where it was silent for a second."""
        follower = self._scene.follower
        objects, pictures = follower.objects, follower.pictures
        joined, rows, flagged = self._binding.state.joined, [], []
        for index, (key, track) in enumerate(zip(told.keys, tracks.tolist(), strict=True)):
            before, pictures.details[key] = pictures.details.get(key), details[index]
            if before is not None and before.duplicate != details[index].duplicate:
                flagged.append(key)
            slot = objects.slots.get(key)
            if slot is not None and track in joined:
                newest_us = int(objects.last[slot]["event_time_us"])
                if told.columns["event_time_us"][index].item() < newest_us + round(EVERY_S * 1e6):
                    continue
            rows.append(index)

        def one(index: int, hint: Hint | None) -> None:
            row = row_of(told, index)
            slot = objects.slots.get(row.key)
            if slot is None or follower.apply(slot, row, hint) is None:
                follower.begin(row, epoch, digest("track", row.key))

        if rows:
            apply_frame(told, np.array(rows, np.intp), objects, pictures, follower.calendar, one)
        for key in flagged:
            if key in objects.slots:
                pictures.again(objects.slots[key], follower.calendar)

    def relabel(self) -> None:
        """Say at once where a dark label has changed, and forget what nobody follows any more."""
        scene = self._scene
        objects, pictures = scene.follower.objects, scene.follower.pictures
        labels = self._naming.labels()
        for key in [key for key in pictures.details if key not in objects.slots]:
            del pictures.details[key]
        for track in sorted(scene.state.told_s):
            joined = self._binding.state.joined.get(track)
            slot = self._binding.own_slot(track) if joined is None else objects.slots.get(joined)
            if slot is None:
                continue
            details = pictures.details.get(objects.keys[slot])
            if details is not None and details.dark != labels.get(track, 0):
                details.dark = labels.get(track, 0)
                pictures.again(slot, scene.follower.calendar)


def past_fix(told: Told) -> Fix:
    """What a track was before it was one, as a fix."""
    (lon, lat), (vx, vy), (xx, xy, yy) = told.lonlat, told.velocity_mps, told.covariance_m2
    both = max(xx + yy, 1e-6)
    return Fix(
        told.trace.event_time_us,
        told.trace.ingest_time_us,
        lon,
        lat,
        math.hypot(vx, vy),
        math.degrees(math.atan2(vx, vy)) % 360.0,
        int(area_of(np.array([sector(lon, lat)], np.uint64))[0]),
        told.trace.sensor,
        told.trace.observation,
        told.trace.flags,
        math.sqrt(both / 2.0),
        (xx - yy) / both,
        2.0 * xy / both,
    )


def _as_frame(
    frame: Arrival, rows: Indices, some: Belief, lonlat: Floats, keys: list[str], objects: Objects
) -> Arrival:
    """The tracks' states at their newest plots as rows of a frame, one each."""
    columns = {name: column[rows] for name, column in frame.columns.items()}
    vx, vy = some.mean[:, 2], some.mean[:, 3]
    xx, xy, yy = some.covariance[:, 0, 0], some.covariance[:, 0, 1], some.covariance[:, 1, 1]
    cells = sectors(lonlat)
    said: dict[str, NDArray[np.generic]] = {
        "purpose": np.full(len(rows), Purpose.HERE),
        "lon": lonlat[:, 0],
        "lat": lonlat[:, 1],
        "speed_mps": np.hypot(vx, vy),
        "course_deg": np.degrees(np.arctan2(vx, vy)) % 360.0,
        "sigma_m": np.sqrt((xx + yy) / 2.0),
        "xx_m2": xx,
        "xy_m2": xy,
        "yy_m2": yy,
        "sector": cells,
        "area": area_of(cells),
        "identity": np.arange(len(rows)),
        "prev_event_time_us": np.full(len(rows), -1),
    }
    dtypes = {**COLUMNS, **OPTIONAL}
    columns |= {name: column.astype(dtypes[name]) for name, column in said.items()}
    slots = [objects.slots.get(key) for key in keys]
    heard = [None if slot is None else objects.heard_as[slot] for slot in slots]
    named = [_NOBODY if known is None else known for known in heard]  # a track adds nothing to a name
    extras = {at: frame.extras[row] for at, row in enumerate(rows.tolist()) if row in frame.extras}
    return Arrival(columns, frame.sensors, named, keys, frame.tick, extras)
