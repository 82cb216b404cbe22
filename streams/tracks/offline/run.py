"""A recording through the tracker: pictures at the moments that were asked for, and what it took."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from streams.tracks.offline.cut import LONGEST_FRAME_S, cut
from streams.tracks.offline.recording import Recording
from streams.tracks.sensor import Sensor
from streams.tracks.settings import Settings
from streams.tracks.state import Flags, Floats, Ids
from streams.tracks.tracker import Tracker


@dataclass(frozen=True, slots=True)
class Picture:
    """Every track at one moment: ``track_id`` (n,), ``place_m`` (2, n), ``confirmed`` (n,)."""

    time_s: float
    track_id: Ids
    place_m: Floats
    confirmed: Flags


@dataclass(slots=True)
class Run:
    """A tracker over one recording. ``cpu_s`` is what its steps and pictures took, as ``clock`` says."""

    sensors: tuple[Sensor, ...]
    settings: Settings | None = None
    longest_frame_s: float = LONGEST_FRAME_S
    clock: Callable[[], float] = time.process_time
    cpu_s: float = 0.0
    plots: int = 0

    def pictures(self, recording: Recording, at_s: float | None = None) -> Iterator[Picture]:
        """Every picture in order of time; see :func:`streams.tracks.offline.cut.cut`."""
        tracker, clock = Tracker(self.sensors, self.settings), self.clock
        for piece in cut(recording, self.sensors, at_s, self.longest_frame_s):
            began = clock()
            tracker.step(piece.frame)
            pictures = [Picture(moment, *tracker.positions(moment)) for moment in piece.moments_s]
            self.cpu_s += clock() - began
            self.plots += len(piece.frame)
            yield from pictures
