"""The sets of positions in leaves: the parity of a leaf's edges to the west, many leaves at a time."""

import numpy as np
from numpy.typing import NDArray

from geo.index.tables import Tables
from geo.meetings import Rows
from geo.orientation import Floats

_AT_ONCE = 4_096  # positions: their edges, and what is worked out from them, stay in the cache of a core
_KINDS = 255  # the count of a leaf is its record's lowest byte


def sets_in_leaves(tables: Tables, leaf: NDArray[np.int32], x: Floats, y: Floats) -> tuple[NDArray[np.int32], Rows]:
    """Set ids of positions ``(n,)`` in leaves, and the rows that this cannot decide: their leaf's edges do not all
    bound the same zones, or they are so near an edge that its side is not sure."""
    if len(leaf) <= _AT_ONCE:
        return _some(tables, leaf, x, y)
    found = np.empty(len(leaf), np.int32)
    unsure = []
    for start in range(0, len(leaf), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found[part], rows = _some(tables, leaf[part], x[part], y[part])
        unsure.append(rows + start)
    return found, np.concatenate(unsure)


def _some(tables: Tables, leaf: NDArray[np.int32], x: Floats, y: Floats) -> tuple[NDArray[np.int32], Rows]:
    record = tables.records.take(leaf, axis=0)
    meta, even, odd = record[:, 1], record[:, 2], record[:, 3]
    count = meta & _KINDS
    mixed = np.flatnonzero(even < 0)
    count[mixed] = 0
    # one row per position and edge
    end = count.cumsum()
    first = end - count
    row = np.arange(len(leaf)).repeat(count)
    nth = np.arange(len(row))
    nth -= first.take(row)
    edge = tables.packed.take(record[:, 0].take(row) + nth, axis=0)
    px, py = x.take(row), y.take(row)
    x0, y0, y1 = edge[:, 0], edge[:, 1], edge[:, 3]
    low, high = (y0 <= py).view(np.int8), (y1 <= py).view(np.int8)  # edges run upwards: high is never without low
    determinant = (edge[:, 2] - x0) * (py - y0)
    determinant -= (y1 - y0) * (px - x0)
    # bits that are odd where the edge counts: it is crossed on the way to the west, or a flag says so
    nth *= 2
    nth += 8
    flags = (meta.take(row) >> nth).astype(np.int8)
    flags &= low + 2 * high
    term = (determinant < 0).view(np.int8)
    term &= low ^ high
    term ^= flags
    term ^= flags >> 1
    parity = np.zeros(len(row) + 1, np.int8)
    np.bitwise_xor.accumulate(term, out=parity[1:])
    within = parity.take(end) ^ parity.take(first)
    within &= 1
    found = np.where(within, odd, even)
    np.abs(determinant, out=determinant)
    near = np.flatnonzero(determinant <= tables.bounds[0])  # the worst leaf's bound; that of their own is asked of few
    if near.size:
        row = row.take(near)
        near = row.compress(determinant.take(near) <= tables.bounds.take(meta.take(row) >> 28))
    return found, np.concatenate([mixed, near])
