"""Which owners' ground is near a position: the same as by measuring to every sector around, one by one."""

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.sectors import neighbours, sector, sectors
from streams.borders import Borders
from streams.partitioning import Owners

GEOD = Geod(ellps="WGS84")
MARGIN_M = 500.0
DOUBT_M = 3.0


def measured_m(lon: float, lat: float, cell: int) -> float:
    """Metres from a position to a sector's outline: along its great circles, first roughly, then around the nearest."""
    corners = [(b, a) for a, b in h3.cell_to_boundary(cell)]
    least = np.inf
    for one, other in zip(corners, [*corners[1:], corners[0]], strict=True):
        low, high = 0.0, 1.0
        for _ in range(3):
            share = np.linspace(low, high, 201)
            places = (1 - share)[:, None] * _vector(*one) + share[:, None] * _vector(*other)
            lons = np.degrees(np.arctan2(places[:, 1], places[:, 0]))
            lats = np.degrees(np.arctan2(places[:, 2], np.hypot(places[:, 0], places[:, 1])))
            metres = GEOD.inv(np.full(201, lon), np.full(201, lat), lons, lats)[2]
            best = int(np.argmin(metres))
            least = min(least, float(metres[best]))
            low, high = float(share[max(best - 1, 0)]), float(share[min(best + 1, 200)])
    return least


def _vector(lon: float, lat: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    lon, lat = np.radians(lon), np.radians(lat)
    return np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def oracle(lon: float, lat: float, owners: Owners, margin_m: float) -> dict[int, float]:
    """Other owners within the margin of one position, with the distance: sector by sector."""
    own = sector(lon, lat)
    table = {cell: int(owners.owner_of(np.array([cell], np.uint64))[0]) for cell in (own, *neighbours(own))}
    away: dict[int, float] = {}
    for cell in neighbours(own):
        if table[cell] != table[own]:
            metres = measured_m(lon, lat, cell)
            away[table[cell]] = min(metres, away.get(table[cell], np.inf))
    return {owner: metres for owner, metres in away.items() if metres <= margin_m}


def near_border(seed: int, count: int, reach_m: float = 900.0) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Positions ``(n, 2)`` on both sides of the outlines of sectors anywhere but at the poles."""
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        cell = sector(float(chance.uniform(-180, 180)), float(np.degrees(np.arcsin(chance.uniform(-0.97, 0.97)))))
        corners = [(b, a) for a, b in h3.cell_to_boundary(cell)]
        at = int(chance.integers(len(corners)))
        one, other = _vector(*corners[at]), _vector(*corners[(at + 1) % len(corners)])
        share = chance.uniform()
        x, y, z = (1 - share) * one + share * other
        lon, lat = float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))
        found.append(GEOD.fwd(lon, lat, float(chance.uniform(0, 360)), float(chance.uniform(0, reach_m)))[:2])
    return np.array(found)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([2, 3, 16]))
def test_the_owners_near_a_position_are_those_of_the_oracle(seed: int, partitions: int) -> None:
    """Law: row by row the same owners and distances as measured one sector at a time; a place within 3 m of the margin
    may count either way."""
    lonlat = near_border(seed, 12)
    cells = sorted({*sectors(lonlat).tolist(), *(n for c in sectors(lonlat).tolist() for n in neighbours(c))})
    owners = Owners(partitions, sectors={f"{cell:x}": (7 * i) % partitions for i, cell in enumerate(cells)})
    row, owner, metres = Borders(owners).near(lonlat, sectors(lonlat), MARGIN_M)
    for index, (lon, lat) in enumerate(lonlat.tolist()):
        wanted = oracle(lon, lat, owners, MARGIN_M + DOUBT_M)
        found = dict(zip(owner[row == index].tolist(), metres[row == index].tolist(), strict=True))
        assert set(found) <= set(wanted)
        assert {other for other, far in wanted.items() if far < MARGIN_M - DOUBT_M} <= set(found)
        for other, far in found.items():
            assert far == pytest.approx(wanted[other], abs=DOUBT_M)
    assert np.all(np.diff(row) >= 0)


def test_one_owner_has_no_borders() -> None:
    """Law: where every sector around has one owner, nothing is near anything, and nothing is measured."""
    borders = Borders(Owners(1))
    lonlat = near_border(3, 50)
    assert len(borders.near(lonlat, sectors(lonlat), MARGIN_M)[0]) == 0


def test_a_position_deep_inside_a_sector_is_near_nobody() -> None:
    """Law: the middle of every sector is farther from all others than any halo."""
    middle = np.array([[-82.4, 25.0]])
    cell = sectors(middle)
    lat, lon = h3.cell_to_latlng(int(cell[0]))
    owners = Owners(2, sectors={f"{int(cell[0]):x}": 0, **{f"{n:x}": 1 for n in neighbours(int(cell[0]))}})
    assert len(Borders(owners).near(np.array([[lon, lat]]), cell, 15_000.0)[0]) == 0
    polygon = shapely.Polygon([(b, a) for a, b in h3.cell_to_boundary(int(cell[0]))])
    assert polygon.contains(shapely.Point(lon, lat))
