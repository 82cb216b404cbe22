"""Which set of zones each position is in: the vectorised path."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from geo.index.grid import BITS, COLUMNS, FINE, LAST_COLUMN, LAST_ROW, SCALE, SPLIT
from geo.index.leaves import sets_in_leaves
from geo.index.sets import KnownSets
from geo.index.tables import Tables, entries_of, positions_of
from geo.orientation import Floats, orientation

_MASK = SPLIT - 1
CHUNK = 16_384

Finish = Callable[[NDArray[np.int32], NDArray[np.int64], Floats, Floats, NDArray[np.int32], NDArray[np.int32]], None]
Exactly = Callable[[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32], Floats, Floats], None]


class NotAPlace(ValueError):
    """A position that is not finite, or not within -180..180, -90..90 degrees."""


def fine_cells(x: Floats, y: Floats) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The smallest cells' column and row of each position. Raises :class:`NotAPlace`."""
    column = x + 180.0
    column *= SCALE
    row = y + 90.0
    row *= SCALE
    with np.errstate(invalid="ignore"):
        c, r = column.astype(np.int32), row.astype(np.int32)
    if not len(c):
        return c, r
    # as unsigned numbers, negative ones and what NaN becomes are large too: one look finds all that is wrong
    # (by argmax, which on a small array costs a tenth of max)
    wide, high = c.view(np.uint32), r.view(np.uint32)
    if wide[wide.argmax()] > LAST_COLUMN or high[high.argmax()] > LAST_ROW:
        if not ((x >= -180) & (x <= 180) & (y >= -90) & (y <= 90)).all():
            raise NotAPlace("positions: expected longitudes -180..180 and latitudes -90..90, all finite")
        np.minimum(c, LAST_COLUMN, out=c)
        np.minimum(r, LAST_ROW, out=r)
    elif column[column.argmin()] < 0.0 or row[row.argmin()] < 0.0:  # less than one smallest cell outside
        raise NotAPlace("positions: expected longitudes -180..180 and latitudes -90..90")
    return c, r


def _no_scalar_path(*_: object) -> None:
    raise AssertionError("few_open and few_unsure are 0, so nothing is ever left to the scalar path")


