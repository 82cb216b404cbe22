"""Shapefile and GeoPackage: the same zones as from GeoJSON, whatever the reference system and its order of axes."""

import builtins
import json
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.formats import BENT_M, straightened
from geo.problems import ProblemCode
from geo.zones import ZoneErrors, ZoneKind, ZoneSet, read_zones

LAND = shapely.Polygon([(-8.2, 43.1), (-7.1, 43.0), (-7.0, 44.2), (-8.1, 44.1)])
FIELDS: dict[str, object] = {"ZONE_ID": "land", "KIND": "territory", "NAME": "Land", "accuracy_m": 12.5}


def write(
    file: Path, shapes: Sequence[BaseGeometry], crs: str | None, layer: str | None = None, **fields: object
) -> Path:
    """A layer with one row a shape, all with the same properties."""
    columns = {**FIELDS, **fields}
    values = [
        np.array(
            value if isinstance(value, list) else [value] * len(shapes), object if isinstance(value, str) else None
        )
        for value in columns.values()
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a Shapefile without a reference system is what a test wants
        pyogrio.raw.write(
            file,
            shapely.to_wkb(np.array(shapes, object)),
            values,
            list(columns),
            geometry_type=shapes[0].geom_type,
            crs=crs,
            layer=layer,
        )
    return file


def projected(shape: BaseGeometry, crs: str) -> BaseGeometry:
    """The same area in another system: x first."""
    to = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    dense = shapely.segmentize(shape, 0.001)
    return shapely.transform(dense, lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1])))


def refused(file: Path, layer: str | None = None) -> tuple[ProblemCode, str]:
    """The one problem of a file."""
    with pytest.raises(ZoneErrors) as found:
        read_zones(file, layer=layer)
    (problem,) = found.value.problems
    return problem.code, str(problem)


def apart_m(zones: ZoneSet) -> float:
    """Metres between the zone's outline and the land's."""
    return float(shapely.hausdorff_distance(zones.by_id["land"].geometry.boundary, LAND.boundary, 0.01)) * 111_000


@pytest.mark.parametrize("suffix", ["shp", "gpkg", "fgb"])
def test_a_layer_in_wgs84_is_read_to_the_bit(tmp_path: Path, suffix: str) -> None:
    """Law: positions, kinds and properties are those of the table, its column names in any case."""
    zones = read_zones(write(tmp_path / f"zones.{suffix}", [LAND], "EPSG:4326"))
    land = zones.by_id["land"]
    assert (land.kind, land.name, land.accuracy_m) == (ZoneKind.TERRITORY, "Land", 12.5)
    assert shapely.equals_exact(shapely.normalize(land.geometry), shapely.normalize(LAND), 0.0)


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:4258",  # ETRS89: latitude is its first axis
        "EPSG:3035",  # Lambert: northing first
        "EPSG:32629",  # UTM: easting first
        "EPSG:3857",
    ],
)
@pytest.mark.parametrize("suffix", ["shp", "gpkg"])
def test_every_reference_system_gives_the_same_place(tmp_path: Path, crs: str, suffix: str) -> None:
    """Law: the area in WGS-84 is the same, axes in the right order, and a note says what was done."""
    zones = read_zones(write(tmp_path / f"zones.{suffix}", [projected(LAND, crs)], crs))
    assert apart_m(zones) < 1.0
    assert [note.code for note in zones.notes if note.feature < 0] == [ProblemCode.REPROJECTED]


