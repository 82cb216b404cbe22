"""The same answers for a handful of positions or segments: a stream hands over 1 to 50 at a time.

A numpy call costs about a microsecond whatever it does, and the vectorised path makes fifteen to eighty of them. Below
a few dozen rows plain Python over the same tables is quicker. Both paths give the same ids and the same numbers.
"""

from collections.abc import Callable, Iterable
from itertools import chain
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.changes import CROSSING, NO_CROSSINGS, SHORT_DEG
from geo.index.grid import BITS, COLUMNS, FINE, LAST_COLUMN, LAST_ROW, SCALE, SLACK, SPLIT
from geo.index.points import NotAPlace, Points
from geo.meetings import Rows
from geo.orientation import FILTER, Floats, orientation_of

FEW = 16  # up to here everything is done one by one; above, only what the raster leaves open
FEW_OPEN = 96  # … and up to here it is left open one by one
_INNER = SPLIT - 1
_LONG_DEG = 1.5  # longer segments pass too many cells for Python
_INT32 = np.dtype(np.int32)

Rows32 = NDArray[np.int32]
_array = np.array


def _view(table: NDArray[Any]) -> memoryview:
    """The table as Python numbers, one at a time: three times quicker than indexing the array."""
    return memoryview(table)  # type: ignore[arg-type]


