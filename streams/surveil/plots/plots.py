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
from streams.messages import Command
from streams.surveil.arrival import Arrival
from streams.surveil.follow import Follower
from streams.surveil.plots.binding import Binding
from streams.surveil.plots.deciding import decide
from streams.surveil.plots.naming import Naming
from streams.surveil.plots.places import Alone, Neighbours, NoOthers, Others
from streams.surveil.plots.registering import Registering
from streams.surveil.plots.scene import Scene, described
from streams.surveil.plots.state import PlotsState
from streams.surveil.plots.telling import Telling
from streams.surveil.plots.told import Came
from streams.tracks.identity.names import name_of
from streams.tracks.state import Flags, Floats, Ids, Indices

_NOTHING: Indices = np.empty(0, np.intp)


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
        scene = self._scene = Scene(sensors, follower, state)
        self._others: Others = others or NoOthers()
        self._neighbours: Neighbours = neighbours or Alone()
        self._others.load(state.others)
        self._others.begin(scene)
        self._neighbours.load(state.neighbours)
        self._naming = Naming(scene, state.naming)
        self._registering = Registering(scene, state.registering)
        self._binding = Binding(scene, self._naming, self._neighbours, state.binding)
        self._telling = Telling(scene, self._naming, self._binding, self._registering)
        follower.pictures.details = state.details

    def __len__(self) -> int:
        return len(self._scene.tracker)

    @property
    def scene(self) -> Scene:
        """What the tracks are followed with."""
        return self._scene

    def state(self) -> PlotsState:
        """For the snapshot."""
        scene = self._scene
        if scene.sensors:
            scene.state.tracker = scene.tracker.snapshot()
            scene.state.others, scene.state.neighbours = self._others.dump(), self._neighbours.dump()
            scene.state.naming, scene.state.registering = self._naming.state(), self._registering.state()
        return scene.state

    def gauges(self) -> dict[str, float]:
        """Of the health record: radars whose bias is known, and the worst sigma of those."""
        if not self._registering.sited.any():
            return {}
        sigmas = self._registering.sigmas()
        return {
            "radars_registered": float(len(sigmas)),
            "radars_unregistered": float(self._registering.sited.sum() - len(sigmas)),
            "registration_range_sigma_m": max((sigma[0] for sigma in sigmas), default=0.0),
            "registration_azimuth_sigma_deg": math.degrees(max((sigma[1] for sigma in sigmas), default=0.0)),
        }

    # -- rows

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

    def hear(self, frame: Arrival, rows: Indices) -> None:
        """The named ``rows``, all others: what they say of the tracks about them. Nothing where there are none."""
        if self._scene.begun and len(self._scene.tracker):
            self._naming.hear(frame, rows)

    def decide(self, command: Command) -> bool:
        """What an operator says of tracks; whether it changed anything here."""
        return self._scene.begun and decide(command, self._scene, self._binding, self._naming)

    # -- time

    def pass_time(self, now_us: int) -> None:
        """The owner's clock: up to there every source has told what it knows, so silence means something."""
        scene = self._scene
        if not scene.begun or now_us <= scene.state.epoch_us:
            return
        now_s = float((now_us - scene.state.epoch_us) // 1_000_000)
        if now_s < self._naming.judged_s + 1.0:
            return
        self._identify(now_s)
        self._naming.judge(now_s, self._registered())
        self._telling.relabel()

    def _step(self, frame: Arrival, rows: Indices, epoch: int) -> None:
        scene = self._scene
        theirs = self._others.among(frame, rows)
        plots = rows[~theirs]
        moved: tuple[Floats, Ids] | None = None
        came: Came | None = None
        if len(plots):
            moved = self._follow(frame, plots)
        if len(plots) < len(rows):
            came = self._others.apply(frame, rows[theirs])
            self._became(came.aliases, came.ended)
        self._turn(int(frame.columns["event_time_us"][rows].max()))
        if moved is not None:
            self._telling.tell(frame, plots, *moved, epoch)
        if came is not None:
            past = self._others.past()
            for track in [track for track in past if self._telling.recall(track, past[track], epoch)]:
                del past[track]
            time_s = scene.seconds(frame.columns["event_time_us"][rows[theirs]].astype(np.int64))
            self._telling.tell(frame, rows[theirs], time_s, came.track_id, epoch)

    def _follow(self, frame: Arrival, rows: Indices) -> tuple[Floats, Ids]:
        """A step of the tracker: the times of the plots as it took them, and the track of each."""
        scene, c = self._scene, frame.columns
        first = int(rows[0])
        scene.begin(c["lon"][first].item(), c["lat"][first].item(), c["event_time_us"][first].item())
        raw = scene.plots(frame, rows)
        plots = self._registering.correct(raw)
        outcome = scene.tracker.step(plots)
        scene.state.newest_s = max(scene.newest_s, float(plots.time_s.max()))
        self._registering.saw(raw, outcome.track_id)
        for goes, stays in outcome.aliases:
            self._others.merged(goes, stays)
        self._became(outcome.aliases, outcome.ended)
        return plots.time_s, outcome.track_id

    def _became(self, aliases: tuple[tuple[int, int], ...], ended: Ids) -> None:
        """Tracks that are one with others, and tracks that are over."""
        for goes, stays in aliases:
            self._naming.merged(goes, stays)
            self._binding.merged(goes, stays)
        self._binding.ended(ended)
        if ended.size:
            self._others.ended(ended)

    def _turn(self, newest_us: int) -> None:
        """What happens once a second of event time."""
        scene = self._scene
        if not scene.begun:
            return
        now_s = (newest_us - scene.state.epoch_us) / 1e6
        if math.floor(now_s) > scene.state.turned_s:
            scene.state.turned_s = math.floor(now_s)
            self._identify(now_s)
            self._became((), self._others.fade(now_s))
            self._neighbours.turn(scene, now_s)

    def _identify(self, now_s: float) -> None:
        """Weigh the reports that have waited; find biases; join what is bound."""
        scene = self._scene
        if not len(scene.tracker):
            return
        ids, place, _ = scene.tracker.positions(scene.newest_s)
        order = np.argsort(ids, kind="stable")
        seen = scene.tracker.contributing(scene.newest_s)[:, order]
        reports = self._naming.turn(scene.newest_s, self._registering.left_m2(place[:, order].T, seen))
        self._registering.hear(reports.name, reports.time_s, reports.position_m)
        self._registering.turn(now_s, {track: name_of(part) for track, (_, _, part) in self._naming.bonds().items()})
        self._binding.turn()

    def _registered(self) -> Flags:
        """Whether every radar that contributes to a track is registered, in the order of the tracks' ids."""
        tracker = self._scene.tracker
        order = np.argsort(tracker.positions(self._scene.newest_s)[0], kind="stable")
        return self._registering.clean(tracker.contributing(self._scene.newest_s)[:, order])
