"""Crossings of a handful of segments, one at a time: what :mod:`geo.index.scalar` is for positions.

A segment of a track is short: mostly both its ends are in one cell, however small, and there is one way down to it.
Where that cell is a leaf with the same zones on one side of all its edges, and the segment goes through one edge, its
start tells everything.
"""

from collections.abc import Sequence
from math import hypot

import numpy as np
from numpy.typing import NDArray

from geo.changes import NO_CROSSINGS, RECORD, SHORT_DEG
from geo.index.grid import BITS, COLUMNS, FINE, SCALE, SLACK, SPLIT
from geo.index.points import NotAPlace
from geo.index.scalar import COLUMN_BITS, EACH_EDGE, NO_PLACE, ROW_BITS, Scalar, cell_of
from geo.orientation import FILTER, Floats, orientation_of

_INNER = SPLIT - 1
# a determinant above it has the right sign for any edge and segment on the map (Shewchuk's bound A)
_SURE = FILTER * 1.01 * (360.0 * 180.0 + 180.0 * 360.0)
FEW_SEGMENTS = 128  # up to here, of those that may meet a border, they are followed one by one
_LONG_DEG = 1.5  # longer segments pass too many cells for Python
_FLAT = 1000.0  # degrees of longitude per degree of latitude: flatter segments are not followed row by row
_TWO_BITS = 2 * BITS - 1
_SIZES = [float(1 << shift) / SCALE for shift in range(FINE + 1)]  # of cells, degrees
_array, _recarray = np.array, np.recarray
_NONE = NO_CROSSINGS.view(np.recarray)

Ends = tuple[float, float, float, float]
Row = tuple[int, float, float, float, int, int]


