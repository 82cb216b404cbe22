"""Seeded choices of one traffic: random numbers of its own, points in an area, points beside a path."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from simulator.plane import Array, Plane


class Source(NamedTuple):
    """The seed of one traffic; ``begin_s`` is when its world begins. Nothing drawn for one traffic or one craft
    changes what is drawn for another, so a scenario can be edited without a new world all over."""

    name: str
    seed: int
    traffic: int
    begin_s: float
    plane: Plane

    def draws(self, number: int = -1) -> np.random.Generator:
        """The random numbers of craft ``number``, or of the traffic itself."""
        return np.random.default_rng([self.seed, self.traffic, number + 1])

    def metres(self, places: Sequence[tuple[float, float]]) -> Array:
        """Places ``(n, 2)`` in metres."""
        return self.plane.to_metres(np.array(places, np.float64))


class Patch:
    """An area to draw points from; ``corners`` is ``(n, 2)`` metres."""

    def __init__(self, corners: Array) -> None:
        self._polygon = shapely.Polygon(corners)
        shapely.prepare(self._polygon)
        self._bounds = self._polygon.bounds

    def point(self, rng: np.random.Generator) -> tuple[float, float]:
        """A point of the area, every place equally likely."""
        west, south, east, north = self._bounds
        while True:
            x, y = rng.uniform(west, east), rng.uniform(south, north)
            if shapely.contains_xy(self._polygon, x, y):
                return float(x), float(y)


def wandering(places: Array, rng: np.random.Generator, *, pieces: int, share: float) -> Array:
    """A way from place to place ``(n, 2)`` in straight pieces, ``pieces`` between two places, that strays sideways by
    ``share`` of a piece (standard deviation) everywhere but at its ends."""
    legs = [np.linspace(a, b, pieces + 1)[1:] for a, b in pairwise(places)]
    points = np.vstack([places[:1], *legs])
    step_m = np.hypot(*np.diff(points, axis=0).T)
    points[1:-1] += rng.normal(0.0, 1.0, (len(points) - 2, 2)) * (share * step_m[:-1, None])
    return points


def beside(path: Array, offset_m: float) -> NDArray[np.float64]:
    """The path moved sideways, to the left of its direction where ``offset_m`` is positive; shape as ``path``."""
    along = np.gradient(path, axis=0)
    along /= np.hypot(along[:, 0], along[:, 1])[:, None]
    return path + offset_m * np.column_stack([-along[:, 1], along[:, 0]])
