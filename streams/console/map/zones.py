"""From zones to what is drawn of them: territories with their ports cut out, directed lines, accuracy bands, labels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.zones import Zone, ZoneKind, ZoneSet
from streams.console.map.scene import METRES_PER_DEGREE, Floats, Mark, Scene, Shape, Style, Symbol, Window
from streams.console.map.words import sources_of, zone_table

BUDGET = 150_000  # positions a browser still pans smoothly
_SHOWN_LAT = 84.0
_SIMPLIFIED = (
    "Outlines are simplified for drawing, to within {:,.0f} m; small islands may be missing, and finer accuracy "
    "is not drawn. What is judged is exact."
)
_SIGNS = 12  # arrows and ticks along a border line


@dataclass(frozen=True, slots=True)
class Drawn:
    """The shapes, labels and notes of some zones."""

    shapes: tuple[Shape, ...]
    marks: tuple[Mark, ...]
    notes: tuple[str, ...]


def scene_of_zones(zones: ZoneSet, title: str = "") -> Scene:
    """A map of all zones of a version, with a listing of them."""
    shift = seam(zones)
    start = _main_window(zones, shift).widened(0.04, 0.005)
    drawn = draw(zones, start, shift)
    many = f"{len(zones)} zone{'' if len(zones) == 1 else 's'}"
    return Scene(
        title=title or many,
        summary=f"{many}: " + ", ".join(_counted(zones)) + ".",
        shapes=drawn.shapes,
        marks=drawn.marks,
        tables=(zone_table(zones),),
        sources=sources_of(zones),
        notes=drawn.notes,
        start=start,
        extent=start.widened(0.5),
    )


def seam(zones: Iterable[Zone]) -> float:
    """The longitude west of which 360 degrees are added, so that zones on both sides of the antimeridian meet;
    -180 where nothing is gained."""
    bounds = np.array([part.bounds for zone in zones for part in shapely.get_parts(zone.geometry)])
    order = np.argsort(bounds[:, 0])
    west, east = bounds[order, 0], np.maximum.accumulate(bounds[order, 2])
    inner = west[1:] - east[:-1]
    around = west[0] + 360.0 - east[-1]
    if not inner.size or inner.max() <= around:
        return -180.0
    return float(west[int(np.argmax(inner)) + 1])


def turned(lonlat: Floats, shift: float) -> Floats:
    """Positions with 360 degrees added west of ``shift``."""
    return np.column_stack([np.where(lonlat[:, 0] < shift, lonlat[:, 0] + 360.0, lonlat[:, 0]), lonlat[:, 1]])


def draw(zones: Iterable[Zone], window: Window, shift: float = -180.0, clip: Window | None = None) -> Drawn:
    """Shapes and labels of zones for a map that opens with ``window``; what is outside ``clip`` is left out."""
    kept = [(zone, _placed(zone.geometry, shift, clip)) for zone in zones]
    shown = [(zone, shape) for zone, shape in kept if not shape.is_empty]
    shown, off_m = _simplified(shown, window)
    ports = [shape for zone, shape in shown if zone.kind is ZoneKind.PORT_OF_ENTRY]
    holes = shapely.union_all(ports) if ports else None
    shapes: list[Shape] = []
    marks: list[Mark] = []
    for zone, whole in sorted(shown, key=lambda pair: -pair[1].area):
        style, title = Style(zone.kind.value), f"{zone.name} ({zone.zone_id})"
        shape = whole
        if holes is not None and zone.kind is ZoneKind.TERRITORY and shape.intersects(holes):
            shape = shapely.difference(shape, holes)
        paths = _paths(shape)
        edge = paths if clip is None or not zone.is_area else _border(zone, shift, clip, shape)
        if zone.accuracy_m > off_m:  # a band around an outline that is further off would mislead
            shapes.append(Shape(Style.BAND, edge, False, f"{title}: within {zone.accuracy_m:g} m", 2 * zone.accuracy_m))
        if zone.is_area:
            shapes.append(Shape(style, paths, True, title, stroked=edge is paths))
            if edge is not paths:
                shapes.append(Shape(style, edge, False, title))
        else:
            shapes.append(Shape(style, paths, False, title))
            marks += _signs(shape, window.squeeze)
        marks += _label(zone, whole, window)
    return Drawn(tuple(shapes), tuple(marks), (_SIMPLIFIED.format(off_m),) if off_m else ())


def _counted(zones: ZoneSet) -> list[str]:
    counts = [(kind, sum(zone.kind is kind for zone in zones)) for kind in ZoneKind]
    return [f"{count} {kind.value.replace('_', ' ')}" for kind, count in counts if count]


def _main_window(zones: ZoneSet, shift: float) -> Window:
    parts = [list(shapely.get_parts(zone.geometry)) for zone in zones]
    bounds = _bounds([part for of_zone in parts for part in of_zone], shift)
    if bounds.east - bounds.west > 180:  # a far island would shrink everything else: show each zone's main part
        bounds = _bounds([max(of_zone, key=lambda part: part.area or part.length) for of_zone in parts], shift)
    return Window(bounds.west, max(bounds.south, -_SHOWN_LAT), bounds.east, min(bounds.north, _SHOWN_LAT))


def _bounds(parts: Sequence[BaseGeometry], shift: float) -> Window:
    boxes = np.array([part.bounds for part in parts])
    move = np.where(boxes[:, 0] < shift, 360.0, 0.0)
    west, east = (boxes[:, 0] + move).min(), (boxes[:, 2] + move).max()
    return Window(float(west), float(boxes[:, 1].min()), float(east), float(boxes[:, 3].max()))


def _placed(geometry: BaseGeometry, shift: float, clip: Window | None) -> BaseGeometry:
    """The geometry on the map's side of the antimeridian, cut to the clip."""
    if shift > -180.0:
        parts: list[BaseGeometry] = []
        for part in shapely.get_parts(geometry):
            west, _, east, _ = part.bounds
            parts += [_moved(part)] if west < shift else []
            parts += [part] if east > shift or west >= shift else []
        geometry = _joined(parts, lines=not geometry.area)
    return geometry if clip is None else shapely.intersection(geometry, shapely.box(*clip))