class Points:
    """Answers positions from the tables."""

    def __init__(self, tables: Tables, sets: KnownSets) -> None:
        self.tables, self.sets = tables, sets
        # a scalar path that takes over where few positions are left open; see geo.index.scalar
        self.few_open = self.few_unsure = 0
        self.finish_few: Finish = _no_scalar_path
        self.exactly_few: Exactly = _no_scalar_path

    def query(self, x: Floats, y: Floats) -> NDArray[np.int32]:
        """Set ids, shape ``(n,)``."""
        if len(x) <= CHUNK:
            return self._chunk(x, y)
        out = np.empty(len(x), np.int32)
        for start in range(0, len(x), CHUNK):
            out[start : start + CHUNK] = self._chunk(x[start : start + CHUNK], y[start : start + CHUNK])
        return out

    def _chunk(self, x: Floats, y: Floats) -> NDArray[np.int32]:
        column, row = fine_cells(x, y)
        cell = row >> FINE
        cell *= COLUMNS
        cell += column >> FINE
        codes: NDArray[np.int32] = self.tables.grid.take(cell)
        at = np.flatnonzero(codes < 0)
        if at.size <= self.few_open:
            if at.size:
                self.finish_few(codes, at, x, y, column, row)
        else:
            self._descend(codes, at, column.take(at), row.take(at), x, y)
        return codes

    def _descend(
        self,
        codes: NDArray[np.int32],
        at: NDArray[np.int64],
        column: NDArray[np.int32],
        row: NDArray[np.int32],
        x: Floats,
        y: Floats,
    ) -> None:
        """Down the blocks, all positions together, one depth per turn; those that end in leaves are collected."""
        code = codes.take(at)  # of blocks: the raster has no leaves
        shift = FINE
        leaves: list[tuple[NDArray[np.int64], NDArray[np.int32]]] = []
        while at.size:
            shift -= BITS
            child = ~code  # 2 n of block n, whose codes begin at 64 n
            child <<= 2 * BITS - 1
            child += ((row >> shift) & _MASK) << BITS
            child += (column >> shift) & _MASK
            code = self.tables.blocks.take(child)
            codes[at] = code
            deeper = np.flatnonzero(code < 0)
            code, at = code.take(deeper), at.take(deeper)
            is_block = code & 1
            leaf = np.flatnonzero(is_block == 0)
            if leaf.size:
                leaves.append((at.take(leaf), ~code.take(leaf) >> 1))
            if leaf.size == deeper.size:
                break
            block = np.flatnonzero(is_block)
            deeper, code, at = deeper.take(block), code.take(block), at.take(block)
            column, row = column.take(deeper), row.take(deeper)
        if leaves:
            at, number = leaves[0]
            if len(leaves) > 1:
                at, number = (np.concatenate(part) for part in zip(*leaves, strict=True))
            codes[at], unsure = sets_in_leaves(self.tables, number, x.take(at), y.take(at))
            if unsure.size:
                exactly = self.exactly_few if unsure.size <= self.few_unsure else self._exactly
                exactly(codes, at[unsure], number[unsure], x, y)

    def _exactly(
        self, codes: NDArray[np.int32], at: NDArray[np.int64], leaf: NDArray[np.int32], x: Floats, y: Floats
    ) -> None:
        """Any leaf, any position: exact sides, and positions on an edge belong to its zones."""
        t = self.tables
        first, number = entries_of(t, leaf)
        row, entry = positions_of(number, first)
        px, py = x[at][row], y[at][row]
        x0, y0, x1, y1 = t.packed[entry].T
        side = orientation(x0, y0, x1, y1, px, py)
        above, over = y0 > py, y1 > py
        count = (side < 0) & (above != over)
        flags = t.entries[entry]
        count ^= ((flags & 1) != 0) & ~above
        count ^= ((flags & 2) != 0) & ~over
        terms = np.where(count, t.edge_hashes[flags >> 2], np.uint64(0))
        hashes = np.bitwise_xor.reduceat(terms, np.flatnonzero(np.diff(row, prepend=-1))) ^ t.bases[leaf]
        found = self.sets.find(hashes)
        on = (side == 0) & (py >= y0) & (py <= y1) & (px >= np.minimum(x0, x1)) & (px <= np.maximum(x0, x1))
        special = found < 0
        special[row[on]] = True
        touching: dict[int, list[int]] = {}
        for index, edge in zip(row[on].tolist(), (flags[on] >> 2).tolist(), strict=True):
            touching.setdefault(index, []).append(edge)
        for index in np.flatnonzero(special).tolist():
            place = (float(x[at[index]]), float(y[at[index]]))
            found[index] = self.decide(int(hashes[index]), touching.get(index, []), place)
        codes[at] = found

    def decide(self, value: int, touching: list[int], place: tuple[float, float]) -> int:
        """The id for a hash at a place that lies on the edges ``touching``."""
        zones = self.sets.resolve(value, lambda: self.decode(*place))
        t = self.tables
        for edge in touching:
            zones |= frozenset(t.edge_zones[t.edge_starts[edge] : t.edge_starts[edge + 1]].tolist())
        return self.sets.intern(zones)

    def decode(self, x: float, y: float) -> frozenset[int]:
        """The zones whose edges west of a place are odd in number: slow, exact, over all edges."""
        t = self.tables
        e = t.edges[np.flatnonzero((t.edges[:, 1] > y) != (t.edges[:, 3] > y))]
        rows = np.flatnonzero((t.edges[:, 1] > y) != (t.edges[:, 3] > y))
        ones = np.ones(len(rows))
        west = rows[orientation(e[:, 0], e[:, 1], e[:, 2], e[:, 3], ones * x, ones * y) < 0]
        first = t.edge_starts[west].astype(np.int64)
        _, entry = positions_of(t.edge_starts[west + 1] - first, first)
        return frozenset(np.flatnonzero(np.bincount(t.edge_zones[entry]) % 2).tolist())
