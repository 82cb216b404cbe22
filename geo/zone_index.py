"""The index over any number of zones: exact sets, crossings and distances, for one position or millions.

``covers`` semantics: the boundary of a zone belongs to it, and a port of entry is a hole in every territory (its
boundary belongs to the port). Edges are straight lines in lon, lat. How it works, and why it is exact, stands in
:mod:`geo.index.tree`.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.changes import NO_CROSSINGS, changes, joined
from geo.distance import metres_per_degree
from geo.geodesic_edges import subdivided
from geo.index.borders import border_edges
from geo.index.build import build
from geo.index.layers import Layers
from geo.index.nearest import Nearest
from geo.index.points import NotAPlace
from geo.index.scalar import FEW
from geo.index.scalar_segments import FEW_SEGMENTS
from geo.index.store import load, save
from geo.index.tables import Tables
from geo.orientation import Floats
from geo.pieces import pieces_of
from geo.places import on_the_map, places, segment_ends
from geo.zones import Zone, ZoneSet, read_zones

_SEGMENTS_AT_ONCE = 8_192
_NONE = NO_CROSSINGS.view(np.recarray)
_BEYOND_M = 0.01  # how far behind a border its other side is looked at


class NearestBorder(NamedTuple):
    """The nearest border of each of ``n`` positions: NaN, and set 0, where none is within reach."""

    signed_m: Floats  # (n,), positive inside, as :meth:`ZoneIndex.distance`
    normal: Floats  # (n, 2) unit vector east, north, from the position towards the border
    beyond: NDArray[np.int32]  # (n,) the set of zones on the border's other side


class ZoneIndex:
    """All area zones of one version. Positions are finite WGS-84 lon, lat degrees, shape ``(n, 2)``.

    Set ids belong to one index: after an edit or a rebuild the same zones may have another id.
    """

    def __init__(self, layers: Layers, edited: Mapping[str, Zone] | None = None) -> None:
        self._layers = layers
        self._edited = dict(edited or {})
        self._nearest: dict[str | None, Nearest] = {}
        # a single position is a matter of nanoseconds: one call less is a tenth of it
        self._few, self._few_crossings = layers.few_sets(), layers.few_crossings()

    @property
    def tables(self) -> Tables:
        """The built tables, for benchmarks and proofs; edits are not in them."""
        return self._layers.base.tables

    @classmethod
    def from_zones(cls, zones: ZoneSet) -> "ZoneIndex":
        """Build the index. Raises :class:`geo.index.sets.HashCollision` (never seen)."""
        return cls(Layers(build(zones.areas)))

    @classmethod
    def from_geojson(
        cls, source: Path | str | bytes | Mapping[str, object], *, mend: bool = False, trust_axes: bool = False
    ) -> "ZoneIndex":
        """Build the index from a zones file, as :func:`geo.zones.read_zones` reads it."""
        return cls.from_zones(read_zones(source, mend=mend, trust_axes=trust_axes))

    @classmethod
    def open(cls, directory: Path | str) -> "ZoneIndex":
        """Map an index that :meth:`save` wrote. Raises :class:`geo.index.store.NotAnIndex`."""
        return cls(Layers(load(Path(directory))))

    def save(self, directory: Path | str) -> None:
        """Write the built tables to a directory, from which any number of workers may :meth:`open` them.

        Raises ValueError on an index with edits: build the new version first."""
        if self._layers.delta is not None:
            raise ValueError("an edited index is not saved: build the new version with from_zones, and save that")
        save(self._layers.base, Path(directory))

    def edited(self, changed: Iterable[Zone] = (), removed: Iterable[str] = ()) -> "ZoneIndex":
        """A new index with some zones replaced, added or removed, in a fraction of a second; this one stays as it is.

        The built tables are shared. Swap the reference to make the edit visible; rebuild behind it at leisure, since
        every position is asked twice until then.
        """
        fresh: dict[str, Zone] = {zone.zone_id: zone for zone in changed if zone.is_area}
        gone = frozenset(removed) | frozenset(fresh)
        kept: dict[str, Zone] = {zone_id: zone for zone_id, zone in self._edited.items() if zone_id not in gone}
        edits = kept | fresh
        delta = build(tuple(edits.values()))
        return ZoneIndex(Layers(self._layers.base, delta, self._layers.hidden | gone), edits)

    def sets(self, lonlat: Floats) -> NDArray[np.int32]:
        """Interned id of the set of zones that cover each position, shape ``(n,)``; 0 is none.

        Raises :class:`geo.index.points.NotAPlace`."""
        try:
            if len(lonlat) <= FEW:
                return self._few(lonlat)
        except NotAPlace:
            raise
        except (AttributeError, TypeError, ValueError):
            return self.sets(places(lonlat))  # in another form, or wrong
        lonlat = places(lonlat)
        return self._layers.query(lonlat[:, 0], lonlat[:, 1])

    def zones_of(self, set_id: int) -> tuple[str, ...]:
        """The zone ids of a set, sorted. Raises ValueError for an id this index never gave."""
        if not 0 <= set_id < self._layers.count:
            raise ValueError(f"set id: expected 0..{self._layers.count - 1}, as sets() gives them, got {set_id}")
        return self._layers.names(set_id)

    def crossings(self, p0: Floats, p1: Floats, geodesic_error_m: float | None = None) -> NDArray[np.void]:
        """Every change of the zone set along the segments ``p0 → p1``, each ``(n, 2)``.

        Record array ``segment, u, lon, lat, before, after`` (:data:`geo.changes.CROSSING`), ordered by segment, then
        ``u``. The first ``before`` and the last ``after`` of a segment are what :meth:`sets` says of its ends. A
        segment over the antimeridian takes the short way. Touching a border in one interior point changes nothing;
        running along one is an interval with a crossing at each end.

        Segments are straight in lon, lat, and ``u`` (0..1) is the share along that line; with ``geodesic_error_m``
        they are geodesics, followed to that many metres, and ``u`` is the share of the distance.
        Raises :class:`geo.index.points.NotAPlace`.
        """
        if geodesic_error_m is not None:
            return self._geodesic_crossings(p0, p1, geodesic_error_m)
        try:
            if len(p0) <= FEW:
                few = self._few_crossings(p0, p1)
                if few is not None:
                    return few
        except NotAPlace:
            raise
        except (AttributeError, TypeError, ValueError):
            return self.crossings(*segment_ends(p0, p1))  # in another form, or wrong
        p0, p1 = segment_ends(p0, p1)
        if len(p0) <= _SEGMENTS_AT_ONCE:
            return self._crossings(p0, p1).view(np.recarray)
        found = []
        for start in range(0, len(p0), _SEGMENTS_AT_ONCE):
            rows = self._crossings(p0[start : start + _SEGMENTS_AT_ONCE], p1[start : start + _SEGMENTS_AT_ONCE])
            rows["segment"] += start
            found.append(rows)
        return np.concatenate(found).view(np.recarray)

    def distance(self, lonlat: Floats, max_m: float = 5000.0, zone_id: str | None = None) -> Floats:
        """Signed geodesic metres ``(n,)`` to the nearest border of any zone, or of one; NaN beyond ``max_m``.

        Positive inside (of the zone; of any zone where none is named). Within 1 cm up to 5 km. What is near is worked
        out per tile of 0.176 degrees when it is first asked about, which takes some milliseconds.
        Raises :class:`geo.index.borders.UnknownZone` and :class:`geo.index.points.NotAPlace`.
        """
        lonlat = places(lonlat)
        ids = self.sets(lonlat)
        metres = self._nearest_of(zone_id, max_m).distance(lonlat[:, 0], lonlat[:, 1], max_m)
        metres[np.isinf(metres)] = np.nan
        return self._signed(metres, ids, zone_id)

    def depth_bound(self, lonlat: Floats, d_m: float) -> NDArray[np.int8]:
        """Whether every border is farther than ``d_m`` metres: 1 yes, -1 no, 0 where only :meth:`distance` can tell.

        Cells alone answer, no edge is looked at: most positions at sea are settled at the cost of :meth:`sets`, so
        what follows a border closely need only look at the others. Raises :class:`geo.index.points.NotAPlace`.
        """
        if not 0 < d_m < np.inf:
            raise ValueError(f"d_m: expected metres above 0, got {d_m}")
        lonlat = places(lonlat)
        return self._layers.depth_bound(lonlat[:, 0], lonlat[:, 1], d_m)

    def deeper_than(self, lonlat: Floats, d_m: float) -> NDArray[np.bool_]:
        """Whether every border is farther than ``d_m`` metres, ``(n,)``; worked out only where cells do not tell.

        Raises as :meth:`depth_bound`."""
        lonlat = places(lonlat)
        bound = self.depth_bound(lonlat, d_m)
        found: NDArray[np.bool_] = bound > 0
        open_ = np.flatnonzero(bound == 0)
        if open_.size:
            found[open_] = np.isnan(self.distance(lonlat[open_], d_m))
        return found

    def nearest(self, lonlat: Floats, max_m: float = 5000.0, zone_id: str | None = None) -> NearestBorder:
        """Distance, direction and far side of the nearest border of any zone, or of one, within ``max_m``.

        The distance is that of :meth:`distance`, and it raises the same. On the border itself the direction is NaN.
        """
        lonlat = places(lonlat)
        ids = self.sets(lonlat)
        toward = self._nearest_of(zone_id, max_m).toward(lonlat[:, 0], lonlat[:, 1], max_m)
        metres = np.hypot(toward[:, 0], toward[:, 1])
        with np.errstate(invalid="ignore"):
            normal = toward / np.where(metres > 0, metres, np.nan)[:, None]
        known = np.flatnonzero(np.isfinite(normal[:, 0]))
        beyond = np.zeros(len(lonlat), np.int32)
        if known.size:
            step = toward[known] + _BEYOND_M * normal[known]
            middle = lonlat[known, 1] + step[:, 1] / 222_000.0
            east, north = metres_per_degree(middle)
            lon = lonlat[known, 0] + step[:, 0] / east
            lat = np.clip(lonlat[known, 1] + step[:, 1] / north, -90.0, 90.0)
            beyond[known] = self.sets(np.column_stack([(lon + 180.0) % 360.0 - 180.0, lat]))
        return NearestBorder(self._signed(metres, ids, zone_id), normal, beyond)

    def _nearest_of(self, zone_id: str | None, max_m: float) -> Nearest:
        if not 0 < max_m < np.inf:
            raise ValueError(f"max_m: expected metres above 0, got {max_m}")
        nearest = self._nearest.get(zone_id)
        if nearest is None or nearest.reach_m < max_m:
            nearest = Nearest(border_edges(self._layers, zone_id), max(max_m, 5000.0))
            self._nearest[zone_id] = nearest
        return nearest

    def _signed(self, metres: Floats, ids: NDArray[np.int32], zone_id: str | None) -> Floats:
        """Positive inside."""
        if zone_id is None:
            return np.where(ids == 0, -metres, metres)
        known, inverse = np.unique(ids, return_inverse=True)
        inside = np.array([zone_id in self._layers.names(number) for number in known.tolist()], bool)
        return np.where(inside[inverse], metres, -metres)

    def _geodesic_crossings(self, p0: Floats, p1: Floats, max_error_m: float) -> NDArray[np.void]:
        start, end = segment_ends(p0, p1)
        on_the_map(start)
        on_the_map(end)
        parts = subdivided(start, end, max_error_m)
        if len(parts.segment) == len(start):
            return self.crossings(start, end)
        return joined(self.crossings(parts.start, parts.end), parts).view(np.recarray)

    def _crossings(self, p0: Floats, p1: Floats) -> NDArray[np.void]:
        some = self._layers.near(p0, p1)
        if not some.size:
            return NO_CROSSINGS
        if some.size <= FEW_SEGMENTS:
            few = self._few_crossings(p0[some], p1[some])
            if few is not None:
                few["segment"] = some[few["segment"]]
                return few
        piece = pieces_of(p0[some, 0], p0[some, 1], p1[some, 0], p1[some, 1])
        at, v = self._layers.meet(piece)
        if not at.size and len(piece.segment) == len(some):
            return NO_CROSSINGS
        rows = changes(piece, len(some), at, v, self._layers.query)
        rows["segment"] = some[rows["segment"]]
        return rows
