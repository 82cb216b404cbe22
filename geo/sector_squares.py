"""Sectors of many positions, most of them without asking H3: squares of the map that are known to lie in one sector.

A square is 0.02 degrees wide. It lies in one sector where the corners of a square 20 % larger do: a cell is convex
(a hexagon bounded by great circles in the gnomonic projection of its icosahedron face; cells on several faces, which
are bent there, are always asked), and the sides of a square leave the great circles between its corners by less than
a metre. Everything else is asked, so the answer is H3's own.
"""

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from geo.sectors import RESOLUTION, sectors

_PER_DEGREE = 50
_STRIDE = 360 * _PER_DEGREE + 2  # squares around the world, and room at its seam
_MIXED = -1
_REMEMBERED = 100_000  # squares; what is remembered changes no answer
_POLAR_DEG = 80.0  # beyond, a square is too pointed for the bound


class SectorSquares:
    """Remembers squares; the answers do not depend on what it remembers."""

    def __init__(self) -> None:
        self._sector: dict[int, int] = {}

    def sectors(self, lonlat: NDArray[np.float64]) -> NDArray[np.uint64]:
        """The sector of each position ``(n, 2)`` lon, lat degrees, as :func:`geo.sectors.sectors` gives them."""
        square = np.floor(lonlat * _PER_DEGREE)
        squares: list[int] = (square[:, 1] * _STRIDE + square[:, 0]).astype(np.int64).tolist()
        get = self._sector.get
        found = np.array([get(number, 0) for number in squares], np.int64)
        asked = (found <= 0).nonzero()[0]
        result = found.astype(np.uint64)
        if len(asked):
            result[asked] = sectors(lonlat[asked])
            for row in asked[found[asked] == 0].tolist():
                self._look(squares[row], float(square[row, 0]), float(square[row, 1]))
        return result

    def _look(self, number: int, east: float, north: float) -> None:
        """Remember whether a square lies in one sector."""
        if number in self._sector:
            return
        if len(self._sector) >= _REMEMBERED:
            self._sector.clear()
        self._sector[number] = _MIXED
        if abs(north / _PER_DEGREE) > _POLAR_DEG:
            return
        corners = {
            int(h3.latlng_to_cell((north + y) / _PER_DEGREE, (east + x) / _PER_DEGREE, RESOLUTION))
            for x in (-0.1, 1.1)
            for y in (-0.1, 1.1)
        }
        if len(corners) == 1:
            (cell,) = corners
            if len(h3.get_icosahedron_faces(cell)) == 1:
                self._sector[number] = cell
