"""The same answers for a handful of positions: a stream hands over 1 to 50 at a time.

A numpy call costs about a microsecond whatever it does, and the vectorised path makes fifteen to eighty of them. Below
a few dozen rows plain Python over the same tables is quicker. Both paths give the same ids and the same numbers.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.index.grid import BITS, COLUMNS, FINE, LAST_COLUMN, LAST_ROW, ROWS, SCALE, SPLIT, STEP
from geo.index.points import NotAPlace, Points
from geo.meetings import Rows
from geo.orientation import Floats, orientation_of

FEW = 16  # up to here everything is done one by one; above, only what the raster leaves open
FEW_OPEN = 64  # … and up to here it is left open one by one
FEW_UNSURE = 16  # positions that only exact arithmetic decides
_INNER = SPLIT - 1
_RASTER = 1.0 / STEP  # cells per degree: SCALE divided by a power of two, so rounding is the same
COLUMN_BITS, ROW_BITS = LAST_COLUMN.bit_length(), LAST_ROW.bit_length()  # both are one less than a power of two
NO_PLACE = "positions: expected longitudes -180..180 and latitudes -90..90, all finite"
_INT32 = np.dtype(np.int32)

Rows32 = NDArray[np.int32]
_empty = np.empty
EACH_EDGE = Struct("4d").iter_unpack  # of a piece of the packed edges: much quicker than one number after the other


def _view(table: NDArray[Any]) -> memoryview:
    """The table as Python numbers, one at a time: three times quicker than indexing the array."""
    return memoryview(table)  # type: ignore[arg-type]


def cell_of(x: float, y: float) -> tuple[int, int]:
    """The smallest cell's column and row of a position. Raises :class:`geo.index.points.NotAPlace`."""
    if not (-180.0 <= x <= 180.0 and -90.0 <= y <= 90.0):
        raise NotAPlace(NO_PLACE)
    return min(int((x + 180.0) * SCALE), LAST_COLUMN), min(int((y + 90.0) * SCALE), LAST_ROW)


class Scalar:
    """Answers one position or segment at a time from the tables."""

    def __init__(self, points: Points, translate: Callable[[int], int] | None = None) -> None:
        t = points.tables
        self._translate = translate
        self._points = points
        self._grid, self._blocks = _view(t.grid), _view(t.blocks)
        self._records = _view(t.records.reshape(-1))
        self._edges = _view(t.packed.reshape(-1).view(np.uint8))  # 32 bytes each
        self._entries, self._bases = _view(t.entries), _view(t.bases)
        self._hashes = _view(t.edge_hashes)
        self._bounds = t.bounds.tolist()
        self._known: dict[int, int] = dict(zip(points.sets.hashes.tolist(), points.sets.ids.tolist(), strict=True))

    def sets(self, lonlat: Floats) -> NDArray[np.int32]:
        """As :meth:`geo.zone_index.ZoneIndex.sets`."""
        grid, translate = self._grid, self._translate
        found = _empty(len(lonlat), _INT32)
        at = 0
        for x, y in lonlat.tolist():
            try:
                column = int((x + 180.0) * _RASTER)
                row = int((y + 90.0) * _RASTER)
            except (ValueError, OverflowError):
                raise NotAPlace(NO_PLACE) from None
            # zero may be a little less than zero, so the first ones are looked at again
            code = grid[row * COLUMNS + column] if 0 < column < COLUMNS and 0 < row < ROWS else -1
            if code < 0:
                code = self._number_at(x, y)
            found[at] = code if translate is None else translate(code)
            at += 1  # noqa: SIM113 -- enumerate costs a twelfth of a call
        return found

    def finish(self, codes: NDArray[np.int32], at: Rows, x: Floats, y: Floats, column: Rows32, row: Rows32) -> None:
        """Put set numbers in place of the raster's codes ``at`` that are none."""
        rows = zip(
            at.tolist(), codes[at].tolist(), x[at].tolist(), y[at].tolist(), column[at].tolist(), row[at].tolist(),
            strict=True,
        )  # fmt: skip
        for index, code, px, py, c, r in rows:
            codes[index] = self._below(code, px, py, c, r)

    def exactly(self, codes: NDArray[np.int32], at: Rows, leaf: Rows32, x: Floats, y: Floats) -> None:
        """Put set numbers ``at`` positions that are in leaves, whatever the leaf and however near its edges."""
        rows = zip(at.tolist(), leaf.tolist(), x[at].tolist(), y[at].tolist(), strict=True)
        for index, number, px, py in rows:
            codes[index] = self._exactly(number, px, py)

    def _number_at(self, x: float, y: float) -> int:
        """The number of the tables for the set of one position. Raises :class:`geo.index.points.NotAPlace`."""
        column, row = int((x + 180.0) * SCALE), int((y + 90.0) * SCALE)
        if not (0 < column <= LAST_COLUMN and 0 < row <= LAST_ROW):
            column, row = cell_of(x, y)
        code = self._grid[(row >> FINE) * COLUMNS + (column >> FINE)]
        return code if code >= 0 else self._below(code, x, y, column, row)

    def _set_at(self, x: float, y: float) -> int:
        """The public set id of one position. Raises :class:`geo.index.points.NotAPlace`."""
        number = self._number_at(x, y)
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
        records = self._records
        place = 4 * leaf
        even = records[place + 2]
        if even < 0:
            return self._exactly(leaf, x, y)
        first, meta = records[place], records[place + 1]
        bound = self._bounds[meta >> 28]
        flags = meta >> 8
        odd = False
        for x0, y0, x1, y1 in EACH_EDGE(self._edges[32 * first : 32 * (first + (meta & 255))]):
            determinant = (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
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
        return records[place + 3] if odd else even

    def _exactly(self, leaf: int, x: float, y: float) -> int:
        entries = self._entries
        first, last = self._entries_of(leaf)
        value = self._bases[leaf]
        touching: list[int] = []
        for entry, (x0, y0, x1, y1) in enumerate(EACH_EDGE(self._edges[32 * first : 32 * last]), first):
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
