"""Where observations without a position belong: a bearing to everybody whom its camera can see, a trigger to the owner
of its footprint and to those a walker may come from.

A row has one owner, as every row has; to the others it goes as a copy, as a plot near a border does.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.sectors import sector, sectors
from sensors.columns import ObservationColumns
from sensors.extras import decode_extras
from streams.config import PlotSensor
from streams.partitioning import Owners
from streams.tracks.sharing.plane import Plane

WALK_M = 2_000.0  # between two ground sensors of one chain
_STEP_M = 4_000.0  # of the grid that is asked for owners: a sector's edge is five times as long


class Reach(NamedTuple):
    """The sector of the owner, and the other owners that are to know, ascending."""

    sector: int
    others: tuple[int, ...]


class Placeless:
    """The reach of every described sensor, worked out when it is first heard."""

    def __init__(self, sensors: Sequence[PlotSensor], owners: Owners) -> None:
        self._owners = owners
        self._cameras = {
            s.sensor_id: (s.site, s.max_range_m)
            for s in sensors
            if s.modality == "camera" and s.site is not None and s.max_range_m is not None
        }
        self._grounds = {s.sensor_id: s for s in sensors if s.modality == "ground"}
        self._known: dict[tuple[str, str], Reach] = {}

    def __bool__(self) -> bool:
        return bool(self._cameras or self._grounds)

    def of(self, rows: ObservationColumns, row: int) -> Reach | None:
        """The reach of a row, or None where its sensor is not described as one that says such things."""
        sensor_id, packed = rows.sensors[rows.sensor[row]], rows.extras.get(row)
        if packed is None or (sensor_id not in self._cameras and sensor_id not in self._grounds):
            return None
        extras = decode_extras(packed)
        if extras.bearing is not None and (camera := self._cameras.get(sensor_id)) is not None:
            return self._reach((sensor_id, ""), *camera)
        ground = self._grounds.get(sensor_id)
        ring = None if ground is None or extras.zone_id is None else ground.footprints.get(extras.zone_id)
        if ring is None or extras.zone_id is None:
            return None
        return self._reach((sensor_id, extras.zone_id), *around(ring))

    def _reach(self, key: tuple[str, str], middle: tuple[float, float], radius_m: float) -> Reach:
        found = self._known.get(key)
        if found is None:
            home = sector(*middle)
            owner = int(self._owners.owner_of(np.array([home], np.uint64))[0])
            reached = np.unique(self._owners.owner_of(sectors(_disc(middle, radius_m))))
            others = tuple(other for other in reached.tolist() if other != owner)
            found = self._known[key] = Reach(home, others)
        return found


def around(ring: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], float]:
    """The middle of a footprint, and how far from it a trigger is of interest, metres."""
    first = ring[0]
    plane = Plane(*first)
    corners = plane.to_plane(np.array(ring))
    middle = corners.mean(axis=0)
    radius_m = float(np.hypot(*(corners - middle).T).max())
    lon, lat = plane.to_lonlat(middle[None])[0].tolist()
    return (lon, lat), radius_m + WALK_M


def _disc(middle: tuple[float, float], radius_m: float) -> NDArray[np.float64]:
    """Places (n, 2) over a disc and all along its edge, lon, lat."""
    count = max(1, math.ceil(radius_m / _STEP_M))
    rings = [np.zeros((1, 2))]
    for number in range(1, count + 1):
        at_m = radius_m * number / count
        angle = np.linspace(0.0, 2.0 * np.pi, max(8, math.ceil(2.0 * np.pi * at_m / _STEP_M)), endpoint=False)
        rings.append(at_m * np.column_stack([np.sin(angle), np.cos(angle)]))
    return Plane(*middle).to_lonlat(np.concatenate(rings))
