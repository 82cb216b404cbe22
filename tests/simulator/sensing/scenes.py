"""Objects for a sensor to look at, with nothing else of a world."""

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.plane import Array
from simulator.sensing.scene import Mark, Scene, Sensor
from simulator.spec import KINDS, Kind
from simulator.traffic.body import body
from tests.simulator.small import ORIGIN, PLANE

HERE = ORIGIN


def scenes(
    start_m: Sequence[tuple[float, float]],
    *,
    seconds: int,
    velocity: Sequence[tuple[float, float]] | None = None,
    kinds: Sequence[Kind] | None = None,
) -> Iterator[Scene]:
    """Second by second: objects ``o-0``, ``o-1``, … at metres from the origin, moving in m/s; walkers by default."""
    start = np.array(start_m, np.float64).reshape(-1, 2)
    v = np.zeros_like(start) if velocity is None else np.array(velocity, np.float64)
    which = list(kinds) if kinds is not None else [Kind.WALKER] * len(start)
    crafts = [body(f"o-{i}", Kind.WALKER)._replace(kind=kind) for i, kind in enumerate(which)]
    numbers = np.array([KINDS.index(kind) for kind in which], np.int8)
    for second in range(seconds):
        t = float(second)
        yield Scene(t, 1.0, start + t * v, start + (t + 1.0) * v, numbers, crafts)


def marks(sensor: Sensor, seen: Iterator[Scene]) -> list[Mark]:
    """All measurements."""
    return [mark for scene in seen for mark in sensor.look(scene)]


def measured(found: list[Mark]) -> Array:
    """Positions ``(n, 2)`` metres."""
    return np.array([mark.xy_m for mark in found], np.float64).reshape(-1, 2)


def place(x_m: float, y_m: float) -> tuple[float, float]:
    """Lon, lat of metres east and north of the origin."""
    lon, lat = PLANE.to_lonlat(np.array([x_m, y_m])).tolist()
    return lon, lat


def square(x_m: float, y_m: float, half_m: float) -> tuple[tuple[float, float], ...]:
    """A square area about metres east and north of the origin."""
    corners = ((-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m))
    return tuple(place(x_m + dx, y_m + dy) for dx, dy in corners)
