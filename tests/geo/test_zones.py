"""A zones file is read whole, or refused with the feature, the field and the expected value."""

import json
from collections.abc import Sequence
from pathlib import Path

import pyproj
import pytest
import shapely

from geo.problems import ProblemCode
from geo.zones import (
    GEODESIC_ERROR_M,
    Edges,
    Schedule,
    ZoneErrors,
    ZoneKind,
    ZoneProblem,
    ZoneSet,
    as_features,
    read_zones,
)

SQUARE = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]


def feature(geometry: object = None, **properties: object) -> dict[str, object]:
    """A sound feature, with properties added, or removed where None."""
    base: dict[str, object] = {"zone_id": "a", "kind": "territory", "name": "A", **properties}
    shape = {"type": "Polygon", "coordinates": SQUARE} if geometry is None else geometry
    return {"type": "Feature", "properties": {k: v for k, v in base.items() if v is not None}, "geometry": shape}


def collection(*features: object) -> dict[str, object]:
    """A FeatureCollection."""
    return {"type": "FeatureCollection", "features": list(features)}


def polygon(*rings: Sequence[object]) -> dict[str, object]:
    """A Polygon geometry."""
    return {"type": "Polygon", "coordinates": list(rings)}


def problems(*features: object, mend: bool = False) -> list[ZoneProblem]:
    """What is wrong with them."""
    with pytest.raises(ZoneErrors) as refused:
        read_zones(collection(*features), mend=mend)
    return list(refused.value.problems)


def test_every_property_arrives() -> None:
    """Law: a sound file gives zones in order, with every property, and an index by id."""
    rest = {
        "source": "chart",
        "date": "2026-01-31",
        "accuracy_m": 50,
        "schedule": {"from": "2026-01-01", "time_zone": "Europe/Madrid"},
        "applies_to": ["vessel"],
        "severity": "high",
        "claimants": ["A", "B"],
        "edges": "geodesic",
        "indicative": True,
    }
    zones = read_zones(collection(feature(**rest), feature(zone_id="b", kind="exclusion")))
    first = zones.by_id["a"]
    assert [zone.zone_id for zone in zones] == ["a", "b"]
    assert (first.kind, first.source, first.accuracy_m) == (ZoneKind.TERRITORY, "chart", 50.0)
    assert (first.date, first.applies_to) == ("2026-01-31", ("vessel",))
    assert first.schedule == Schedule({"from": "2026-01-01", "time_zone": "Europe/Madrid"})
    assert (first.claimants, first.edges, first.indicative) == (("A", "B"), Edges.GEODESIC, True)
    assert first.severity == "high"
    assert zones.by_id["b"].geometry.equals(shapely.box(0, 0, 1, 1))
    assert zones.notes == ()


def test_path_text_bytes_and_dict_are_the_same(tmp_path: Path) -> None:
    """Law: the four kinds of source read alike."""
    document = collection(feature())
    text = json.dumps(document)
    file = tmp_path / "zones.geojson"
    file.write_text(text)
    read = [read_zones(source) for source in (document, text, text.encode(), file, str(file))]
    assert all(zones.zones == read[0].zones for zones in read)


def test_written_zones_read_back_equal() -> None:
    """Law: as_features and read_zones are inverse."""
    zones = read_zones(
        collection(
            feature(
                accuracy_m=3.5,
                applies_to=["radar", "fishing"],
                schedule={"until": "2027-01-01T00:00+02:00"},
                edges="geodesic",
            ),
            feature({"type": "LineString", "coordinates": [[0.1, 0.2], [0.3, 1 / 3]]}, zone_id="l", kind="border_line"),
        )
    )
    assert read_zones(as_features(zones)).zones == zones.zones


