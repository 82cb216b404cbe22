"""The fence a stream asks: which zones is a position in, and where did a track segment change them.

``covers`` semantics: the boundary of a zone belongs to it. A port of entry is a hole in every territory, and its
boundary belongs to the port. Edges are straight lines in lon, lat. Far positions and segments (no border in their cells
of :class:`~geo.edge_grid.EdgeGrid`) are answered from the raster alone; near ones by prepared shapely geometry.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.border_distance import Border
from geo.border_lines import LineIndex
from geo.edge_grid import COLUMNS, EdgeGrid, cell_of, centres, ragged
from geo.orientation import Floats
from geo.pieces import pieces_of
from geo.zone_sets import ZoneSets
from geo.zones import ZoneKind, ZoneSet

CROSSING = np.dtype(
    [("segment", "<i4"), ("u", "<f8"), ("lon", "<f8"), ("lat", "<f8"), ("before", "<i4"), ("after", "<i4")]
)
_SHORT_DEG = 1e-12  # 0.1 µm: stretches between two border meetings shorter than it are rounding, not places


class Fence:
    """All zones of one version. Positions are finite WGS-84 lon, lat degrees, shape ``(n, 2)``."""

    def __init__(self, zones: ZoneSet) -> None:
        self.zones = zones
        self._areas = zones.areas
        self._sets = ZoneSets(self._areas)
        self._shapes = np.array([zone.geometry for zone in self._areas], dtype=object)
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)
        edges, owner = edges_of(self._shapes)
        self._grid = EdgeGrid(edges)
        self._lines = LineIndex(zones.lines)
        self._borders: dict[str, Border] = {}
        self._fill_raster(owner)

    def _fill_raster(self, owner: NDArray[np.int64]) -> None:
        """Set id of every cell no edge touches; for the others -1 - n, with what the nth one may hold."""
        touched = self._grid.touched
        self._codes = np.full(len(touched), -1, np.int32)
        # within a row, cells without an edge between them hold the same zones: one look per run
        change = np.ones(len(touched), bool)
        change[1:] = touched[1:] | touched[:-1]
        change[::COLUMNS] = True
        starts = np.flatnonzero(change & ~touched)
        ids = self._brute(*centres(starts))
        run = np.cumsum(change & ~touched) - 1
        self._codes[~touched] = ids[run[~touched]]
        mixed = np.flatnonzero(touched)
        self._codes[mixed] = -1 - np.arange(len(mixed), dtype=np.int32)
        cell, edge = self._grid.cell_pairs()
        number = -1 - self._codes[cell].astype(np.int64)
        pairs = np.unique(number * max(len(self._areas), 1) + owner[edge])
        near_cell, near_zone = pairs // max(len(self._areas), 1), pairs % max(len(self._areas), 1)
        self._near_zones = near_zone
        self._near_starts = np.searchsorted(near_cell, np.arange(len(mixed) + 1))
        # zones that hold the whole cell: they cover its centre and have no edge in it
        at, zone = self._covering(*centres(mixed))
        whole = ~np.isin(at * max(len(self._areas), 1) + zone, pairs)
        order = np.argsort(at[whole], kind="stable")
        self._whole_zones = zone[whole][order]
        self._whole_starts = np.searchsorted(at[whole][order], np.arange(len(mixed) + 1))

    def _covering(self, x: Floats, y: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """``(position, zone)`` of every zone that covers a position, by brute force over boxes."""
        at, zone = self._tree.query(shapely.points(x, y))
        keep = shapely.intersects_xy(self._shapes[zone], x[at], y[at])
        return at[keep].astype(np.int64), zone[keep].astype(np.int64)

    def _brute(self, x: Floats, y: Floats) -> NDArray[np.int32]:
        at, zone = self._covering(x, y)
        return self._sets.from_pairs(len(x), at, zone)

    def sets(self, lonlat: Floats) -> NDArray[np.int32]:
        """Interned id of the set of zones that cover each position, shape ``(n,)``; 0 is none."""
        x, y = lonlat[:, 0], lonlat[:, 1]
        codes: NDArray[np.int32] = self._codes.take(cell_of(x, y))
        near = np.flatnonzero(codes < 0)
        if near.size:
            codes[near] = self._near(-1 - codes[near].astype(np.int64), x[near], y[near])
        return codes

    def _near(self, cell: NDArray[np.int64], x: Floats, y: Floats) -> NDArray[np.int32]:
        start = self._near_starts[cell]
        at, nth = ragged(self._near_starts[cell + 1] - start)
        zone = self._near_zones[start[at] + nth]
        keep = shapely.intersects_xy(self._shapes[zone], x[at], y[at])
        start = self._whole_starts[cell]
        whole_at, nth = ragged(self._whole_starts[cell + 1] - start)
        whole = self._whole_zones[start[whole_at] + nth]
        return self._sets.from_pairs(len(x), np.concatenate([at[keep], whole_at]), np.concatenate([zone[keep], whole]))

    def zones_of(self, set_id: int) -> tuple[str, ...]:
        """The zone ids of a set, sorted."""
        return self._sets.names(set_id)

    def crossings(self, p0: Floats, p1: Floats) -> NDArray[np.void]:
        """Every change of the zone set along the segments ``p0 → p1``, each ``(n, 2)``; dtype :data:`CROSSING`.

        ``u`` (0..1) runs along the straight segment in lon, lat; rows are ordered by segment, then ``u``. The first
        ``before`` and the last ``after`` of a segment are what :meth:`sets` says of its ends. A segment over the
        antimeridian takes the short way. Touching a border in one interior point changes nothing.
        """
        x0, y0, x1, y1 = p0[:, 0], p0[:, 1], p1[:, 0], p1[:, 1]
        jumps = np.abs(x1 - x0) > 180
        some = np.flatnonzero(self._grid.near(x0, y0, x1, y1) | jumps)
        if not some.size:
            return np.empty(0, CROSSING)
        piece = pieces_of(x0[some], y0[some], x1[some], y1[some])
        at, _, v = self._grid.meetings(piece.x0, piece.y0, piece.x1, piece.y1)
        busy = np.zeros(len(some), bool)
        busy[piece.segment[at]] = True
        busy |= jumps[some]
        if not busy.any():
            return np.empty(0, CROSSING)
        return self._changes(p0, p1, some, busy, at, v)

    def _changes(
        self,
        p0: Floats,
        p1: Floats,
        some: NDArray[np.int64],
        busy: NDArray[np.bool_],
        at: NDArray[np.int64],
        v: Floats,
    ) -> NDArray[np.void]:
        piece = pieces_of(p0[some, 0], p0[some, 1], p1[some, 0], p1[some, 1])
        kept = np.flatnonzero(busy[piece.segment])
        # stretches between meetings, per piece: their middles tell the zones
        where = np.concatenate([at, kept, kept])
        along = np.concatenate([v, np.zeros(len(kept)), np.ones(len(kept))])
        order = np.lexsort((along, where))
        where, along = where[order], along[order]
        same = where[1:] == where[:-1]
        span = np.hypot(piece.x1 - piece.x0, piece.y1 - piece.y0)[where[1:]]
        long = np.flatnonzero(same & ((along[1:] - along[:-1]) * span > _SHORT_DEG))
        part, low, middle = where[long], along[long], (along[long] + along[long + 1]) / 2
        x = piece.x0[part] + middle * (piece.x1 - piece.x0)[part]
        y = piece.y0[part] + middle * (piece.y1 - piece.y0)[part]
        inner = self.sets(np.column_stack([x, y]))
        inner_u = piece.u0[part] + low * (piece.u1 - piece.u0)[part]
        # states in order: the start, every stretch, the end
        ends = np.flatnonzero(busy)
        count = len(ends)
        segment = np.concatenate([ends, piece.segment[part], ends])
        u = np.concatenate([np.zeros(count), inner_u, np.ones(count)])
        phase = np.concatenate([np.zeros(count), np.ones(len(part)), np.full(count, 2)])
        state = np.concatenate([self.sets(p0[some[ends]]), inner, self.sets(p1[some[ends]])])
        order = np.lexsort((u, phase, segment))
        segment, u, state = segment[order], u[order], state[order]
        change = np.flatnonzero((segment[1:] == segment[:-1]) & (state[1:] != state[:-1])) + 1
        found = np.empty(len(change), CROSSING)
        row = some[segment[change]]
        found["segment"], found["u"] = row, u[change]
        found["lon"], found["lat"] = between(p0[row], p1[row], u[change])
        found["before"], found["after"] = state[change - 1], state[change]
        return found

    def line_crossings(self, p0: Floats, p1: Floats) -> NDArray[np.void]:
        """Every crossing of a border line by the segments ``p0 → p1``; dtype
        :data:`geo.border_lines.LINE_CROSSING`.

        ``line`` indexes ``zones.lines``. The inside of a line is to the LEFT of its direction, and the line itself
        belongs to the inside; ``direction`` is +1 inbound (right to left), -1 outbound. Ordered by segment, then u.
        """
        return self._lines.crossings(p0, p1)

    def distance_m(self, lon: float, lat: float, zone_id: str) -> float:
        """Signed geodesic metres to the zone's border, positive inside; within 1 m up to 5 km, coarser beyond.

        For a border line positive is its inside (left). Raises KeyError for an unknown zone.
        """
        border = self._borders.get(zone_id)
        if border is None:
            zone = self.zones.by_id[zone_id]
            holes = [z.geometry for z in self._areas if z.kind is ZoneKind.PORT_OF_ENTRY]
            cut = holes if zone.kind is ZoneKind.TERRITORY else []
            border = self._borders[zone_id] = Border(zone.geometry, cut)
        if zone_id in {zone.zone_id for zone in self.zones.lines}:
            return border.signed_m(lon, lat)
        inside = zone_id in self.zones_of(int(self.sets(np.array([[lon, lat]]))[0]))
        return border.distance_m(lon, lat) * (1.0 if inside else -1.0)


def between(p0: Floats, p1: Floats, u: Floats) -> tuple[Floats, Floats]:
    """Positions at ``u`` along segments, the short way round."""
    dx = p1[:, 0] - p0[:, 0]
    dx = np.where(dx > 180, dx - 360, np.where(dx < -180, dx + 360, dx))
    x = p0[:, 0] + u * dx
    x = np.where(x > 180, x - 360, np.where(x < -180, x + 360, x))
    return np.where(u == 1, p1[:, 0], x), np.where(u == 1, p1[:, 1], p0[:, 1] + u * (p1[:, 1] - p0[:, 1]))


def edges_of(shapes: NDArray[np.object_]) -> tuple[Floats, NDArray[np.int64]]:
    """Edges ``(m, 4)`` of polygons or lines, and the index of the shape each belongs to; no zero-length ones."""
    parts, shape_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = parts, np.arange(len(parts))
    if len(parts) and shapely.get_dimensions(parts[0]) == 2:
        rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    keep = (ring_of[1:] == ring_of[:-1]) & (xy[1:] != xy[:-1]).any(1)
    edges = np.hstack([xy[:-1], xy[1:]])[keep]
    owner = shape_of_part[part_of_ring[ring_of[:-1][keep]]] if len(edges) else np.empty(0, np.int64)
    return np.ascontiguousarray(edges), owner.astype(np.int64)