class ScalarSegments(Scalar):
    """Answers one position or one segment at a time from the tables."""

    def crossings(self, p0: Floats, p1: Floats) -> NDArray[np.void] | None:
        """As :meth:`geo.zone_index.ZoneIndex.crossings`; None where a segment is long or over the antimeridian."""
        grid, blocks = self._grid, self._blocks
        rows: list[Row] = []
        segment = -1
        if len(p0) != len(p1):
            return None  # the vectorised path says what is wrong
        for (x0, y0), (x1, y1) in zip(p0.tolist(), p1.tolist()):  # noqa: B905 -- a keyword costs more than the look above
            segment += 1
            try:
                c0, r0 = int((x0 + 180.0) * SCALE), int((y0 + 90.0) * SCALE)
                c1, r1 = int((x1 + 180.0) * SCALE), int((y1 + 90.0) * SCALE)
            except (ValueError, OverflowError):
                raise NotAPlace(NO_PLACE) from None
            if (c0 | c1) >> COLUMN_BITS or (r0 | r1) >> ROW_BITS or not (c0 and c1 and r0 and r1):
                c0, r0 = cell_of(x0, y0)
                c1, r1 = cell_of(x1, y1)
            ends = x0, y0, x1, y1
            apart = (c0 ^ c1) | (r0 ^ r1)
            if apart >> FINE:
                if abs(x1 - x0) > _LONG_DEG or abs(y1 - y0) > _LONG_DEG:
                    return None
                leaves = self._raster_leaves(ends, (c0, r0, c1, r1))
                if leaves:
                    self._follow(rows, segment, ends, leaves, False)
                continue
            # while both ends are in one cell there is one way down
            code = grid[(r0 >> FINE) * COLUMNS + (c0 >> FINE)]
            shift = FINE
            while code < 0:
                first = ~code << _TWO_BITS  # of a block: the raster has no leaves
                shift -= BITS
                if apart >> shift:
                    self._spread(rows, segment, ends, (c0, r0, c1, r1), first, shift)
                    break
                code = blocks[first + (((r0 >> shift) & _INNER) << BITS) + ((c0 >> shift) & _INNER)]
                if code < 0 and not code & 1:
                    self._follow(rows, segment, ends, (~code >> 1,), True)
                    break
        return _array(rows, RECORD).view(_recarray) if rows else _NONE

    def _spread(
        self, rows: list[Row], segment: int, ends: Ends, cells: tuple[int, int, int, int], first: int, shift: int
    ) -> None:
        """Append the changes of a segment whose ends are in two cells of one block, which has its codes from ``first``.

        Mostly they are neighbours, and none of them has edges, or only one."""
        blocks = self._blocks
        c0, r0, c1, r1 = cells
        left, low = c0 >> shift, r0 >> shift
        across, up = (c1 >> shift) - left, (r1 >> shift) - low
        below: list[tuple[int, int, int, int]] = []
        leaves: list[int] = []
        if -1 <= across <= 1 and -1 <= up <= 1:
            place = first + ((low & _INNER) << BITS) + (left & _INNER)
            code = blocks[place]
            starts_there = code < 0
            if starts_there:
                if code & 1:
                    below.append((~code << _TWO_BITS, shift - BITS, left << BITS, low << BITS))
                else:
                    leaves.append(~code >> 1)
            code = blocks[place + across + (up << BITS)]
            if code < 0:
                if code & 1:
                    below.append((~code << _TWO_BITS, shift - BITS, left + across << BITS, low + up << BITS))
                else:
                    leaves.append(~code >> 1)
            if across and up:
                code = blocks[place + across]
                if code < 0:
                    if code & 1:
                        below.append((~code << _TWO_BITS, shift - BITS, left + across << BITS, low << BITS))
                    else:
                        leaves.append(~code >> 1)
                code = blocks[place + (up << BITS)]
                if code < 0:
                    if code & 1:
                        below.append((~code << _TWO_BITS, shift - BITS, left << BITS, low + up << BITS))
                    else:
                        leaves.append(~code >> 1)
        else:
            starts_there = False
            below.append((first, shift, left & ~_INNER, low & ~_INNER))
        if below:
            leaves += self._leaves(ends, cells, below)
            starts_there = False
        if leaves:
            self._follow(rows, segment, ends, leaves, starts_there)

    def _follow(self, rows: list[Row], segment: int, ends: Ends, leaves: Sequence[int], starts_there: bool) -> None:
        """Append the changes of a segment that can meet no edge outside of the leaves; whether it starts in the first.

        Where there is one leaf and the segment goes through one of its edges, the start and that leaf tell all."""
        met, through = self._meetings(ends, leaves)
        if not met:
            return
        if through and len(met) == 1 and len(leaves) == 1:
            x0, y0, x1, y1 = ends
            u, dx, dy = met[0], x1 - x0, y1 - y0
            leaf = leaves[0]
            even, odd = self._records[4 * leaf + 2], self._records[4 * leaf + 3]
            if even >= 0 and u > 0.0 and (1.0 - u) * hypot(dx, dy) > SHORT_DEG:
                before = self._leaf(leaf, x0, y0) if starts_there else self._number_at(x0, y0)
                # the edges of this leaf part the same zones, so behind the one it goes through is the other set
                if before in (even, odd):
                    after = odd if before == even else even
                    if self._translate is not None:
                        before, after = self._translate(before), self._translate(after)
                    if before != after:
                        rows.append((segment, u, x0 + u * dx, y0 + u * dy, before, after))
                    return
        met.sort()
        self._changes(rows, segment, ends, met)

    def _meetings(self, ends: Ends, leaves: Sequence[int]) -> tuple[list[float], bool]:
        """Where along the segment it touches edges of the leaves, in no order, for an edge in two leaves maybe twice;
        and whether it goes through the last one's inside."""
        each, edges, records = EACH_EDGE, self._edges, self._records
        x0, y0, x1, y1 = ends
        left, right, bottom, top = x0, x1, y0, y1
        if x0 > x1:
            left, right = x1, x0
        if y0 > y1:
            bottom, top = y1, y0
        run, rise = x1 - x0, y1 - y0
        met: list[float] = []
        through = False
        for leaf in leaves:
            first, count = records[4 * leaf], records[4 * leaf + 1] & 255
            last = first + count if count < 255 else self._entries_of(leaf)[1]
            for a, b, c, d in each(edges[32 * first : 32 * last]):
                if b > top or d < bottom:
                    continue
                if a < c:
                    if a > right or c < left:
                        continue
                elif c > right or a < left:
                    continue
                dx, dy = c - a, d - b
                start = dx * (y0 - b) - dy * (x0 - a)
                end = dx * (y1 - b) - dy * (x1 - a)
                if start > _SURE:
                    if end > _SURE:
                        continue
                    side0 = 1
                elif start < -_SURE:
                    if end < -_SURE:
                        continue
                    side0 = -1
                else:
                    side0 = orientation_of(a, b, c, d, x0, y0)
                if end > _SURE:
                    side1 = 1
                elif end < -_SURE:
                    side1 = -1
                else:
                    side1 = orientation_of(a, b, c, d, x1, y1)
                if side0 == side1 and side0:
                    continue
                low, high = run * (b - y0) - rise * (a - x0), run * (d - y0) - rise * (c - x0)
                if low > _SURE:
                    if high > _SURE:
                        continue
                    sides = 1
                elif low < -_SURE:
                    if high < -_SURE:
                        continue
                    sides = -1
                else:
                    sides = orientation_of(x0, y0, x1, y1, a, b)
                if high < -_SURE:
                    sides = -sides
                elif high <= _SURE:
                    sides *= orientation_of(x0, y0, x1, y1, c, d)
                if sides > 0:
                    continue
                if side0 and side1:
                    through = sides < 0
                    difference = start - end
                    u = start / (difference if difference != 0 else 1.0)
                    met.append(0.0 if u < 0.0 else 1.0 if u > 1.0 else u)
                elif side1:
                    met.append(0.0)
                elif side0:
                    met.append(1.0)
                else:
                    met.extend(_overlap(a - x0, b - y0, c - x0, d - y0, run, rise))
        return met, through

    def _raster_leaves(self, ends: Ends, cells: tuple[int, int, int, int]) -> list[int]:
        """The leaves of a segment that leaves its cell of the raster."""
        c0, r0, c1, r1 = cells
        west, east = (c0, c1) if c0 < c1 else (c1, c0)
        south, north = (r0, r1) if r0 < r1 else (r1, r0)
        blocks: list[tuple[int, int, int, int]] = []
        for row in range(south >> FINE, (north >> FINE) + 1):
            for column in range(west >> FINE, (east >> FINE) + 1):
                code = self._grid[row * COLUMNS + column]
                if code < 0:  # the raster has no leaves of its own: its cells are always refined
                    blocks.append(((-1 - code) << _TWO_BITS, FINE - BITS, column << BITS, row << BITS))
        return self._leaves(ends, cells, blocks) if blocks else []

    def _leaves(
        self, ends: Ends, cells: tuple[int, int, int, int], blocks: list[tuple[int, int, int, int]]
    ) -> list[int]:
        """The leaves the segment passes below some blocks: first code, shift, first column and row of each."""
        x0, y0, x1, y1 = ends
        c0, r0, c1, r1 = cells
        west, east = (c0, c1) if c0 < c1 else (c1, c0)
        south, north = (r0, r1) if r0 < r1 else (r1, r0)
        dx, dy = x1 - x0, y1 - y0
        codes = self._blocks
        found: list[int] = []
        for first, shift, left, bottom in blocks:  # it grows meanwhile
            a, b, c, d = west >> shift, east >> shift, south >> shift, north >> shift
            if a < left:
                a = left
            if b > left + _INNER:
                b = left + _INNER
            if c < bottom:
                c = bottom
            if d > bottom + _INNER:
                d = bottom + _INNER
            oblique = b > a and d > c
            if oblique:
                size = _SIZES[shift]
                reach = (abs(dx) + abs(dy)) * (size / 2 + SLACK) + 1e-15
            from_, to = a, b
            for row in range(c, d + 1):
                if oblique:
                    y = (row + 0.5) * size - 90.0 - y0
                    if b - a > 2 and abs(dx) < _FLAT * abs(dy):
                        one, two = x0 + (y - size / 2 - SLACK) / dy * dx, x0 + (y + size / 2 + SLACK) / dy * dx
                        if one > two:
                            one, two = two, one
                        from_, to = int((one + (180.0 - SLACK)) / size), int((two + (180.0 + SLACK)) / size)
                        if from_ < a:
                            from_ = a
                        if to > b:
                            to = b
                line = first + ((row & _INNER) << BITS)
                for column in range(from_, to + 1):
                    code = codes[line + (column & _INNER)]
                    if code >= 0:
                        continue
                    if oblique and abs(dx * y - dy * ((column + 0.5) * size - 180.0 - x0)) > reach:
                        continue
                    number = -1 - code
                    if number & 1:
                        found.append(number >> 1)
                    else:
                        blocks.append((number << _TWO_BITS, shift - BITS, column << BITS, row << BITS))
        return found

    def _changes(self, rows: list[Row], segment: int, ends: Ends, met: list[float]) -> None:
        """Append the changes of the zone set along one segment that meets a border."""
        x0, y0, x1, y1 = ends
        dx, dy = x1 - x0, y1 - y0
        span = hypot(dx, dy)
        state = self._set_at(x0, y0)
        low = met[0]
        # an end that lies on no border tells the zones of its stretch: no need to ask in the middle
        highs = met[1:] if low > 0.0 else met
        if low <= 0.0:
            low = 0.0
        for high in highs:
            if (high - low) * span > SHORT_DEG:
                middle = (low + high) / 2
                after = self._set_at(x0 + middle * dx, y0 + middle * dy)
                if after != state:
                    rows.append((segment, low, x0 + low * dx, y0 + low * dy, state, after))
                    state = after
            low = high
        after = self._set_at(x1, y1)
        if low < 1.0 and (1.0 - low) * span > SHORT_DEG:
            if after != state:
                rows.append((segment, low, x0 + low * dx, y0 + low * dy, state, after))
        elif after != state:
            rows.append((segment, 1.0, x1, y1, state, after))


def _overlap(a: float, b: float, c: float, d: float, run: float, rise: float) -> tuple[float, ...]:
    """Where along a segment it runs on an edge that lies in line with it: its ends, seen from the segment's start."""
    length2 = run * run + rise * rise
    if length2 == 0.0:
        return (0.0,)
    one, two = (a * run + b * rise) / length2, (c * run + d * rise) / length2
    if min(one, two) > 1.0 or max(one, two) < 0.0:
        return ()
    return min(max(one, 0.0), 1.0), min(max(two, 0.0), 1.0)
