"""NOAA's maritime limits and boundaries of the United States: the official 12 and 24 mile and EEZ lines, and the areas
that they bound off the Gulf and Atlantic coasts.

A shapefile of polylines is read here with ``struct`` alone, so that the check owes nothing to the reader it checks.
"""

import json
import struct
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely

FILE = "geo/USMaritimeLimitsAndBoundariesSHP.zip"
REGION = "Atlantic Coast and Gulf of Mexico"  # where the real day's vessels sail
LIMITS = {"TS": "territorial-sea", "CZ": "contiguous-zone"}  # those that are one line from Mexico to Canada
_POLYLINE = 3


def lines(path: Path) -> list[tuple[dict[str, str], shapely.Geometry]]:
    """Every polyline with its attributes."""
    with zipfile.ZipFile(path) as archive:
        names = {Path(name).suffix: name for name in archive.namelist()}
        shapes, table = archive.read(names[".shp"]), archive.read(names[".dbf"])
    return list(zip(_attributes(table), _polylines(shapes), strict=True))


def zones(path: Path) -> dict[str, Any]:
    """A zones FeatureCollection of the coast from Mexico to Canada: two nested areas whose seaward border is the
    official limit, closed over land, and every limit and boundary there as a border line."""
    coast = [(own, shape) for own, shape in lines(path) if own["REGION"] == REGION]
    features = []
    for field, name in LIMITS.items():
        chain = shapely.line_merge(shapely.union_all([shape for own, shape in coast if float(own[field])]))
        longest = max(shapely.get_parts(_joined(chain)), key=shapely.get_num_coordinates)
        features.append(_feature(name, "territory", "all of it", shapely.Polygon(_closed_over_land(longest))))
    known: set[str] = set()
    for own, shape in coast:
        if own["BOUND_ID"] not in known:
            known.add(own["BOUND_ID"])
            features.append(_feature(own["BOUND_ID"], "border_line", own["LEGAL_AUTH"], shape))
    return {"type": "FeatureCollection", "features": features}


def _joined(chain: shapely.Geometry) -> shapely.Geometry:
    """Pieces whose ends are within 0.1 m of each other, as one."""
    return shapely.line_merge(shapely.set_precision(chain, 1e-6))


def _closed_over_land(line: shapely.Geometry) -> list[tuple[float, float]]:
    """A ring: the line from Mexico to Canada, and back around by the north west."""
    xy = [(float(x), float(y)) for x, y in shapely.get_coordinates(line)]
    if xy[0][0] > xy[-1][0]:
        xy.reverse()
    (west, south), (east, _) = xy[0], xy[-1]
    assert (west, south) < (-96.0, 27.0)
    assert east > -68.0
    return [*xy, (east, 48.0), (-100.0, 48.0), (-100.0, south), xy[0]]


def _feature(zone_id: str, kind: str, authority: str, geometry: shapely.Geometry) -> dict[str, Any]:
    source = f"NOAA Office of Coast Survey, {authority}"
    properties = {"zone_id": zone_id, "kind": kind, "name": zone_id, "source": source}
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(geometry))}


def _polylines(shapes: bytes) -> list[shapely.Geometry]:
    found: list[shapely.Geometry] = []
    at = 100
    while at < len(shapes):
        length = 2 * struct.unpack(">i", shapes[at + 4 : at + 8])[0]
        record = shapes[at + 8 : at + 8 + length]
        kind, parts, points = struct.unpack("<i32x2i", record[:44])
        assert kind == _POLYLINE
        starts = [*struct.unpack(f"<{parts}i", record[44 : 44 + 4 * parts]), points]
        xy = np.frombuffer(record, "<f8", 2 * points, 44 + 4 * parts).reshape(-1, 2)
        found.append(shapely.MultiLineString([xy[a:b] for a, b in pairwise(starts)]))
        at += 8 + length
    return found


def _attributes(table: bytes) -> list[dict[str, str]]:
    count, start, size = struct.unpack("<IHH", table[4:12])
    fields = [(table[at : at + 11].split(b"\0")[0].decode(), table[at + 16]) for at in range(32, start - 1, 32)]
    found = []
    for number in range(count):
        at, own = start + number * size + 1, {}
        for name, width in fields:
            own[name] = table[at : at + width].decode("latin-1").strip()
            at += width
        found.append(own)
    return found
