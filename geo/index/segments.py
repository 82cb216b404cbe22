"""Which edges a segment meets: all segments go down the tree together, one depth per turn."""

import numpy as np
from numpy.typing import NDArray

from geo.index.grid import BITS, COLUMNS, FINE, SCALE, SPLIT, STEP, ragged, touches
from geo.index.points import fine_cells
from geo.index.tables import Tables, entries_of, positions_of
from geo.meetings import Rows, meetings
from geo.orientation import Floats

_NONE = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
_INNER = SPLIT - 1
_FEW_CELLS = 16  # a segment with no more cells in its box is not worth a look at each row
_WIDE_SLACK = 1e-6  # degrees
_FEW_NEAR = 64  # up to here a closer look costs more than it saves


def meet(tables: Tables, x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> tuple[Rows, Rows, Floats]:
    """Every ``(segment, edge)`` that touch, and where along the segment, as :func:`geo.meetings.meetings`."""
    c0, r0 = fine_cells(x0, y0)
    c1, r1 = fine_cells(x1, y1)
    box = (np.minimum(c0, c1), np.maximum(c0, c1), np.minimum(r0, r1), np.maximum(r0, r1))
    segment, edge = _candidates(tables, (x0, y0, x1, y1), box)
    if not segment.size:
        return _NONE
    return meetings(segment, edge, tables.edges, x0, y0, x1, y1)


def near_border(tables: Tables, p0: Floats, p1: Floats) -> Rows:
    """The segments that may meet a border: those that do not obviously stay in cells that no edge touches."""
    both = np.concatenate([p0, p1])  # in one go: for a small batch the calls cost more than the work
    column, row = fine_cells(both[:, 0], both[:, 1])
    cell = row >> FINE
    cell *= COLUMNS
    cell += column >> FINE
    start, end = cell[: len(p0)], cell[len(p0) :]
    code = tables.grid.take(start)
    near = code < 0
    near |= start != end
    some = np.flatnonzero(near)
    if len(some) <= _FEW_NEAR:
        return some
    # of many, most leave the raster's cell for a neighbour, or stay in one child, that no edge touches either
    code, other = code[some], tables.grid.take(end[some])
    step = np.abs(start[some] - end[some])  # a wrap at the end of a row is a step of 1 too, but over longitude 180
    short = np.abs(p0[some, 0] - p1[some, 0]) < STEP
    clear = (code >= 0) & (other >= 0) & short & ((step == 1) | (step == COLUMNS))
    inner = np.flatnonzero((code < 0) & (step == 0))
    first, last = some[inner], some[inner] + len(p0)
    shift = FINE - BITS
    a, b, c, d = column[first] >> shift, column[last] >> shift, row[first] >> shift, row[last] >> shift
    child = ((-1 - code[inner]) << (2 * BITS - 1)) + ((c & _INNER) << BITS) + (a & _INNER)
    in_block = ((-1 - code[inner]) & 1) == 0
    pure = tables.blocks.take(np.where(in_block, child, 0)) >= 0 if len(tables.blocks) else in_block
    clear[inner] = in_block & pure & (a == b) & (c == d)
    left: Rows = some[~clear]
    return left


def _candidates(
    tables: Tables,
    ends: tuple[Floats, Floats, Floats, Floats],
    box: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
) -> tuple[Rows, Rows]:
    """Pairs of a segment and an edge of a leaf it passes, whose boxes meet; each once, by segment."""
    x0, y0, x1, y1 = ends
    dx, dy = x1 - x0, y1 - y0
    west, east, south, north = box
    shift = FINE
    segment, column, row = raster_cells(ends, west >> shift, east >> shift, south >> shift, north >> shift)
    code = tables.grid.take(row * COLUMNS + column)
    found: list[tuple[Rows, Rows]] = []
    while True:
        inner = np.flatnonzero(code < 0)
        if not inner.size:
            break
        segment, column, row, number = segment[inner], column[inner], row[inner], -1 - code[inner]
        size = float(1 << shift) / SCALE
        x, y = (column + 0.5) * size - 180.0 - x0[segment], (row + 0.5) * size - 90.0 - y0[segment]
        passed = touches(dx[segment], dy[segment], x, y, size / 2)
        in_leaf = (number & 1) != 0
        leaf_at = np.flatnonzero(passed & in_leaf)
        if leaf_at.size:
            leaf = number[leaf_at] >> 1
            first, count = entries_of(tables, leaf)
            which, entry = positions_of(count, first)
            found.append((segment[leaf_at[which]], tables.entries.take(entry) >> 2))
        block_at = np.flatnonzero(passed & ~in_leaf)
        if not block_at.size:
            break
        segment, column, row, number = segment[block_at], column[block_at], row[block_at], number[block_at]
        shift -= BITS
        which, column, row = _cells(
            np.maximum(west[segment] >> shift, column << BITS),
            np.minimum(east[segment] >> shift, (column << BITS) + _INNER),
            np.maximum(south[segment] >> shift, row << BITS),
            np.minimum(north[segment] >> shift, (row << BITS) + _INNER),
        )
        code = tables.blocks.take((number[which] << (2 * BITS - 1)) + ((row & _INNER) << BITS) + (column & _INNER))
        segment = segment[which]
    if not found:
        return _NONE[0], _NONE[1]
    segment, edge = (np.concatenate(part) for part in zip(*found, strict=True))
    e = tables.edges.take(edge, axis=0)
    sx0, sx1, sy0, sy1 = x0[segment], x1[segment], y0[segment], y1[segment]
    keep = (np.minimum(e[:, 0], e[:, 2]) <= np.maximum(sx0, sx1)) & (e[:, 1] <= np.maximum(sy0, sy1))
    keep &= (np.maximum(e[:, 0], e[:, 2]) >= np.minimum(sx0, sx1)) & (e[:, 3] >= np.minimum(sy0, sy1))
    pairs = np.sort(segment[keep] * len(tables.edges) + edge[keep])
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    return pairs // len(tables.edges), pairs % len(tables.edges)


def raster_cells(
    ends: tuple[Floats, Floats, Floats, Floats],
    west: NDArray[np.integer],
    east: NDArray[np.integer],
    south: NDArray[np.integer],
    north: NDArray[np.integer],
) -> tuple[Rows, NDArray[np.int64], NDArray[np.int64]]:
    """``(segment, column, row)`` of the raster's cells; of long segments only those along the way, row by row."""
    counts = (east - west + 1) * (north - south + 1)
    if counts.max(initial=0) <= _FEW_CELLS:
        return _cells(west, east, south, north)
    x0, y0, x1, y1 = ends
    segment, nth = ragged((north - south + 1).astype(np.int64))
    row = south[segment] + nth
    low = row * STEP - (90.0 + _WIDE_SLACK)
    high = low + (STEP + 2 * _WIDE_SLACK)
    rise = (y1 - y0)[segment]
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = (low - y0[segment]) / rise, (high - y0[segment]) / rise
    level = rise == 0
    start = np.where(level, 0.0, np.clip(np.minimum(one, two), 0.0, 1.0))
    end = np.where(level, 1.0, np.clip(np.maximum(one, two), 0.0, 1.0))
    run = (x1 - x0)[segment]
    a, b = x0[segment] + start * run, x0[segment] + end * run
    first = np.floor((np.minimum(a, b) + (180.0 - _WIDE_SLACK)) / STEP).astype(np.int64)
    last = np.floor((np.maximum(a, b) + (180.0 + _WIDE_SLACK)) / STEP).astype(np.int64)
    nth, column, row = _cells(np.maximum(first, west[segment]), np.minimum(last, east[segment]), row, row)
    return segment[nth], column, row


def _cells(
    west: NDArray[np.integer], east: NDArray[np.integer], south: NDArray[np.integer], north: NDArray[np.integer]
) -> tuple[Rows, NDArray[np.int64], NDArray[np.int64]]:
    """``(nth, column, row)`` of all cells of each range; an empty range gives none."""
    wide = np.maximum(east - west + 1, 0)
    counts = wide * np.maximum(north - south + 1, 0)
    if counts.max(initial=0) <= 1:
        nth = np.flatnonzero(counts)
        return nth, west[nth].astype(np.int64), south[nth].astype(np.int64)
    which, nth = ragged(counts)
    span = wide[which]
    down = nth // span
    return which, west[which] + nth - down * span, south[which] + down
