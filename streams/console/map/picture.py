"""A scene as a PNG or SVG picture, for reports and for where there is no browser."""

from pathlib import Path

import matplotlib as mpl
import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline
from matplotlib.ticker import FuncFormatter

from geo.distance import metres_per_degree
from streams.console.map.scene import LEGEND, METRES_PER_DEGREE, Floats, Mark, Scene, Shape, Style, Symbol, Window

_COLOURS = {
    Style.TERRITORY: "#33638f",
    Style.BORDER_LINE: "#a5152a",
    Style.EXCLUSION: "#c4282d",
    Style.PORT_OF_ENTRY: "#1f7a33",
    Style.ANCHORAGE: "#74469e",
    Style.LANE: "#6d747a",
    Style.PROTECTED: "#0f7f6c",
    Style.BAND: "#e0c48f",
    Style.TRACK: "#1b2126",
    Style.DECIDING: "#d1490a",
    Style.UNCERTAINTY: "#8a5a00",
}
_WIDTHS = {Style.BORDER_LINE: 2.0, Style.DECIDING: 3.2, Style.TRACK: 1.2}
_DASHED = {Style.PORT_OF_ENTRY, Style.UNCERTAINTY, Style.LANE}
_MOST_LABELS = 60
_HALO = [effects.withStroke(linewidth=2.5, foreground="white")]


def picture(scene: Scene, target: Path) -> None:
    """Write the picture; the suffix says whether PNG or SVG. Raises OSError where it cannot be written."""
    with mpl.rc_context({"font.size": 9, "svg.fonttype": "none", "svg.hashsalt": "vedette"}):
        window = scene.start
        tall = (window.north - window.south) / (window.east - window.west) / window.squeeze
        height = min(max(8.2 * tall + 1.6, 3.8), 12.0)
        figure = Figure(figsize=(11, height), dpi=110, layout="constrained")
        axes = figure.add_subplot()
        axes.set_xlim(window.west, window.east)
        axes.set_ylim(window.south, window.north)
        axes.set_aspect(1 / window.squeeze)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda lon, _: _degrees((lon + 180.0) % 360.0 - 180.0, "EW")))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda lat, _: _degrees(lat, "NS")))
        axes.grid(color="#dddddd", linewidth=0.5)
        axes.set_axisbelow(True)
        axes.set_title(scene.title.replace("$", r"\$"), loc="left")
        _legend(axes, scene)
        words = "\n".join(
            ["Source: " + "; ".join(scene.sources), *scene.notes, "WGS-84 longitude, latitude; north is up"]
        )
        figure.supxlabel(_plain(words, 4), fontsize=7, x=0.01, ha="left", color="#555555")
        figure.draw_without_rendering()  # the layout decides how many points a metre has
        points_per_degree = axes.get_window_extent().height / (window.north - window.south) * 72 / figure.dpi
        for order, shape in enumerate(scene.shapes):
            _draw(axes, shape, points_per_degree, 2 + order * 1e-4)
        _marks(axes, scene.marks, window)
        _scale(axes, window)
        about = {"Description": "; ".join(scene.sources)}
        dated = {} if target.suffix.lower() == ".png" else {"Date": None}
        figure.savefig(target, format=target.suffix.lower().lstrip("."), metadata=about | dated)


def _plain(text: str, most: int) -> str:
    """At most so many lines of 150 characters, nothing of it read as mathematics."""
    lines = text.replace("$", r"\$").splitlines()[:most]
    return "\n".join(line if len(line) <= 150 else line[:149] + "…" for line in lines)


def _degrees(value: float, letters: str) -> str:
    return f"{abs(value):.6g}°{letters[int(value < 0)] if value else ''}"


def _draw(axes: Axes, shape: Shape, points_per_degree: float, order: float) -> None:
    colour, dashed = _COLOURS[shape.style], shape.style in _DASHED
    width = _WIDTHS.get(shape.style, 1.0)
    if shape.width_m:
        width = shape.width_m / METRES_PER_DEGREE * points_per_degree
    if shape.filled and shape.paths:
        path = _outline(shape.paths)
        hollow = shape.style is Style.PORT_OF_ENTRY
        if not hollow:
            axes.add_patch(PathPatch(path, facecolor=colour, edgecolor="none", alpha=0.18, zorder=order))
        if shape.stroked:
            line = "--" if dashed else "-"
            axes.add_patch(
                PathPatch(path, facecolor="none", edgecolor=colour, linewidth=width, linestyle=line, zorder=order)
            )
    elif shape.paths:
        alpha = 0.5 if shape.style is Style.BAND else 1.0
        lines = LineCollection(
            [np.asarray(one) for one in shape.paths], colors=colour, linewidths=width, alpha=alpha, zorder=order
        )
        lines.set_capstyle("round")
        axes.add_collection(lines, autolim=False)


