"""What is told of tracks: each shown track is a fix of its object ``track:<public id>``, at most once a second."""

import math

import numpy as np
from numpy.typing import NDArray

from geo.sectors import sector
from sensors.observation import Identity
from streams.partitioning import area_of
from streams.surveil.arrival import Arrival
from streams.surveil.plots.places import Neighbours
from streams.surveil.plots.scene import Scene
from streams.surveil.rows import Fix, Row
from streams.tracks.state import Belief, Frame, Ids, Indices

_EVERY_S = 1.0


def key_of(public: int) -> str:
    """The key of the object that a track is."""
    return f"track:{public:016x}"


def tell(
    scene: Scene, neighbours: Neighbours, frame: Arrival, rows: Indices, plots: Frame, track_id: Ids, epoch: int
) -> None:
    """The shown tracks that these plots moved and this owner speaks for, in the order of the tracks."""
    hit = {int(track): at for at, track in enumerate(track_id.tolist()) if track}
    if not hit:
        return
    told_s = scene.state.told_s
    newest_s = float(plots.time_s.max())
    belief = scene.tracker.extrapolate(newest_s)
    chosen = [
        index
        for index, track in enumerate(belief.id.tolist())
        if belief.confirmed[index]
        and track in hit
        and plots.time_s[hit[track]] - told_s.get(track, -math.inf) >= _EVERY_S
        and neighbours.public(track) is not None
    ]
    if not chosen:
        return
    shown = belief.only(np.array(chosen, np.intp))
    at = np.array([hit[track] for track in shown.id.tolist()], np.intp)
    back_s = (plots.time_s[at] - newest_s)[:, None]
    lonlat = scene.plane.to_lonlat(shown.mean[:, :2] + shown.mean[:, 2:] * back_s)
    for number, index in enumerate(at.tolist()):
        track = int(shown.id[number])
        public = neighbours.public(track)
        assert public is not None
        told_s[track] = float(plots.time_s[index])
        _follow(scene, _row(frame, int(rows[index]), shown, number, lonlat[number], key_of(public)), epoch)


def end(scene: Scene, neighbours: Neighbours, ended: Ids) -> None:
    """Tracks that nothing supports any more are lost, at their last word."""
    objects = scene.follower.objects
    for track in ended.tolist():
        scene.state.told_s.pop(track, None)
        public = neighbours.public(track)
        slot = None if public is None else objects.slots.get(key_of(public))
        if slot is not None:
            scene.follower.lose(slot, int(objects.heard_us[slot]))


def _follow(scene: Scene, row: Row, epoch: int) -> None:
    follower = scene.follower
    slot = follower.objects.slots.get(row.key)
    if slot is None or follower.apply(slot, row) is None:
        follower.begin(row, epoch)


def _row(frame: Arrival, index: int, shown: Belief, number: int, lonlat: NDArray[np.float64], key: str) -> Row:
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
    return Row(key, Identity(), fix, c["owner"][index].item(), -1, math.nan, math.nan, -1, b"")
