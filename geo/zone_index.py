"""The index over any number of zones: exact sets, crossings and distances, for one position or millions.

``covers`` semantics: the boundary of a zone belongs to it, and a port of entry is a hole in every territory. Edges are
straight lines in lon, lat. How it works, and why it is exact, stands in :mod:`geo.index.tree`.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo.changes import NO_CROSSINGS, changes
from geo.index.edges import edge_table, zone_hashes
from geo.index.points import Points
from geo.index.scalar import FEW_POINTS, FEW_SEGMENTS, Scalar
from geo.index.segments import meet, near_border
from geo.index.sets import KnownSets
from geo.index.store import load, save
from geo.index.tables import pack
from geo.index.tree import build_tree
from geo.orientation import Floats
from geo.pieces import pieces_of
from geo.zones import ZoneSet, read_zones

_SEGMENTS_AT_ONCE = 8_192


class ZoneIndex:
    """All area zones of one version. Positions are finite WGS-84 lon, lat degrees, shape ``(n, 2)``."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self._scalar = Scalar(points)

    @classmethod
    def from_zones(cls, zones: ZoneSet) -> "ZoneIndex":
        """Build the index. Raises :class:`geo.index.sets.HashCollision` (never seen)."""
        areas = zones.areas
        shapes = np.empty(len(areas), object)
        shapes[:] = [zone.geometry for zone in areas]
        sets = KnownSets.of(areas)
        edges = edge_table(shapes, zone_hashes(sets.zone_ids))
        return cls(Points(pack(build_tree(edges), edges, sets, shapes), sets))

    @classmethod
    def from_geojson(cls, source: Path | str | bytes | Mapping[str, object], *, mend: bool = False) -> "ZoneIndex":
        """Build the index from a zones file, as :func:`geo.zones.read_zones` reads it."""
        return cls.from_zones(read_zones(source, mend=mend))

    @classmethod
    def open(cls, directory: Path | str) -> "ZoneIndex":
        """Map an index that :meth:`save` wrote. Raises :class:`geo.index.store.NotAnIndex`."""
        return cls(load(Path(directory)))

    def save(self, directory: Path | str) -> None:
        """Write the built tables to a directory, from which any number of workers may :meth:`open` them."""
        save(self._points, Path(directory))

    def sets(self, lonlat: Floats) -> NDArray[np.int32]:
        """Interned id of the set of zones that cover each position, shape ``(n,)``; 0 is none."""
        if len(lonlat) <= FEW_POINTS:
            return self._scalar.sets(lonlat)
        return self._points.query(lonlat[:, 0], lonlat[:, 1])

    def zones_of(self, set_id: int) -> tuple[str, ...]:
        """The zone ids of a set, sorted."""
        return self._points.sets.names(set_id)

    def crossings(self, p0: Floats, p1: Floats) -> NDArray[np.void]:
        """Every change of the zone set along the segments ``p0 → p1``, each ``(n, 2)``.

        Record array ``segment, u, lon, lat, before, after`` (:data:`geo.changes.CROSSING`), ordered by segment, then
        ``u`` (0..1 along the straight segment in lon, lat). The first ``before`` and the last ``after`` of a segment
        are what :meth:`sets` says of its ends. A segment over the antimeridian takes the short way. Touching a border
        in one interior point changes nothing.
        """
        if len(p0) <= FEW_SEGMENTS:
            few = self._scalar.crossings(p0, p1)
            if few is not None:
                return few
        if len(p0) <= _SEGMENTS_AT_ONCE:
            return self._crossings(p0, p1)
        found = []
        for start in range(0, len(p0), _SEGMENTS_AT_ONCE):
            rows = self._crossings(p0[start : start + _SEGMENTS_AT_ONCE], p1[start : start + _SEGMENTS_AT_ONCE])
            rows["segment"] += start
            found.append(rows)
        return np.concatenate(found)

    def _crossings(self, p0: Floats, p1: Floats) -> NDArray[np.void]:
        x0, y0, x1, y1 = p0[:, 0], p0[:, 1], p1[:, 0], p1[:, 1]
        some = near_border(self._points.tables, x0, y0, x1, y1)
        if not some.size:
            return NO_CROSSINGS
        piece = pieces_of(x0[some], y0[some], x1[some], y1[some])
        at, _, v = meet(self._points.tables, piece.x0, piece.y0, piece.x1, piece.y1)
        if not at.size and len(piece.segment) == len(some):
            return NO_CROSSINGS
        rows = changes(piece, len(some), at, v, self._points.query)
        rows["segment"] = some[rows["segment"]]
        return rows
