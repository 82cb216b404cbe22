"""A picture of the zones: what a supervisor looks at before they are published."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import matplotlib.patheffects as effects
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline

from geo.distance import metres_per_degree
from geo.zones import Zone, ZoneKind, ZoneSet

_COLOURS = {
    ZoneKind.TERRITORY: "#4c78a8",
    ZoneKind.BORDER_LINE: "#b2182b",
    ZoneKind.EXCLUSION: "#d62728",
    ZoneKind.PORT_OF_ENTRY: "#2ca02c",
    ZoneKind.ANCHORAGE: "#9467bd",
    ZoneKind.LANE: "#8c8c8c",
    ZoneKind.PROTECTED: "#17a589",
}
_MAX_LABELS = 60
_SHOWN_LAT = 84.0  # a cylinder map stretches without end towards the poles


def draw_zones(zones: ZoneSet, target: Path) -> None:
    """Write a PNG: zones filled by kind and labelled, border lines with ticks on their inside, a scale, the sources."""
    with mpl.rc_context({"font.size": 9, "svg.fonttype": "none"}):
        west, south, east, north = _window(zones)
        middle = (south + north) / 2
        tall = (north - south) / (east - west) / max(float(np.cos(np.radians(middle))), 0.1)
        figure = Figure(figsize=(11, min(max(9.2 * tall + 1.2, 3.5), 12)), dpi=110, layout="constrained")
        axes = figure.add_subplot()
        for zone in sorted(zones, key=lambda zone: -zone.geometry.area):
            if zone.is_area:
                _fill(axes, zone)
            else:
                _line(axes, zone, (north - south) / 70, middle)
        axes.set_xlim(west, east)
        axes.set_ylim(south, north)
        axes.set_aspect(1 / max(float(np.cos(np.radians(middle))), 0.1))
        axes.set_xlabel("longitude, degrees")
        axes.set_ylabel("latitude, degrees")
        axes.grid(color="#dddddd", linewidth=0.5)
        axes.set_axisbelow(True)
        _labels(axes, zones, (west, south, east, north))
        _scale(axes, (west, south, east, north))
        kinds = [kind for kind in ZoneKind if any(zone.kind is kind for zone in zones)]
        handles = [Patch(color=_COLOURS[kind], alpha=0.6, label=kind.replace("_", " ")) for kind in kinds]
        axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
        axes.set_title(f"{len(zones)} zone{'' if len(zones) == 1 else 's'}", loc="left")
        figure.supxlabel(_sources(zones), fontsize=7, x=0.01, ha="left", color="#555555")
        figure.savefig(target, format="png", metadata={"Description": _sources(zones)})


def _window(zones: ZoneSet) -> tuple[float, float, float, float]:
    """West, south, east, north of the map, with a margin."""
    bounds = np.array([zone.geometry.bounds for zone in zones])
    west, south = bounds[:, :2].min(0)
    east, north = bounds[:, 2:].max(0)
    if east - west > 180:
        # a far island or the other side of the antimeridian would shrink everything else: show each zone's main part
        main = [max(shapely.get_parts(zone.geometry), key=lambda part: part.area or part.length) for zone in zones]
        bounds = np.array([part.bounds for part in main])
        west, south = bounds[:, :2].min(0)
        east, north = bounds[:, 2:].max(0)
    south, north = max(south, -_SHOWN_LAT), min(north, _SHOWN_LAT)
    pad_x, pad_y = max((east - west) * 0.04, 0.005), max((north - south) * 0.04, 0.005)
    return max(west - pad_x, -180.0), max(south - pad_y, -90.0), min(east + pad_x, 180.0), min(north + pad_y, 90.0)


def _fill(axes: Axes, zone: Zone) -> None:
    colour = _COLOURS[zone.kind]
    for polygon in shapely.get_parts(zone.geometry):
        rings = [np.asarray(ring.coords)[:, :2] for ring in (polygon.exterior, *polygon.interiors)]
        codes = np.concatenate(
            [[Outline.MOVETO, *[Outline.LINETO] * (len(r) - 2), Outline.CLOSEPOLY] for r in rings]
        ).astype(Outline.code_type)
        path = Outline(np.vstack(rings), codes)
        axes.add_patch(PathPatch(path, facecolor=colour, edgecolor="none", alpha=0.25))
        axes.add_patch(PathPatch(path, facecolor="none", edgecolor=colour, linewidth=0.9))


def _line(axes: Axes, zone: Zone, tick: float, middle: float) -> None:
    """The line, and short ticks that point to its inside (left of its direction)."""
    colour = _COLOURS[zone.kind]
    squeeze = max(float(np.cos(np.radians(middle))), 0.1)
    for part in shapely.get_parts(zone.geometry):
        xy = shapely.get_coordinates(part)
        axes.add_collection(LineCollection([xy], colors=colour, linewidths=1.8))
        at = part.interpolate(np.linspace(0.02, 0.98, 25), normalized=True)
        ahead = part.interpolate(np.minimum(np.linspace(0.02, 0.98, 25) + 1e-4, 1.0), normalized=True)
        foot, step = shapely.get_coordinates(at), shapely.get_coordinates(ahead) - shapely.get_coordinates(at)
        step[:, 0] *= squeeze
        step /= np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-12)[:, None]
        tip = foot + tick * np.column_stack([-step[:, 1] / squeeze, step[:, 0]])
        axes.add_collection(LineCollection(list(np.stack([foot, tip], axis=1)), colors=colour, linewidths=0.9))


def _labels(axes: Axes, zones: ZoneSet, window: tuple[float, float, float, float]) -> None:
    view = shapely.box(*window)
    shown = sorted(zones, key=lambda zone: -(zone.geometry.area + zone.geometry.length * 1e-3))[:_MAX_LABELS]
    for zone in shown:
        visible = shapely.intersection(zone.geometry, view) if zone.is_area else zone.geometry
        if visible.is_empty:
            continue
        parts = shapely.get_parts(visible)
        largest = max(parts, key=lambda part: part.area or part.length)
        point = largest.representative_point()
        text = axes.text(point.x, point.y, zone.zone_id, ha="center", va="center", fontsize=8, clip_on=True)
        text.set_path_effects([effects.withStroke(linewidth=2.5, foreground="white")])


def _scale(axes: Axes, window: tuple[float, float, float, float]) -> None:
    """A bar of a round length, true at the latitude it is drawn at."""
    west, south, east, north = window
    lat = south + (north - south) * 0.05
    per_degree = float(metres_per_degree(lat)[0])
    target = (east - west) * 0.22 * per_degree
    decade = 10.0 ** np.floor(np.log10(max(target, 1.0)))
    metres = max(step * decade for step in (1, 2, 5) if step * decade <= max(target, 1.0))
    left = west + (east - west) * 0.03
    right = left + metres / per_degree
    height = (north - south) * 0.006
    axes.fill_between([left, right], lat - height, lat + height, color="#222222", zorder=6)
    name = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    text = axes.text((left + right) / 2, lat + 3 * height, name, ha="center", va="bottom", fontsize=8, zorder=6)
    text.set_path_effects([effects.withStroke(linewidth=2.5, foreground="white")])


def _sources(zones: ZoneSet) -> str:
    found: Sequence[str] = sorted({zone.source for zone in zones if zone.source})
    shown = "; ".join(found[:4]) + (f"; and {len(found) - 4} more" if len(found) > 4 else "")
    return f"Source: {shown}" if shown else "Source: not stated"
