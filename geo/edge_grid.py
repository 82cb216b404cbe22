"""A coarse raster of the world that knows which edges touch each cell: far segments are told from near ones exactly."""

import numpy as np
from numpy.typing import NDArray

from geo.orientation import Floats

Rows = NDArray[np.int64]
COLUMNS, ROWS = 2048, 1024  # 0.176 degrees: 19.5 km at the equator
_SCALE = COLUMNS / 360.0
_SLACK = 1e-9  # degrees; more than any rounding of a cell number or of the separating-axis test


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
        """Pairs whose boxes meet, each once, by segment."""
        c0, c1, r0, r1 = _box(x0, y0, x1, y1)
        wide = c1 - c0 + 1
        segment, nth = ragged(wide * (r1 - r0 + 1))
        row, column = r0[segment] + nth // wide[segment], c0[segment] + nth % wide[segment]
        keep = self.touched[row * COLUMNS + column]
        segment, row, column = segment[keep], row[keep], column[keep]
        keep = _touches(x0[segment], y0[segment], x1[segment], y1[segment], column, row)
        segment, cell = segment[keep], (row * COLUMNS + column)[keep]
        edge = self.edges_in(cell)
        segment = np.repeat(segment, self._starts[cell + 1] - self._starts[cell])
        e = self.edges[edge]
        keep = np.minimum(e[:, 0], e[:, 2]) <= np.maximum(x0, x1)[segment]
        keep &= np.maximum(e[:, 0], e[:, 2]) >= np.minimum(x0, x1)[segment]
        keep &= np.minimum(e[:, 1], e[:, 3]) <= np.maximum(y0, y1)[segment]
        keep &= np.maximum(e[:, 1], e[:, 3]) >= np.minimum(y0, y1)[segment]
        pairs = np.unique(segment[keep] * len(self.edges) + edge[keep])
        return pairs // max(len(self.edges), 1), pairs % max(len(self.edges), 1)


def ragged(counts: Rows) -> tuple[Rows, Rows]:
    """For rows repeated ``counts`` times each: the row, and its running number within the row."""
    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)


def _box(x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> tuple[Rows, Rows, Rows, Rows]:
    """First and last column, first and last row of each segment; rounding is monotone, so they enclose it."""
    a = ((x0 + 180.0) * _SCALE).astype(np.int64)
    b = ((x1 + 180.0) * _SCALE).astype(np.int64)
    c = ((y0 + 90.0) * _SCALE).astype(np.int64)
    d = ((y1 + 90.0) * _SCALE).astype(np.int64)
    c1, r1 = np.minimum(np.maximum(a, b), COLUMNS - 1), np.minimum(np.maximum(c, d), ROWS - 1)
    return np.minimum(np.minimum(a, b), c1), c1, np.minimum(np.minimum(c, d), r1), r1


def _touches(x0: Floats, y0: Floats, x1: Floats, y1: Floats, column: Rows, row: Rows) -> NDArray[np.bool_]:
    """Separating-axis test of a segment and a cell, with slack."""
    half = 0.5 / _SCALE
    x, y = (column + 0.5) / _SCALE - 180.0, (row + 0.5) / _SCALE - 90.0
    dx, dy = x1 - x0, y1 - y0
    reach = (np.abs(dx) + np.abs(dy)) * (half + _SLACK) + 1e-15
    return np.abs(dx * (y - y0) - dy * (x - x0)) <= reach


def _touched(edges: Floats) -> tuple[Rows, Rows, Rows]:
    """``(edge, column, row)`` of every cell an edge may touch."""
    x0, y0, x1, y1 = edges.T
    low = (np.stack([np.minimum(x0, x1) + 180.0, np.minimum(y0, y1) + 90.0]) - _SLACK) * _SCALE
    high = (np.stack([np.maximum(x0, x1) + 180.0, np.maximum(y0, y1) + 90.0]) + _SLACK) * _SCALE
    limit = np.array([[COLUMNS - 1], [ROWS - 1]])
    first = np.clip(np.floor(low).astype(np.int64), 0, limit)
    last = np.clip(np.floor(high).astype(np.int64), 0, limit)
    wide = last[0] - first[0] + 1
    edge, nth = ragged(wide * (last[1] - first[1] + 1))
    column, row = first[0][edge] + nth % wide[edge], first[1][edge] + nth // wide[edge]
    keep = _touches(x0[edge], y0[edge], x1[edge], y1[edge], column, row)
    return edge[keep], column[keep], row[keep]
