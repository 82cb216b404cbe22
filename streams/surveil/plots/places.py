"""The two places in a step that others fill: sensors whose words are no plots, and the owners next door.

Each has a neutral stand-in: no other sensors, and an owner that is alone."""

from typing import Protocol

import numpy as np

from streams.surveil.arrival import Arrival
from streams.surveil.plots.scene import Scene
from streams.surveil.plots.told import Came, Told
from streams.tracks.state import Flags, Ids, Indices


class Others(Protocol):
    """Bearings, ground sensors, tracks of other trackers."""

    def load(self, state: bytes) -> None:
        """What :meth:`dump` gave; b"" is nothing yet."""
        ...

    def begin(self, scene: Scene) -> None:
        """Work in this scene, after :meth:`load`."""
        ...

    def among(self, frame: Arrival, rows: Indices) -> Flags:
        """Which of the ``rows`` of described sensors (m,) are theirs, and no plots."""
        ...

    def apply(self, frame: Arrival, rows: Indices) -> Came:
        """Their rows of one second of event time, after its plots."""
        ...

    def fade(self, now_s: float) -> Ids:
        """End what nobody else supports and they have left alone for long; the tracks."""
        ...

    def merged(self, goes: int, stays: int) -> None:
        """Two tracks were found to be one."""
        ...

    def ended(self, tracks: Ids) -> None:
        """Tracks are over."""
        ...

    def past(self) -> dict[int, list[Told]]:
        """What tracks were before they were tracks, until it is taken out."""
        ...

    def dump(self) -> bytes:
        """The whole state."""
        ...


class Neighbours(Protocol):
    """Who speaks for a track, and under which id."""

    def turn(self, scene: Scene, now_s: float) -> None:
        """Once a second of event time, before anything is told: offers go out, ownership is settled."""
        ...

    def public(self, track: int) -> int | None:
        """The public id of one of the tracker's tracks; None where another owner speaks for it."""
        ...

    def goes_on(self, track: int) -> bool:
        """Whether a track that has ended here is followed by another owner, who will be given it and its object."""
        ...

    def dump(self) -> bytes:
        """The whole state."""
        ...

    def load(self, state: bytes) -> None:
        """What :meth:`dump` gave; b"" is nothing yet."""
        ...


class NoOthers:
    """Every row is a plot."""

    def load(self, state: bytes) -> None:
        """Nothing."""

    def begin(self, scene: Scene) -> None:
        """Nothing."""

    def among(self, frame: Arrival, rows: Indices) -> Flags:
        """None of them."""
        return np.zeros(len(rows), bool)

    def apply(self, frame: Arrival, rows: Indices) -> Came:
        """Nothing."""
        return Came(np.zeros(len(rows), np.uint64), np.zeros(0, np.uint64), ())

    def fade(self, now_s: float) -> Ids:
        """None."""
        return np.zeros(0, np.uint64)

    def merged(self, goes: int, stays: int) -> None:
        """Nothing."""

    def ended(self, tracks: Ids) -> None:
        """Nothing."""

    def past(self) -> dict[int, list[Told]]:
        """Nothing."""
        return {}

    def dump(self) -> bytes:
        """Nothing."""
        return b""


class Alone:
    """Owns all it follows."""

    def turn(self, scene: Scene, now_s: float) -> None:
        """Nobody to talk to."""

    def public(self, track: int) -> int | None:
        """Its own id."""
        return track

    def goes_on(self, track: int) -> bool:
        """Nowhere else."""
        return False

    def dump(self) -> bytes:
        """Nothing."""
        return b""

    def load(self, state: bytes) -> None:
        """Nothing."""
