"""A world as a picture (SVG): zones, sensors, what was measured, and where everything really went."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import shapely

from geo.zones import ZoneKind, ZoneSet
from simulator.plane import Array, Plane
from simulator.plots import Plot
from simulator.scenario import Scenario
from simulator.spec import Kind
from simulator.truth import TruePosition

_WIDTH, _MARGIN = 1200.0, 14.0
_ZONES = {
    ZoneKind.TERRITORY: "#e8efe2", ZoneKind.EXCLUSION: "#f6d5cf", ZoneKind.PORT_OF_ENTRY: "#dfe9f5",
    ZoneKind.PROTECTED: "#d4ead9", ZoneKind.ANCHORAGE: "#e9e4f2", ZoneKind.LANE: "#eef2f7",
}  # fmt: skip
_KINDS = {
    Kind.VESSEL: "#1f5fa8", Kind.WALKER: "#b3261e", Kind.VEHICLE: "#1f5fa8", Kind.ANIMAL: "#7a6a2f",
    Kind.DRONE: "#7b3fa0",
}  # fmt: skip
_PLOT, _SENSOR, _HILL = "#8a8f98", "#222222", "#c9c2b2"


class Canvas:
    """Metres east and north onto a page; ``bounds_m`` are west, south, east, north."""

    def __init__(self, bounds_m: tuple[float, float, float, float]) -> None:
        self._west, south, east, self._north = bounds_m
        self._scale = (_WIDTH - 2 * _MARGIN) / (east - self._west)
        self.height = (self._north - south) * self._scale + 2 * _MARGIN + 30.0

    def page(self, xy_m: Array) -> Array:
        """Pixels ``(n, 2)`` of metres ``(n, 2)``."""
        found: Array = np.round((xy_m - [self._west, self._north]) * [self._scale, -self._scale] + _MARGIN, 1)
        return found

    def way(self, xy_m: Array, *, close: bool = False) -> str:
        """A path through places."""
        return "M" + "L".join(f"{x:g},{y:g}" for x, y in self.page(xy_m).tolist()) + ("Z" if close else "")

    def metres(self, length_m: float) -> float:
        """Pixels of a length."""
        return round(length_m * self._scale, 1)


def draw(
    scenario: Scenario, zones: ZoneSet, positions: Iterable[TruePosition], plots: Sequence[Plot], seconds: float
) -> str:
    """The picture of the first ``seconds``; positions must be in order of time."""
    plane = Plane(*scenario.origin)
    ways: dict[str, list[TruePosition]] = {}
    for truth in positions:
        ways.setdefault(truth.object, []).append(truth)
    canvas = Canvas(_bounds(scenario, plane, ways))
    parts = [
        *_zones(canvas, zones, plane),
        *_hills(canvas, scenario, plane),
        _dots(canvas, plots),
        *_ways(canvas, ways),
        *_sensors(canvas, scenario, plane),
        _legend(canvas, scenario, plots, ways, seconds),
    ]
    size = f'width="{_WIDTH:g}" height="{canvas.height:.0f}" viewBox="0 0 {_WIDTH:g} {canvas.height:.0f}"'
    font = 'font-family="sans-serif" font-size="13"'
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>\n'
        f'<rect width="100%" height="100%" fill="#fbfaf6"/>\n{body}\n</svg>\n'
    )


def _bounds(scenario: Scenario, plane: Plane, ways: dict[str, list[TruePosition]]) -> tuple[float, float, float, float]:
    """Everything that moved and every sensor."""
    sensors = [*(radar.position for radar in scenario.radars), *(camera.position for camera in scenario.cameras)]
    places = [truth.xy_m for way in ways.values() for truth in way]
    both = np.concatenate([
        np.array(places, np.float64).reshape(-1, 2), plane.to_metres(np.array(sensors, np.float64).reshape(-1, 2))
    ])  # fmt: skip
    if not len(both):
        both = np.array([[-5000.0, -5000.0], [5000.0, 5000.0]])
    west, south = both.min(axis=0) - 300.0
    east, north = both.max(axis=0) + 300.0
    return float(west), float(south), float(east), float(north)


def _zones(canvas: Canvas, zones: ZoneSet, plane: Plane) -> Iterator[str]:
    for zone in zones.areas:
        for polygon in shapely.get_parts(zone.geometry):
            ring = plane.to_metres(shapely.get_coordinates(shapely.get_exterior_ring(polygon)))
            yield f'<path d="{canvas.way(ring, close=True)}" fill="{_ZONES.get(zone.kind, "#eee")}" stroke="#b8c2ae"/>'
    for zone in zones.lines:
        line = plane.to_metres(shapely.get_coordinates(zone.geometry))
        yield f'<path d="{canvas.way(line)}" fill="none" stroke="#c0392b" stroke-width="2" stroke-dasharray="9 5"/>'


def _hills(canvas: Canvas, scenario: Scenario, plane: Plane) -> Iterator[str]:
    areas = {area: None for radar in scenario.radars for area in (*radar.obstacles, *radar.mask)}
    for area in areas:
        way = canvas.way(plane.to_metres(np.array(area)), close=True)
        yield f'<path d="{way}" fill="{_HILL}" stroke="#8d8672"/>'


def _dots(canvas: Canvas, plots: Sequence[Plot]) -> str:
    """One path for all plots: a picture of thousands stays small."""
    page = canvas.page(np.array([(plot.x_m, plot.y_m) for plot in plots], np.float64).reshape(-1, 2))
    on = page[(page > 0.0).all(axis=1) & (page[:, 0] < _WIDTH) & (page[:, 1] < canvas.height - 30.0)]
    squares = "".join(f"M{x:g},{y:g}h2v2h-2z" for x, y in (on - 1.0).round(1).tolist())
    return f'<path d="{squares}" fill="{_PLOT}" fill-opacity="0.55"/>'


def _ways(canvas: Canvas, ways: dict[str, list[TruePosition]]) -> Iterator[str]:
    for way in ways.values():
        colour = _KINDS[way[0].object_kind]
        places = np.array([truth.xy_m for truth in way])
        (x, y) = canvas.page(places[-1:])[0].tolist()
        yield f'<path d="{canvas.way(places[::5])}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        yield f'<circle cx="{x:g}" cy="{y:g}" r="3" fill="{colour}"/>'


def _sensors(canvas: Canvas, scenario: Scenario, plane: Plane) -> Iterator[str]:
    for ground in scenario.ground_sensors:
        way = canvas.way(plane.to_metres(np.array(ground.area)), close=True)
        yield f'<path d="{way}" fill="#f2c14e" fill-opacity="0.5" stroke="#a87b00"/>'
    for camera in scenario.cameras:
        place = plane.to_metres(np.array(camera.position))
        turns = np.radians(camera.facing_deg + np.linspace(-0.5, 0.5, 13) * camera.field_deg)
        rim = place + camera.range_m * np.column_stack([np.sin(turns), np.cos(turns)])
        way = canvas.way(np.vstack([place, rim]), close=True)
        yield f'<path d="{way}" fill="#4f9da6" fill-opacity="0.10" stroke="#4f9da6" stroke-opacity="0.6"/>'
    for radar in scenario.radars:
        x, y = canvas.page(plane.to_metres(np.array([radar.position])))[0].tolist()
        radius = canvas.metres(radar.range_m)
        yield f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="none" stroke="{_SENSOR}" stroke-opacity="0.35"/>'
        yield f'<path d="M{x - 7:g},{y + 6:g}h14l-7,-13z" fill="{_SENSOR}"/>'


def _legend(
    canvas: Canvas, scenario: Scenario, plots: Sequence[Plot], ways: dict[str, list[TruePosition]], seconds: float
) -> str:
    y = canvas.height - 14.0
    present = {way[0].object_kind: None for way in ways.values()}
    entries = [(kind.value, _KINDS[kind]) for kind in Kind if kind in present]
    entries += [("plot", _PLOT), ("radar", _SENSOR)]
    text = f"{scenario.name}: {len(ways)} objects, {len(plots):,} plots in {seconds:g} s"
    parts = [f'<text x="{_MARGIN:g}" y="{y:g}">{text}</text>']
    for i, (name, colour) in enumerate(entries):
        x = 480.0 + 100.0 * i
        parts.append(f'<circle cx="{x:g}" cy="{y - 4:g}" r="5" fill="{colour}"/>')
        parts.append(f'<text x="{x + 10:g}" y="{y:g}">{name}</text>')
    return "\n".join(parts)
