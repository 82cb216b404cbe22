"""The shape of the tree: a raster of the world whose cells are refined 8 x 8, up to three times.

A cell of the raster is 0.176 degrees, a smallest one 0.00034 degrees (38 m of latitude). Positions are mapped to the
smallest cells with one multiplication per axis; rounding moves a position by 1e-13 degrees at most, and every edge is
entered into all cells it comes within ``SLACK`` of, so a position that is rounded over a line still finds its edges.
"""

import numpy as np
from numpy.typing import NDArray

from geo.orientation import Floats

COLUMNS, ROWS = 2048, 1024
BITS = 3
SPLIT = 1 << BITS
DEPTH = 3
FINE = BITS * DEPTH
STEP = 360.0 / COLUMNS
SCALE = (COLUMNS << FINE) / 360.0
LAST_COLUMN, LAST_ROW = (COLUMNS << FINE) - 1, (ROWS << FINE) - 1
SLACK = 1e-9

Ints = NDArray[np.int64]


def step(depth: int) -> float:
    """Width and height of a cell at a depth, degrees."""
    return STEP / float(1 << (BITS * depth))


def centre(column: Ints, row: Ints, depth: int) -> tuple[Floats, Floats]:
    """Lon, lat of the centres of cells: always computed like this, so that a centre is one exact position."""
    size = step(depth)
    x: Floats = (column.astype(np.float64) + 0.5) * size - 180.0
    y: Floats = (row.astype(np.float64) + 0.5) * size - 90.0
    return x, y


def ragged(counts: Ints) -> tuple[Ints, Ints]:
    """For rows repeated ``counts`` times each: the row, and its running number within the row."""
    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)


def touches(dx: Floats, dy: Floats, x: Floats, y: Floats, half: float) -> NDArray[np.bool_]:
    """Whether a line through (0, 0) with direction (dx, dy) comes within ``half`` + slack of (x, y) on both axes."""
    adx, ady = np.abs(dx), np.abs(dy)
    found: NDArray[np.bool_] = np.abs(dx * y - dy * x) <= (adx + ady) * (half + SLACK) + 1e-15
    return found


def cells_of(low: Floats, high: Floats, offset: float, depth: int, count: int) -> tuple[Ints, Ints]:
    """First and last cell that an interval, widened by the slack, reaches on one axis."""
    size = step(depth)
    first = np.floor((low + offset - SLACK) / size).astype(np.int64)
    last = np.floor((high + offset + SLACK) / size).astype(np.int64)
    return np.clip(first, 0, count - 1), np.clip(last, 0, count - 1)
