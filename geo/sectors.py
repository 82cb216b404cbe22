"""Sectors, the shards of the map: H3 cells of resolution 4 (about 1,770 km², edge 22.6 km; h3geo.org statistics)."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import repeat

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from geo.chords import Chords

RESOLUTION = 4
_MOST_HALO_M = 15_000.0  # a cell is more than twice as wide, so what is nearer is a neighbour


def sectors(lonlat: NDArray[np.float64]) -> NDArray[np.uint64]:
    """The sector of each position ``(n, 2)`` lon, lat degrees; a position belongs to exactly one."""
    cells = map(h3.latlng_to_cell, lonlat[:, 1].tolist(), lonlat[:, 0].tolist(), repeat(RESOLUTION))
    return np.fromiter(cells, np.uint64, len(lonlat))


def sector(lon: float, lat: float) -> int:
    """The sector of one position, degrees."""
    return int(h3.latlng_to_cell(lat, lon, RESOLUTION))


def every_sector() -> list[int]:
    """All sectors of the Earth, ascending: 288,122."""
    children = (h3.cell_to_children(cell, RESOLUTION) for cell in h3.get_res0_cells())
    return sorted(int(cell) for found in children for cell in found)


def centre(cell: int) -> tuple[float, float]:
    """Longitude and latitude, degrees, of a sector's centre."""
    lat, lon = h3.cell_to_latlng(int(cell))
    return float(lon), float(lat)


def neighbours(cell: int) -> tuple[int, ...]:
    """The five or six sectors that touch this one, ascending."""
    return tuple(sorted(int(other) for other in h3.grid_disk(int(cell), 1) if other != cell))


def halo(lonlat: NDArray[np.float64], halo_m: float) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """``(row, sector)`` of every sector within ``halo_m`` metres (at most 15 km) of a position, but not its own.

    In order of rows, then sectors; metres to a cell's outline are right within 2 m."""
    if not 0 < halo_m <= _MOST_HALO_M:
        raise ValueError(f"halo_m: expected metres above 0, up to {_MOST_HALO_M:g}, got {halo_m}")
    cells, inverse = np.unique(sectors(lonlat), return_inverse=True)
    rows: list[NDArray[np.int64]] = []
    found: list[NDArray[np.uint64]] = []
    for nth, cell in enumerate(cells.tolist()):
        mine = np.flatnonzero(inverse == nth)
        mine = mine[_outline(cell).distance_m(lonlat[mine]) <= halo_m]
        if not mine.size:
            continue
        for other in neighbours(cell):
            near = mine[_outline(other).distance_m(lonlat[mine]) <= halo_m]
            rows.append(near)
            found.append(np.full(len(near), other, np.uint64))
    if not rows:
        return np.zeros(0, np.int64), np.zeros(0, np.uint64)
    row, sector_of = np.concatenate(rows), np.concatenate(found)
    order = np.lexsort((sector_of, row))
    return row[order], sector_of[order]


def outline_m(cell: int, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from positions ``(n, 2)`` lon, lat degrees to a sector's outline, from either side, right within 2 m."""
    return _outline(cell).distance_m(lonlat)


@lru_cache(maxsize=4_096)
def _outline(cell: int) -> Chords:
    return Chords.of_arcs(np.array([(lon, lat) for lat, lon in h3.cell_to_boundary(int(cell))]))


def owners_of(sector_of: NDArray[np.uint64], owner: Mapping[int, int], default: int = -1) -> NDArray[np.int32]:
    """The owner of each sector from a table of cells; ``default`` for those that are not in it."""
    if not owner:
        return np.full(sector_of.shape, default, np.int32)
    cells = np.array(sorted(owner), np.uint64)
    known = np.array([owner[int(cell)] for cell in cells.tolist()], np.int32)
    place = np.minimum(np.searchsorted(cells, sector_of), len(cells) - 1)
    return np.where(cells[place] == sector_of, known[place], np.int32(default)).astype(np.int32)