class Scalar:
    """Answers one position or segment at a time from the tables."""

    def __init__(self, points: Points, translate: Callable[[int], int] | None = None) -> None:
        t = points.tables
        self._translate = translate
        self._points = points
        self._grid, self._blocks = _view(t.grid), _view(t.blocks)
        self._records = _view(t.records.reshape(-1))
        self._packed = _view(t.packed.reshape(-1))
        self._entries, self._bases = _view(t.entries), _view(t.bases)
        self._hashes = _view(t.edge_hashes)
        self._bounds = t.bounds.tolist()
        self._known: dict[int, int] = dict(zip(points.sets.hashes.tolist(), points.sets.ids.tolist(), strict=True))

    def sets(self, lonlat: Floats) -> NDArray[np.int32]:
        """As :meth:`geo.zone_index.ZoneIndex.sets`."""
        grid = self._grid
        found = []
        for x, y in lonlat.tolist():
            if not (-180.0 <= x <= 180.0 and -90.0 <= y <= 90.0):
                raise NotAPlace("positions: expected longitudes -180..180 and latitudes -90..90, all finite")
            column, row = int((x + 180.0) * SCALE), int((y + 90.0) * SCALE)
            if column > LAST_COLUMN:
                column = LAST_COLUMN
            if row > LAST_ROW:
                row = LAST_ROW
            code = grid[(row >> FINE) * COLUMNS + (column >> FINE)]
            found.append(code if code >= 0 else self._below(code, x, y, column, row))
        if self._translate is not None:
            found = [self._translate(number) for number in found]
        return _array(found, _INT32)

    def finish(self, codes: NDArray[np.int32], at: Rows, x: Floats, y: Floats, column: Rows32, row: Rows32) -> None:
        """Put set numbers in place of the raster's codes ``at`` that are none."""
        rows = zip(
            at.tolist(), codes[at].tolist(), x[at].tolist(), y[at].tolist(), column[at].tolist(), row[at].tolist(),
            strict=True,
        )  # fmt: skip
        for index, code, px, py, c, r in rows:
            codes[index] = self._below(code, px, py, c, r)

    def _set_at(self, x: float, y: float) -> int:
        """The set id of one position that is known to be a place."""
        column, row = min(int((x + 180.0) * SCALE), LAST_COLUMN), min(int((y + 90.0) * SCALE), LAST_ROW)
        code = self._grid[(row >> FINE) * COLUMNS + (column >> FINE)]
        number = code if code >= 0 else self._below(code, x, y, column, row)
        return number if self._translate is None else self._translate(number)

    def _below(self, code: int, x: float, y: float, column: int, row: int) -> int:
        """The set id from a code of the raster that is not one itself."""
        shift = FINE
        while code < 0:
            number = -1 - code
            if number & 1:
                return self._leaf(number >> 1, x, y)
            shift -= BITS
            code = self._blocks[(number << 5) + (((row >> shift) & _INNER) << BITS) + ((column >> shift) & _INNER)]
        return code

    def _leaf(self, leaf: int, x: float, y: float) -> int:
        records, packed = self._records, self._packed
        place = 4 * leaf
        even = records[place + 2]
        if even < 0:
            return self._exactly(leaf, x, y)
        meta = records[place + 1]
        bound = self._bounds[meta >> 28]
        at = 4 * records[place]
        flags = meta >> 8
        odd = False
        for _ in range(meta & 255):
            y0, y1 = packed[at + 1], packed[at + 3]
            x0 = packed[at]
            determinant = (packed[at + 2] - x0) * (y - y0) - (y1 - y0) * (x - x0)
            if -bound <= determinant <= bound:
                return self._exactly(leaf, x, y)
            if determinant < 0.0 and (y0 > y) is not (y1 > y):
                odd = not odd
            if flags & 3:
                if flags & 1 and y0 <= y:
                    odd = not odd
                if flags & 2 and y1 <= y:
                    odd = not odd
            flags >>= 2
            at += 4
        return records[place + 3] if odd else even

    def _exactly(self, leaf: int, x: float, y: float) -> int:
        packed, entries = self._packed, self._entries
        first, last = self._entries_of(leaf)
        value = self._bases[leaf]
        touching: list[int] = []
        for entry in range(first, last):
            x0, y0, x1, y1 = packed[4 * entry : 4 * entry + 4]
            above, over = y0 > y, y1 > y
            side = orientation_of(x0, y0, x1, y1, x, y)
            if side == 0 and y0 <= y <= y1 and min(x0, x1) <= x <= max(x0, x1):
                touching.append(entries[entry] >> 2)
            count = side < 0 and above is not over
            flags = entries[entry] & 3
            if flags & 1 and not above:
                count = not count
            if flags & 2 and not over:
                count = not count
            if count:
                value ^= self._hashes[entries[entry] >> 2]
        if not touching and value in self._known:
            return self._known[value]
        return self._points.decide(value, touching, (x, y))

    def _entries_of(self, leaf: int) -> tuple[int, int]:
        records = self._records
        first, count = records[4 * leaf], records[4 * leaf + 1] & 255
        if count < 255:
            return first, first + count
        return first, records[4 * leaf + 4] if 4 * leaf + 4 < len(records) else len(self._entries)

    def crossings(self, p0: Floats, p1: Floats) -> NDArray[np.void] | None:
        """As :meth:`geo.zone_index.ZoneIndex.crossings`; None where a segment is long or over the antimeridian."""
        grid = self._grid
        rows: list[tuple[int, float, float, float, int, int]] = []
        for segment, ((x0, y0), (x1, y1)) in enumerate(zip(p0.tolist(), p1.tolist(), strict=True)):
            if not (-180.0 <= x0 <= 180.0 and -90.0 <= y0 <= 90.0 and -180.0 <= x1 <= 180.0 and -90.0 <= y1 <= 90.0):
                raise NotAPlace("positions: expected longitudes -180..180 and latitudes -90..90, all finite")
            c0, r0 = min(int((x0 + 180.0) * SCALE), LAST_COLUMN), min(int((y0 + 90.0) * SCALE), LAST_ROW)
            c1, r1 = min(int((x1 + 180.0) * SCALE), LAST_COLUMN), min(int((y1 + 90.0) * SCALE), LAST_ROW)
            start = (r0 >> FINE) * COLUMNS + (c0 >> FINE)
            if grid[start] >= 0 and start == (r1 >> FINE) * COLUMNS + (c1 >> FINE):
                continue
            if abs(x1 - x0) > _LONG_DEG or abs(y1 - y0) > _LONG_DEG:
                return None
            met = self._meetings(x0, y0, x1, y1, (c0, r0, c1, r1))
            if met:
                self._changes(rows, segment, (x0, y0, x1, y1), met)
        return _array(rows, CROSSING) if rows else NO_CROSSINGS

    def _meetings(self, x0: float, y0: float, x1: float, y1: float, cells: tuple[int, int, int, int]) -> list[float]:
        """Where along the segment it touches an edge, sorted."""
        packed, entries = self._packed, self._entries
        leaves = self._leaves((x0, y0, x1, y1), cells)
        if not leaves:
            return []
        left, right = (x0, x1) if x0 < x1 else (x1, x0)
        bottom, top = (y0, y1) if y0 < y1 else (y1, y0)
        met: list[float] = []
        done: list[int] = []
        spots: Iterable[int] = range(*self._entries_of(leaves[0]))
        if len(leaves) > 1:
            spots = chain.from_iterable(range(*self._entries_of(leaf)) for leaf in leaves)
        for spot in spots:
            at = 4 * spot
            b, d = packed[at + 1], packed[at + 3]
            if b > top or d < bottom:
                continue
            a, c = packed[at], packed[at + 2]
            if (a if a < c else c) > right or (a if a > c else c) < left:
                continue
            edge = entries[spot] >> 2
            if edge in done:  # an edge is in every leaf it touches; few are near one segment
                continue
            done.append(edge)
            one, two = (c - a) * (y0 - b), (d - b) * (x0 - a)
            start = one - two
            side0 = (
                (1 if start > 0 else -1)
                if abs(start) > FILTER * (abs(one) + abs(two))
                else orientation_of(a, b, c, d, x0, y0)
            )
            one, two = (c - a) * (y1 - b), (d - b) * (x1 - a)
            end = one - two
            side1 = (
                (1 if end > 0 else -1)
                if abs(end) > FILTER * (abs(one) + abs(two))
                else orientation_of(a, b, c, d, x1, y1)
            )
            if side0 * side1 > 0:
                continue
            if orientation_of(x0, y0, x1, y1, a, b) * orientation_of(x0, y0, x1, y1, c, d) > 0:
                continue
            if side0 == 0 and side1 == 0:
                dx, dy = x1 - x0, y1 - y0
                length2 = dx * dx + dy * dy
                if length2 > 0:
                    both = (((a - x0) * dx + (b - y0) * dy) / length2, ((c - x0) * dx + (d - y0) * dy) / length2)
                    if min(both) <= 1.0 and max(both) >= 0.0:
                        met.extend(min(max(u, 0.0), 1.0) for u in both)
                else:
                    met.append(0.0)
            elif side0 == 0:
                met.append(0.0)
            elif side1 == 0:
                met.append(1.0)
            else:
                difference = start - end
                met.append(min(max(start / (difference if difference != 0 else 1.0), 0.0), 1.0))
        met.sort()
        return met

    def _leaves(self, ends: tuple[float, float, float, float], cells: tuple[int, int, int, int]) -> list[int]:
        """The leaves the segment passes."""
        c0, r0, c1, r1 = cells
        shift = FINE
        a, c = c0 >> shift, r0 >> shift
        table, first, wide = self._grid, 0, COLUMNS
        # while both ends are in one cell there is one way down
        while a == c1 >> shift and c == r1 >> shift:
            if shift < FINE:
                a, c = a & _INNER, c & _INNER
            code = table[first + c * wide + a]
            if code >= 0:
                return []
            number = -1 - code
            if number & 1:
                return [number >> 1]
            shift -= BITS
            table, first, wide = self._blocks, number << 5, SPLIT
            a, c = c0 >> shift, r0 >> shift
        west, east = (c0, c1) if c0 < c1 else (c1, c0)
        south, north = (r0, r1) if r0 < r1 else (r1, r0)
        x0, y0, x1, y1 = ends
        dx, dy = x1 - x0, y1 - y0
        span = abs(dx) + abs(dy)
        found: list[int] = []
        # the table, where the block begins in it, and columns and rows of a range of cells still to be looked at
        todo = [(table, first, wide, west >> shift, east >> shift, south >> shift, north >> shift, shift)]
        while todo:
            table, first, wide, a, b, c, d, shift = todo.pop()
            many = b > a and d > c
            mask = wide - 1
            lower = shift - BITS
            size = float(1 << shift) / SCALE
            reach = span * (size / 2 + SLACK) + 1e-15
            for row in range(c, d + 1):
                line = first + (row if shift == FINE else row & _INNER) * wide
                for column in range(a, b + 1):
                    code = table[line + (column & mask)]
                    if code >= 0:
                        continue
                    if many:
                        x, y = (column + 0.5) * size - 180.0 - x0, (row + 0.5) * size - 90.0 - y0
                        if abs(dx * y - dy * x) > reach:
                            continue
                    number = -1 - code
                    if number & 1:
                        found.append(number >> 1)
                        continue
                    lo_c, hi_c, lo_r, hi_r = (
                        column << BITS,
                        (column << BITS) + _INNER,
                        row << BITS,
                        (row << BITS) + _INNER,
                    )
                    p, q, r, s = west >> lower, east >> lower, south >> lower, north >> lower
                    todo.append(
                        (
                            self._blocks,
                            number << 5,
                            SPLIT,
                            p if p > lo_c else lo_c,
                            q if q < hi_c else hi_c,
                            r if r > lo_r else lo_r,
                            s if s < hi_r else hi_r,
                            lower,
                        )
                    )
        return found

    def _changes(
        self,
        rows: list[tuple[int, float, float, float, int, int]],
        segment: int,
        ends: tuple[float, float, float, float],
        met: list[float],
    ) -> None:
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
