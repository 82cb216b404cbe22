"""The unit that gets there first."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from geo.distance import distance_m
from streams.messages import Unit


class Choice(NamedTuple):
    """A unit, how far it is and how long it needs at its own speed."""

    unit_id: str
    distance_m: float
    eta_s: float


def nearest(units: Sequence[Unit], lon: float, lat: float) -> Choice | None:
    """The unit with the shortest time to a position in degrees, ties by unit id; None where none can move.

    Time is geodesic distance over the unit's speed: a lower bound for a boat that must go round land."""
    able = [unit for unit in units if unit.speed_mps > 0]
    if not able:
        return None
    lons, lats = np.array([unit.position for unit in able], np.float64).T
    distances = distance_m(lons, lats, lon, lat)
    times = distances / np.array([unit.speed_mps for unit in able], np.float64)
    best = min(range(len(able)), key=lambda number: (times[number], able[number].unit_id))
    return Choice(able[best].unit_id, float(distances[best]), float(times[best]))
