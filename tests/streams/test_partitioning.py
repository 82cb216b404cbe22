"""Owners: tables of cells, and polygons that are drawn instead, against a scalar oracle."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo.sectors import centre, every_sector, sector
from streams.config import BadSettings, load
from streams.partitioning import Owners, drawn

AREAS = {
    "west": (shapely.box(-10, 40, 0, 50), 1),
    "east": (shapely.box(0, 40, 10, 50), 2),
    "middle": (shapely.box(-3, 43, 3, 47), 0),  # lies in both, and comes before them by name only where it counts
    "date-line": (shapely.MultiPolygon([shapely.box(170, -20, 180, -10), shapely.box(-180, -20, -170, -10)]), 3),
    "cap": (shapely.box(-180, 80, 180, 90), 3),
}


def collection(areas: Mapping[str, tuple[shapely.Geometry, int]]) -> dict[str, Any]:
    """The areas as a GeoJSON FeatureCollection."""
    features = [
        {
            "type": "Feature",
            "properties": {"sector": name, "owner": owner},
            "geometry": json.loads(shapely.to_geojson(area)),
        }
        for name, (area, owner) in areas.items()
    ]
    return {"type": "FeatureCollection", "features": features}


def test_a_cell_belongs_to_whoever_holds_its_centre() -> None:
    """Law: the owner of any cell is that of the first polygon by name that covers its centre, else the usual one; a
    cell that is named beside the polygons counts before them."""
    single = sector(-5.0, 45.0)
    owners = drawn(Owners(4, sectors={f"{single:x}": 3}), collection(AREAS))
    rng = np.random.default_rng(2)
    lonlat = np.vstack([rng.uniform((-12, 38), (12, 52), (300, 2)), rng.uniform((-180, 70), (180, 90), (60, 2))])
    lonlat = np.vstack([lonlat, rng.uniform((168, -22), (180, -8), (40, 2)), [(-179.5, -15.0), (-5.0, 45.0)]])
    cells = np.array([sector(*place) for place in lonlat.tolist()], np.uint64)
    usual = Owners(4).owner_of(cells)
    for cell, owner, otherwise in zip(cells.tolist(), owners.owner_of(cells).tolist(), usual.tolist(), strict=True):
        here = shapely.Point(centre(cell))
        holds = [AREAS[name][1] for name in sorted(AREAS) if AREAS[name][0].covers(here)]
        assert owner == (3 if cell == single else holds[0] if holds else otherwise)


def test_no_table_no_change() -> None:
    """Law: without tables the owner is the hash of the parent; a table changes the cells it names and no other."""
    cells = np.array(every_sector()[::97], np.uint64)
    usual = Owners(7).owner_of(cells)
    named = {f"{cell:x}": 5 for cell in cells[::10].tolist()}
    changed = Owners(7, sectors=named).owner_of(cells)
    assert (changed[::10] == 5).all()
    kept = np.ones(len(cells), bool)
    kept[::10] = False
    assert (changed[kept] == usual[kept]).all()
    assert Owners(7, sectors=named).owner_of(cells[:8].reshape(2, 4)).tolist() == changed[:8].reshape(2, 4).tolist()


def test_the_configuration_names_a_file(tmp_path: Path) -> None:
    """A file beside the configuration; what is wrong with it stops the start and says which key and what."""
    config = tmp_path / "vedette.toml"
    config.write_text(
        '[owners]\npartitions = 4\npolygons = "owners.geojson"\n'
        '[[feeds]]\nvendor = "acme"\nkind = "ais"\nformat = "nmea"\n'
    )
    polygons = tmp_path / "owners.geojson"
    polygons.write_text(json.dumps(collection(AREAS)))
    assert load(config).owners.owner_of(np.array([sector(5.0, 48.0)], np.uint64)).tolist() == [2]
    for areas, part in (
        ({"a": (shapely.box(0, 40, 10, 50), 4)}, "sector a: expected an `owner` below 4, got 4"),
        ({"a": (shapely.box(0, 40, 0.001, 40.001), 1)}, "sector a: expected it to hold the centre of a cell"),
    ):
        polygons.write_text(json.dumps(collection(areas)))
        with pytest.raises(BadSettings, match=part):
            load(config)
    polygons.write_text("{")
    with pytest.raises(BadSettings, match=r"owners\.polygons"):
        load(config)
    polygons.unlink()
    with pytest.raises(BadSettings, match=r"owners\.geojson"):
        load(config)
