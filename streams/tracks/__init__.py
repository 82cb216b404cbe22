"""Tracks: one object, one track. A pure multi-target tracker over plots of several sensors.

:class:`~streams.tracks.tracker.Tracker` takes one :class:`~streams.tracks.state.Frame` per step:
``Tracker(sensors, settings)``, ``step(frame) -> Outcome``, ``extrapolate(time_s) -> Belief``, ``snapshot() -> bytes``,
``restore(snapshot)``."""

from streams.tracks.classes import CLASSES
from streams.tracks.sensor import Coverage, Sensor
from streams.tracks.settings import Settings
from streams.tracks.state import NO_TRACK, Belief, Frame, Outcome
from streams.tracks.tracker import Tracker

__all__ = ["CLASSES", "NO_TRACK", "Belief", "Coverage", "Frame", "Outcome", "Sensor", "Settings", "Tracker"]