@pytest.mark.parametrize(
    "code, word, made",
    [
        ("missing-kind", "kind", feature(kind=None)),
        ("bad-kind", "territory, border_line", feature(kind="country")),
        ("missing-property", "zone_id", feature(zone_id=None)),
        ("missing-property", "name", feature(name=None)),
        ("bad-property", "name", feature(name="  ")),
        ("bad-property", "zone_id", feature(zone_id=7)),
        ("unknown-property", "colour", feature(colour="red")),
        ("bad-property", "accuracy_m", feature(accuracy_m=-1)),
        ("bad-property", "accuracy_m", feature(accuracy_m=True)),
        ("bad-property", "accuracy_m", feature(accuracy_m=float("nan"))),
        ("bad-property", "severity", feature(severity="urgent")),
        ("bad-property", "severity", feature(severity=["high"])),
        ("bad-property", "date", feature(date="yesterday")),
        ("bad-property", "source", feature(source=1)),
        ("bad-property", "applies_to", feature(applies_to=[1])),
        ("bad-property", "applies_to", feature(applies_to=["submarine"])),
        ("bad-property", "schedule", feature(schedule=5)),
        ("bad-property", "schedule.time_zone", feature(schedule={"from": "2026-01-01", "time_zone": "Mars/Base"})),
        ("bad-property", "claimants", feature(claimants=["one"])),
        ("bad-property", "planar, geodesic", feature(edges="loxodrome")),
        ("bad-property", "indicative", feature(indicative=1)),
        ("not-geojson", "Feature", {"type": "Point"}),
        ("not-geojson", "properties", {"type": "Feature", "properties": [1], "geometry": polygon(SQUARE[0])}),
        ("empty-geometry", "geometry", {**feature(), "geometry": None}),
        ("wrong-geometry", "Polygon", feature({"type": "Point", "coordinates": [0, 0]})),
        ("wrong-geometry", "Polygon", feature({"type": "LineString", "coordinates": [[0, 0], [1, 1]]})),
        ("wrong-geometry", "LineString", feature(polygon(*SQUARE), kind="border_line")),
        ("empty-geometry", "ring", feature(polygon())),
        ("empty-geometry", "parts", feature({"type": "GeometryCollection", "geometries": []})),
        ("bad-coordinates", "coordinates", feature({"type": "Polygon", "coordinates": 5})),
        ("bad-coordinates", "longitude", feature(polygon([["0", "0"], ["1", "0"], ["1", "1"], ["0", "0"]]))),
        ("bad-coordinates", "longitude", feature(polygon([[None, 0], [1, 0], [1, 1]]))),
        ("empty-geometry", "positions", feature(polygon([[0], [1, 0], [1, 1]]))),
        ("not-finite", "[1]", feature(polygon([[0, 0], [float("nan"), 0], [1, 1], [0, 0]]))),
        ("not-finite", "[0]", feature(polygon([[float("inf"), 0], [1, 0], [1, 1]]))),
        ("out-of-range", "-180..180", feature(polygon([[0, 0], [200, 0], [1, 1], [0, 0]]))),
        ("out-of-range", "-90..90", feature(polygon([[100, 0], [101, 91], [102, 1], [100, 0]]))),
        ("swapped-axes", "latitude", feature(polygon([[25, -80], [25, -97], [26, -97], [25, -80]]))),
        ("swapped-axes", "Antarctica", feature(polygon([[25, -80], [25, -81], [26, -81], [25, -80]]))),
        ("tiny-ring", "different", feature(polygon([[0, 0], [1, 1], [0, 0], [0, 0]]))),
        ("tiny-ring", "m²", feature(polygon([[0, 0], [1e-6, 0], [1e-6, 1e-6], [0, 0]]))),
        (
            "tiny-ring",
            "different",
            feature({"type": "LineString", "coordinates": [[1, 1], [1, 1]]}, kind="border_line"),
        ),
        ("self-intersection", "0.5, 0.5", feature(polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]))),
        ("self-intersection", "hole", feature(polygon(*SQUARE, [[5, 5], [5, 6], [6, 6], [5, 5]]))),
        ("antimeridian", "179", feature(polygon([[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]))),
        (
            "antimeridian",
            "179",
            feature({"type": "LineString", "coordinates": [[179, 0], [-179, 1]]}, kind="border_line"),
        ),
    ],
)
def test_each_fault_is_named(code: str, word: str, made: dict[str, object]) -> None:
    """Law: a faulty feature is refused with its index, its code, the word that finds the fault, and a next step."""
    found = problems(feature(zone_id="sound"), made)
    assert [problem.code for problem in found] == [code]
    assert found[0].feature == 1
    assert word in found[0].message
    assert found[0].next_step


def test_all_problems_of_all_features_at_once() -> None:
    """Law: one reading names everything that is wrong."""
    found = problems(feature(kind="x", colour=1), feature(zone_id="b", name=None), feature(zone_id="b"))
    assert [(p.feature, p.code.value) for p in found] == [
        (0, "unknown-property"),
        (0, "bad-kind"),
        (1, "missing-property"),
        (2, "duplicate-id"),
    ]
    assert found[3].zone_id == "b"


