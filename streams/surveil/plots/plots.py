"""Objects that say no name: plots become tracks, and a confirmed track is followed like any other object.

One second of event time is one step, in this order:

1. its plots are a step of the tracker, in the owner's own plane;
2. other sensors have their word (bearings, ground sensors, other trackers);
3. identity: which sender is which track, who is silent;
4. the neighbours' turn, once a second: who speaks for a track near a border between owners;
5. what changed is told: a shown track that this owner speaks for is a fix of the object ``track:<public id>``, where
   the plot that moved it stands for the evidence. So zones, hysteresis, incidents, timers and pictures are those of
   named objects.
"""

import math
from collections.abc import Sequence

import numpy as np

from streams.config import PlotSensor
from streams.surveil.arrival import Arrival
from streams.surveil.follow import Follower
from streams.surveil.plots.places import Alone, Neighbours, NoOthers, Others
from streams.surveil.plots.scene import Scene, described
from streams.surveil.plots.state import PlotsState
from streams.surveil.plots.telling import end, tell
from streams.tracks.state import Ids, Indices

_NOTHING: Indices = np.empty(0, np.intp)
_NO_IDS: Ids = np.empty(0, np.uint64)


class Plots:
    """The tracks of one sector owner."""

    def __init__(
        self,
        sensors: Sequence[PlotSensor],
        follower: Follower,
        state: PlotsState,
        others: Others | None = None,
        neighbours: Neighbours | None = None,
    ) -> None:
        self._scene = Scene(sensors, follower, state)
        self._others: Others = others or NoOthers()
        self._neighbours: Neighbours = neighbours or Alone()
        self._others.load(state.others)
        self._neighbours.load(state.neighbours)

    def __len__(self) -> int:
        return len(self._scene.tracker)

    def state(self) -> PlotsState:
        """For the snapshot."""
        scene = self._scene
        if scene.sensors:
            scene.state.tracker = scene.tracker.snapshot()
            scene.state.others, scene.state.neighbours = self._others.dump(), self._neighbours.dump()
        return scene.state

    def among(self, frame: Arrival, rows: Indices) -> Indices:
        """Which of the ``rows`` are taken here: nameless, and of a sensor that is described."""
        if not self._scene.sensors:
            return _NOTHING
        nameless = rows[frame.columns["identity"][rows] < 0]  # type: ignore[operator]
        return nameless[described(frame, self._scene, nameless)] if len(nameless) else nameless

    def take(self, frame: Arrival, rows: Indices, epoch: int) -> None:
        """The rows of :meth:`among`, a step for each second of event time, so that a backlog in one frame is followed
        as it would have been live; ``epoch`` numbers the tracks begun."""
        second = frame.columns["event_time_us"][rows] // 1_000_000
        for part in np.split(rows, np.flatnonzero(second[1:] != second[:-1]) + 1):
            self._step(frame, part, epoch)

    def _step(self, frame: Arrival, rows: Indices, epoch: int) -> None:
        scene = self._scene
        theirs = self._others.among(frame, rows)
        plots = rows[~theirs]
        moved, track_id = None, _NO_IDS
        if len(plots):
            c = frame.columns
            first = int(plots[0])
            scene.begin(c["lon"][first].item(), c["lat"][first].item(), c["event_time_us"][first].item())
            moved = scene.plots(frame, plots)
            outcome = scene.tracker.step(moved)
            track_id = outcome.track_id
            end(scene, self._neighbours, outcome.ended)
        if len(plots) < len(rows):
            self._others.apply(scene, frame, rows[theirs], epoch)
        self._turn(int(frame.columns["event_time_us"][rows].max()))
        if moved is not None:
            tell(scene, self._neighbours, frame, plots, moved, track_id, epoch)

    def _turn(self, newest_us: int) -> None:
        """What happens once a second of event time."""
        scene = self._scene
        if not scene.begun:
            return
        now_s = (newest_us - scene.state.epoch_us) / 1e6
        if math.floor(now_s) > scene.state.turned_s:
            scene.state.turned_s = math.floor(now_s)
            self._neighbours.turn(scene, now_s)
