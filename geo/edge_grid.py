"""A coarse raster of the world that knows which edges touch each cell: far segments are told from near ones exactly."""

import numpy as np
from numpy.typing import NDArray

from geo.index.grid import COLUMNS, ROWS, STEP, cells_of, centre, ragged, touches
from geo.index.segments import raster_cells
from geo.orientation import Floats

Rows = NDArray[np.int64]


class EdgeGrid:
    """Edges ``(m, 4)`` lon, lat, lon, lat degrees, and the cells each touches (a superset is harmless)."""

    def __init__(self, edges: Floats) -> None:
        self.edges = edges
        edge, column, row = _touched(edges)
        cell = row * COLUMNS + column
        order = np.argsort(cell, kind="stable")
        self._cell_edges = edge[order]
        counts = np.bincount(cell, minlength=COLUMNS * ROWS)
        self._starts = np.concatenate([[0], np.cumsum(counts)])
        self.touched = counts > 0  # (ROWS * COLUMNS,) bool, row-major from -90
        table = np.zeros((ROWS + 1, COLUMNS + 1), np.int32)
        np.cumsum(self.touched.reshape(ROWS, COLUMNS), axis=0, out=table[1:, 1:])
        np.cumsum(table[1:, 1:], axis=1, out=table[1:, 1:])
        self._area = table.ravel()

    def edges_in(self, cells: Rows) -> Rows:
        """The edges that may touch cells, several times where they touch several."""
        start = self._starts[cells]
        which, nth = ragged(self._starts[cells + 1] - start)
        return self._cell_edges[start[which] + nth]

    def count_in(self, cells: Rows) -> Rows:
        """How many edges :meth:`edges_in` gives for each cell."""
        count: Rows = self._starts[cells + 1] - self._starts[cells]
        return count

    def near(self, x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> NDArray[np.bool_]:
        """Whether any touched cell lies in the segment's box of cells; where not, no edge meets the segment."""
        c0, c1, r0, r1 = _box(x0, y0, x1, y1)
        wide = COLUMNS + 1
        low, high = r0 * wide, (r1 + 1) * wide
        found = self._area.take(high + c1 + 1) - self._area.take(high + c0)
        found -= self._area.take(low + c1 + 1)
        found += self._area.take(low + c0)
        return found > 0

    def candidates(self, x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> tuple[Rows, Rows]:
        """``(segment, edge)`` pairs that share a cell and whose boxes meet, each once, by segment."""
        segment, column, row = raster_cells((x0, y0, x1, y1), *_box(x0, y0, x1, y1))
        cell = row * COLUMNS + column
        edge = self.edges_in(cell)
        segment = np.repeat(segment, self._starts[cell + 1] - self._starts[cell])
        e = self.edges[edge]
        keep = np.minimum(e[:, 0], e[:, 2]) <= np.maximum(x0, x1)[segment]
        keep &= np.maximum(e[:, 0], e[:, 2]) >= np.minimum(x0, x1)[segment]
        keep &= np.minimum(e[:, 1], e[:, 3]) <= np.maximum(y0, y1)[segment]
        keep &= np.maximum(e[:, 1], e[:, 3]) >= np.minimum(y0, y1)[segment]
        pairs = np.unique(segment[keep] * len(self.edges) + edge[keep])
        return pairs // max(len(self.edges), 1), pairs % max(len(self.edges), 1)


def _box(x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> tuple[Rows, Rows, Rows, Rows]:
    """First and last column, first and last row of each segment; rounding is monotone, so they enclose it."""
    scale = 1.0 / STEP
    a, b = ((x0 + 180.0) * scale).astype(np.int64), ((x1 + 180.0) * scale).astype(np.int64)
    c, d = ((y0 + 90.0) * scale).astype(np.int64), ((y1 + 90.0) * scale).astype(np.int64)
    c1, r1 = np.minimum(np.maximum(a, b), COLUMNS - 1), np.minimum(np.maximum(c, d), ROWS - 1)
    return np.minimum(np.minimum(a, b), c1), c1, np.minimum(np.minimum(c, d), r1), r1


def _touched(edges: Floats) -> tuple[Rows, Rows, Rows]:
    """``(edge, column, row)`` of every cell an edge may touch."""
    x0, y0, x1, y1 = edges.T
    west, east = cells_of(np.minimum(x0, x1), np.maximum(x0, x1), 180.0, 0, COLUMNS)
    south, north = cells_of(np.minimum(y0, y1), np.maximum(y0, y1), 90.0, 0, ROWS)
    wide = east - west + 1
    edge, nth = ragged(wide * (north - south + 1))
    column, row = west[edge] + nth % wide[edge], south[edge] + nth // wide[edge]
    x, y = centre(column, row, 0)
    dx, dy = (x1 - x0)[edge], (y1 - y0)[edge]
    keep = np.flatnonzero(touches(dx, dy, x - x0[edge], y - y0[edge], STEP / 2))
    return edge[keep], column[keep], row[keep]
