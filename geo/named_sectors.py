"""Sectors that are drawn: named polygons instead of H3 cells, each with its owner.

A position has one **core** sector, whose owner judges it; and it is in the **halo** of every other sector it is near
enough to that an object there may be this owner's a moment later.
"""

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.chords import Chords
from geo.index.edges import edges_of
from geo.orientation import Floats
from geo.places import places
from geo.sectors import centre, every_sector
from geo.zone_index import ZoneIndex
from geo.zones import Zone, ZoneId, ZoneKind, ZoneSet

NO_SECTOR = -1

Rows = NDArray[np.int64]


class NamedSectors:
    """Areas of WGS-84 lon, lat degrees by name, and who owns each; sectors are numbered in the order of their names.

    Where two overlap, and on a border they share, a position belongs to the first one by name, so that it always
    belongs to one. Raises ValueError for a name without an owner, an owner without a sector, or a shape without area.
    """

    def __init__(self, areas: Mapping[str, BaseGeometry], owners: Mapping[str, int]) -> None:
        self.names = tuple(sorted(areas))
        if sorted(owners) != list(self.names):
            odd = sorted(set(areas) ^ set(owners))
            raise ValueError(f"sectors: expected one owner for each, and no other; differs for {', '.join(odd)}")
        for name in self.names:
            if not areas[name].is_valid or areas[name].area == 0:
                raise ValueError(f"sector {name}: expected a valid area, got {areas[name].geom_type}")
        zones = [Zone(ZoneId(name), ZoneKind.EXCLUSION, name, areas[name]) for name in self.names]
        self._index = ZoneIndex.from_zones(ZoneSet(tuple(zones)))
        shapes = np.array([areas[name] for name in self.names], object)
        edges, of = edges_of(shapes)
        seam = (np.abs(edges[:, 0]) == 180) & (edges[:, 0] == edges[:, 2])  # a sector over it goes on beyond
        self._chords = [Chords(edges[(of == number) & ~seam]) for number in range(len(self.names))]
        self.owner_by_name = {name: owners[name] for name in self.names}
        self._owners = np.array([*(owners[name] for name in self.names), NO_SECTOR], np.int32)
        self._number = {name: number for number, name in enumerate(self.names)}

    def core(self, lonlat: Floats) -> NDArray[np.int32]:
        """The number of the sector each position ``(n, 2)`` is in, -1 where it is in none."""
        ids, inverse = np.unique(self._index.sets(lonlat), return_inverse=True)
        first = [min((self._number[name] for name in self._index.zones_of(i)), default=NO_SECTOR) for i in ids.tolist()]
        found: NDArray[np.int32] = np.array(first, np.int32)[inverse]
        return found

    def owners(self, lonlat: Floats) -> NDArray[np.int32]:
        """The owner of each position's core sector, -1 where it is in none."""
        return self._owners[self.core(lonlat)]

    def owner_of(self, sector: NDArray[np.integer]) -> NDArray[np.int32]:
        """The owner of sectors by number, -1 for -1."""
        found: NDArray[np.int32] = self._owners[sector]
        return found

    def halo(self, lonlat: Floats, halo_m: float) -> tuple[Rows, NDArray[np.int32]]:
        """``(row, sector)`` of every sector that a position is within ``halo_m`` metres of and that is not its core.

        In order of rows, then sectors; metres to the sectors' borders are right within 2 m."""
        lonlat = places(lonlat)
        core = self.core(lonlat)
        bound = self._index.depth_bound(lonlat, halo_m) if len(lonlat) else np.zeros(0, np.int8)
        near = np.flatnonzero(bound < 1)
        # whoever is within a sector that is not the core is no nearer to it for its border being far: sectors overlap
        ids, inverse = np.unique(self._index.sets(lonlat), return_inverse=True)
        held = np.zeros((len(ids), len(self.names)), bool)
        for at, number in enumerate(ids.tolist()):
            held[at, [self._number[name] for name in self._index.zones_of(number)]] = True
        found = held[inverse]
        for number, chords in enumerate(self._chords):
            found[near, number] |= chords.distance_m(lonlat[near]) <= halo_m
        inside = np.flatnonzero(core != NO_SECTOR)
        found[inside, core[inside]] = False
        row, sector = np.nonzero(found)
        return row, sector.astype(np.int32)


def owners_by_cell(named: NamedSectors) -> dict[int, int]:
    """The owner of every H3 cell (:mod:`geo.sectors`) whose centre lies in a sector.

    Raises ValueError for a sector that holds no centre: it is too small, or lies in others."""
    cells = every_sector()
    core = named.core(np.array([centre(cell) for cell in cells]))
    empty = [name for number, name in enumerate(named.names) if not (core == number).any()]
    if empty:
        raise ValueError(f"sector {empty[0]}: expected it to hold the centre of a cell, of about 1,770 km², of its own")
    owner = named.owner_of(core).tolist()
    return {cell: one for cell, one in zip(cells, owner, strict=True) if one != NO_SECTOR}


def named_sectors(collection: Mapping[str, object]) -> NamedSectors:
    """Sectors of a GeoJSON FeatureCollection whose features have ``sector`` and ``owner``.

    Raises ValueError, naming the feature and what was expected."""
    features = collection.get("features")
    if not isinstance(features, list):
        raise ValueError("sectors: expected a GeoJSON FeatureCollection")
    areas: dict[str, BaseGeometry] = {}
    owners: dict[str, int] = {}
    for nth, feature in enumerate(features):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        name = properties.get("sector") if isinstance(properties, dict) else None
        owner = properties.get("owner") if isinstance(properties, dict) else None
        if not isinstance(name, str) or not name or name in areas:
            raise ValueError(f"feature {nth}: expected a `sector` name that no other feature has, got {name!r}")
        if not isinstance(owner, int) or isinstance(owner, bool) or owner < 0:
            raise ValueError(f"sector {name}: expected an `owner` (a partition, 0 or more), got {owner!r}")
        try:
            areas[name] = shapely.geometry.shape(feature["geometry"])
        except (AttributeError, KeyError, TypeError, ValueError, IndexError, shapely.errors.ShapelyError) as problem:
            raise ValueError(f"sector {name}: expected a polygon: {problem}") from problem
        owners[name] = owner
    return NamedSectors(areas, owners)
