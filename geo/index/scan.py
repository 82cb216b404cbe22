"""Scanlines: the zones at every cell's centre, a whole row of centres per edge crossing.

Along a row of centres, the XOR of the hashes of all edges crossed so far is the set of zones: each crossing is entered
at the first centre east of it, and one running XOR along the row finishes all centres, for any number of zones.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.index.cells import Cells, slices
from geo.index.edges import EdgeTable, Hashes
from geo.index.grid import COLUMNS, ROWS, SPLIT, Ints, cells_of, centre, ragged, step
from geo.orientation import Floats, orientation

_NEAR_CENTRE = 1e-8  # degrees; where a crossing comes this near a centre the side is decided exactly


class Window(NamedTuple):
    """The part of the raster that zones can reach, and the hashes ``(rows * columns, 2)`` at its centres."""

    south: int
    north: int
    west: int
    east: int
    hashes: Hashes

    def slot(self, column: Ints, row: Ints) -> Ints:
        """Where a cell's hash stands."""
        return (row - self.south) * (self.east - self.west) + (column - self.west)

    def of(self, raster: NDArray[np.int32]) -> NDArray[np.int32]:
        """The window of a table of the whole raster, as a view ``(rows, columns)``."""
        return raster.reshape(ROWS, COLUMNS)[self.south : self.north, self.west : self.east]


def scan_raster(edges: EdgeTable) -> Window:
    """The zones at the raster's centres; outside of the window there are none."""
    if not len(edges.xy):
        return Window(0, 0, 0, 0, np.zeros((0, 2), np.uint64))
    x0, y0, x1, y1 = edges.xy.T
    columns = cells_of(np.minimum(x0, x1), np.maximum(x0, x1), 180.0, 0, COLUMNS)
    rows = cells_of(y0, y1, 90.0, 0, ROWS)
    west, east = int(columns[0].min()), int(columns[1].max()) + 1
    south, north = int(rows[0].min()), int(rows[1].max()) + 1
    window = np.zeros((north - south, east - west + 1, 2), np.uint64)
    edge, nth = ragged(rows[1] - rows[0] + 1)
    row = rows[0][edge] + nth
    _, y = centre(np.zeros(1, np.int64), row, 0)
    keep = np.flatnonzero((y0[edge] > y) != (y1[edge] > y))
    edge, row, y = edge[keep], row[keep], y[keep]
    column = _first_east(edges.xy[edge], y, np.full(len(edge), west), east - west, 0)
    _enter(window, (row - south) * (east - west + 1) + column, edges.hashes[edge])
    np.bitwise_xor.accumulate(window, axis=1, out=window)
    return Window(south, north, west, east, window[:, :-1].reshape(-1, 2))


def scan_children(edges: EdgeTable, cells: Cells, flagged: Ints, bases: Hashes, split: Ints, depth: int) -> Hashes:
    """Hashes at the centres of the children of the split cells, ``(len(split) * 64, 2)``, row by row."""
    wide = SPLIT + 1
    out = np.zeros((len(split), SPLIT, SPLIT, 2), np.uint64)
    counts = np.diff(cells.starts)[split]
    rows = np.arange(SPLIT)
    for part in slices(counts * SPLIT):
        chosen = split[part]
        window = np.zeros((len(chosen), SPLIT, wide, 2), np.uint64)
        window[:, :, 0] = bases[chosen][:, None]
        block, nth = ragged(counts[part])
        pair = cells.starts[chosen][block] + nth
        edge, flags = flagged[pair] >> 2, flagged[pair] & 3
        y0, y1 = edges.xy[edge][:, [1, 3]].T
        _, y = centre(np.zeros(1, np.int64), (cells.row[chosen] * SPLIT)[block][:, None] + rows, depth + 1)
        below, under = y0[:, None] > y, y1[:, None] > y
        # the flags' terms depend on the height alone: the whole row has them
        whole = (((flags & 1) != 0)[:, None] & ~below) ^ (((flags & 2) != 0)[:, None] & ~under)
        at, row = np.nonzero(whole)
        _enter(window, (block[at] * SPLIT + row) * wide, edges.hashes[edge[at]])
        at, row = np.nonzero(below != under)
        west = (cells.column[chosen] * SPLIT)[block[at]]
        column = _first_east(edges.xy[edge[at]], y[at, row], west, SPLIT, depth + 1)
        _enter(window, (block[at] * SPLIT + row) * wide + column, edges.hashes[edge[at]])
        np.bitwise_xor.accumulate(window, axis=2, out=window)
        out[part] = window[:, :, :-1]
    return out.reshape(-1, 2)


def _enter(window: Hashes, place: Ints, hashes: Hashes) -> None:
    """XOR each hash into its place."""
    flat = window.reshape(-1, 2)
    for column in (0, 1):
        np.bitwise_xor.at(flat[:, column], place, hashes[:, column])


def _first_east(edges: Floats, y: Floats, west: Ints, count: int, depth: int) -> Ints:
    """The first of ``count`` centres, from column ``west`` on, that lies strictly east of the edge at height y."""
    x0, y0, x1, y1 = edges.T
    size = step(depth)
    crossing = x0 + (x1 - x0) * ((y - y0) / (y1 - y0))
    place = (crossing + 180.0) / size - 0.5 - west
    nearest = np.rint(place)
    column: NDArray[np.int64] = np.floor(place).astype(np.int64) + 1
    unsure = np.flatnonzero(np.abs(place - nearest) * size < _NEAR_CENTRE)
    if unsure.size:
        near = nearest[unsure].astype(np.int64)
        x, _ = centre(near + west[unsure], np.zeros(1, np.int64), depth)
        e = edges[unsure]
        east = orientation(e[:, 0], e[:, 1], e[:, 2], e[:, 3], x, y[unsure]) < 0
        column[unsure] = near + ~east
    return np.clip(column, 0, count)
