"""Borders with territorial sea from the npm packages ``@osm_borders/maritime_*``, as a zones FeatureCollection.

Map data © OpenStreetMap contributors, Open Database Licence 1.0: the attribution travels in every zone's ``source``.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from geo.outlines import areas

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
ACCURACY_M = {"10m": 30.0, "1000m": 1000.0}  # p95 against independent data at 10 m; the simplification at 1000 m


class UnknownCountry(ValueError):
    """A country code that the package does not hold."""


def read_borders(path: Path) -> list[Mapping[str, object]]:
    """The features of the package's ``borders.geo.json``."""
    features: list[Mapping[str, object]] = json.loads(path.read_bytes())["features"]
    return features


def territories(
    features: Iterable[Mapping[str, object]], countries: Sequence[str] | None, *, package: str, resolution: str
) -> dict[str, object]:
    """One ``territory`` per country (ISO alpha-2 or alpha-3 codes, any case; None is all), zone_id the alpha-3 code.

    Polygons of a country are repaired and united. Raises :class:`UnknownCountry`.
    """
    by_code: dict[str, Mapping[str, object]] = {}
    for feature in features:
        properties = feature["properties"]
        assert isinstance(properties, Mapping)
        by_code.update({str(properties[name]).upper(): feature for name in ("isoA3", "isoA2") if properties.get(name)})
    wanted = sorted({str(f["properties"]["isoA3"]) for f in by_code.values()}) if countries is None else countries  # type: ignore[index]
    unknown = [code for code in wanted if code.upper() not in by_code]
    if unknown:
        raise UnknownCountry(f"not in {package}: {', '.join(unknown)}; expected ISO 3166 codes such as US or USA")
    chosen: list[Mapping[str, object]] = []
    for code in wanted:
        feature = by_code[code.upper()]
        if feature not in chosen:
            chosen.append(feature)
    return {
        "type": "FeatureCollection",
        "attribution": ATTRIBUTION,
        "features": [_territory(feature, package, resolution) for feature in chosen],
    }


def _territory(feature: Mapping[str, object], package: str, resolution: str) -> dict[str, object]:
    properties = feature["properties"]
    assert isinstance(properties, Mapping)
    code = str(properties["isoA3"])
    return {
        "type": "Feature",
        "properties": {
            "zone_id": code,
            "kind": "territory",
            "name": f"{code}: land and territorial sea",
            "source": f"{ATTRIBUTION}, {package}",
            "accuracy_m": ACCURACY_M[resolution],
        },
        "geometry": json.loads(shapely.to_geojson(united(feature["geometry"]))),
    }


def united(geometry: object) -> BaseGeometry:
    """The area of a country: its polygons, repaired where a simplification made them cross, as one geometry."""
    shape = shapely.from_geojson(json.dumps(geometry))
    parts = [part for piece in areas(shape) for part in areas(piece if piece.is_valid else shapely.make_valid(piece))]
    whole = shapely.MultiPolygon(parts)
    if not whole.is_valid:
        whole = shapely.MultiPolygon(areas(shapely.union_all(parts)))
    found = shapely.get_parts(whole)
    return found[0] if len(found) == 1 else whole
