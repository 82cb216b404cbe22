"""What a sensor could see: probability by range and kind, lines of sight, and what its classifier says."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from simulator.plane import Array
from simulator.spec import KINDS, Chances, Kind


class Sight:
    """The view from ``place`` ``(2,)`` up to ``range_m``; ``obstacles`` hide what is behind or in them."""

    def __init__(
        self,
        place: Array,
        range_m: float,
        detection: Chances,
        sees: Mapping[Kind, float],
        obstacles: Sequence[shapely.Geometry] = (),
    ) -> None:
        self.place, self.range_m = place, range_m
        self._ranges, self._chances = (np.array(column, np.float64) for column in zip(*detection, strict=True))
        self._sees = np.array([sees.get(kind, 1.0) for kind in KINDS])
        self._obstacles = shapely.union_all(list(obstacles)) if obstacles else None
        if self._obstacles is not None:
            shapely.prepare(self._obstacles)

    def chance(self, places: Array, kinds: NDArray[np.int8]) -> Array:
        """The probability to detect each object ``(n,)`` at its place ``(n, 2)`` in one look."""
        distance = np.hypot(*(places - self.place).T)
        chance: Array = np.interp(distance, self._ranges, self._chances) * self._sees[kinds]
        chance[distance > self.range_m] = 0.0
        rows = np.flatnonzero(chance)
        chance[rows[self.hidden(places[rows])]] = 0.0
        return chance

    def hidden(self, places: Array) -> NDArray[np.bool_]:
        """Whether an obstacle lies between here and each place."""
        if self._obstacles is None or not len(places):
            return np.zeros(len(places), np.bool_)
        lines = shapely.linestrings(np.stack([np.broadcast_to(self.place, places.shape), places], axis=1))
        return np.asarray(shapely.intersects(self._obstacles, lines), np.bool_)


class Classifier:
    """Calls a share ``confusion`` of the objects by a kind that they are not."""

    def __init__(self, confusion: float) -> None:
        self._confusion = confusion
        self.confidence = round(1.0 - confusion, 3)

    def call(self, kind: int, rng: np.random.Generator) -> Kind:
        """What it says of an object of kind number ``kind``."""
        wrong = rng.random() < self._confusion
        shift = int(rng.integers(1, len(KINDS)))
        return KINDS[(kind + shift) % len(KINDS) if wrong else kind]

    @cached_property
    def unsure(self) -> float:
        """Confidence in what is invented."""
        return round(self.confidence / 2.0, 3)


def bearing(places: Array, origin: Array) -> Array:
    """Degrees from north through east, 0 to 360, from ``origin`` to places ``(..., 2)``."""
    found: Array = np.degrees(np.arctan2(places[..., 0] - origin[0], places[..., 1] - origin[1])) % 360.0
    return found


def looks(time_s: float, dt_s: float, revisit_s: float, phase: float) -> list[float]:
    """The moments of (``time_s``, ``time_s + dt_s``] at which a sensor that looks every ``revisit_s`` does so;
    ``phase`` 0..1 is where in its period it began."""
    first = np.floor(time_s / revisit_s - phase) + 1.0
    last = np.floor((time_s + dt_s) / revisit_s - phase)
    return [float((k + phase) * revisit_s) for k in np.arange(first, last + 1.0)]
