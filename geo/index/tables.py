"""The tables a query reads, packed from the tree: a few arrays that can be mapped from disk and shared."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.index.edges import EdgeTable, zone_hashes
from geo.index.grid import centre, step
from geo.index.sets import HashCollision, KnownSets, distinct
from geo.index.tree import Tree
from geo.orientation import FILTER, Floats

MOST = 10  # entries of a leaf that the quick path takes; their flags fit beside the count
BOUNDS = 8  # classes of the bound below which the side of an edge is decided exactly


class Tables(NamedTuple):
    """``codes``: >= 0 a set id, else -1 - 2 n for block n (64 codes from ``blocks[64 n]``), -2 - 2 n for leaf n.

    ``records (leaves, 4)``: first entry; count (8 bits), flags (2 bits for each of ten), bound class (3 bits); set id
    with an even and with an odd number of edges west, -1 where the leaf needs the general path.
    ``packed``: the edges of the entries, in leaf order. ``entries``: 4 * edge + flags. ``bounds``: by class.
    """

    grid: NDArray[np.int32]
    blocks: NDArray[np.int32]
    records: NDArray[np.int32]
    packed: Floats
    entries: NDArray[np.int32]
    bases: NDArray[np.uint64]
    bounds: Floats
    edge_hashes: NDArray[np.uint64]
    edges: Floats
    edge_starts: NDArray[np.int32]
    edge_zones: NDArray[np.int32]


def pack(tree: Tree, edges: EdgeTable, sets: KnownSets, shapes: NDArray[np.object_]) -> Tables:
    """Intern every set that occurs, and lay the tables out. Raises :class:`HashCollision`."""
    counts = np.diff(tree.leaf_starts)
    starts = tree.leaf_starts[:-1]
    entry_edge = tree.entries >> 2
    distinct(edges.hashes)
    leaf_of = np.repeat(np.arange(len(counts)), counts)
    same = np.ones(len(counts), bool)
    first_hash = edges.hashes[entry_edge[starts]]
    same[leaf_of[edges.hashes[entry_edge, 0] != first_hash[leaf_of, 0]]] = False
    quick = same & (counts <= MOST)
    flipped = tree.leaf_bases[quick] ^ first_hash[quick]
    window = tree.window.of(tree.grid_codes)
    grid_open, block_open = window.reshape(-1) == 0, tree.block_codes == 0
    seen = [tree.window.hashes[grid_open], tree.block_hashes[block_open], tree.leaf_bases[quick], flipped]
    values, example, number = distinct(np.concatenate(seen))
    parts = np.cumsum([int(grid_open.sum()), int(block_open.sum()), int(quick.sum())])
    raw = _decoded(tree, edges, sets, shapes, values, example, (grid_open, block_open, quick))
    sets.learn(values, raw)
    ids = sets.ids[number]
    blocks = tree.block_codes
    window[grid_open.reshape(window.shape)], blocks[block_open] = ids[: parts[0]], ids[parts[0] : parts[1]]
    records = np.full((len(counts), 4), -1, np.int32)
    records[:, 0] = starts
    records[quick, 2], records[quick, 3] = ids[parts[1] : parts[2]], ids[parts[2] :]
    leaf_bound = _bounds(tree, edges, leaf_of, entry_edge)
    bounds: Floats = max(float(leaf_bound.max(initial=0.0)), 1e-300) * 16.0 ** -np.arange(BOUNDS, dtype=np.float64)
    bound_class = np.clip(np.floor(np.log(bounds[0] / np.maximum(leaf_bound, 1e-300)) / np.log(16.0)), 0, BOUNDS - 1)
    bound_class = np.where(bounds[bound_class.astype(int)] < leaf_bound, bound_class - 1, bound_class)
    meta = np.minimum(counts, 255) | (bound_class.astype(np.int64) << 28)
    for nth in range(MOST):
        some = np.flatnonzero(counts > nth)
        meta[some] |= (tree.entries[starts[some] + nth].astype(np.int64) & 3) << (8 + 2 * nth)
    records[:, 1] = meta
    return Tables(
        tree.grid_codes,
        blocks,
        records,
        edges.xy[entry_edge],
        tree.entries,
        np.ascontiguousarray(tree.leaf_bases[:, 0]),
        bounds,
        np.ascontiguousarray(edges.hashes[:, 0]),
        edges.xy,
        edges.starts,
        edges.zones,
    )


def _bounds(tree: Tree, edges: EdgeTable, leaf_of: NDArray[np.int64], edge: NDArray[np.int32]) -> Floats:
    """Per leaf: a determinant above it has the right sign for every position in the leaf (Shewchuk's bound A)."""
    place = tree.leaf_places[leaf_of]
    size = step(0) / 8.0 ** place[:, 2] + 1e-8
    west = place[:, 0] * (step(0) / 8.0 ** place[:, 2]) - 180.0 - 5e-9
    south = place[:, 1] * (step(0) / 8.0 ** place[:, 2]) - 90.0 - 5e-9
    x0, y0, x1, y1 = edges.xy[edge].T
    far_x = np.maximum(np.abs(west - x0), np.abs(west + size - x0))
    far_y = np.maximum(np.abs(south - y0), np.abs(south + size - y0))
    bound = FILTER * 1.0001 * (np.abs(x1 - x0) * far_y + np.abs(y1 - y0) * far_x)
    return np.maximum.reduceat(bound, tree.leaf_starts[:-1]) if len(bound) else np.zeros(0)


def _decoded(
    tree: Tree,
    edges: EdgeTable,
    sets: KnownSets,
    shapes: NDArray[np.object_],
    values: NDArray[np.uint64],
    example: NDArray[np.int64],
    where: tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]],
) -> list[frozenset[int]]:
    """The zones of each distinct hash: asked of shapely at the centre of a cell that no edge touches, or worked out
    from the leaf's other side; then checked against the hashes of those zones."""
    grid_open, block_open, quick = (np.flatnonzero(mask) for mask in where)
    hashes = zone_hashes(sets.zone_ids)
    raw: dict[int, frozenset[int]] = {}
    from_grid = np.flatnonzero(example < len(grid_open))
    from_block = np.flatnonzero((example >= len(grid_open)) & (example < len(grid_open) + len(block_open)))
    cell = grid_open[example[from_grid]]
    wide = max(tree.window.east - tree.window.west, 1)
    x0, y0 = centre(cell % wide + tree.window.west, cell // wide + tree.window.south, 0)
    child = block_open[example[from_block] - len(grid_open)]
    place = tree.block_places[child >> 6].astype(np.int64)
    x1, y1 = np.zeros(len(child)), np.zeros(len(child))
    for depth in range(3):
        at = place[:, 2] == depth
        x1[at], y1[at] = centre(
            place[at, 0] * 8 + (child[at] & 7), place[at, 1] * 8 + ((child[at] >> 3) & 7), depth + 1
        )
    number = np.concatenate([from_grid, from_block])
    x, y = np.concatenate([x0, x1]), np.concatenate([y0, y1])
    at, zone = shapely.STRtree(shapes).query(shapely.points(x, y)) if len(shapes) else (number[:0], number[:0])
    shapely.prepare(shapes)
    keep = shapely.intersects_xy(shapes[zone], x[at], y[at])
    held: dict[int, list[int]] = {}
    for row, index in zip(number[at[keep]].tolist(), zone[keep].tolist(), strict=True):
        held.setdefault(row, []).append(index)
    for row in number.tolist():
        raw[row] = frozenset(held.get(row, ()))
    _other_sides(tree, edges, values, quick, raw)
    for row, zones in raw.items():
        total = np.bitwise_xor.reduce(hashes[sorted(zones), 0]) if zones else np.uint64(0)
        if total != values[row]:
            raise HashCollision(f"the zones {sorted(zones)} do not have the hash that the tree found for them")
    return [raw.get(row, frozenset()) for row in range(len(values))]


def _other_sides(
    tree: Tree, edges: EdgeTable, values: NDArray[np.uint64], quick: NDArray[np.int64], raw: dict[int, frozenset[int]]
) -> None:
    """Sets that occur only in leaves: a leaf's other side, plus or minus the zones of its edges."""
    missing = len(values) - len(raw)
    if not missing:
        return
    known = np.zeros(len(values), bool)
    known[list(raw)] = True
    edge = tree.entries[tree.leaf_starts[quick]] >> 2
    base = np.searchsorted(values, tree.leaf_bases[quick, 0])
    other = np.searchsorted(values, tree.leaf_bases[quick, 0] ^ edges.hashes[edge, 0])
    rare = np.flatnonzero(~known[base] | ~known[other])
    pairs = np.column_stack([base[rare], other[rare], edge[rare]]).tolist()
    while missing:
        for one, two, e in pairs:
            zones = frozenset(edges.zones[edges.starts[e] : edges.starts[e + 1]].tolist())
            for known, unknown in ((one, two), (two, one)):
                if known in raw and unknown not in raw:
                    raw[unknown] = raw[known] ^ zones
        left = len(values) - len(raw)
        if left == missing:
            raise HashCollision(f"{left} sets of zones occur only in cells whose neighbours are unknown")
        missing = left


def entries_of(tables: Tables, leaf: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First entry and number of entries of leaves."""
    record = tables.records.take(leaf, axis=0)
    first, count = record[:, 0].astype(np.int64), (record[:, 1] & 255).astype(np.int64)
    for full in np.flatnonzero(count == 255).tolist():  # the count has no room for more: the next leaf tells
        after = int(leaf[full]) + 1
        end = int(tables.records[after, 0]) if after < len(tables.records) else len(tables.entries)
        count[full] = end - first[full]
    return first, count


def positions_of(counts: NDArray[np.int64], starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """``(row, entry)`` of every entry of rows with these counts and first entries."""
    row = np.arange(len(counts)).repeat(counts)
    return row, np.arange(len(row)) + (starts + counts - np.cumsum(counts)).take(row)
