"""Cores of any shape: polygons in a plane, each with its owner."""

from collections.abc import Mapping

import shapely
from shapely.geometry.base import BaseGeometry


class Polygons:
    """Polygons in metres by owner. On a shared border the smaller owner has it, outside all of them the nearest."""

    def __init__(self, areas: Mapping[int, BaseGeometry]) -> None:
        """``areas``: one shape per owner; raises ValueError where there is none."""
        if not areas:
            raise ValueError("a ground needs at least one owner")
        self._areas = dict(sorted(areas.items()))
        for area in self._areas.values():
            shapely.prepare(area)

    def owner(self, x_m: float, y_m: float) -> int:
        """The owner of a place."""
        return min(self._areas, key=lambda owner: (self.outside_m(x_m, y_m, owner), owner))

    def outside_m(self, x_m: float, y_m: float, owner: int) -> float:
        """Distance to the owner's core."""
        return float(shapely.distance(self._areas[owner], shapely.Point(x_m, y_m)))

    def near(self, x_m: float, y_m: float, margin_m: float) -> tuple[int, ...]:
        """All owners within the margin, and the owner itself."""
        mine = self.owner(x_m, y_m)
        return tuple(o for o in self._areas if o == mine or self.outside_m(x_m, y_m, o) <= margin_m)