@pytest.mark.parametrize(
    "code, source",
    [
        ("not-json", "{"),
        ("not-json", b"\xff\xfe\x00"),
        ("not-geojson", {"type": "Feature"}),
        ("not-geojson", {"type": "FeatureCollection", "features": {}}),
        ("no-features", {"type": "FeatureCollection", "features": []}),
        ("unreadable", "/nowhere/at/all.geojson"),
        ("wrong-crs", {**collection(feature()), "crs": {"type": "name", "properties": {"name": "EPSG:25832"}}}),
    ],
)
def test_a_file_that_is_none(code: str, source: str | bytes | dict[str, object]) -> None:
    """Law: a file that cannot hold zones is one problem of the file."""
    with pytest.raises(ZoneErrors) as refused:
        read_zones(source)
    assert [(p.feature, p.code.value) for p in refused.value.problems] == [(-1, code)]


def test_wgs84_by_name_is_welcome() -> None:
    """Law: the old ``crs`` member is accepted where it says WGS-84."""
    for name in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"):
        crs = {"type": "name", "properties": {"name": name}}
        assert len(read_zones({**collection(feature()), "crs": crs})) == 1


@pytest.mark.parametrize(
    "code, ring",
    [
        ("ring-not-closed", [[0, 0], [1, 0], [1, 1], [0, 1]]),
        ("ring-order", [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]),
    ],
)
def test_harmless_faults_are_mended_and_noted(code: str, ring: list[list[float]]) -> None:
    """Law: an open or turned ring gives the same area, with a note."""
    zones = read_zones(collection(feature(polygon(ring))))
    assert [note.code for note in zones.notes] == [code]
    assert zones.by_id["a"].geometry.equals(shapely.box(0, 0, 1, 1))


def mended(geometry: object) -> tuple[ZoneSet, list[str]]:
    """The zones with --mend, and the codes of the notes."""
    zones = read_zones(collection(feature(geometry)), mend=True)
    return zones, [note.code.value for note in zones.notes]


def test_mend_repairs_a_bow_tie() -> None:
    """Law: with mend a self-intersecting ring becomes its loops."""
    zones, notes = mended(polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]))
    assert "self-intersection" in notes
    assert zones.by_id["a"].geometry.is_valid
    assert zones.by_id["a"].geometry.area == pytest.approx(0.5)


def test_mend_drops_a_tiny_hole() -> None:
    """Law: with mend a hole of less than a square metre is dropped and noted."""
    hole = [[0.5, 0.5], [0.5, 0.500001], [0.500001, 0.5], [0.5, 0.5]]
    zones, notes = mended(polygon(SQUARE[0], hole))
    assert notes == ["tiny-ring"]
    assert zones.by_id["a"].geometry.area == 1.0