def _joined(parts: list[BaseGeometry], *, lines: bool) -> BaseGeometry:
    """Touching areas become one; lines stay as they are, since a union would forget their direction."""
    if not lines:
        whole: BaseGeometry = shapely.union_all(parts)
        return whole
    return shapely.MultiLineString([shapely.get_coordinates(part) for part in parts])


def _moved(part: BaseGeometry) -> BaseGeometry:
    moved: BaseGeometry = shapely.transform(part, lambda xy: np.add(xy, [360.0, 0.0]))
    return moved


def _border(zone: Zone, shift: float, clip: Window, shape: BaseGeometry) -> tuple[Floats, ...]:
    """The border within the clip, without the edges that the clip made."""
    frame = shapely.box(*clip).exterior.buffer(1e-9)
    return _paths(shapely.difference(shape.boundary, frame))


def _simplified(
    shown: list[tuple[Zone, BaseGeometry]], window: Window
) -> tuple[list[tuple[Zone, BaseGeometry]], float]:
    """Fewer positions where there are too many, and how far outlines may be off now, metres."""
    count = sum(int(shapely.get_num_coordinates(shape)) for _, shape in shown)
    if count <= BUDGET:
        return shown, 0.0
    tolerance = max(window.east - window.west, window.north - window.south) / 64_000
    while True:
        fewer = []
        for zone, shape in shown:
            plain = shapely.make_valid(shapely.simplify(shape, tolerance, preserve_topology=False))
            fewer.append((zone, shape if plain.is_empty else plain))
        if sum(int(shapely.get_num_coordinates(shape)) for _, shape in fewer) <= BUDGET:
            return fewer, tolerance * METRES_PER_DEGREE
        tolerance *= 1.6


def _paths(shape: BaseGeometry) -> tuple[Floats, ...]:
    """All rings and lines of a geometry; points are left out."""
    found: list[Floats] = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            found += [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
        elif part.geom_type in {"LineString", "LinearRing"}:
            found.append(shapely.get_coordinates(part))
        elif part.geom_type != "Point":
            found += _paths(part)
    return tuple(found)


def _signs(shape: BaseGeometry, squeeze: float) -> list[Mark]:
    """Arrows along a directed line, and ticks to its inside, left of its direction."""
    marks: list[Mark] = []
    for xy in _paths(shape):
        step = np.diff(xy, axis=0) * [squeeze, 1.0]
        length = np.hypot(step[:, 0], step[:, 1])
        along = np.concatenate([[0.0], np.cumsum(length)])
        if along[-1] == 0.0:
            continue
        for number, at in enumerate((np.arange(_SIGNS) + 0.5) / _SIGNS * along[-1]):
            edge = min(int(np.searchsorted(along, at, side="right")) - 1, len(length) - 1)
            share = (at - along[edge]) / length[edge] if length[edge] else 0.0
            lon, lat = (xy[edge] + share * (xy[edge + 1] - xy[edge])).tolist()
            turn = float(np.degrees(np.arctan2(step[edge, 0], step[edge, 1])))
            if number % 3 == 1:
                marks.append(Mark(Symbol.ARROW, lon, lat, turn_deg=turn))
            else:
                marks.append(Mark(Symbol.INSIDE, lon, lat, turn_deg=turn - 90.0))
    return marks


def _label(zone: Zone, shape: BaseGeometry, window: Window) -> list[Mark]:
    """The zone's name where most of it is seen."""
    seen = shapely.intersection(shape, shapely.box(*window))
    if seen.is_empty:
        return []
    largest = max(shapely.get_parts(seen), key=lambda part: (part.area, part.length))
    point = largest.interpolate(0.5, normalized=True) if largest.area == 0 else largest.representative_point()
    rank = -float(largest.area or largest.length * 1e-3)
    return [Mark(Symbol.LABEL, point.x, point.y, zone.name, f"{zone.name} ({zone.zone_id})", rank=rank)]