def test_long_projected_edges_stay_where_they_were() -> None:
    """Law: an edge of 200 km that is straight in UTM is kept within the stated error, and its ends are kept."""
    to = pyproj.Transformer.from_crs("EPSG:32629", "EPSG:4326", always_xy=True)

    def transform(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to.transform(xy[:, 0], xy[:, 1]))

    edge = np.array([[400_000.0, 6_600_000.0], [600_000.0, 6_650_000.0], [600_000.0, 6_650_100.0]])
    line = straightened(edge, transform)
    assert (line[[0, -2, -1]] == transform(edge)).all()
    dense = transform(np.linspace(edge[0], edge[1], 5001))
    scale = np.array([111_320 * np.cos(np.radians(59.7)), 111_400])
    off = shapely.distance(shapely.points(dense * scale), shapely.LineString(line * scale))
    assert off.max() < 1.1 * BENT_M
    assert shapely.distance(shapely.Point(dense[2500]), shapely.LineString(line[[0, -2]])) * 111_000 > 100


def test_lists_and_schedules_stand_in_text_columns(tmp_path: Path) -> None:
    """Law: JSON and lists with commas become properties; empty cells are absent; other columns are left out, noted."""
    hours = {"weekly": [{"days": ["mon"], "from": "08:00", "until": "18:00"}]}
    more = {"schedule": json.dumps(hours), "applies_to": "vessel, aircraft", "severity": "", "colour": "red"}
    file = write(tmp_path / "zones.gpkg", [LAND], "EPSG:4326", indicative=1, date="2026-01-31", **more)
    zones = read_zones(file)
    land = zones.by_id["land"]
    assert land.schedule is not None
    assert (land.schedule.document, land.applies_to, land.severity) == (hours, ("vessel", "aircraft"), None)
    assert (land.indicative, land.date) == (True, "2026-01-31")
    assert [(note.code, note.message) for note in zones.notes if note.feature < 0] == [
        (ProblemCode.UNKNOWN_PROPERTY, "colour: a column left out")
    ]


def test_several_layers_must_be_named(tmp_path: Path) -> None:
    """Law: a GeoPackage with two layers is refused with their names, and read where one is named."""
    file = write(tmp_path / "zones.gpkg", [LAND], "EPSG:4326", layer="areas")
    write(file, [LAND], "EPSG:4326", layer="other")
    code, said = refused(file)
    assert code is ProblemCode.SEVERAL_LAYERS
    assert "areas" in said
    assert "other" in said
    assert refused(file, "third")[0] is ProblemCode.SEVERAL_LAYERS
    assert len(read_zones(file, layer="areas")) == 1


def test_without_a_reference_system_it_is_refused(tmp_path: Path) -> None:
    """Law: a Shapefile without .prj names what is missing."""
    code, said = refused(write(tmp_path / "zones.shp", [LAND], None))
    assert code is ProblemCode.WRONG_CRS
    assert ".prj" in said


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    """Law: rubbish under the name of a GeoPackage, and no file at all, are reasons and no tracebacks."""
    (tmp_path / "zones.gpkg").write_text("not a database")
    assert refused(tmp_path / "zones.gpkg")[0] is ProblemCode.UNREADABLE
    assert refused(tmp_path / "none.shp")[0] is ProblemCode.UNREADABLE


def test_without_the_library_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: where pyogrio is missing, the problem names the extra and the way round it."""
    file = write(tmp_path / "zones.gpkg", [LAND], "EPSG:4326")
    known: Callable[..., ModuleType] = builtins.__import__

    def missing(name: str, *rest: object) -> ModuleType:
        if name == "pyogrio":
            raise ImportError(name)
        return known(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    code, said = refused(file)
    monkeypatch.undo()
    assert code is ProblemCode.MISSING_LIBRARY
    assert "vedette[formats]" in said
    assert "GeoJSON" in said


def test_faults_of_geometry_are_found_as_in_geojson(tmp_path: Path) -> None:
    """Law: self-intersections and duplicate ids of a table are refused with the row."""
    tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(ZoneErrors) as found:
        read_zones(write(tmp_path / "zones.gpkg", [LAND, tie], "EPSG:4326"))
    assert [(p.feature, p.code) for p in found.value.problems] == [
        (1, ProblemCode.DUPLICATE_ID),
        (1, ProblemCode.SELF_INTERSECTION),
    ]
