"""How far the nearest border is at least, and at most, told by cells alone: no edge is looked at.

An edge that comes into a cell is within the cell's diagonal of every position there. And where no edge comes into a
cell, nor into any within so many cells of it, every border lies beyond that block of cells. Of the raster (19.5 km)
and of the cells that its cells are refined to (2.4 km) the distance to the nearest cell with an edge is kept, in cells.
"""

import numpy as np
from numpy.typing import NDArray

from geo.index.grid import BITS, COLUMNS, FINE, ROWS, SCALE, SLACK, SPLIT, step
from geo.index.points import fine_cells
from geo.index.tables import Tables
from geo.orientation import Floats

DEEPER, UNKNOWN, NOT_DEEPER = 1, 0, -1

_MOST_CELLS = 4  # farther is far enough: 58 km
_MASK = SPLIT - 1
# metres per degree of latitude, and of longitude at the equator: a little less, and a little more, than WGS-84 has
_LEAST_M, _MOST_M = 110_500.0, 111_800.0

Answers = NDArray[np.int8]


class Bounds:
    """Answers from the tables of one index; building it takes some tenths of a second for the world."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        busy = tables.grid.reshape(ROWS, COLUMNS) < 0
        self._raster = _cells_away(busy[None], around=True).reshape(-1)
        first = -1 - tables.grid[tables.grid < 0]
        count = len(np.unique(first[first & 1 == 0]))  # the raster's blocks are the first ones
        self._refined = _cells_away(tables.blocks[: count * SPLIT * SPLIT].reshape(-1, SPLIT, SPLIT) < 0)

    def deeper_than(self, x: Floats, y: Floats, metres: float) -> Answers:
        """1 where every border is farther than that from a position, -1 where one is not, 0 where cells do not tell."""
        column, row = fine_cells(x, y)
        cell = (row >> FINE) * np.int32(COLUMNS) + (column >> FINE)
        found = np.zeros(len(x), np.int8)
        away = self._raster.take(cell)
        found[_beyond(x, y, column >> FINE, row >> FINE, 0, away, metres)] = DEEPER
        inner = np.flatnonzero(away == 0)
        if not inner.size:
            return found
        number = -1 - self._tables.grid.take(cell[inner])
        x, y, column, row = x[inner], y[inner], column[inner], row[inner]
        shift = FINE - BITS
        child = (number << (2 * BITS - 1)) + (((row >> shift) & _MASK) << BITS) + ((column >> shift) & _MASK)
        away = self._refined.reshape(-1).take(child)
        deeper = _beyond(x, y, column >> shift, row >> shift, 1, away, metres)
        # down to the smallest cell that an edge comes into
        code, depth = self._tables.blocks.take(child), 1
        near = np.flatnonzero((code < 0) & (_diagonal_m(1) <= metres))
        shallow = np.flatnonzero(code < 0)
        answers = np.where(deeper, DEEPER, UNKNOWN).astype(np.int8)
        answers[near] = NOT_DEEPER
        while shallow.size and _diagonal_m(depth) > metres:
            number = -1 - code[shallow]
            shallow, number = shallow[number & 1 == 0], number[number & 1 == 0]
            shift -= BITS
            depth += 1
            if shift < 0 or not shallow.size:
                break
            child = (number << (2 * BITS - 1)) + (((row[shallow] >> shift) & _MASK) << BITS)
            child += (column[shallow] >> shift) & _MASK
            code[shallow] = self._tables.blocks.take(child)
            shallow = shallow[code[shallow] < 0]
            if _diagonal_m(depth) <= metres:
                answers[shallow] = NOT_DEEPER
        # along the edge of the map an edge may only be the seam of a zone that goes on beyond
        top, right = ROWS - 1, COLUMNS - 1
        row, column = row >> FINE, column >> FINE
        seam = (row == 0) | (row == top) | (column == 0) | (column == right)
        answers[seam] = np.maximum(answers[seam], UNKNOWN)
        found[inner] = answers
        return found


def _cells_away(busy: NDArray[np.bool_], *, around: bool = False) -> NDArray[np.uint8]:
    """Of each cell of blocks ``(n, rows, columns)`` how many cells away the nearest busy one is, diagonals too.

    What lies outside of a block counts as busy, but not west and east of the world's raster, which goes ``around``."""
    found = np.zeros(busy.shape, np.uint8)
    clear = ~busy
    for _ in range(_MOST_CELLS):
        found += clear
        wide = np.pad(clear, ((0, 0), (1, 1), (0, 0)))
        wide = np.pad(wide, ((0, 0), (0, 0), (1, 1)), mode="wrap") if around else np.pad(wide, ((0, 0), (0, 0), (1, 1)))
        tall = wide[:, :-2] & wide[:, 1:-1] & wide[:, 2:]
        clear = tall[:, :, :-2] & tall[:, :, 1:-1] & tall[:, :, 2:]
    return found


def _beyond(
    x: Floats,
    y: Floats,
    column: NDArray[np.int32],
    row: NDArray[np.int32],
    depth: int,
    away: NDArray[np.uint8],
    metres: float,
) -> NDArray[np.bool_]:
    """Whether the border of the block of clear cells around a position is farther than that."""
    size = step(depth)
    reach = (away.astype(np.float64) - 1) * size - 2 * SLACK
    west = x - (column * size - 180.0)
    south = y - (row * size - 90.0)
    across = np.minimum(west, size - west) + reach
    up = np.minimum(south, size - south) + reach
    east_m = across * (_LEAST_M * 0.999) * np.cos(np.radians(y))  # the sine of 1 degree is 0.9999 of the angle
    found: NDArray[np.bool_] = (away > 0) & (np.minimum(east_m, up * _LEAST_M) > metres)
    return found


def _diagonal_m(depth: int) -> float:
    """The most metres between two positions in one cell, and the slack edges are entered with."""
    return float((step(depth) + 4 * SLACK + 2 / SCALE * 1e-6) * _MOST_M * np.sqrt(2.0))
