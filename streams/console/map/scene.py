"""What a map shows, before anything is drawn: shapes, marks, words. Plain values, nothing of a renderer.

Positions are WGS-84 lon, lat degrees, shape ``(n, 2)``; longitudes may pass 180 where the map is centred on the
antimeridian. Straight lines between them are straight in lon, lat, as the engine takes them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

METRES_PER_DEGREE = 111_320.0  # on the map's plane; only the drawing uses it
MIN_SQUEEZE = 0.1  # a cylinder map stretches without end towards the poles


class Style(StrEnum):
    """How a shape looks; the renderers hold the colours."""

    TERRITORY = "territory"
    BORDER_LINE = "border_line"
    EXCLUSION = "exclusion"
    PORT_OF_ENTRY = "port_of_entry"
    ANCHORAGE = "anchorage"
    LANE = "lane"
    PROTECTED = "protected"
    BAND = "band"  # where a zone's border may really be
    TRACK = "track"
    DECIDING = "deciding"  # the segment the alert rests on
    UNCERTAINTY = "uncertainty"  # where the object may really have been


class Symbol(StrEnum):
    """What a mark looks like."""

    FIX = "fix"
    EVIDENCE = "evidence"
    CROSSING = "crossing"
    ARROW = "arrow"  # the direction of a border line
    INSIDE = "inside"  # a tick to the inside of a border line
    LABEL = "label"


LEGEND = {
    Style.TERRITORY: "territory",
    Style.BORDER_LINE: "border line: arrows along it, ticks to its inside",
    Style.EXCLUSION: "exclusion zone",
    Style.PORT_OF_ENTRY: "port of entry: a hole in the territory",
    Style.ANCHORAGE: "anchorage",
    Style.LANE: "lane",
    Style.PROTECTED: "protected area",
    Style.BAND: "accuracy of the border",
    Style.TRACK: "track",
    Style.DECIDING: "deciding segment",
    Style.UNCERTAINTY: "uncertainty of a position, 95 %",
}


class Window(NamedTuple):
    """A part of the map, degrees."""

    west: float
    south: float
    east: float
    north: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle, lon, lat."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    @property
    def squeeze(self) -> float:
        """How much shorter a degree of longitude is than one of latitude, in its middle."""
        return max(float(np.cos(np.radians(self.middle[1]))), MIN_SQUEEZE)

    def widened(self, share: float, least: float = 0.0) -> "Window":
        """With a margin on every side: a share of its size, and at least so many degrees."""
        x, y = max((self.east - self.west) * share, least), max((self.north - self.south) * share, least)
        return Window(self.west - x, max(self.south - y, -90.0), self.east + x, min(self.north + y, 90.0))

    def around(self, lonlat: Floats) -> NDArray[np.bool_]:
        """Which positions it holds, shape ``(n,)``."""
        lon, lat = lonlat[:, 0], lonlat[:, 1]
        found: NDArray[np.bool_] = (lon >= self.west) & (lon <= self.east) & (lat >= self.south) & (lat <= self.north)
        return found


@dataclass(frozen=True, slots=True)
class Shape:
    """Rings (filled together, even-odd) or open lines; ``width_m`` makes a line as wide as that on the ground."""

    style: Style
    paths: tuple[Floats, ...]
    filled: bool
    title: str = ""
    width_m: float = 0.0
    stroked: bool = True


@dataclass(frozen=True, slots=True)
class Mark:
    """A symbol of constant size; ``turn_deg`` is clockwise from north. Lower ``rank`` keeps its label in a crowd."""

    symbol: Symbol
    lon: float
    lat: float
    label: str = ""
    title: str = ""
    turn_deg: float = 0.0
    rank: float = 0.0


@dataclass(frozen=True, slots=True)
class Table:
    """A part of the text that says what the map shows."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One map. ``start`` is the window it opens with, ``extent`` holds all that is drawn."""

    title: str
    summary: str
    shapes: tuple[Shape, ...]
    marks: tuple[Mark, ...]
    tables: tuple[Table, ...]
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    start: Window
    extent: Window

    @property
    def styles(self) -> tuple[Style, ...]:
        """The styles in use, in the order of the legend."""
        used = {shape.style for shape in self.shapes}
        return tuple(style for style in LEGEND if style in used)
