"""Whose ground a place of the plane is: what only other sensors see begins at one owner, not at each that hears it."""

import numpy as np

from geo.sectors import sector
from streams.partitioning import Owners
from streams.surveil.plots.scene import Scene
from streams.tracks.state import Floats


class Land:
    """The ground of one owner."""

    def __init__(self, scene: Scene, owners: Owners, partition: int) -> None:
        self._scene, self._owners, self._partition = scene, owners, partition

    def is_mine(self, place_m: Floats) -> bool:
        """Whether a place (2,) lies in a sector of this owner."""
        lon, lat = self._scene.plane.to_lonlat(place_m[None])[0].tolist()
        return int(self._owners.owner_of(np.array([sector(lon, lat)], np.uint64))[0]) == self._partition
