"""Borders between owners, for what is followed on both sides of one: which owners' ground is near a position.

An owner here is a partition of ``observations.v1``. Only positions in a sector that touches another owner's cost
anything, and of those only the ones that are not deep inside their sector are measured.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.sectors import centre, neighbours, outline_m
from streams.partitioning import Owners

_RADIUS_M = 6_371_009.0
_DOUBT_M = 500.0  # the distance from a sector's centre is taken on a sphere: at 40 km that errs by less

Places = NDArray[np.float64]


class _Sector(NamedTuple):
    """What is asked of one sector, once."""

    owner: int
    foreign: tuple[tuple[int, tuple[int, ...]], ...]  # owner next door, its sectors that touch this one; ascending
    centre: tuple[float, float]
    inner_m: float  # from the centre to the nearest point of the outline


class Borders:
    """Remembers what it was asked of each sector; the answers do not depend on that."""

    def __init__(self, owners: Owners) -> None:
        self._owners = owners
        self._known: dict[int, _Sector] = {}

    def owner_of(self, sector: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The owner of each sector."""
        return self._owners.owner_of(sector)

    def near(
        self, lonlat: Places, sector: NDArray[np.uint64], margin_m: float
    ) -> tuple[NDArray[np.intp], NDArray[np.int32], NDArray[np.float64]]:
        """``(row, owner, metres)`` of every other owner within ``margin_m`` (up to 15 km) of a position, with how far
        away its ground is; in order of rows, then owners. ``sector`` is that of each position."""
        rows: list[NDArray[np.intp]] = []
        owners: list[NDArray[np.int32]] = []
        away: list[NDArray[np.float64]] = []
        for cell in np.unique(sector).tolist():
            known = self._sector(cell)
            if not known.foreign:
                continue
            mine = np.flatnonzero(sector == cell)
            mine = mine[_from_m(known.centre, lonlat[mine]) > known.inner_m - margin_m - _DOUBT_M]
            if not mine.size:
                continue
            for owner, cells in known.foreign:
                metres = np.min([outline_m(other, lonlat[mine]) for other in cells], axis=0)
                within = metres <= margin_m
                rows.append(mine[within])
                owners.append(np.full(int(within.sum()), owner, np.int32))
                away.append(metres[within])
        if not rows:
            return np.zeros(0, np.intp), np.zeros(0, np.int32), np.zeros(0)
        row, owner_of, metres = np.concatenate(rows), np.concatenate(owners), np.concatenate(away)
        order = np.lexsort((owner_of, row))
        return row[order], owner_of[order], metres[order]

    def _sector(self, cell: int) -> _Sector:
        found = self._known.get(cell)
        if found is None:
            around = np.array([cell, *neighbours(cell)], np.uint64)
            owner, *others = self._owners.owner_of(around).tolist()
            foreign: dict[int, list[int]] = {}
            for other, touching in zip(others, around[1:].tolist(), strict=True):
                if other != owner:
                    foreign.setdefault(other, []).append(touching)
            middle = centre(cell)
            found = self._known[cell] = _Sector(
                owner,
                tuple((other, tuple(cells)) for other, cells in sorted(foreign.items())),
                middle,
                float(outline_m(cell, np.array([middle]))[0]),
            )
        return found


def _from_m(middle: tuple[float, float], lonlat: Places) -> NDArray[np.float64]:
    """Metres from a place some tens of kilometres away, right within the doubt: chords of a sphere."""
    places = np.radians(np.vstack([lonlat, middle]))
    flat = np.cos(places[:, 1])
    where = np.stack([flat * np.cos(places[:, 0]), flat * np.sin(places[:, 0]), np.sin(places[:, 1])], axis=1)
    out: NDArray[np.float64] = _RADIUS_M * np.linalg.norm(where[:-1] - where[-1], axis=1)
    return out
