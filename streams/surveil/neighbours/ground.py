"""An owner's ground as its tracker sees it: positions in a plane, sectors on the globe, owners by the table."""

from typing import NamedTuple

import numpy as np

from geo.sectors import sectors
from streams.borders import Borders
from streams.tracks.sharing.plane import Plane
from streams.tracks.state import Flags, Floats

_SQUARE_M = 4_000.0
_HALF_M = _SQUARE_M * 0.7072
_MIXED = -1


class _Place(NamedTuple):
    owner: int
    away_m: dict[int, float]  # other owners within the margin


class SectorGround:
    """Implements :class:`streams.tracks.sharing.halo.Ground`. Distances beyond ``margin_m`` count as infinite.

    Squares of the plane remember whether a border is near, so that a track far from all of them costs a look-up; what
    is remembered changes no answer."""

    def __init__(self, borders: Borders, plane: Plane, margin_m: float) -> None:
        self._borders, self._plane, self._margin_m = borders, plane, margin_m
        self._squares: dict[tuple[int, int], int] = {}
        self._places: dict[tuple[float, float], _Place] = {}

    def deep(self, position_m: Floats) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Flags]:
        """Of positions ``(n, 2)``: the owner where no border is within the margin, and whether that is so."""
        squares, inverse = np.unique(np.floor(position_m / _SQUARE_M).astype(np.int64), axis=0, return_inverse=True)
        owner_of = np.array([self._square(east, north) for east, north in squares.tolist()], np.int64)
        owner = owner_of[inverse.reshape(-1)]
        return owner, owner != _MIXED

    def notice(self, position_m: Floats) -> None:
        """Measure positions ``(n, 2)`` together; asked one by one they would cost a hundred times as much."""
        self._places = {}
        if not len(position_m):
            return
        lonlat = self._plane.to_lonlat(position_m)
        sector = sectors(lonlat)
        owner = self._borders.owner_of(sector).tolist()
        away: list[dict[int, float]] = [{} for _ in owner]
        rows, others, metres = self._borders.near(lonlat, sector, self._margin_m)
        for row, other, far in zip(rows.tolist(), others.tolist(), metres.tolist(), strict=True):
            away[row][other] = far
        for (x, y), mine, others_m in zip(position_m.tolist(), owner, away, strict=True):
            self._places[x, y] = _Place(mine, others_m)

    def owner(self, x_m: float, y_m: float) -> int:
        """The owner of a place."""
        return self._place(x_m, y_m).owner

    def outside_m(self, x_m: float, y_m: float, owner: int) -> float:
        """How far a place is outside an owner's ground, 0 inside, infinite beyond the margin."""
        place = self._place(x_m, y_m)
        return 0.0 if place.owner == owner else place.away_m.get(owner, np.inf)

    def near(self, x_m: float, y_m: float, margin_m: float) -> tuple[int, ...]:
        """All owners within ``margin_m`` of a place, ascending."""
        place = self._place(x_m, y_m)
        return tuple(sorted({place.owner, *(other for other, far in place.away_m.items() if far <= margin_m)}))

    def _place(self, x_m: float, y_m: float) -> _Place:
        found = self._places.get((x_m, y_m))
        if found is None:
            known = self._places
            self.notice(np.array([[x_m, y_m]]))
            found = self._places[x_m, y_m]
            self._places = {**known, (x_m, y_m): found}
        return found

    def _square(self, east: int, north: int) -> int:
        found = self._squares.get((east, north))
        if found is None:
            middle = self._plane.to_lonlat((np.array([[east, north]]) + 0.5) * _SQUARE_M)
            sector = sectors(middle)
            near = self._borders.near(middle, sector, self._margin_m + _HALF_M)[0]
            found = _MIXED if len(near) else int(self._borders.owner_of(sector)[0])
            self._squares[east, north] = found
        return found