def test_mend_cuts_at_the_antimeridian() -> None:
    """Law: a ring over longitude 180 becomes two parts that touch it, holes included."""
    outer = [[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]
    hole = [[179.5, 0.4], [179.5, 0.6], [-179.5, 0.6], [-179.5, 0.4], [179.5, 0.4]]
    zones, notes = mended(polygon(outer, hole))
    geometry = zones.by_id["a"].geometry
    assert notes == ["antimeridian"]
    assert geometry.area == pytest.approx(2 - 0.2)
    assert list(geometry.bounds) == [-180, 0, 180, 1]
    assert shapely.intersects_xy(geometry, [-179.2, 179.9], [0.5, 0.5]).tolist() == [True, False]


def test_mend_closes_a_polar_cap() -> None:
    """Law: a ring round the pole becomes the cap to the pole."""
    zones, _ = mended(polygon([[-150, 80], [-30, 80], [90, 80], [170, 80], [-150, 80]]))
    geometry = zones.by_id["a"].geometry
    assert geometry.area == pytest.approx(3600)
    assert all(geometry.covers(shapely.Point(lon, 89.9)) for lon in (-180, -60, 0, 100, 180))


def test_mend_cuts_a_line_and_keeps_its_direction() -> None:
    """Law: a border line over longitude 180 becomes parts that run the same way."""
    line = {"type": "LineString", "coordinates": [[179, 0], [-179, 1]]}
    zones = read_zones(collection(feature(line, kind="border_line")), mend=True)
    parts = [shapely.get_coordinates(part).tolist() for part in shapely.get_parts(zones.by_id["a"].geometry)]
    assert parts == [[[179, 0], [180, 0.5]], [[-180, 0.5], [-179, 1]]]


def test_a_polar_cap_drawn_by_the_rules_is_sound() -> None:
    """Law: a ring that runs along the edge of the map means it, and is not taken for a jump."""
    ring = [[-180.0, -85], [180, -85], [180, -60], [-180, -60], [-180, -85]]
    zones = read_zones(collection(feature(polygon(ring))))
    assert zones.by_id["a"].geometry.area == 360 * 25


def test_swapped_looks_can_be_trusted() -> None:
    """Law: a small zone in Antarctica is accepted when the person says that the axes are right."""
    ring = [[25.0, -80], [26, -80], [26, -79], [25, -80]]
    assert len(read_zones(collection(feature(polygon(ring))), trust_axes=True)) == 1


def test_collections_are_united() -> None:
    """Law: a GeometryCollection or MultiPolygon with overlapping parts is their union, noted."""
    one, two = polygon(*SQUARE), polygon([[0.5, 0], [2, 0], [2, 1], [0.5, 1], [0.5, 0]])
    nested = {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": [one]}, two]}
    multi = {"type": "MultiPolygon", "coordinates": [one["coordinates"], two["coordinates"]]}
    for geometry in (nested, multi):
        zones = read_zones(collection(feature(geometry)))
        assert zones.by_id["a"].geometry.equals(shapely.box(0, 0, 2, 1))
        assert [note.code for note in zones.notes] == [ProblemCode.OVERLAPPING_PARTS]


def test_coordinates_are_kept_exactly() -> None:
    """Law: vertices stay bit for bit what the file says; altitudes are dropped."""
    ring = [[0.1, 0.2, 5.0], [1 / 3, 0.2, 5.0], [1 / 3, 0.7, 5.0], [0.1, 0.2, 5.0]]
    zones = read_zones(collection(feature(polygon(ring))))
    assert shapely.get_coordinates(zones.by_id["a"].geometry).tolist() == [p[:2] for p in ring]


def test_geodesic_edges_bow_towards_the_pole() -> None:
    """Law: a geodesic edge passes where the geodesic does, within the stated error; the same drawn planar does not."""
    ring = [[0, 60], [10, 60], [10, 62], [0, 62], [0, 60]]
    middle = pyproj.Geod(ellps="WGS84").npts(0, 60, 10, 60, 1)[0]
    edges = {}
    for kind in ("planar", "geodesic"):
        (zone,) = read_zones(collection(feature(polygon(ring), edges=kind)))
        edges[kind] = float(shapely.distance(zone.geometry.boundary, shapely.Point(middle))) * 111_400
        assert shapely.covers(zone.geometry.boundary, shapely.points(ring)).all()
    assert edges["geodesic"] < GEODESIC_ERROR_M
    assert edges["planar"] > 10_000


def test_geodesic_edges_over_the_antimeridian_are_cut_where_the_geodesic_crosses_it() -> None:
    """Law: the cut at longitude 180 lies on the geodesic, not on the straight line in longitude and latitude."""
    ring = [[170, 60], [-170, 60], [-170, 50], [170, 50], [170, 60]]
    assert [p.code for p in problems(feature(polygon(ring), edges="geodesic"))] == [ProblemCode.ANTIMERIDIAN]
    (zone,) = read_zones(collection(feature(polygon(ring), edges="geodesic")), mend=True)
    top = max(lat for lon, lat in shapely.get_coordinates(zone.geometry).tolist() if lon == 180)
    assert top == pytest.approx(pyproj.Geod(ellps="WGS84").npts(170, 60, -170, 60, 1)[0][1], abs=2e-6)


def test_a_geodesic_ring_round_the_pole_holds_it() -> None:
    """Law: three geodesics round the pole enclose it, and their middles lie nearer to it than their corners."""
    ring = [[0, 80], [120, 80], [-120, 80], [0, 80]]
    (zone,) = read_zones(collection(feature(polygon(ring), edges="geodesic")), mend=True)
    assert shapely.covers(zone.geometry, shapely.points([[0, 90], [77, 89.9], [-60, 85.5], [1, 80.5]])).all()
    assert not shapely.covers(zone.geometry, shapely.points([[60, 84.0], [-60, 84.0], [180, 84.0]])).any()


def test_an_attribution_stays_with_what_is_written() -> None:
    """Law: a source with a © is the attribution of every file it is written into."""
    zones = read_zones(collection(feature(source="© A. Surveyor"), feature(zone_id="b", source="chart")))
    assert as_features(zones)["attribution"] == "© A. Surveyor"
