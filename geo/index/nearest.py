"""Distance to the nearest of many edges, up to a reach of a few kilometres.

Each cell of 1/364 degree (at most 305 m) keeps a list that holds every edge that can be the nearest one of any position
in it: those whose distance from the cell's centre exceeds the least by no more than the cell's diameter. Lists are made
when a tile (0.176 degrees) is first asked about, by halving the doubt twice, 8 x 8 cells at a time.

Distances are taken in degrees, scaled with the radii of WGS-84 at the middle latitude of position and foot (the mean of
a linear scale is its value in the middle). Up to 5 km and 78 degrees of latitude that is within 5 mm of the geodesic;
further polewards :mod:`geo.index.polar` takes over.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.distance import ECCENTRICITY2, metres_per_degree
from geo.edge_grid import EdgeGrid
from geo.index.grid import COLUMNS, ROWS, STEP, ragged
from geo.index.polar import POLAR_DEG, Polar
from geo.orientation import Floats

Rows = NDArray[np.int64]

_FINE = 64
_SCALE = COLUMNS * _FINE / 360.0
_CELLS = _FINE * _FINE
_DOUBT = 1.01  # the plane's scale is off by less than this within a tile and its reach
_AT_ONCE = 4_096  # positions: what is worked out for their candidates stays in the cache of a core
_WIDE_DEG = 90.0  # longer edges are cut, so that the nearest turn of longitude is that of the whole edge


class Scale(NamedTuple):
    """Metres per degree of longitude and latitude at a latitude, and how much they change per degree."""

    east: Floats
    north: Floats
    east_change: Floats
    north_change: Floats


def scale_at(lat: Floats) -> Scale:
    """The scale at latitudes, degrees."""
    east, north = metres_per_degree(lat)
    angle = np.radians(lat)
    sin, cos = np.sin(angle), np.cos(angle)
    per_degree = np.pi / 180
    # d(N cos)/dlat = -M sin and dM/dlat = 3 e² M sin cos / (1 - e² sin²), per radian
    return Scale(
        east,
        north,
        -north * sin * per_degree,
        3 * ECCENTRICITY2 * north * sin * cos / (1 - ECCENTRICITY2 * sin * sin) * per_degree,
    )


class Nearest:
    """Answers the distance to the nearest edge of ``(m, 4)`` lon, lat, lon, lat degrees, up to ``reach_m``."""

    def __init__(self, edges: Floats, reach_m: float) -> None:
        self.reach_m = reach_m
        edges = _without_wide(edges)
        self._rays = np.hstack([edges[:, :2], edges[:, 2:] - edges[:, :2]])  # where edges start, and what they add
        self._grid = EdgeGrid(edges)
        self._polar = Polar(edges)
        self._slots = np.zeros(COLUMNS * ROWS, np.int32)  # 0: never asked; n: tile n - 1
        self._starts = np.zeros((0, _CELLS + 1), np.int64)
        self._lists = np.zeros(0, np.int32)
        self._tiles = self._used = 0

    def distance(self, x: Floats, y: Floats, max_m: float) -> Floats:
        """Metres, inf beyond ``max_m`` (at most the reach)."""
        out = np.full(len(x), np.inf)
        polar = np.abs(y) > POLAR_DEG
        if polar.any():
            out[polar] = self._polar.distance(x[polar], y[polar], max_m)
        every = np.flatnonzero(~polar)
        for start in range(0, len(every), _AT_ONCE):
            plain = every[start : start + _AT_ONCE]
            px, py = x.take(plain), y.take(plain)
            some, which, edge, ends = self._candidates(px, py)
            if some.size:
                metres = self._metres(edge, which, px.take(some), py.take(some))
                least = np.minimum.reduceat(metres, np.append(0, ends[:-1]))
                out[plain.take(some)] = np.where(least <= max_m * max_m, np.sqrt(least), np.inf)
        return out

    def toward(self, x: Floats, y: Floats, max_m: float) -> Floats:
        """Metres east and north ``(n, 2)`` from each position to the nearest point of the edges, NaN beyond
        ``max_m``; along the tangent plane at the middle latitude, as the distance is.

        Beyond 78 degrees of latitude the direction is that in which the distance falls (it is off near corners)."""
        out = np.full((len(x), 2), np.nan)
        polar = np.flatnonzero(np.abs(y) > POLAR_DEG)
        if polar.size:
            out[polar] = self._downhill(x[polar], y[polar], max_m)
        plain = np.flatnonzero(np.abs(y) <= POLAR_DEG)
        px, py = x[plain], y[plain]
        some, which, edge, ends = self._candidates(px, py)
        if some.size:
            east, north = _plane_feet(self._rays.take(edge, axis=0), which, px[some], py[some], scale_at(py[some]))
            metres = east * east + north * north
            starts = np.append(0, ends[:-1])
            least = np.minimum.reduceat(metres, starts)
            first = np.flatnonzero(metres == least[which])
            first = first[np.searchsorted(which[first], np.arange(len(some)))]
            near = least <= max_m * max_m
            out[plain[some[near]]] = np.column_stack([east, north])[first[near]]
        return out

    def _downhill(self, x: Floats, y: Floats, max_m: float) -> Floats:
        here = self._polar.distance(x, y, max_m)
        east, north = (1.0 / scale for scale in metres_per_degree(y))
        steps = ((east, 0.0), (0.0, north))
        fall = [
            self._polar.distance(x - a, y - b, self.reach_m) - self._polar.distance(x + a, y + b, self.reach_m)
            for a, b in steps
        ]
        slope = np.column_stack(fall)
        with np.errstate(invalid="ignore"):  # inf - inf, beyond the reach
            slope *= (here / np.maximum(np.hypot(slope[:, 0], slope[:, 1]), 1e-300))[:, None]
        slope[~np.isfinite(here)] = np.nan
        return slope

    def _candidates(self, px: Floats, py: Floats) -> tuple[Rows, Rows, NDArray[np.int32], Rows]:
        """The positions that have candidates, and for each candidate which of those it is for, and its edge; where
        each position's candidates end."""
        column = np.minimum(((px + 180.0) * _SCALE).astype(np.int64), COLUMNS * _FINE - 1)
        row = ((py + 90.0) * _SCALE).astype(np.int64)
        tile = (row // _FINE) * COLUMNS + column // _FINE
        slot = self._slots.take(tile)
        missing = np.unique(tile[slot == 0])
        if missing.size:
            for one in missing.tolist():
                self._build(one)
            slot = self._slots.take(tile)
        cell = (row % _FINE) * _FINE + column % _FINE
        place = (slot.astype(np.int64) - 1) * (_CELLS + 1) + cell
        flat = self._starts.reshape(-1)
        start = flat.take(place)
        count = flat.take(place + 1) - start
        some = np.flatnonzero(count)
        which, nth = ragged(count[some])
        return some, which, self._lists.take(start[some][which] + nth), np.cumsum(count[some])

    def _metres(self, edge: NDArray[np.integer], which: Rows, x: Floats, y: Floats) -> Floats:
        """Squared metres from positions ``which`` of (x, y) to edges."""
        return _plane_metres(self._rays.take(edge, axis=0), which, x, y, scale_at(y))

    def _build(self, tile: int) -> None:
        """The lists of one tile."""
        row, column = divmod(tile, COLUMNS)
        edge = self._around(row, column)
        if len(edge) == 0:
            starts, lists = np.zeros(_CELLS + 1, np.int64), np.zeros(0, np.int32)
        else:
            starts, lists = self._refined(row, column, edge)
        if self._tiles == len(self._starts):
            grown = np.zeros((max(2 * self._tiles, 8), _CELLS + 1), np.int64)
            grown[: self._tiles] = self._starts[: self._tiles]
            self._starts = grown
        if self._used + len(lists) > len(self._lists):
            longer = np.zeros(2 * (self._used + len(lists)), np.int32)
            longer[: self._used] = self._lists[: self._used]
            self._lists = longer
        self._lists[self._used : self._used + len(lists)] = lists
        self._starts[self._tiles] = starts + self._used
        self._used += len(lists)
        self._tiles += 1
        self._slots[tile] = self._tiles

    def _around(self, row: int, column: int) -> Rows:
        """Edges in all raster cells within reach of a tile."""
        north = int(np.ceil(self.reach_m * _DOUBT / (STEP * 110_500.0)))
        rows = range(max(row - north, 0), min(row + north, ROWS - 1) + 1)
        lat = max(abs(rows[0] * STEP - 90.0), abs(rows[-1] * STEP + STEP - 90.0))
        wide = STEP * float(metres_per_degree(min(lat, 89.99))[0])
        east = min(int(np.ceil(self.reach_m * _DOUBT / wide)), COLUMNS // 2)
        columns = np.unique(np.arange(column - east, column + east + 1) % COLUMNS)
        return np.unique(self._grid.edges_in((np.array(rows)[:, None] * COLUMNS + columns).reshape(-1)))

    def _refined(self, row: int, column: int, edge: Rows) -> tuple[Rows, NDArray[np.int32]]:
        """From the tile's edges to the lists of its cells."""
        # one list per cell of the depth: `which` cell, `edge`
        cells = np.zeros(1, np.int64), np.zeros(1, np.int64)  # row and column within the tile
        which = np.zeros(len(edge), np.int64)
        for split in (1, 8, 8):
            if split > 1:
                parent, child = np.divmod(np.arange(len(cells[0]) * split * split), split * split)
                counts = np.bincount(which, minlength=len(cells[0]))
                starts = np.cumsum(counts) - counts
                at, nth = ragged(counts[parent])
                edge = edge[starts[parent[at]] + nth]
                which = at
                cells = (cells[0][parent] * split + child // split, cells[1][parent] * split + child % split)
            size = STEP / max(round(np.sqrt(len(cells[0]))), 1)
            y = (row * STEP - 90.0) + (cells[0] + 0.5) * size
            x = (column * STEP - 180.0) + (cells[1] + 0.5) * size
            low = np.maximum(np.abs(y) - size / 2, 0.0)  # the side nearer the equator is the wider one
            half = 0.5 * size * np.hypot(*metres_per_degree(low)) * _DOUBT
            metres = np.sqrt(self._metres(edge, which, x, y))
            least = np.full(len(x), np.inf)
            np.minimum.at(least, which, metres)
            limit = np.minimum(least + 2 * half, self.reach_m + half) * _DOUBT + 1.0
            keep = np.flatnonzero(metres <= limit[which])
            which, edge = which[keep], edge[keep]
        place = cells[0] * _FINE + cells[1]
        order = np.argsort(place[which], kind="stable")
        counts = np.bincount(place[which], minlength=_CELLS)
        return np.concatenate([[0], np.cumsum(counts)]), edge[order].astype(np.int32)


def _plane_metres(rays: Floats, which: Rows, x: Floats, y: Floats, scale: Scale) -> Floats:
    """Squared metres from each position to the nearest point of each edge."""
    ux, uy = _plane_feet(rays, which, x, y, scale)
    found: Floats = ux * ux + uy * uy
    return found


def _plane_feet(rays: Floats, which: Rows, x: Floats, y: Floats, scale: Scale) -> tuple[Floats, Floats]:
    """Metres east and north from each position to the nearest point of each edge."""
    ax, ay = rays[:, 0] - x.take(which), rays[:, 1] - y.take(which)
    dx, dy = rays[:, 2], rays[:, 3]
    if len(x) and np.abs(x).max() > 180.0 - _WIDE_DEG:
        ax -= 360.0 * np.rint((ax + dx / 2) / 360.0)
    east, north = scale.east.take(which), scale.north.take(which)
    run, rise = dx * east, dy * north
    t = (ax * east) * run
    t += (ay * north) * rise
    t /= -np.maximum(run * run + rise * rise, 1e-300)
    np.clip(t, 0.0, 1.0, out=t)
    ux, uy = ax + t * dx, ay + t * dy
    half = uy * 0.5
    ux *= east + scale.east_change.take(which) * half
    uy *= north + scale.north_change.take(which) * half
    return ux, uy


def _without_wide(edges: Floats) -> Floats:
    """Edges wider than a quarter of the map, in four pieces."""
    wide = np.abs(edges[:, 2] - edges[:, 0]) > _WIDE_DEG
    if not wide.any():
        return edges
    whole = edges[wide]
    cuts = np.linspace(0.0, 1.0, 5)
    ends = whole[:, None, :2] + cuts[:, None] * (whole[:, None, 2:] - whole[:, None, :2])
    pieces = np.concatenate([ends[:, :-1], ends[:, 1:]], axis=2).reshape(-1, 4)
    return np.ascontiguousarray(np.concatenate([edges[~wide], pieces]))
