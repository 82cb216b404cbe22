"""Sectors, the shards of the map: H3 cells of resolution 4 (about 1,770 km², edge 22.6 km; h3geo.org statistics)."""

from itertools import repeat

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

RESOLUTION = 4


def sectors(lonlat: NDArray[np.float64]) -> NDArray[np.uint64]:
    """The sector of each position ``(n, 2)`` lon, lat degrees; a position belongs to exactly one."""
    cells = map(h3.latlng_to_cell, lonlat[:, 1].tolist(), lonlat[:, 0].tolist(), repeat(RESOLUTION))
    return np.fromiter(cells, np.uint64, len(lonlat))


def sector(lon: float, lat: float) -> int:
    """The sector of one position, degrees."""
    return int(h3.latlng_to_cell(lat, lon, RESOLUTION))


def centre(cell: int) -> tuple[float, float]:
    """Longitude and latitude, degrees, of a sector's centre."""
    lat, lon = h3.cell_to_latlng(int(cell))
    return float(lon), float(lat)


def neighbours(cell: int) -> tuple[int, ...]:
    """The five or six sectors that touch this one, ascending."""
    return tuple(sorted(int(other) for other in h3.grid_disk(int(cell), 1) if other != cell))
