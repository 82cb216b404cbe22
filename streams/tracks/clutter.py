"""How many plots that are no object a place yields per look, learned while looking.

Three nested scales, the sensor's whole area, blocks of 8 x 8 cells and cells, each a Gamma estimate of a Poisson
rate whose prior is the next coarser one: mean = (k + n) / (k / prior + looks * area). An empty sea becomes quiet as
looks add up, a quay that answers every time stays loud, and neither speaks for the other. Plots count by the
probability that they were no object, and are forgotten exponentially."""

import math
from typing import Final, NamedTuple

import msgspec
import numpy as np

from streams.tracks.state import Floats, Indices

_BLOCK: Final = 8
_PRIOR_COUNT: Final = 1.0
_MOST_SCALE: Final = 1e9
_YOUNG_LOOKS: Final = 5.0


class Places(NamedTuple):
    """Where plots (k,) lie: their cells and blocks, by number."""

    cell: Indices
    block: Indices

    def only(self, rows: Indices) -> "Places":
        """The chosen ones."""
        return Places(self.cell.take(rows), self.block.take(rows))


class Dumped(msgspec.Struct, array_like=True):
    """A clutter map, bit for bit."""

    origin: tuple[float, float]
    shape: tuple[int, int]
    cells: bytes
    looks: float
    total: float
    scale: float
    time_s: float
    start: float


class ClutterMap:
    """Density of false plots of one sensor, 1/m² per look.

    ``cell_m`` edge of a cell · ``memory_s`` time after which a plot counts 1/e · ``revisit_s`` of a look · ``start``
    1/m², None: as dense as the first plots are, which is too high wherever any of them is an object, and right soon."""

    def __init__(self, cell_m: float, memory_s: float, revisit_s: float, start: float | None) -> None:
        self._cell_m, self._memory_s, self._revisit_s = cell_m, memory_s, revisit_s
        self._start = start or 0.0
        self._origin = (0.0, 0.0)
        self._corner = np.zeros((2, 1))
        self._cells = np.zeros((0, 0))
        self._blocks = np.zeros((0, 0))
        self._looks = self._total = 0.0
        self._scale = 1.0  # counts are held multiplied by it, so forgetting touches one number
        self._time_s = -math.inf

    @property
    def young(self) -> bool:
        """It has not seen enough looks to be believed."""
        return self._looks < _YOUNG_LOOKS

    @property
    def new(self) -> bool:
        """This is its first look."""
        return self._looks <= 1.0

    def places(self, x_m: Floats, y_m: Floats) -> Places:
        """The cells (k,) of plots; the map grows to hold them, which changes the numbers of all."""
        at = self._row_and_column(x_m, y_m)
        rows, columns = self._cells.shape
        # The first row and column are kept free, so that rounding towards zero brings in nothing from before them.
        if not rows or at.min() < 1 or at[0].max() >= rows or at[1].max() >= columns:
            self._hold(float(x_m.min()), float(y_m.min()), float(x_m.max()), float(y_m.max()))
            at = self._row_and_column(x_m, y_m)
        block = at // _BLOCK
        return Places(at[0] * self._cells.shape[1] + at[1], block[0] * self._blocks.shape[1] + block[1])

    def _row_and_column(self, x_m: Floats, y_m: Floats) -> Indices:
        at = np.array((y_m, x_m))
        at -= self._corner
        at *= 1.0 / self._cell_m
        return at.astype(np.intp)

    def density(self, places: Places) -> Floats:
        """False plots per m² and look at the places."""
        area = self._cell_m**2
        if not self._start:
            self._start = places.cell.size / (self._cells.size * area)
        seen = self._looks * area
        block = self._blocks.ravel().take(places.block)
        block /= self._scale
        block = np.maximum(block, 0.0) + _PRIOR_COUNT
        block /= _PRIOR_COUNT / self._everywhere() + seen * _BLOCK**2
        cell = self._cells.ravel().take(places.cell)
        cell /= self._scale
        cell = np.maximum(cell, 0.0) + _PRIOR_COUNT
        return cell / (_PRIOR_COUNT / block + seen)

    def pass_time(self, time_s: float) -> None:
        """The sensor has looked up to ``time_s``."""
        if self._time_s == -math.inf:
            self._time_s, self._looks = time_s, 1.0
            return
        passed = time_s - self._time_s
        if passed <= 0.0:
            return
        kept = max(math.exp(-passed / self._memory_s), 1.0 / _MOST_SCALE)
        self._time_s = time_s
        self._looks = self._looks * kept + self._memory_s * (1.0 - kept) / self._revisit_s
        self._total *= kept
        self._scale /= kept
        if self._scale > _MOST_SCALE:
            self._cells /= self._scale
            self._blocks /= self._scale
            self._scale = 1.0

    def count(self, places: Places, weight: Floats) -> None:
        """Add plots at the places, each false by its ``weight`` (k,); a negative one takes back what was counted."""
        scaled = weight * self._scale
        np.add.at(self._cells.ravel(), places.cell, scaled)  # ravel of what lies in one piece is a view
        np.add.at(self._blocks.ravel(), places.block, scaled)
        self._total += float(weight.sum())

    def dump(self) -> Dumped:
        """Everything learned."""
        rows, columns = self._cells.shape
        return Dumped(
            self._origin,
            (rows, columns),
            np.concatenate([self._cells.ravel(), self._blocks.ravel()]).tobytes(),
            self._looks,
            self._total,
            self._scale,
            self._time_s,
            self._start,
        )

    def load(self, dumped: Dumped) -> None:
        """Replace everything learned by what was dumped."""
        rows, columns = dumped.shape
        flat = np.frombuffer(dumped.cells, np.float64)
        self._origin = dumped.origin
        self._corner = np.array(((dumped.origin[1],), (dumped.origin[0],)))
        self._cells = flat[: rows * columns].reshape(rows, columns).copy()
        self._blocks = flat[rows * columns :].reshape(rows // _BLOCK, columns // _BLOCK).copy()
        self._looks, self._total, self._scale = dumped.looks, dumped.total, dumped.scale
        self._time_s, self._start = dumped.time_s, dumped.start

    def _everywhere(self) -> float:
        area = max(self._cells.size, 1) * self._cell_m**2
        return (_PRIOR_COUNT + max(self._total, 0.0)) / (_PRIOR_COUNT / self._start + self._looks * area)

    def _hold(self, left: float, low: float, right: float, high: float) -> None:
        """Grow by whole blocks, so that what is counted keeps its cell and its block."""
        edge = self._cell_m * _BLOCK
        left, low = left - self._cell_m, low - self._cell_m
        rows, columns = self._blocks.shape
        x0, y0 = self._origin
        if rows:
            left, low = min(left, x0), min(low, y0)
            right, high = max(right, x0 + (columns - 0.5) * edge), max(high, y0 + (rows - 0.5) * edge)
        origin = (math.floor(left / edge) * edge, math.floor(low / edge) * edge)
        shape = (int((high - origin[1]) // edge) + 1, int((right - origin[0]) // edge) + 1)
        cells, blocks = np.zeros((shape[0] * _BLOCK, shape[1] * _BLOCK)), np.zeros(shape)
        if rows:
            i, j = round((y0 - origin[1]) / edge), round((x0 - origin[0]) / edge)
            blocks[i : i + rows, j : j + columns] = self._blocks
            cells[i * _BLOCK : (i + rows) * _BLOCK, j * _BLOCK : (j + columns) * _BLOCK] = self._cells
        self._origin, self._cells, self._blocks = origin, cells, blocks
        self._corner = np.array(((origin[1],), (origin[0],)))
