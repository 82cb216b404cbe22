"""Building the tree: which zones hold each cell that no border touches, and which edges touch the others.

Membership of a position is the XOR of the hashes of all edges that its ray to the west crosses. For one cell that is a
constant, plus terms of the few edges that touch the cell: an edge counts where the position lies east of it within its
heights, and a *flag* adds a term where an end of the edge lies west of the cell, within its rows. The flag stands for
the other edges that meet there: they do not touch the cell, so all they can do is start or stop being crossed at the
height of that end, and because rings are closed they do it all together exactly when the flagged edge would.
Edges keep their original end points throughout; nothing is ever clipped.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.index.cells import Cells, slices
from geo.index.edges import EdgeTable, Hashes
from geo.index.grid import (
    BITS,
    COLUMNS,
    DEPTH,
    ROWS,
    SPLIT,
    Ints,
    cells_of,
    centre,
    ragged,
    step,
    touches,
)
from geo.index.scan import Window, scan_children, scan_raster
from geo.orientation import orientation

LEAF_EDGES = 4  # a cell with more is refined


class Tree(NamedTuple):
    """``codes`` of the raster and of all blocks (64 cells each, row by row): 0 for a cell without edges, else
    -1 - 2 n for block n and -2 - 2 n for leaf n. ``hashes`` are those of the cells without edges, ``(..., 2)``;
    outside of the window no cell holds a zone or an edge."""

    grid_codes: NDArray[np.int32]
    window: Window
    block_codes: NDArray[np.int32]
    block_hashes: Hashes
    block_places: NDArray[np.int32]  # (blocks, 3) column, row, depth of the cell a block refines
    leaf_starts: NDArray[np.int64]  # (leaves + 1,)
    leaf_bases: Hashes
    leaf_places: NDArray[np.int32]  # (leaves, 3) column, row, depth
    entries: NDArray[np.int32]  # 4 * edge + flags, by leaf


def build_tree(edges: EdgeTable) -> Tree:
    """The tree over all edges."""
    grown = _Grown()
    grid_codes = np.zeros(COLUMNS * ROWS, np.int32)
    window = scan_raster(edges)
    codes = np.zeros(len(window.hashes), np.int32)
    raster = codes
    cells = _raster_cells(edges, window)
    for depth in range(DEPTH + 1):
        counts = np.diff(cells.starts)
        flagged = _flagged(edges, cells, depth)
        bases = cells.hashes ^ _terms_at_centre(edges, cells, flagged, depth)
        places = np.column_stack([cells.column, cells.row, np.full(len(counts), depth)]).astype(np.int32)
        # the raster's own cells are always refined: 19 km is wide, and most of it is far from its few edges
        refine = (counts > LEAF_EDGES) | (depth == 0) if depth < DEPTH else np.zeros(len(counts), bool)
        leaf, split = np.flatnonzero(~refine), np.flatnonzero(refine)
        codes[cells.slot[leaf]] = -2 - 2 * (grown.leaves + np.arange(len(leaf)))
        codes[cells.slot[split]] = -1 - 2 * (grown.blocks + np.arange(len(split)))
        which, nth = ragged(counts[leaf])
        grown.add_leaves(counts[leaf], bases[leaf], places[leaf], flagged[cells.starts[leaf][which] + nth])
        if not split.size:
            break
        codes = np.zeros(len(split) * SPLIT * SPLIT, np.int32)
        hashes = scan_children(edges, cells, flagged, bases, split, depth)
        grown.add_blocks(codes, hashes, places[split])
        cells = _children(edges, cells, split, hashes, depth)
    inner = window.of(grid_codes)
    inner[:] = raster.reshape(inner.shape)
    return Tree(grid_codes, window, *grown.tables())


class _Grown:
    """The tables as they grow, depth by depth."""

    def __init__(self) -> None:
        self.blocks = self.leaves = 0
        self._blocks: list[tuple[NDArray[np.int32], Hashes, NDArray[np.int32]]] = []
        self._leaves: list[tuple[Ints, Hashes, NDArray[np.int32], NDArray[np.int32]]] = []

    def add_blocks(self, codes: NDArray[np.int32], hashes: Hashes, places: NDArray[np.int32]) -> None:
        """The blocks of one depth; their codes are filled in later."""
        self._blocks.append((codes, hashes, places))
        self.blocks += len(places)

    def add_leaves(self, counts: Ints, bases: Hashes, places: NDArray[np.int32], entries: Ints) -> None:
        """The leaves of one depth."""
        self._leaves.append((counts, bases, places, entries.astype(np.int32)))
        self.leaves += len(counts)

    def tables(
        self,
    ) -> tuple[
        NDArray[np.int32], Hashes, NDArray[np.int32], NDArray[np.int64], Hashes, NDArray[np.int32], NDArray[np.int32]
    ]:
        """Block codes, hashes, places; leaf starts, bases, places; entries."""
        none = (np.zeros(0, np.int32), np.zeros((0, 2), np.uint64), np.zeros((0, 3), np.int32))
        codes, hashes, places = (np.concatenate(column) for column in zip(*self._blocks, none, strict=True))
        counts, bases, leaf_places, entries = (np.concatenate(column) for column in zip(*self._leaves, strict=True))
        starts = np.concatenate([[0], np.cumsum(counts)])
        return codes, hashes, places, starts, bases, leaf_places, entries


def _pairs_of(
    edges: EdgeTable, edge: Ints, low: tuple[Ints, Ints], high: tuple[Ints, Ints], depth: int
) -> tuple[Ints, Ints, Ints]:
    """``(nth, column, row)`` of every cell between low and high that the nth edge touches."""
    found: list[tuple[Ints, Ints, Ints]] = []
    wide = high[0] - low[0] + 1
    counts = wide * (high[1] - low[1] + 1)
    half = step(depth) / 2
    for part in slices(counts):
        which, nth = ragged(counts[part])
        which += part.start
        column, row = low[0][which] + nth % wide[which], low[1][which] + nth // wide[which]
        e = edges.xy[edge[which]]
        x, y = centre(column, row, depth)
        keep = np.flatnonzero(touches(e[:, 2] - e[:, 0], e[:, 3] - e[:, 1], x - e[:, 0], y - e[:, 1], half))
        found.append((which[keep], column[keep], row[keep]))
    if not found:
        none = np.zeros(0, np.int64)
        return none, none, none
    nth, column, row = (np.concatenate(part) for part in zip(*found, strict=True))
    return nth, column, row


def _grouped(edge: Ints, column: Ints, row: Ints, slot: Ints, hashes: Hashes) -> Cells:
    """Pairs sorted by cell. ``hashes`` is the table the slots point into."""
    order = np.argsort(slot, kind="stable")
    slot, edge = slot[order], edge[order]
    first = np.ones(len(slot), bool)
    first[1:] = slot[1:] != slot[:-1]
    starts = np.flatnonzero(first)
    one = order[starts]
    return Cells(column[one], row[one], hashes[slot[starts]], slot[starts], np.append(starts, len(slot)), edge)


def _raster_cells(edges: EdgeTable, window: Window) -> Cells:
    x0, y0, x1, y1 = edges.xy.T
    c0, c1 = cells_of(np.minimum(x0, x1), np.maximum(x0, x1), 180.0, 0, COLUMNS)
    r0, r1 = cells_of(y0, y1, 90.0, 0, ROWS)
    every = np.arange(len(edges.xy))
    edge, column, row = _pairs_of(edges, every, (c0, r0), (c1, r1), 0)
    return _grouped(edge, column, row, window.slot(column, row), window.hashes)


def _children(edges: EdgeTable, cells: Cells, split: Ints, hashes: Hashes, depth: int) -> Cells:
    """The cells of the next depth that edges touch, within the cells that are split."""
    which, nth = ragged(np.diff(cells.starts)[split])
    edge = cells.edge[cells.starts[split][which] + nth]
    x0, y0, x1, y1 = edges.xy[edge].T
    left, bottom = (cells.column[split] * SPLIT)[which], (cells.row[split] * SPLIT)[which]
    c0, c1 = cells_of(np.minimum(x0, x1), np.maximum(x0, x1), 180.0, depth + 1, COLUMNS << (BITS * (depth + 1)))
    r0, r1 = cells_of(y0, y1, 90.0, depth + 1, ROWS << (BITS * (depth + 1)))
    # an edge that only touches the parent's slack may miss the parent's own range: an empty range, never a wild one
    c0, c1 = np.clip(c0, left, left + SPLIT - 1), np.clip(c1, left, left + SPLIT - 1)
    r0, r1 = np.clip(r0, bottom, bottom + SPLIT - 1), np.clip(r1, bottom, bottom + SPLIT - 1)
    pair, column, row = _pairs_of(edges, edge, (c0, r0), (c1, r1), depth + 1)
    slot = which[pair] * (SPLIT * SPLIT) + (row % SPLIT) * SPLIT + column % SPLIT
    return _grouped(edge[pair], column, row, slot, hashes)


def _flagged(edges: EdgeTable, cells: Cells, depth: int) -> Ints:
    """``4 * edge + flags`` of every pair: bit 0 where the lower end lies west of the cell within its rows, bit 1 the
    upper one. Being generous with the rows is harmless: beyond them the term is constant, and the base takes it up."""
    size = step(depth)
    counts = np.diff(cells.starts)
    west = np.repeat(cells.column * size - 180.0, counts)
    south = np.repeat(cells.row * size - 90.0, counts)
    low, high = south - 1e-7, south + (size + 1e-7)
    x0, y0, x1, y1 = edges.xy[cells.edge].T
    lower = (x0 < west) & (y0 >= low) & (y0 <= high)
    upper = (x1 < west) & (y1 >= low) & (y1 <= high)
    flagged: Ints = cells.edge * 4 + lower + 2 * upper
    return flagged


def _terms_at_centre(edges: EdgeTable, cells: Cells, flagged: Ints, depth: int) -> Hashes:
    """XOR of the terms of a cell's edges at its centre."""
    out = np.zeros((len(cells.column), 2), np.uint64)
    counts = np.diff(cells.starts)
    for part in slices(counts):
        which = np.repeat(np.arange(part.start, part.stop), counts[part])
        pairs = flagged[cells.starts[part.start] : cells.starts[part.stop]]
        edge = pairs >> 2
        x0, y0, x1, y1 = edges.xy[edge].T
        x, y = centre(cells.column[which], cells.row[which], depth)
        below, under = y0 > y, y1 > y
        count = below != under
        some = np.flatnonzero(count)
        count[some] = orientation(x0[some], y0[some], x1[some], y1[some], x[some], y[some]) < 0
        count ^= ((pairs & 1) != 0) & ~below
        count ^= ((pairs & 2) != 0) & ~under
        terms = np.where(count[:, None], edges.hashes[edge], np.uint64(0))
        out[part] = np.bitwise_xor.reduceat(terms, cells.starts[part] - cells.starts[part.start], axis=0)
    return out