def _outline(rings: tuple[Floats, ...]) -> Outline:
    codes = [[Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY] for ring in rings]
    return Outline(np.vstack(rings), np.concatenate(codes).astype(Outline.code_type))


def _marks(axes: Axes, marks: tuple[Mark, ...], window: Window) -> None:
    names = sorted((mark for mark in marks if mark.label), key=lambda mark: mark.rank)[:_MOST_LABELS]
    for mark in marks:
        if not window.around(np.array([[mark.lon, mark.lat]]))[0]:
            continue
        if mark.symbol is Symbol.ARROW:
            axes.plot(mark.lon, mark.lat, marker=(3, 0, -mark.turn_deg), ms=8, color="#a5152a", zorder=5)
        elif mark.symbol is Symbol.INSIDE:
            axes.plot(mark.lon, mark.lat, marker=_tick(mark.turn_deg), ms=9, color="#a5152a", zorder=5)
        elif mark.symbol is Symbol.CROSSING:
            axes.plot(mark.lon, mark.lat, marker="x", ms=10, mew=2.2, color="#a5152a", zorder=7)
        elif mark.symbol is Symbol.EVIDENCE:
            axes.plot(mark.lon, mark.lat, marker="o", ms=8, mec="white", color="#d1490a", zorder=6)
        elif mark.symbol is Symbol.FIX:
            axes.plot(mark.lon, mark.lat, marker="o", ms=4, color="#1b2126", zorder=5)
        if mark in names:
            centred = mark.symbol is Symbol.LABEL
            text = axes.annotate(
                mark.label.replace("$", r"\$"),
                (mark.lon, mark.lat),
                (0, 0) if centred else (8, 6),
                textcoords="offset points",
                ha="center" if centred else "left",
                va="center" if centred else "bottom",
                fontsize=8,
                zorder=8,
            )
            text.set_path_effects(_HALO)  # type: ignore[arg-type]


def _tick(turn_deg: float) -> Outline:
    turn = np.radians(turn_deg)
    return Outline(np.array([[0.0, 0.0], [np.sin(turn), np.cos(turn)]]))


def _legend(axes: Axes, scene: Scene) -> None:
    handles: list[Patch | Line2D] = []
    for style in scene.styles:
        if style in {Style.BORDER_LINE, Style.TRACK, Style.DECIDING, Style.BAND}:
            width = 6.0 if style is Style.BAND else _WIDTHS[style]
            handles.append(Line2D([], [], color=_COLOURS[style], linewidth=width, label=LEGEND[style]))
        else:
            handles.append(Patch(color=_COLOURS[style], alpha=0.5, label=LEGEND[style]))
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=3, frameon=False, fontsize=8)


def _scale(axes: Axes, window: Window) -> None:
    """A bar of a round length, true at the latitude it is drawn at."""
    west, south, east, north = window
    lat = south + (north - south) * 0.05
    per_degree = float(metres_per_degree(lat)[0])
    target = max((east - west) * 0.22 * per_degree, 1.0)
    decade = 10.0 ** np.floor(np.log10(target))
    metres = max(step * decade for step in (1, 2, 5) if step * decade <= target)
    left = west + (east - west) * 0.03
    right = left + metres / per_degree
    height = (north - south) * 0.005
    axes.fill_between([left, right], lat - height, lat + height, color="#222222", zorder=9)
    name = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    text = axes.text((left + right) / 2, lat + 3 * height, name, ha="center", va="bottom", fontsize=8, zorder=9)
    text.set_path_effects(_HALO)  # type: ignore[arg-type]
    axes.annotate(
        "N",
        (0.975, 0.90),
        (0.975, 0.96),
        xycoords="axes fraction",
        ha="center",
        va="center",
        fontweight="bold",
        zorder=9,
        arrowprops={"arrowstyle": "<|-", "color": "#222222"},
    )
