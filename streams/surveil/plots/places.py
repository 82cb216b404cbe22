"""The two places in a step that others fill: sensors whose words are no plots, and the owners next door.

Each has a neutral stand-in: no other sensors, and an owner that is alone."""

from typing import Protocol

import numpy as np

from streams.surveil.arrival import Arrival
from streams.surveil.plots.scene import Scene
from streams.tracks.state import Flags, Indices


class Others(Protocol):
    """Bearings, ground sensors, tracks of other trackers."""

    def among(self, frame: Arrival, rows: Indices) -> Flags:
        """Which of the ``rows`` of described sensors (m,) are theirs, and no plots."""
        ...

    def apply(self, scene: Scene, frame: Arrival, rows: Indices, epoch: int) -> None:
        """Their rows of one second of event time, after its plots."""
        ...

    def dump(self) -> bytes:
        """The whole state."""
        ...

    def load(self, state: bytes) -> None:
        """What :meth:`dump` gave; b"" is nothing yet."""
        ...


class Neighbours(Protocol):
    """Who speaks for a track, and under which id."""

    def turn(self, scene: Scene, now_s: float) -> None:
        """Once a second of event time, before anything is told: offers go out, ownership is settled."""
        ...

    def public(self, track: int) -> int | None:
        """The public id of one of the tracker's tracks; None where another owner speaks for it."""
        ...

    def dump(self) -> bytes:
        """The whole state."""
        ...

    def load(self, state: bytes) -> None:
        """What :meth:`dump` gave; b"" is nothing yet."""
        ...


class NoOthers:
    """Every row is a plot."""

    def among(self, frame: Arrival, rows: Indices) -> Flags:
        """None of them."""
        return np.zeros(len(rows), bool)

    def apply(self, scene: Scene, frame: Arrival, rows: Indices, epoch: int) -> None:
        """Nothing."""

    def dump(self) -> bytes:
        """Nothing."""
        return b""

    def load(self, state: bytes) -> None:
        """Nothing."""


class Alone:
    """Owns all it follows."""

    def turn(self, scene: Scene, now_s: float) -> None:
        """Nobody to talk to."""

    def public(self, track: int) -> int | None:
        """Its own id."""
        return track

    def dump(self) -> bytes:
        """Nothing."""
        return b""

    def load(self, state: bytes) -> None:
        """Nothing."""
