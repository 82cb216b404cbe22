"""Rings and lines over longitude 180: found, and cut into parts that stay within -180..180."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Ring = NDArray[np.float64]


def jumps(line: Ring) -> NDArray[np.intp]:
    """Rows after which ``line (n, 2)`` changes its longitude by more than 180 degrees without meaning to.

    A closed ring that runs from -180 to 180 along the edge of the map (a polar cap drawn as RFC 7946 asks) means it.
    """
    step = np.diff(line[:, 0])
    found = np.flatnonzero(np.abs(step) > 180)
    if found.size and (np.abs(step[found]) == 360).all() and (line[0] == line[-1]).all():
        run = unwrapped(line)
        x, y = run[:, 0] - run[0, 0], run[:, 1] - run[0, 1]
        flat = abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) < 1e-9
        if run[0, 0] != run[-1, 0] or flat:  # it goes once round the pole, or only the map's edge makes it an area
            return found[:0]
    return found


def unwrapped(line: Ring) -> Ring:
    """The line with longitudes that run on past 180 instead of jumping."""
    step = np.diff(line[:, 0])
    turn = np.where(step > 180, -360.0, np.where(step < -180, 360.0, 0.0))
    return np.column_stack([line[:, 0] + np.concatenate([[0.0], np.cumsum(turn)]), line[:, 1]])


def cut_ring(ring: Ring) -> BaseGeometry:
    """The area a ring encloses, cut at longitude 180; a ring round a pole gets the pole."""
    line = unwrapped(ring)
    if line[0, 0] != line[-1, 0]:
        pole = 90.0 if line[:, 1].mean() > 0 else -90.0
        line = np.vstack([line, [[line[-1, 0], pole], [line[0, 0], pole], line[0]]])
    area = shapely.make_valid(shapely.Polygon(line))
    parts: list[BaseGeometry] = []
    for turn in _turns(line):
        window = shapely.intersection(area, shapely.box(-180 + turn, -90, 180 + turn, 90))
        parts.append(shapely.transform(window, lambda xy, turn=turn: _back(xy, turn)))  # type: ignore[misc]
    return shapely.union_all(parts)


def cut_line(line: Ring) -> list[Ring]:
    """The line in parts within -180..180, each in the direction of the whole."""
    if not jumps(line).size:
        return [line]
    run = unwrapped(line)
    parts: list[Ring] = []
    for turn in _turns(run):
        window = shapely.intersection(shapely.LineString(run), shapely.box(-180 + turn, -90, 180 + turn, 90))
        for part in shapely.get_parts(window):
            if part.geom_type == "LineString":
                parts.append(_back(shapely.get_coordinates(part), turn))
    return parts


def _turns(line: Ring) -> range:
    """Multiples of 360 whose window the line touches."""
    low, high = int(np.floor((line[:, 0].min() + 180) / 360)), int(np.ceil((line[:, 0].max() - 180) / 360))
    return range(360 * low, 360 * high + 1, 360)


def _back(xy: Ring, turn: float) -> Ring:
    x = xy[:, 0] - turn
    x = np.where(np.abs(np.abs(x) - 180) < 1e-9, np.copysign(180.0, x), x)
    return np.column_stack([x, xy[:, 1]])
