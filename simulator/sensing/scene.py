"""What sensors look at in one step of the world, and what they hand back."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.craft import Craft
from simulator.plane import Array
from simulator.spec import Kind


class Scene(NamedTuple):
    """Everything that was in the world from ``time_s`` to ``time_s + dt_s``, straight from ``before`` to ``after``
    (``(n, 2)`` metres); ``kinds`` ``(n,)`` indexes :data:`simulator.spec.KINDS`."""

    time_s: float
    dt_s: float
    before: Array
    after: Array
    kinds: NDArray[np.int8]
    crafts: Sequence[Craft]

    def at(self, time_s: float) -> Array:
        """Where everything was at a time of the step, ``(n, 2)`` metres."""
        share = (time_s - self.time_s) / self.dt_s
        return self.before + share * (self.after - self.before)


class Mark(NamedTuple):
    """One measurement. Exactly one of ``xy_m``, ``bearing_deg`` and ``zone_id`` says where.

    ``objects`` are the labels of what it comes from, empty where it is invented: truth, never part of an event."""

    time_s: float  # when it was measured
    stamp_s: float  # when the sensor's clock says that it was
    objects: tuple[str, ...]
    xy_m: tuple[float, float] | None = None
    covariance_m2: tuple[float, float, float] | None = None  # xx, xy, yy; x east, y north
    bearing_deg: float | None = None
    sigma_deg: float | None = None
    zone_id: str | None = None
    kind: Kind | None = None  # as a classifier called it
    confidence: float = 0.0


class Sensor(Protocol):
    """A sensor at work."""

    name: str
    latency_s: float

    def look(self, scene: Scene) -> list[Mark]:
        """What it measures during one step; steps follow each other."""
        ...

    def covers(self, places: Array, kinds: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Which of the places ``(n, 2)`` it could see an object of that kind at, ``(n,)``."""
        ...
