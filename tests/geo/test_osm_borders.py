"""Countries of the npm package as zones."""

import pytest
import shapely

from geo.osm_borders import ATTRIBUTION, UnknownCountry, territories
from geo.zones import ZoneKind, read_zones

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
ISLAND = {"type": "Polygon", "coordinates": [[[5, 0], [6, 0], [6, 1], [5, 0]]]}
BOW_TIE = {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]]}


def package() -> list[dict[str, object]]:
    """Three countries in the package's own form; the last has no alpha-2 code."""

    def country(parts: list[object], **codes: str) -> dict[str, object]:
        return {"properties": codes, "geometry": {"type": "GeometryCollection", "geometries": parts}}

    return [
        country([SQUARE, ISLAND], isoA3="AAA", isoA2="AA"),
        country([BOW_TIE], isoA3="BBB", isoA2="BB"),
        country([ISLAND], isoA3="CCC"),
    ]


def test_codes_of_either_length_in_the_order_asked() -> None:
    """Law: alpha-2 and alpha-3 codes of any case choose a country once, as a territory with its attribution."""
    document = territories(package(), ["bb", "AAA", "aa"], package="@p/x", resolution="10m")
    zones = read_zones(document)
    assert [zone.zone_id for zone in zones] == ["BBB", "AAA"]
    assert all(zone.kind is ZoneKind.TERRITORY and ATTRIBUTION in (zone.source or "") for zone in zones)
    assert document["attribution"] == ATTRIBUTION
    assert zones.by_id["AAA"].geometry.area == pytest.approx(1.5)


def test_broken_rings_are_repaired() -> None:
    """Law: what comes out is valid even where the simplification made rings cross."""
    zones = read_zones(territories(package(), ["BBB"], package="@p/x", resolution="1000m"))
    assert shapely.is_valid(zones.by_id["BBB"].geometry)
    assert zones.by_id["BBB"].geometry.area == pytest.approx(0.5)


def test_all_countries() -> None:
    """Law: None means every country, by code."""
    features = territories(package(), None, package="@p/x", resolution="10m")["features"]
    assert isinstance(features, list)
    assert [feature["properties"]["zone_id"] for feature in features] == ["AAA", "BBB", "CCC"]


def test_unknown_country_is_named() -> None:
    """Law: a code that is not there is an error that names it."""
    with pytest.raises(UnknownCountry, match="XX"):
        territories(package(), ["AA", "XX"], package="@p/x", resolution="10m")
