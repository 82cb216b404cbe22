"""Zones from Shapefile and GeoPackage: the table of a layer as a GeoJSON document in WGS-84, longitude first.

Column names are those of a zone's properties, in any case. A column of the table that is none is left out, with a note.
Lists and objects stand in their columns as JSON, lists also as text with commas. Positions come in the order x, y
(longitude, latitude), whatever the reference system's own order of axes is. Edges that are straight in a projected
system are kept within :data:`BENT_M` of what they were there.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.distance import metres_per_degree
from geo.problems import ProblemCode, ZoneErrors, ZoneProblem
from geo.properties import OPTIONAL

BENT_M = 0.1
_DEEPEST = 24
_NAMES = ("zone_id", "kind", "name", *OPTIONAL)
_LISTS = ("applies_to", "claimants")

_SEVERAL: dict[str, Callable[[list[Any]], BaseGeometry]] = {
    "MultiPolygon": shapely.MultiPolygon,
    "MultiLineString": shapely.MultiLineString,
    "GeometryCollection": shapely.GeometryCollection,
}

Floats = NDArray[np.float64]
Transform = Callable[[Floats], Floats]


def read_layer(path: Path, layer: str | None = None) -> tuple[dict[str, object], list[ZoneProblem]]:
    """A layer of a file as a GeoJSON FeatureCollection, and what is to be noted about it.

    ``layer`` names one where the file has several. Raises :class:`ZoneErrors` where the file cannot be read.
    """
    try:
        import pyogrio
    except ImportError as problem:
        said = f"{path.suffix} files are read by the package pyogrio, which is not installed"
        raise _whole(ProblemCode.MISSING_LIBRARY, said) from problem
    try:
        names = [str(name) for name, kind in pyogrio.list_layers(path).tolist() if kind is not None]
        if layer is None and len(names) > 1:
            raise _whole(ProblemCode.SEVERAL_LAYERS, f"layer: expected one of {', '.join(names)}")
        if layer is not None and layer not in names:
            raise _whole(ProblemCode.SEVERAL_LAYERS, f"layer: no {layer!r}; expected one of {', '.join(names)}")
        meta, _, wkb, columns = pyogrio.raw.read(path, layer=layer)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as problem:
        if isinstance(problem, ZoneErrors):
            raise
        raise _whole(ProblemCode.UNREADABLE, f"cannot read {path.name}: {str(problem)[:200]}") from problem
    transform, notes = _to_wgs84(meta["crs"])
    known = {}
    for field, column in zip(meta["fields"], columns, strict=True):
        if str(field).lower() in _NAMES:
            known[str(field).lower()] = column
        elif str(field).lower() not in ("fid", "id", "objectid"):
            notes.append(ZoneProblem(-1, None, ProblemCode.UNKNOWN_PROPERTY, f"{field}: a column left out"))
    features = []
    for index, shape in enumerate(shapely.from_wkb(wkb, on_invalid="ignore")):
        properties = {name: value for name, column in known.items() if (value := _value(name, column[index])) != ""}
        geometry = None
        if shape is not None:
            moved = shapely.force_2d(shape)
            moved = moved if transform is None else _moved(moved, transform)
            geometry = json.loads(shapely.to_geojson(moved))
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}, notes


def _to_wgs84(crs: str | None) -> tuple[Transform | None, list[ZoneProblem]]:
    """What turns x, y of a reference system into lon, lat, None where nothing has to be; and what is to be said."""
    if not crs:
        said = "crs: the file does not say its reference system (a Shapefile's .prj is missing)"
        raise _whole(ProblemCode.WRONG_CRS, said)
    import pyproj

    try:
        source = pyproj.CRS.from_user_input(crs)
        if source.to_2d().equals(pyproj.CRS.from_epsg(4326), ignore_axis_order=True):
            return None, []
        found = pyproj.Transformer.from_crs(source.to_2d(), pyproj.CRS.from_epsg(4326), always_xy=True)
    except pyproj.exceptions.ProjError as problem:
        raise _whole(ProblemCode.WRONG_CRS, f"crs: {str(problem)[:200]}") from problem
    exact = f"within {found.accuracy:g} m" if found.accuracy >= 0 else "with an error that is not known"
    said = f"crs: turned from {source.name} to WGS-84, {exact}"
    plain = bool(source.is_geographic)  # straight stays straight: only the datum differs

    def transform(xy: Floats) -> Floats:
        return np.column_stack(found.transform(xy[:, 0], xy[:, 1]))

    def bent(xy: Floats) -> Floats:
        return transform(xy) if plain else straightened(xy, transform)

    return bent, [ZoneProblem(-1, None, ProblemCode.REPROJECTED, said)]


def straightened(xy: Floats, transform: Transform) -> Floats:
    """A line ``(n, 2)`` straight in one system as one ``(m, 2)`` straight in lon, lat, within :data:`BENT_M` metres.

    The positions given are kept; edges are halved in the first system until the middle and the quarters fit."""
    start, end = xy[:-1], xy[1:]
    key = np.column_stack([np.arange(len(start), dtype=np.float64), np.zeros(len(start))])
    size = np.ones(len(start))
    done: list[tuple[Floats, Floats]] = []  # (edge, where it starts along it), its start
    for _ in range(_DEEPEST):
        if not len(start):
            break
        a, b = transform(start), transform(end)
        turn = (b[:, 0] - a[:, 0] + 180.0) % 360.0 - 180.0
        off = np.zeros(len(start))
        for share in (0.25, 0.5, 0.75):
            place = transform(start + share * (end - start))
            middle = a[:, 1] + share * (b[:, 1] - a[:, 1])
            east, north = metres_per_degree(middle)
            x = (place[:, 0] - a[:, 0] - share * turn + 180.0) % 360.0 - 180.0
            off = np.maximum(off, np.hypot(x * east, (place[:, 1] - middle) * north))
        good = ~(off > BENT_M)  # also where it cannot be said: the reader refuses what is not finite
        done.append((key[good], start[good]))
        rest = ~good
        half = (start[rest] + end[rest]) / 2
        key = np.vstack([key[rest], key[rest] + np.column_stack([np.zeros(rest.sum()), size[rest] / 2])])
        start, end = np.vstack([start[rest], half]), np.vstack([half, end[rest]])
        size = np.concatenate([size[rest], size[rest]]) / 2
    done.append((key, start))
    order = np.vstack([keys for keys, _ in done])
    places = np.vstack([places for _, places in done])
    sorted_ = np.lexsort((order[:, 1], order[:, 0]))
    return transform(np.vstack([places[sorted_], xy[-1:]]))


def _moved(shape: BaseGeometry, transform: Transform) -> BaseGeometry:
    """The geometry with every line transformed by itself, since lines may get more positions."""
    if isinstance(shape, shapely.Polygon):
        if shape.is_empty:
            return shape
        rings = [transform(shapely.get_coordinates(ring)) for ring in (shape.exterior, *shape.interiors)]
        return shapely.Polygon(rings[0], rings[1:])
    if isinstance(shape, shapely.LineString):
        return shape if shape.is_empty else shapely.LineString(transform(shapely.get_coordinates(shape)))
    parts = shapely.get_parts(shape)
    several = _SEVERAL.get(shape.geom_type)
    return several([_moved(part, transform) for part in parts]) if several else shape  # the reader refuses the others


def _value(name: str, raw: Any) -> object:
    """A cell as the property it stands for; an empty text where it holds nothing."""
    value = raw.item() if isinstance(raw, np.generic) and not isinstance(raw, np.datetime64) else raw
    if value is None or (isinstance(value, float) and math.isnan(value)) or value == "":
        return ""
    if isinstance(value, np.datetime64):
        return "" if np.isnat(value) else str(value.astype("datetime64[D]"))
    if name == "indicative" and value in (0, 1, "0", "1", "true", "false"):
        return value in (1, "1", "true")
    if name in ("zone_id", "name") and isinstance(value, int):
        return str(value)
    if isinstance(value, str) and (name == "schedule" or name in _LISTS):
        if value.lstrip().startswith(("{", "[")):
            try:
                return json.loads(value)
            except ValueError:
                return value
        return [item.strip() for item in value.split(",")] if name in _LISTS else value
    return value


def _whole(code: ProblemCode, message: str) -> ZoneErrors:
    return ZoneErrors([ZoneProblem(-1, None, code, message)])
