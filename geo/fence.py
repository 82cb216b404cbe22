"""The fence a stream asks: which zones is a position in, and where did a track segment change them.

Areas are answered by :class:`~geo.zone_index.ZoneIndex`, border lines by :class:`~geo.border_lines.LineIndex`.
``covers`` semantics: the boundary of a zone belongs to it. A port of entry is a hole in every territory, and its
boundary belongs to the port; one with opening hours is left to whoever knows the time. Edges are straight lines in
lon, lat.
"""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.border_distance import Border
from geo.border_lines import LineIndex
from geo.chance.inside import inside
from geo.chance.rim import Rim
from geo.changes import CROSSING
from geo.orientation import Floats
from geo.zone_index import ZoneIndex
from geo.zones import Zone, ZoneKind, ZoneSet

_MANY_EDGES = 10_000

__all__ = ["CROSSING", "Fence"]


class Fence:
    """All zones of one version. Positions are finite WGS-84 lon, lat degrees, shape ``(n, 2)``.

    ``index`` is one of :func:`indexed` of the same zones, where there is one already; else it is built."""

    def __init__(self, zones: ZoneSet, index: ZoneIndex | None = None) -> None:
        self.zones = zones
        self._index = ZoneIndex.from_zones(indexed(zones)) if index is None else index
        self._lines = LineIndex(zones.lines)
        self._borders: dict[tuple[str, ...], Border] = {}
        self._rims: dict[tuple[str, ...], Rim] = {}

    @property
    def index(self) -> ZoneIndex:
        """The index of the areas."""
        return self._index

    def sets(self, lonlat: Floats) -> NDArray[np.int32]:
        """Interned id of the set of zones that cover each position, shape ``(n,)``; 0 is none."""
        return self._index.sets(lonlat)

    def zones_of(self, set_id: int) -> tuple[str, ...]:
        """The zone ids of a set, sorted."""
        return self._index.zones_of(set_id)

    def crossings(self, p0: Floats, p1: Floats) -> NDArray[np.void]:
        """Every change of the zone set along the segments ``p0 → p1``; see :meth:`ZoneIndex.crossings`."""
        return self._index.crossings(p0, p1)

    def line_crossings(self, p0: Floats, p1: Floats) -> NDArray[np.void]:
        """Every crossing of a border line by the segments ``p0 → p1``; dtype
        :data:`geo.border_lines.LINE_CROSSING`.

        ``line`` indexes ``zones.lines``. The inside of a line is to the LEFT of its direction, and the line itself
        belongs to the inside; ``direction`` is +1 inbound (right to left), -1 outbound. Ordered by segment, then u.
        """
        return self._lines.crossings(p0, p1)

    def distance_m(self, lon: float, lat: float, zone_id: str, gates: tuple[str, ...] = ()) -> float:
        """Signed geodesic metres to the zone's border, positive inside; within 1 m up to 5 km, coarser beyond.

        For a border line positive is its inside (left). ``gates`` are ports with opening hours that are open now.
        Raises KeyError for an unknown zone.
        """
        zone = self.zones.by_id[zone_id]
        border = self._borders.get((zone_id, *gates))
        if border is None:
            border = self._borders[zone_id, *gates] = Border(zone.geometry, self._holes(zone, gates))
        if not zone.is_area:
            return border.signed_m(lon, lat)
        place = np.array([[lon, lat]])
        if border.edges > _MANY_EDGES and not gates:  # looking at all of them would cost more than the index does
            metres = float(self._index.distance(place, zone_id=zone_id)[0])
            if math.isfinite(metres):
                return metres
        held = self.zones_of(int(self.sets(place)[0]))
        inside = zone_id in held and not any(gate in held for gate in gates)
        return border.distance_m(lon, lat) * (1.0 if inside else -1.0)

    def inside_chance(self, lonlat: Floats, covariance_m2: Floats, zone_id: str, gates: tuple[str, ...] = ()) -> Floats:
        """The chance ``(n,)`` that positions with an error are inside an area whose border has its ``accuracy_m``.

        ``lonlat`` ``(n, 2)``, ``covariance_m2`` ``(n, 2, 2)`` east, north; see :func:`geo.chance.inside.inside`. For a
        few positions near a border; ``gates`` as in :meth:`distance_m`. Raises KeyError for an unknown zone, ValueError
        for a border line."""
        zone = self.zones.by_id[zone_id]
        if not zone.is_area:
            raise ValueError(f"{zone_id} is a border line: nothing is inside it")
        rim = self._rims.get((zone_id, *gates))
        if rim is None:
            rim = self._rims[zone_id, *gates] = Rim(zone.geometry, self._holes(zone, gates))
        held = [self.zones_of(number) for number in self.sets(lonlat).tolist()]
        open_now = set(gates) if zone.kind is ZoneKind.TERRITORY else set()
        member = np.array([zone_id in names and not open_now.intersection(names) for names in held], bool)
        return inside(rim, lonlat, covariance_m2, zone.accuracy_m, member)

    def _holes(self, zone: Zone, gates: tuple[str, ...] = ()) -> list[BaseGeometry]:
        """What is cut out of a zone: ports of entry out of territories, one with opening hours while it is open."""
        if zone.kind is not ZoneKind.TERRITORY:
            return []
        ports = [other for other in self.zones.areas if other.kind is ZoneKind.PORT_OF_ENTRY]
        return [port.geometry for port in ports if not _is_gate(port) or port.zone_id in gates]


def indexed(zones: ZoneSet) -> ZoneSet:
    """The zones as the index of a fence has them: a port with opening hours is a hole at times only, so whoever knows
    the time takes it out of the territories, and here it is none."""
    if not any(map(_is_gate, zones)):
        return zones
    return ZoneSet(tuple(replace(zone, kind=ZoneKind.ANCHORAGE) if _is_gate(zone) else zone for zone in zones))


def _is_gate(zone: Zone) -> bool:
    """A port of entry that is not always open."""
    return zone.kind is ZoneKind.PORT_OF_ENTRY and zone.schedule is not None
