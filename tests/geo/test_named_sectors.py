"""Sectors that are drawn, and halos, against shapely and pyproj one position at a time."""

import h3.api.basic_int as h3
import numpy as np
import pyproj
import pytest
import shapely

from geo.named_sectors import NO_SECTOR, NamedSectors, named_sectors
from geo.sectors import centre, halo, neighbours, owners_of, sector, sectors
from tests.geo.geodesic import nearest_m

GEOD = pyproj.Geod(ellps="WGS84")
AREAS = {
    "west": shapely.box(0, 50, 1, 51),
    "east": shapely.box(1, 50, 2, 51),
    "port": shapely.box(0.9, 50.4, 1.1, 50.6),  # lies in both
    "far": shapely.MultiPolygon([shapely.box(179.5, -17, 180, -16), shapely.box(-180, -17, -179.5, -16)]),
}
OWNERS = {"west": 4, "east": 2, "port": 7, "far": 4}


def edges(area: shapely.Geometry) -> np.ndarray:
    """The edges of an area, without the edge of the map."""
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shapely.get_parts(area))]
    found = np.vstack([np.hstack([xy[:-1], xy[1:]]) for xy in rings])
    kept: np.ndarray = found[~((np.abs(found[:, 0]) == 180) & (found[:, 0] == found[:, 2]))]
    return kept


