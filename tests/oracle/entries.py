"""Entries by brute force: every vessel, every segment, every zone, with shapely alone.

An entry is a pair of consecutive fixes of one vessel of which the first lies outside the zone and the second inside
(``covers``: the border belongs to the zone), or two outside ones whose connecting line meets it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry


class Fix(NamedTuple):
    """One position of one vessel; ``time_us`` since 1970 UTC."""

    time_us: int
    lon: float
    lat: float


class Entry(NamedTuple):
    """One entry, named by the fix that shows it."""

    vessel: str
    zone_id: str
    time_us: int
    passed_through: bool
    gap_s: float


def entries(fixes: Mapping[str, Sequence[Fix]], zones: Mapping[str, BaseGeometry]) -> Iterable[Entry]:
    """Every entry of every vessel, in the order of vessels, zones and time."""
    for geometry in zones.values():
        shapely.prepare(geometry)
    for vessel, unsorted in fixes.items():
        ordered = sorted(unsorted)
        points = shapely.points([[fix.lon, fix.lat] for fix in ordered])
        for zone_id, geometry in zones.items():
            inside = shapely.covers(geometry, points)
            for i in range(len(ordered) - 1):
                if inside[i]:
                    continue
                a, b = ordered[i], ordered[i + 1]
                through = not inside[i + 1] and shapely.intersects(
                    geometry, shapely.LineString([(a.lon, a.lat), (b.lon, b.lat)])
                )
                if inside[i + 1] or through:
                    yield Entry(vessel, zone_id, b.time_us, bool(through), (b.time_us - a.time_us) / 1e6)
