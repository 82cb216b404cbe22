"""False plots of a radar: so many per square kilometre and rotation, differing from cell to cell, with bursts."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from simulator.plane import Array
from simulator.sensor_spec import Clutter, Radar

_KM2 = 1e6


class _Patch(NamedTuple):
    shape: shapely.Geometry
    spec: Clutter


class ClutterMap:
    """The clutter about a radar at ``place``; ``patches`` are the areas (metres) with a density of their own."""

    def __init__(self, spec: Radar, place: Array, patches: list[shapely.Geometry], seed: list[int]) -> None:
        self._seed = seed
        self._place, self._range_m, self._cell_m = place, spec.range_m, spec.cell_m
        self._patches = [_Patch(shape, clutter) for shape, clutter in zip(patches, spec.clutter, strict=True)]
        self._special = shapely.union_all(patches) if patches else None
        half = int(np.ceil(spec.range_m / spec.cell_m))
        corners = np.arange(-half, half) * spec.cell_m
        self._corners = np.stack(np.meshgrid(corners, corners), axis=-1).reshape(-1, 2) + place
        rng = np.random.default_rng([*seed, 0])
        factor = np.ones(len(self._corners))
        if spec.clutter_spread > 0.0:
            shape = spec.clutter_spread**-2.0
            factor = rng.gamma(shape, 1.0 / shape, len(self._corners))
        self.density_per_km2 = spec.false_plots_per_km2 * factor  # of each cell

    def rotation(self, begin_s: float, rng: np.random.Generator) -> Array:
        """Places ``(n, 2)`` metres of the false plots of the rotation that begins at ``begin_s``."""
        counts = rng.poisson(self.density_per_km2 * self._cell_m**2 / _KM2)
        cells = np.repeat(np.arange(len(counts)), counts)
        found = self._corners[cells] + rng.uniform(0.0, self._cell_m, (len(cells), 2))
        if self._special is not None:
            found = found[~shapely.intersects_xy(self._special, found[:, 0], found[:, 1])]
        found = np.concatenate([found, *(self._in_patch(i, begin_s, rng) for i in range(len(self._patches)))])
        near: NDArray[np.bool_] = np.hypot(*(found - self._place).T) <= self._range_m
        return found[near]

    def _in_patch(self, index: int, begin_s: float, rng: np.random.Generator) -> Array:
        shape, spec = self._patches[index]
        west, south, east, north = shapely.bounds(shape).tolist()
        density = spec.false_plots_per_km2 * (spec.burst_factor if self._bursting(index, begin_s) else 1.0)
        count = rng.poisson(density * (east - west) * (north - south) / _KM2)
        points: Array = rng.uniform((west, south), (east, north), (count, 2))
        inside: NDArray[np.bool_] = shapely.intersects_xy(shape, points[:, 0], points[:, 1])
        return points[inside]

    def _bursting(self, index: int, begin_s: float) -> bool:
        spec = self._patches[index].spec
        period = int(begin_s // spec.burst_s) % 2**31
        return bool(np.random.default_rng([*self._seed, 1 + index, period]).random() < spec.burst_share)
