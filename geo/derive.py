"""Zones at a distance from a coast: the territorial sea (12 nautical miles) and the contiguous zone beyond it (to 24).

The distance is geodesic, on the WGS-84 ellipsoid. The coast is sampled every :data:`SPACING_M`; round every sample that
can matter lies a circle of :data:`CIRCLE` positions, each exactly at the distance; the zone is their union without the
land. Off by at most :data:`ERROR_M` up to 89 degrees of latitude: the samples' spacing costs s² / 8d, the circle's
chords d (1 - cos(pi / n)); never too far, always that much too near.

What comes out is **indicative**: the law measures from baselines that states declare, which cut across bays and join
islands, and neighbours agree on lines between them. It says nothing of either.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.antimeridian import cut_ring, jumps
from geo.distance import metres_per_degree
from geo.outlines import Outline, areas, read_lines, read_polygons
from geo.problems import ZoneErrors, ZoneProblem

NAUTICAL_MILE_M = 1852.0
SPACING_M = 300.0
CIRCLE = 512
ERROR_M = 1.5
_PATCH_DEG = 0.25
_FLAT_DEG = 85.0  # nearer to a pole no patch is flat
_SLACK = 0.97  # samples that may matter by so much less than the distance are kept: the patch's plane is not exact
_GEOD = pyproj.Geod(ellps="WGS84")

Floats = NDArray[np.float64]


class Sea(StrEnum):
    """What is derived."""

    TERRITORIAL_SEA = "territorial-sea"
    CONTIGUOUS = "contiguous"


_MILES = {Sea.TERRITORIAL_SEA: (0.0, 12.0), Sea.CONTIGUOUS: (12.0, 24.0)}
_ZONE = {Sea.TERRITORIAL_SEA: ("territory", "territorial sea"), Sea.CONTIGUOUS: ("protected", "contiguous zone")}


def derive(
    document: Mapping[str, object],
    sea: Sea,
    *,
    land: Mapping[str, object] | None = None,
    kind: str | None = None,
    trust_axes: bool = False,
) -> dict[str, object]:
    """One zone for each feature of a GeoJSON FeatureCollection of land (or coastlines), as a zones file.

    ``land`` is other land to be taken out too; ``kind`` that of the zones (territory; protected for the contiguous
    zone); ``trust_axes`` accepts positions that look like lat, lon. Raises :class:`ZoneErrors` for what cannot be read.
    """
    features = _features(document)
    shapes = [_shape(index, feature, trust_axes) for index, feature in enumerate(features)]
    beside = _features(land) if land is not None else []
    others = [_shape(index, feature, trust_axes) for index, feature in enumerate(beside)]
    solid = [shape for shape in (*shapes, *others) if shapely.get_dimensions(shape) == 2]
    low, high = _MILES[sea]
    usual, words = _ZONE[sea]
    owed = document.get("attribution")
    zones = []
    for index, (feature, shape) in enumerate(zip(features, shapes, strict=True)):
        found = ring_at(shape, low * NAUTICAL_MILE_M, high * NAUTICAL_MILE_M, solid)
        properties = feature.get("properties")
        given = properties if isinstance(properties, Mapping) else {}
        name = str(given.get("zone_id") or given.get("id") or given.get("iso_a3") or given.get("name") or index)
        origin = given.get("source") or owed
        zones.append(
            {
                "type": "Feature",
                "properties": {
                    "zone_id": f"{name}-{sea}"[:200],
                    "kind": kind or usual,
                    "name": f"{given.get('name') or name}: {words}, indicative"[:200],
                    "source": f"geodesic, {high:g} nm from the coast" + (f" of: {origin}" if origin else ""),
                    "accuracy_m": round(_accuracy(given) + ERROR_M, 1),
                    "indicative": True,
                },
                "geometry": json.loads(shapely.to_geojson(found)),
            }
        )
    more = {"attribution": owed} if owed else {}
    return {"type": "FeatureCollection", **more, "features": zones}


def ring_at(shape: BaseGeometry, low_m: float, high_m: float, land: Sequence[BaseGeometry] = ()) -> BaseGeometry:
    """What lies between two geodesic distances from the coast of a shape, without ``land``; planar lon, lat edges."""
    found = near_coast(shape, high_m)
    if low_m > 0:
        found = shapely.difference(found, near_coast(shape, low_m))
    for other in land:
        if shapely.intersects(found, other):
            found = shapely.difference(found, other)
    parts = areas(found)
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def near_coast(shape: BaseGeometry, distance_m: float) -> BaseGeometry:
    """The area within a geodesic distance of the outline of a shape (the edge of the map is no outline)."""
    places = _samples(shape)
    patches = []
    for rows in _patches(places):
        some = places[rows]
        centres = some[_outermost(some, distance_m)]
        patches.append(shapely.union_all(circles(centres, distance_m)))
    return shapely.union_all(patches)


def circles(centres: Floats, radius_m: float) -> list[BaseGeometry]:
    """Geodesic circles round ``centres (n, 2)``, cut at longitude 180, with the pole where they hold it."""
    count = len(centres)
    azimuth = np.tile(np.linspace(0.0, 360.0, CIRCLE, endpoint=False), count)
    lon, lat = np.repeat(centres[:, 0], CIRCLE), np.repeat(centres[:, 1], CIRCLE)
    x, y, _ = _GEOD.fwd(lon, lat, azimuth, np.full(len(lon), radius_m))
    rings = np.stack([x, y], axis=1).reshape(count, CIRCLE, 2)
    rings = np.concatenate([rings, rings[:, :1]], axis=1)
    over = (np.abs(np.diff(rings[:, :, 0], axis=1)) > 180).any(1)
    found: list[BaseGeometry] = [shapely.Polygon(ring) for ring in rings[~over]]
    for ring in rings[over]:
        found.append(cut_ring(ring) if jumps(ring).size else shapely.Polygon(ring))
    return found


def _samples(shape: BaseGeometry) -> Floats:
    """Places along the outline, none further from the next than :data:`SPACING_M`; ``(n, 2)``."""
    lines = shape if shapely.get_dimensions(shape) == 1 else shapely.boundary(shape)
    xy, part = shapely.get_coordinates(shapely.get_parts(shapely.get_parts(lines)), return_index=True)
    start, end = xy[:-1], xy[1:]
    keep = part[1:] == part[:-1]
    keep &= ~((np.abs(start[:, 0]) == 180) & (start[:, 0] == end[:, 0]))
    keep &= ~((np.abs(start[:, 1]) == 90) & (start[:, 1] == end[:, 1]))
    start, end = start[keep], end[keep]
    east, north = metres_per_degree(np.minimum(np.abs(start[:, 1]), np.abs(end[:, 1])))
    length = np.hypot((end[:, 0] - start[:, 0]) * east, (end[:, 1] - start[:, 1]) * np.maximum(north, 111_700.0))
    steps = np.maximum(np.ceil(length / SPACING_M), 1).astype(np.int64)
    edge = np.repeat(np.arange(len(start)), steps)
    share = (np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)) / steps[edge]
    places = start[edge] + share[:, None] * (end - start)[edge]
    return np.unique(np.vstack([places, end]), axis=0)


def _patches(places: Floats) -> Iterable[NDArray[np.intp]]:
    """Rows of places that lie close together."""
    row = np.floor(places[:, 1] / _PATCH_DEG)
    column = np.floor(places[:, 0] * np.cos(np.radians((row + 0.5) * _PATCH_DEG)) / _PATCH_DEG)
    order = np.lexsort((column, row))
    new = np.flatnonzero((np.diff(row[order]) != 0) | (np.diff(column[order]) != 0)) + 1
    return np.split(order, new)


def _outermost(places: Floats, distance_m: float) -> NDArray[np.intp]:
    """Rows of the places that something at the distance may be nearest to.

    Those whose Voronoi cell reaches as far: the corners of the cells are the centres of the Delaunay triangles'
    circles, and the places of the hull have cells without end."""
    if len(places) < 4 or np.abs(places[:, 1]).max() > _FLAT_DEG:
        return np.arange(len(places))
    middle = places.mean(0)
    plane = (places - middle) * np.array(metres_per_degree(middle[1])).ravel()
    dots = shapely.points(plane)
    every = shapely.MultiPoint(plane)
    # close to the hull the library may leave out triangles that are nearly flat
    kept = shapely.distance(dots, shapely.boundary(shapely.convex_hull(every))) < SPACING_M / 3
    corner = shapely.get_coordinates(shapely.delaunay_triangles(every)).reshape(-1, 4, 2)[:, :3]
    if not len(corner):
        return np.arange(len(places))
    a, b, c = (np.hypot(*(corner[:, i] - corner[:, (i + 1) % 3]).T) for i in range(3))
    one, two = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    twice = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])
    radius = a * b * c / np.maximum(2 * twice, 1e-9)
    outer = np.unique(corner[radius >= _SLACK * distance_m].reshape(-1, 2), axis=0)
    if len(outer):
        kept[shapely.STRtree(dots).query_nearest(shapely.points(outer), all_matches=False)[1]] = True
    return np.flatnonzero(kept)


def _features(document: Mapping[str, object]) -> list[Mapping[str, object]]:
    features = document.get("features") if document.get("type") == "FeatureCollection" else [document]
    return [feature for feature in features if isinstance(feature, Mapping)] if isinstance(features, list) else []


def _shape(index: int, feature: Mapping[str, object], trust_axes: bool) -> BaseGeometry:
    """The land, or the coastline, of a feature. Raises :class:`ZoneErrors`."""
    geometry = feature.get("geometry", feature)
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    outline = Outline(mend=True, trust_axes=trust_axes)
    read = read_lines if kind in ("LineString", "MultiLineString") else read_polygons
    shape = read(geometry, outline)
    if shape is None:
        raise ZoneErrors([ZoneProblem(index, None, code, message) for code, message in outline.problems])
    return shape


def _accuracy(given: Mapping[str, object]) -> float:
    value = given.get("accuracy_m")
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    return float(value) if known else 0.0  # type: ignore[arg-type]
