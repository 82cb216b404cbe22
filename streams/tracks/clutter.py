"""How many plots that are no object a place yields per look, learned while looking.

Three nested scales, the sensor's whole area, blocks of 8 x 8 cells and cells, each a Gamma estimate of a Poisson
rate whose prior is the next coarser one: mean = (k + n) / (k / prior + looks * area). An empty sea becomes quiet as
looks add up, a quay that answers every time stays loud, and neither speaks for the other. Plots count by the
probability that they were no object, and are forgotten exponentially."""

import math
from typing import Final

import msgspec
import numpy as np

from streams.tracks.state import Floats, Indices

_BLOCK_BITS: Final = 3
_BLOCK: Final = 1 << _BLOCK_BITS
_PRIOR_COUNT: Final = 1.0
_MOST_SCALE: Final = 1e9
_YOUNG_LOOKS: Final = 5.0


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
        self._lies((0.0, 0.0), (0, 0))  # lower left corner, rows and columns of blocks
        self._counts = np.zeros(0)  # the cells, row by row, then the blocks
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

    def places(self, place_m: Floats) -> Indices:
        """Where plots lie, x and y in ``place_m`` (2, k): the numbers of their cells and of their blocks (2, k). The
        map grows to hold them, which changes all numbers."""
        left, low = np.minimum.reduce(place_m, axis=1).tolist()
        right, high = np.maximum.reduce(place_m, axis=1).tolist()
        most_left, most_low, most_right, most_high = self._inside
        if left < most_left or low < most_low or right > most_right or high > most_high:
            self._hold(left, low, right, high)
        rows, columns = self._shape
        scaled = place_m - self._corner
        scaled *= 1.0 / self._cell_m
        at: Indices = scaled.astype(np.intp)
        number = np.empty_like(at)
        np.multiply(at[1], columns * _BLOCK, out=number[0])
        number[0] += at[0]
        at >>= _BLOCK_BITS
        np.multiply(at[1], columns, out=number[1])
        number[1] += at[0]
        number[1] += rows * columns * _BLOCK**2
        return number

    def density(self, places: Indices) -> Floats:
        """False plots per m² and look at the places."""
        area = self._cell_m**2
        if not self._start:
            self._start = places.shape[1] / (self._cells * area)
        seen = self._looks * area
        held = self._counts.take(places)
        np.maximum(held, 0.0, out=held)
        held += _PRIOR_COUNT * self._scale
        cell, block = held
        block /= (_PRIOR_COUNT / self._everywhere() + seen * _BLOCK**2) * self._scale
        np.divide(_PRIOR_COUNT, block, out=block)
        block += seen
        block *= self._scale
        density: Floats = cell / block
        return density

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
            self._counts /= self._scale
            self._scale = 1.0

    def count(self, places: Indices, weight: Floats) -> None:
        """Add plots at the places, each false by its ``weight`` (k,); a negative one takes back what was counted."""
        scaled = weight * self._scale
        for number in places:  # not in one call: numpy 2.4 does not spread the weights over two rows of places
            np.add.at(self._counts, number, scaled)
        self._total += float(np.add.reduce(weight))

    def dump(self) -> Dumped:
        """Everything learned."""
        rows, columns = self._shape
        return Dumped(
            self._origin,
            (rows * _BLOCK, columns * _BLOCK),
            self._counts.tobytes(),
            self._looks,
            self._total,
            self._scale,
            self._time_s,
            self._start,
        )

    def load(self, dumped: Dumped) -> None:
        """Replace everything learned by what was dumped."""
        rows, columns = dumped.shape
        self._lies(dumped.origin, (rows // _BLOCK, columns // _BLOCK))
        self._counts = np.frombuffer(dumped.cells, np.float64).copy()
        self._looks, self._total, self._scale = dumped.looks, dumped.total, dumped.scale
        self._time_s, self._start = dumped.time_s, dumped.start

    @property
    def _cells(self) -> int:
        return self._shape[0] * self._shape[1] * _BLOCK**2

    def _everywhere(self) -> float:
        area = max(self._cells, 1) * self._cell_m**2
        return (_PRIOR_COUNT + max(self._total, 0.0)) / (_PRIOR_COUNT / self._start + self._looks * area)

    def _hold(self, left: float, low: float, right: float, high: float) -> None:
        """Grow by whole blocks, so that what is counted keeps its cell and its block."""
        edge = self._cell_m * _BLOCK
        left, low = left - self._cell_m, low - self._cell_m
        rows, columns = self._shape
        x0, y0 = self._origin
        if rows:
            left, low = min(left, x0), min(low, y0)
            right, high = max(right, x0 + (columns - 0.5) * edge), max(high, y0 + (rows - 0.5) * edge)
        origin = (math.floor(left / edge) * edge, math.floor(low / edge) * edge)
        shape = (int((high - origin[1]) // edge) + 1, int((right - origin[0]) // edge) + 1)
        counts = np.zeros(shape[0] * shape[1] * (_BLOCK**2 + 1))
        cells, blocks = _parts(counts, shape)
        if rows:
            i, j = round((y0 - origin[1]) / edge), round((x0 - origin[0]) / edge)
            held, held_blocks = _parts(self._counts, self._shape)
            blocks[i : i + rows, j : j + columns] = held_blocks
            cells[i * _BLOCK : (i + rows) * _BLOCK, j * _BLOCK : (j + columns) * _BLOCK] = held
        self._counts = counts
        self._lies(origin, shape)

    def _lies(self, origin: tuple[float, float], shape: tuple[int, int]) -> None:
        self._origin, self._shape = origin, shape
        self._corner = np.array(origin).reshape(2, 1)
        # What rounding may bring in from outside, or put outside, makes the map grow.
        (x0, y0), cell = origin, self._cell_m
        right, high = x0 + shape[1] * _BLOCK * cell, y0 + shape[0] * _BLOCK * cell
        self._inside = (x0 + cell, y0 + cell, right - 1e-6 * cell, high - 1e-6 * cell)


def _parts(counts: Floats, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """The cells and the blocks of a map as two planes."""
    rows, columns = shape
    cells = rows * columns * _BLOCK**2
    return counts[:cells].reshape(rows * _BLOCK, columns * _BLOCK), counts[cells:].reshape(rows, columns)
