"""Scanlines: the zones at every cell's centre, a whole row of centres per edge crossing.

Along a row of centres, the XOR of the hashes of all edges crossed so far is the set of zones: each crossing is entered
at the first centre east of it, and one running XOR along the row finishes all centres, for any number of zones.
"""

import numpy as np
from numpy.typing import NDArray

from geo.index.cells import Cells, slices
from geo.index.edges import EdgeTable, Hashes
from geo.index.grid import COLUMNS, ROWS, SPLIT, STEP, Ints, centre, ragged, step
from geo.orientation import Floats, orientation

_NEAR_CENTRE = 1e-8  # degrees; where a crossing comes this near a centre the side is decided exactly


def scan_raster(edges: EdgeTable, hashes: Hashes) -> None:
    """Fill in the hashes ``(ROWS * COLUMNS, 2)`` of the raster's centres; rows and columns no edge reaches stay 0."""
    if not len(edges.xy):
        return
    x0, y0, x1, y1 = edges.xy.T
    first = np.clip(np.floor((y0 + 90.0) / STEP - 0.5 - 1e-6).astype(np.int64), 0, ROWS - 1)
    last = np.clip(np.ceil((y1 + 90.0) / STEP - 0.5 + 1e-6).astype(np.int64), 0, ROWS - 1)
    west = int(np.clip((np.minimum(x0, x1).min() + 180.0) / STEP - 1, 0, COLUMNS - 1))
    east = int(np.clip((np.maximum(x0, x1).max() + 180.0) / STEP + 2, 1, COLUMNS))
    south, north = int(first.min()), int(last.max()) + 1
    window = np.zeros((north - south, east - west + 1, 2), np.uint64)
    edge, nth = ragged(last - first + 1)
    row = first[edge] + nth
    _, y = centre(np.zeros(1, np.int64), row, 0)
    keep = np.flatnonzero((y0[edge] > y) != (y1[edge] > y))
    edge, row, y = edge[keep], row[keep], y[keep]
    column = np.clip(_first_east(edges.xy[edge], y, np.zeros(len(edge), np.int64), COLUMNS, 0), west, east)
    _enter(window, (row - south) * (east - west + 1) + column - west, edges.hashes[edge])
    np.bitwise_xor.accumulate(window, axis=1, out=window)
    hashes.reshape(ROWS, COLUMNS, 2)[south:north, west:east] = window[:, :-1]


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
