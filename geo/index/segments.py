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
_CROWDED = 1.25  # so many cells a segment: some of them are beside it
_FEW_NEAR = 64  # up to here a closer look costs more than it saves, and so it does where most are near


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
    if len(some) <= _FEW_NEAR or 2 * len(some) > len(p0):
        return some
    # of many, most leave the raster's cell for a neighbour, or stay in one child, that no edge touches either
    code, other = code.take(some), tables.grid.take(end.take(some))
    step = np.abs(
        start.take(some) - end.take(some)
    )  # a wrap at the end of a row is a step of 1 too, but over longitude 180
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
    crowded = len(segment) > _CROWDED * len(x0)
    code = tables.grid.take(row * COLUMNS + column)
    found: list[tuple[Rows, NDArray[np.int32]]] = []
    while True:
        busy = np.flatnonzero(code < 0)
        if crowded:  # more cells than the segments pass: those aside of them go
            size = float(1 << shift) / SCALE
            at = segment.take(busy)
            x = (column.take(busy) + 0.5) * size - 180.0 - x0.take(at)
            y = (row.take(busy) + 0.5) * size - 90.0 - y0.take(at)
            busy = busy.compress(touches(dx.take(at), dy.take(at), x, y, size / 2))
        if not busy.size:
            break
        number = ~code.take(busy)
        in_leaf = (number & 1) != 0
        in_leaf_at = busy.compress(in_leaf)
        if in_leaf_at.size:
            found.append((segment.take(in_leaf_at), number.compress(in_leaf) >> 1))
        in_block = ~in_leaf
        busy, number = busy.compress(in_block), number.compress(in_block)
        if not busy.size:
            break
        segment, column, row = segment.take(busy), column.take(busy) << BITS, row.take(busy) << BITS
        shift -= BITS
        which, column, row = _cells(
            np.maximum(west.take(segment) >> shift, column),
            np.minimum(east.take(segment) >> shift, column + _INNER),
            np.maximum(south.take(segment) >> shift, row),
            np.minimum(north.take(segment) >> shift, row + _INNER),
        )
        crowded = len(which) > _CROWDED * len(busy)
        number <<= 2 * BITS - 1
        code = tables.blocks.take(number.take(which) + ((row & _INNER) << BITS) + (column & _INNER))
        segment = segment.take(which)
    if not found:
        return _NONE[0], _NONE[1]
    segment, leaf = (np.concatenate(part) for part in zip(*found, strict=True))
    first, count = entries_of(tables, leaf)
    which, entry = positions_of(count, first)
    segment = segment.take(which)
    e = tables.packed.take(entry, axis=0)
    meet = e[:, 1] <= np.maximum(y0, y1).take(segment)
    meet &= e[:, 3] >= np.minimum(y0, y1).take(segment)
    meet &= np.minimum(e[:, 0], e[:, 2]) <= np.maximum(x0, x1).take(segment)
    meet &= np.maximum(e[:, 0], e[:, 2]) >= np.minimum(x0, x1).take(segment)
    kept = np.flatnonzero(meet)
    pairs = segment.take(kept) * len(tables.edges)
    pairs += tables.entries.take(entry.take(kept)) >> 2
    pairs.sort()
    pairs = pairs.compress(np.diff(pairs, prepend=-1) > 0)
    segment = pairs // len(tables.edges)
    pairs -= segment * len(tables.edges)
    return segment, pairs


def raster_cells(
    ends: tuple[Floats, Floats, Floats, Floats],
    west: NDArray[np.integer],
    east: NDArray[np.integer],
    south: NDArray[np.integer],
    north: NDArray[np.integer],
) -> tuple[Rows, NDArray[np.integer], NDArray[np.integer]]:
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
    which, column, level = _cells(np.maximum(first, west[segment]), np.minimum(last, east[segment]), row, row)
    return segment[which], column, level


def _cells(
    west: NDArray[np.integer], east: NDArray[np.integer], south: NDArray[np.integer], north: NDArray[np.integer]
) -> tuple[Rows, NDArray[np.integer], NDArray[np.integer]]:
    """``(nth, column, row)`` of all cells of each range, in no order; an empty range gives none."""
    wide = np.maximum(east - west + 1, 0)
    counts = wide * np.maximum(north - south + 1, 0)
    nth = np.flatnonzero(counts == 1)
    many = np.flatnonzero(counts > 1)
    column, row = west.take(nth), south.take(nth)
    if not many.size:
        return nth, column, row
    which, place = ragged(counts.take(many))
    span = wide.take(many).take(which)
    down = (place / span).astype(row.dtype)  # exact for so small numbers, and much quicker than //
    which = many.take(which)
    across = west.take(which) + (place - down * span).astype(column.dtype)
    return (
        np.concatenate([nth, which]),
        np.concatenate([column, across]),
        np.concatenate([row, south.take(which) + down]),
    )
