"""A recording through the tracker: pictures at the moments that were asked for, and what it took."""

import time
from collections.abc import Callable
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
    """A tracker over one recording. ``cpu_s`` is what all steps and pictures took, as ``clock`` says: it is read once
    before and once after, because where reading it is a call into the kernel it costs as much as a small step."""

    sensors: tuple[Sensor, ...]
    settings: Settings | None = None
    longest_frame_s: float = LONGEST_FRAME_S
    clock: Callable[[], float] = time.process_time
    cpu_s: float = 0.0

    def pictures(self, recording: Recording, at_s: float | None = None) -> list[Picture]:
        """Every picture in order of time; see :func:`streams.tracks.offline.cut.cut`."""
        pieces = list(cut(recording, self.sensors, at_s, self.longest_frame_s))
        tracker = Tracker(self.sensors, self.settings)
        pictures: list[Picture] = []
        began = self.clock()
        for piece in pieces:
            tracker.step(piece.frame)
            pictures.extend([Picture(moment, *tracker.positions(moment)) for moment in piece.moments_s])
        self.cpu_s = self.clock() - began
        return pictures
