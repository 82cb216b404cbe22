"""From GeoJSON coordinates to sound shapely geometry: each fault is mended, noted or refused with where it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.antimeridian import cut_line, cut_ring, jumps
from geo.problems import ProblemCode

Ring = NDArray[np.float64]
_M2_PER_DEG2 = 111_320.0**2
_TINY_M2 = 1.0
_ANTARCTIC_DEG = -60.0  # no land but Antarctica lies wholly south of it: a small zone there is usually lat, lon


@dataclass
class Outline:
    """What is allowed, and what was found: (code, message) pairs."""

    mend: bool = False
    trust_axes: bool = False
    geodesic_error_m: float | None = None  # edges are geodesics, to be kept within so many metres; None: straight
    problems: list[tuple[ProblemCode, str]] = field(default_factory=list)
    notes: list[tuple[ProblemCode, str]] = field(default_factory=list)

    def refuse(self, code: ProblemCode, message: str) -> None:
        """The feature cannot be used."""
        self.problems.append((code, message))

    def drawn(self, line: Ring) -> Ring:
        """A line ``(n, 2)`` with its edges as they are meant, straight in lon, lat."""
        if self.geodesic_error_m is None:
            return line
        from geo.geodesic_edges import densified  # pyproj takes a tenth of a second to load, and few zones need it

        return densified(line, self.geodesic_error_m)

    def note(self, code: ProblemCode, message: str) -> None:
        """The feature is used, with this said about it."""
        self.notes.append((code, message))


def read_polygons(geometry: object, outline: Outline) -> BaseGeometry | None:
    """The area of a Polygon, MultiPolygon or GeometryCollection of them (united), or None with the problems found."""
    found = _parts(geometry, ("Polygon", "MultiPolygon"), outline)
    if found is None:
        return None
    polygons: list[shapely.Polygon] = []
    for where, rings in found:
        polygons.extend(_polygon(where, rings, outline))
    if outline.problems:
        return None
    if not polygons:
        outline.refuse(ProblemCode.EMPTY_GEOMETRY, "geometry: nothing is left of it")
        return None
    return _united(polygons, outline)


def read_lines(geometry: object, outline: Outline) -> BaseGeometry | None:
    """The line of a LineString, MultiLineString or GeometryCollection of them, or None with the problems found."""
    found = _parts(geometry, ("LineString", "MultiLineString"), outline)
    if found is None:
        return None
    lines: list[Ring] = []
    for where, positions in found:
        line = _positions(where, positions, outline)
        if line is None:
            continue
        if (line == line[0]).all():
            outline.refuse(ProblemCode.TINY_RING, f"{where}: expected at least 2 different positions")
            continue
        line = outline.drawn(line)
        if jumps(line).size and not outline.mend:
            outline.refuse(ProblemCode.ANTIMERIDIAN, f"{where}: {_jump(line)}")
        else:
            lines.extend(cut_line(line))
    if outline.problems:
        return None
    shapes = [shapely.LineString(line) for line in lines]
    return shapes[0] if len(shapes) == 1 else shapely.MultiLineString(shapes)


def _parts(geometry: object, expected: tuple[str, str], outline: Outline) -> list[tuple[str, object]] | None:
    """``(where, coordinates)`` of each single part, collections opened."""
    single, multi = expected
    wanted = f"{single}, {multi} or GeometryCollection of them"
    if not isinstance(geometry, Mapping):
        outline.refuse(ProblemCode.EMPTY_GEOMETRY, f"geometry: missing; expected {wanted}")
        return None
    parts: list[tuple[str, object]] = []
    pending: list[tuple[str, object]] = [("geometry", geometry)]
    while pending:
        where, item = pending.pop(0)
        kind = item.get("type") if isinstance(item, Mapping) else None
        content = item.get("geometries" if kind == "GeometryCollection" else "coordinates") if kind else None  # type: ignore[attr-defined]
        if kind not in (single, multi, "GeometryCollection"):
            outline.refuse(ProblemCode.WRONG_GEOMETRY, f"{where}.type: expected {wanted}, got {kind!r}")
        elif not isinstance(content, list):
            outline.refuse(ProblemCode.BAD_COORDINATES, f"{where}: expected a list of coordinates")
        elif kind == single:
            parts.append((where, content))
        elif kind == multi:
            parts.extend((f"{where}[{index}]", part) for index, part in enumerate(content))
        else:
            pending.extend((f"{where}.geometries[{index}]", part) for index, part in enumerate(content))
    if not parts and not outline.problems:
        outline.refuse(ProblemCode.EMPTY_GEOMETRY, "geometry: has no parts")
    return parts


def _positions(where: str, raw: object, outline: Outline) -> Ring | None:
    """``(n, 2)`` finite positions in range."""
    try:
        values = np.array(raw)
    except (ValueError, OverflowError):  # ragged: an altitude here and there, or no positions at all
        values = np.array([])
        if isinstance(raw, list) and all(isinstance(p, list) and len(p) >= 2 and _is_place(p) for p in raw):
            values = np.array([p[:2] for p in raw], np.float64)
    if values.size == 0:
        outline.refuse(ProblemCode.EMPTY_GEOMETRY, f"{where}: expected positions, got none that can be read")
        return None
    if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind not in "fiu":
        outline.refuse(ProblemCode.BAD_COORDINATES, f"{where}: expected a list of [longitude, latitude] numbers")
        return None
    line = np.ascontiguousarray(values[:, :2], np.float64)
    if not np.isfinite(line).all():
        row = int(np.flatnonzero(~np.isfinite(line).all(1))[0])
        outline.refuse(ProblemCode.NOT_FINITE, f"{where}[{row}]: expected finite numbers, got {line[row].tolist()}")
        return None
    x, y = np.abs(line[:, 0]), np.abs(line[:, 1])
    if (y > 90).any() and (x <= 90).all() and (y <= 180).all():
        row = int(np.flatnonzero(y > 90)[0])
        outline.refuse(
            ProblemCode.SWAPPED_AXES,
            f"{where}[{row}]: latitude {line[row, 1]:.6g} is out of range and the file looks like latitude, longitude",
        )
        return None
    bad = np.flatnonzero((x > 180) | (y > 90))
    if bad.size:
        row = int(bad[0])
        outline.refuse(
            ProblemCode.OUT_OF_RANGE,
            f"{where}[{row}]: expected longitude -180..180 and latitude -90..90, got {line[row].tolist()}",
        )
        return None
    if not outline.trust_axes and (line[:, 1] < _ANTARCTIC_DEG).all() and (x <= 90).all():
        outline.refuse(
            ProblemCode.SWAPPED_AXES,
            f"{where}: lies in Antarctica (latitude {line[0, 1]:.6g}); read as latitude, longitude it would not",
        )
        return None
    return line


def _is_place(position: list[object]) -> bool:
    """Whether it begins with two numbers a double can hold."""
    try:
        return all(isinstance(v, int | float) and not isinstance(v, bool) and float(v) == v for v in position[:2])
    except OverflowError:
        return False


def _polygon(where: str, rings: object, outline: Outline) -> list[shapely.Polygon]:
    """The sound polygons of one list of rings; more than one where a ring was cut or repaired."""
    if not isinstance(rings, list) or not rings:
        outline.refuse(ProblemCode.EMPTY_GEOMETRY, f"{where}: expected at least one ring")
        return []
    sound: list[Ring] = []
    for index, raw in enumerate(rings):
        ring = _ring(f"{where}[{index}]", raw, outline, hole=index > 0)
        if ring is not None:
            sound.append(ring)
        elif index == 0:
            return []
    if any(jumps(ring).size for ring in sound):
        polygons = _cut(where, sound, outline)
    else:
        polygons = [shapely.Polygon(sound[0], sound[1:])]
    repaired: list[shapely.Polygon] = []
    for polygon in polygons:
        if polygon.is_valid:
            repaired.append(polygon)
            continue
        reason = _reason(polygon)
        if outline.mend:
            outline.note(ProblemCode.SELF_INTERSECTION, f"{where}: mended, {reason}")
            repaired.extend(areas(shapely.make_valid(polygon)))
        else:
            outline.refuse(ProblemCode.SELF_INTERSECTION, f"{where}: {reason}")
    return repaired


def _ring(where: str, raw: object, outline: Outline, *, hole: bool) -> Ring | None:
    line = _positions(where, raw, outline)
    if line is None:
        return None
    if (line[0] != line[-1]).any():
        outline.note(ProblemCode.RING_NOT_CLOSED, f"{where}: closed, the last position was not the first")
        line = np.vstack([line, line[:1]])
    if len(np.unique(line, axis=0)) < 3:
        outline.refuse(ProblemCode.TINY_RING, f"{where}: expected at least 3 different positions")
        return None
    line = outline.drawn(line)
    if jumps(line).size:
        return line
    x, y = line[:, 0] - line[0, 0], line[:, 1] - line[0, 1]
    twice = float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
    area_m2 = abs(twice) / 2 * _M2_PER_DEG2 * float(np.cos(np.radians(line[:, 1].mean())))
    if area_m2 < _TINY_M2 and shapely.LinearRing(line).is_simple:
        said = f"encloses {area_m2:.3g} m², expected at least {_TINY_M2:g} m²"
        if not outline.mend:
            outline.refuse(ProblemCode.TINY_RING, f"{where}: {said}")
        else:
            outline.note(ProblemCode.TINY_RING, f"{where}: dropped, it {said}")
        return None
    if (twice < 0) is not hole:
        outline.note(ProblemCode.RING_ORDER, f"{where}: turned round, a {'hole' if hole else 'ring'} ran the wrong way")
        line = line[::-1].copy()
    return line


def _cut(where: str, rings: list[Ring], outline: Outline) -> list[shapely.Polygon]:
    first = next(ring for ring in rings if jumps(ring).size)
    if not outline.mend:
        outline.refuse(ProblemCode.ANTIMERIDIAN, f"{where}: {_jump(first)}")
        return []
    outline.note(ProblemCode.ANTIMERIDIAN, f"{where}: cut at longitude 180")
    whole: BaseGeometry = shapely.MultiPolygon(areas(cut_ring(rings[0])))
    for ring in rings[1:]:
        whole = shapely.difference(whole, cut_ring(ring))
    return areas(whole)


def _jump(line: Ring) -> str:
    row = int(jumps(line)[0])
    return f"jumps from longitude {line[row, 0]:.6g} to {line[row + 1, 0]:.6g} at latitude {line[row, 1]:.6g}"


def _reason(polygon: shapely.Polygon) -> str:
    text = str(shapely.is_valid_reason(polygon))
    what, _, at = text.partition("[")
    return f"{what.lower()} at lon, lat {at.rstrip(']').replace(' ', ', ')}"


def _united(polygons: list[shapely.Polygon], outline: Outline) -> BaseGeometry:
    """One geometry; parts are left as they are drawn unless they overlap or share an edge."""
    if len(polygons) == 1:
        return polygons[0]
    whole = shapely.MultiPolygon(polygons)
    if whole.is_valid:
        return whole
    outline.note(ProblemCode.OVERLAPPING_PARTS, "geometry: parts that overlap or share an edge were united")
    united = areas(shapely.union_all(polygons))
    return united[0] if len(united) == 1 else shapely.MultiPolygon(united)


def areas(geometry: BaseGeometry) -> list[shapely.Polygon]:
    """The polygons a geometry holds, at any depth."""
    parts = shapely.get_parts(geometry)
    while any(shapely.get_num_geometries(part) > 1 or part.geom_type.startswith(("Multi", "Geo")) for part in parts):
        parts = shapely.get_parts(parts)
    return [part for part in parts if isinstance(part, shapely.Polygon) and not part.is_empty]