def some_places(seed: int, count: int) -> np.ndarray:
    """In, between and around the areas; on their borders; over the seam of the map."""
    rng = np.random.default_rng(seed)
    near = rng.uniform([-0.2, 49.8], [2.2, 51.2], (count, 2))
    seam = rng.uniform([179.3, -17.2], [180.7, -15.8], (count // 2, 2))
    seam[:, 0] = (seam[:, 0] + 180) % 360 - 180
    corners = np.vstack([shapely.get_coordinates(area) for area in AREAS.values()])
    return np.vstack([near, seam, corners, [[1.0, 50.2], [0.9, 50.5]]])


def test_core_and_owner() -> None:
    """Law: a position's core is the first sector by name that covers it, and its owner is that one's."""
    drawn = NamedSectors(AREAS, OWNERS)
    assert drawn.names == ("east", "far", "port", "west")
    points = some_places(1, 200)
    core = drawn.core(points)
    for (lon, lat), number in zip(points.tolist(), core.tolist(), strict=True):
        held = [name for name in drawn.names if shapely.covers(AREAS[name], shapely.Point(lon, lat))]
        assert (drawn.names[number] if number != NO_SECTOR else None) == (held[0] if held else None)
    expected = [OWNERS[drawn.names[n]] if n != NO_SECTOR else NO_SECTOR for n in core.tolist()]
    assert drawn.owners(points).tolist() == drawn.owner_of(core).tolist() == expected


@pytest.mark.parametrize("halo_m", [500.0, 8_000.0, 30_000.0])
def test_halo(halo_m: float) -> None:
    """Law: the halo holds the sectors within reach and not the core, up to 2 m of the reach."""
    drawn = NamedSectors(AREAS, OWNERS)
    points = some_places(2, 60)
    core = drawn.core(points).tolist()
    row, number = drawn.halo(points, halo_m)
    found = set(zip(row.tolist(), number.tolist(), strict=True))
    assert len(found) == len(row)
    assert list(zip(row.tolist(), number.tolist(), strict=True)) == sorted(found)
    for at, (lon, lat) in enumerate(points.tolist()):
        for n, name in enumerate(drawn.names):
            inside = bool(shapely.covers(AREAS[name], shapely.Point(lon, lat)))
            metres = 0.0 if inside else nearest_m(edges(AREAS[name]), lon, lat)
            if abs(metres - halo_m) > 2.0:
                assert ((at, n) in found) == (metres < halo_m and n != core[at])


@pytest.mark.parametrize("halo_m", [300.0, 5_000.0])
def test_halo_of_cells(halo_m: float) -> None:
    """Law: a cell is in the halo where a place on its outline, searched along it, is within reach."""
    rng = np.random.default_rng(3)
    spots = [(1.5, 51.0), (-80.0, 25.0), (179.99, -16.0), (20.0, 89.7), centre(sorted(h3.get_pentagons(4))[3])]
    points = np.vstack([np.array(spot) + rng.normal(0, 0.15, (12, 2)) for spot in spots])
    points = np.column_stack([(points[:, 0] + 180) % 360 - 180, np.clip(points[:, 1], -90, 90)])
    row, cells = halo(points, halo_m)
    found = set(zip(row.tolist(), cells.tolist(), strict=True))
    assert len(found) == len(row)
    for at, (lon, lat) in enumerate(points.tolist()):
        own = sector(lon, lat)
        for other in neighbours(own):
            metres = outline_m(other, lon, lat)
            if abs(metres - halo_m) > 15.0:
                assert ((at, other) in found) == (metres < halo_m)


def outline_m(cell: int, lon: float, lat: float) -> float:
    """Metres to the nearest of 400 places on each side of a cell."""
    ring = np.array([(x, y) for y, x in h3.cell_to_boundary(cell)])
    best = np.inf
    for start, end in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        azimuth, _, metres = GEOD.inv(start[0], start[1], end[0], end[1])
        share = np.linspace(0, 1, 400)
        x, y, _ = GEOD.fwd(np.full(400, start[0]), np.full(400, start[1]), np.full(400, azimuth), share * metres)
        _, _, away = GEOD.inv(np.full(400, lon), np.full(400, lat), x, y)
        best = min(best, float(away.min()))
    return best


def test_owner_table_of_cells() -> None:
    """Law: each cell has the owner of the table, and the others the default."""
    points = np.random.default_rng(4).uniform([0, 50], [3, 52], (100, 2))
    cells = sectors(points)
    table = {int(cell): nth for nth, cell in enumerate(np.unique(cells)[::2].tolist())}
    assert owners_of(cells, table).tolist() == [table.get(cell, -1) for cell in cells.tolist()]
    assert owners_of(cells, {}, 3).tolist() == [3] * 100


def feature(name: object, owner: object, geometry: object = None) -> dict[str, object]:
    """A feature of a sectors file."""
    shape = geometry or {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    return {"type": "Feature", "properties": {"sector": name, "owner": owner}, "geometry": shape}


def test_from_geojson() -> None:
    """Law: a sectors file names each sector and its owner; anything else is refused with its place and the reason."""
    drawn = named_sectors({"type": "FeatureCollection", "features": [feature("a", 3)]})
    assert drawn.owners(np.array([[0.5, 0.2], [5.0, 5.0]])).tolist() == [3, -1]
    for features, reason in (
        ([feature("a", 3), feature("a", 4)], "feature 1: expected a `sector` name"),
        ([feature("", 3)], "feature 0"),
        ([feature("a", -1)], "expected an `owner`"),
        ([feature("a", True)], "expected an `owner`"),
        ([feature("a", 1, {"type": "Polygon", "coordinates": "x"})], "sector a: expected a polygon"),
        ([feature("a", 1, {"type": "Point", "coordinates": [1, 2]})], "expected a valid area"),
        ([None], "feature 0"),
        ("x", "FeatureCollection"),
    ):
        with pytest.raises(ValueError, match=reason):
            named_sectors({"features": features})
    with pytest.raises(ValueError, match="one owner for each"):
        NamedSectors(AREAS, {"west": 1})
    for halo_m in (0.0, -1.0, 20_000.0, float("nan")):
        with pytest.raises(ValueError, match="halo_m"):
            halo(np.zeros((1, 2)), halo_m)


def test_no_rows() -> None:
    """Law: no positions have no sectors and no halo."""
    none = np.empty((0, 2))
    drawn = NamedSectors(AREAS, OWNERS)
    assert drawn.core(none).tolist() == []
    assert [part.tolist() for part in drawn.halo(none, 100.0)] == [[], []]
    assert [part.tolist() for part in halo(none, 100.0)] == [[], []]
