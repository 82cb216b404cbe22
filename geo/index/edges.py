"""The edges of all zones, each kept once with the zones it bounds."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.orientation import Floats

Hashes = NDArray[np.uint64]
Ints = NDArray[np.int32]


class EdgeTable(NamedTuple):
    """Unique edges ``(m, 4)`` lon, lat, lon, lat, the lower end first; with the zones each bounds.

    ``hashes (m, 2)`` is the XOR of the two hashes of those zones; zones of edge e are ``zones[starts[e]:starts[e+1]]``.
    """

    xy: Floats
    hashes: Hashes
    starts: Ints
    zones: Ints


def zone_hashes(zone_ids: Sequence[str]) -> Hashes:
    """Two independent 64-bit hashes per zone ``(n, 2)``; the second is there to prove that the first never collides."""
    digests = b"".join(hashlib.blake2b(zone_id.encode(), digest_size=16).digest() for zone_id in zone_ids)
    return np.frombuffer(digests, "<u8").reshape(-1, 2).astype(np.uint64)


def edge_table(shapes: NDArray[np.object_], hashes: Hashes) -> EdgeTable:
    """The edges of the zones' polygons. An edge that bounds a zone an even number of times does not bound it."""
    raw, owner = edges_of(shapes)
    raw += 0.0  # -0.0 and 0.0 are one place
    upside = (raw[:, 1] > raw[:, 3]) | ((raw[:, 1] == raw[:, 3]) & (raw[:, 0] > raw[:, 2]))
    raw[upside] = raw[upside][:, [2, 3, 0, 1]]
    order, first = _grouped(raw)
    group = np.cumsum(first) - 1
    # zones of each unique edge that bound it an odd number of times
    zone = owner[order]
    pairs = np.sort(group * max(len(shapes), 1) + zone)
    runs = np.flatnonzero(np.diff(pairs, prepend=-1))
    pairs = pairs[runs[np.diff(runs, append=len(pairs)) % 2 == 1]]
    edge, zone = pairs // max(len(shapes), 1), pairs % max(len(shapes), 1)
    alive = edge[np.diff(edge, prepend=-1) > 0]
    xy = raw[order[first][alive]]
    # neighbours in space become neighbours in memory: bands of latitude, then longitude
    place = np.lexsort((xy[:, 0], np.floor(xy[:, 1] * 5.7)))
    rank = np.empty(len(place), np.int64)
    rank[place] = np.arange(len(place))
    edge = rank[np.cumsum(np.diff(edge, prepend=-1) > 0) - 1]
    by_edge = np.argsort(edge, kind="stable")
    edge, zone = edge[by_edge], zone[by_edge]
    starts = np.searchsorted(edge, np.arange(len(place) + 1))
    mixed = np.zeros((len(place), 2), np.uint64)
    if len(edge):
        mixed = np.bitwise_xor.reduceat(hashes[zone], starts[:-1], axis=0)
    return EdgeTable(np.ascontiguousarray(xy[place]), mixed, starts.astype(np.int32), zone.astype(np.int32))


def edges_of(shapes: NDArray[np.object_]) -> tuple[Floats, NDArray[np.int64]]:
    """Edges ``(m, 4)`` of polygons, and the index of the polygon's shape; none of zero length."""
    parts, shape_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    keep = (ring_of[1:] == ring_of[:-1]) & (xy[1:] != xy[:-1]).any(1)
    edges: Floats = np.hstack([xy[:-1], xy[1:]])[keep]
    if not len(edges):
        return np.empty((0, 4)), np.empty(0, np.int64)
    return edges, shape_of_part[part_of_ring[ring_of[:-1][keep]]].astype(np.int64)


def _grouped(rows: Floats) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """An order in which equal rows are neighbours, and which rows of it start a group.

    Sorting by a mixed key is five times quicker than sorting by four columns; that it grouped only equal rows is
    checked, and the slow way taken where a key was shared by different rows.
    """
    bits = np.ascontiguousarray(rows).view(np.uint64)
    with np.errstate(over="ignore"):
        odd = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], np.uint64)
        key = bits * odd
        key ^= key >> np.uint64(29)
        key *= np.array([0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F], np.uint64)
        key ^= key >> np.uint64(32)
        mixed = np.bitwise_xor.reduce(key, axis=1)
    order = np.argsort(mixed, kind="stable")
    first = np.ones(len(rows), bool)
    first[1:] = mixed[order][1:] != mixed[order][:-1]
    sorted_rows = rows[order]
    same = np.flatnonzero(~first)
    if (sorted_rows[same] != sorted_rows[same - 1]).any():
        order = np.lexsort(rows.T)
        sorted_rows = rows[order]
        first[1:] = (sorted_rows[1:] != sorted_rows[:-1]).any(1)
    return order, first
