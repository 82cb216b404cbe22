"""A scene as one HTML page that needs nothing but itself: no network, no fonts, no library. Pure.

Every text is escaped where it enters the page, and the page's content policy admits only the script and the style that
stand in it, by their hashes: a name that got through as markup would still not run.
"""

import base64
import hashlib
import re
from functools import cache
from html import escape
from importlib.resources import files

import numpy as np

from streams.console.map.scene import (
    LEGEND,
    METRES_PER_DEGREE,
    Floats,
    Mark,
    Scene,
    Shape,
    Style,
    Symbol,
    Table,
    Window,
)

_WIDTH, _HEIGHT = 1_000, 640  # the view before the script knows the screen's
_FIELD = re.compile(r"\{\{(\w+)\}\}")
_SYMBOLS = {
    Symbol.FIX: "M-3 0A3 3 0 1 1 3 0A3 3 0 1 1 -3 0Z",
    Symbol.EVIDENCE: "M-6 0A6 6 0 1 1 6 0A6 6 0 1 1 -6 0Z",
    Symbol.CROSSING: "M-8 -8L8 8M-8 8L8 -8",
    Symbol.ARROW: "M0 -9L6 6L0 3L-6 6Z",
    Symbol.INSIDE: "M0 0V-9",
    Symbol.LABEL: "",
}


def page(scene: Scene) -> str:
    """The whole page."""
    plane = _Plane(scene.start)
    style, script = _part("page.css"), _part("page.js")
    fields = {
        "title": escape(scene.title),
        "summary": escape(scene.summary),
        "style": style,
        "script": script,
        "style_hash": _hash(style),
        "script_hash": _hash(script),
        "width": str(_WIDTH),
        "height": str(_HEIGHT),
        "lon0": repr(plane.lon0),
        "lat0": repr(plane.lat0),
        "squeeze": repr(plane.squeeze),
        "start": plane.box(scene.start),
        "extent": plane.box(scene.extent),
        "transform": plane.transform,
        "shapes": "".join(_shape(shape, plane) for shape in scene.shapes),
        "marks": "".join(_mark(mark, plane) for mark in scene.marks),
        "legend": "".join(_legend(style) for style in scene.styles),
        "notes": "".join(f"<p>{escape(note)}</p>\n" for note in scene.notes),
        "sources": "; ".join(escape(source) for source in scene.sources),
        "tables": "".join(_table(table) for table in scene.tables if table.rows),
    }
    return _FIELD.sub(lambda found: fields[found[1]], _part("page.html"))


class _Plane:
    """Degrees to metres on the map's plane, x east and y south of the middle of the first window."""

    def __init__(self, window: Window) -> None:
        self.lon0, self.lat0 = window.middle
        self.squeeze = window.squeeze
        across = (window.east - window.west) * self.squeeze * METRES_PER_DEGREE
        down = (window.north - window.south) * METRES_PER_DEGREE
        self.pixels_per_metre = min(_WIDTH / max(across, 1.0), _HEIGHT / max(down, 1.0))
        self.digits = 0 if max(across, down) > 200_000 else 1

    def of(self, lonlat: Floats) -> Floats:
        """Metres ``(n, 2)`` of positions ``(n, 2)``."""
        found: Floats = (lonlat - [self.lon0, self.lat0]) * [self.squeeze * METRES_PER_DEGREE, -METRES_PER_DEGREE]
        return found

    def box(self, window: Window) -> str:
        corners = self.of(np.array([[window.west, window.north], [window.east, window.south]]))
        return " ".join(f"{value:.1f}" for value in corners.ravel())

    @property
    def transform(self) -> str:
        """The matrix of the first view."""
        k = self.pixels_per_metre
        return f"matrix({k:.9g} 0 0 {k:.9g} {_WIDTH / 2} {_HEIGHT / 2})"


@cache
def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _shape(shape: Shape, plane: _Plane) -> str:
    d = "".join(_path(path, plane, closed=shape.filled) for path in shape.paths)
    classes = [shape.style.value, *(["filled"] if shape.filled else []), *([] if shape.stroked else ["bare"])]
    width = f' stroke-width="{shape.width_m:g}"' if shape.width_m else ""
    title = f"<title>{escape(shape.title)}</title>" if shape.title else ""
    return f'<path class="{" ".join(classes)}"{width} d="{d}">{title}</path>\n'


def _path(path: Floats, plane: _Plane, *, closed: bool) -> str:
    """One ring or line; positions that fall together are drawn once."""
    xy = np.round(plane.of(path), plane.digits) + 0.0  # no "-0"
    kept = np.concatenate([[True], (np.diff(xy, axis=0) != 0).any(1)])
    words = [f"{x:.{plane.digits}f} {y:.{plane.digits}f}" for x, y in xy[kept].tolist()]
    return f"M{'L'.join(words)}" + ("Z" if closed else "")


def _mark(mark: Mark, plane: _Plane) -> str:
    x, y = plane.of(np.array([[mark.lon, mark.lat]]))[0].tolist()
    k = plane.pixels_per_metre
    at = f"translate({x * k + _WIDTH / 2:.1f} {y * k + _HEIGHT / 2:.1f}) rotate({mark.turn_deg:.1f})"
    title = f"<title>{escape(mark.title)}</title>" if mark.title else ""
    symbol = f'<path d="{_SYMBOLS[mark.symbol]}"/>' if _SYMBOLS[mark.symbol] else ""
    offset = "" if mark.symbol is Symbol.LABEL else ' x="9" y="-6"'
    text = f"<text{offset}>{escape(mark.label)}</text>" if mark.label else ""
    return (
        f'<g class="{mark.symbol.value}" data-x="{x:.2f}" data-y="{y:.2f}" data-turn="{mark.turn_deg:.1f}" '
        f'data-rank="{mark.rank:g}" transform="{at}">{title}{symbol}{text}</g>\n'
    )


def _legend(style: Style) -> str:
    line = style in {Style.BORDER_LINE, Style.BAND, Style.TRACK, Style.DECIDING}
    swatch = '<path d="M1 7H25" {}/>' if line else '<path d="M2 2H24V12H2Z" {}/>'
    classes = f'class="legend {style.value}{"" if line else " filled"}"'
    return f'<li><svg aria-hidden="true">{swatch.format(classes)}</svg>{escape(LEGEND[style])}</li>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in table.rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.heading)}"><table>'
        f"<caption>{escape(table.heading)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"
    )
