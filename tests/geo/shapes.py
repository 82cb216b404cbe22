"""Zones for the tests: made from a seed, with every kind of place that geometry code gets wrong."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.zones import Zone, ZoneId, ZoneKind, ZoneSet

Points = NDArray[np.float64]


def star(rng: np.random.Generator, lon: float, lat: float, radius: float, corners: int) -> shapely.Polygon:
    """A simple polygon round a centre, degrees; rough like a coast."""
    angle = np.sort(rng.random(corners)) * 2 * np.pi
    reach = radius * rng.uniform(0.4, 1.0, corners)
    x, y = lon + reach * np.cos(angle), lat + reach * np.sin(angle)
    return shapely.Polygon(np.column_stack([np.clip(x, -180, 180), np.clip(y, -90, 90)]))


def zone(zone_id: str, geometry: BaseGeometry, kind: ZoneKind = ZoneKind.TERRITORY) -> Zone:
    """A zone with nothing but what is required."""
    return Zone(ZoneId(zone_id), kind, zone_id, geometry)


def overlapping_world(seed: int, count: int = 30, corners: int = 24) -> ZoneSet:
    """Stars that overlap, two countries that share a border exactly, a square on cell lines, one with a hole."""
    rng = np.random.default_rng(seed)
    zones = [
        zone(f"star{i:02}", polygon, ZoneKind.EXCLUSION)
        for i in range(count)
        if (polygon := star(rng, rng.uniform(-20, 20), rng.uniform(-15, 15), rng.uniform(0.2, 6.0), corners)).is_valid
    ]
    coast = np.column_stack([np.linspace(5, 6, 40), 2 + rng.uniform(0, 0.3, 40)])
    zones.append(zone("north", shapely.Polygon(np.vstack([coast, [[6, 4], [5, 4]]]))))
    zones.append(zone("south", shapely.Polygon(np.vstack([coast[::-1], [[5, 0], [6, 0]]]))))
    zones.append(zone("square", shapely.box(-0.703125, -0.703125, 0.703125, 0.703125), ZoneKind.PROTECTED))
    hole = shapely.Polygon(shapely.box(10, 10, 14, 14).exterior, [shapely.box(11, 11, 12, 12).exterior])
    zones.append(zone("holed", hole, ZoneKind.ANCHORAGE))
    return ZoneSet(tuple(zones))


def edge_world() -> ZoneSet:
    """Zones at the antimeridian (both halves of one country, cut as RFC 7946 asks) and round both poles."""
    cut = shapely.MultiPolygon([shapely.box(178, -20, 180, -10), shapely.box(-180, -20, -177, -10)])
    north = shapely.box(-180, 80, 180, 90)
    south = shapely.Polygon([(-180, -90), (180, -90), (180, -70), (0, -65), (-180, -70)])
    return ZoneSet((zone("cut", cut), zone("north", north), zone("south", south)))


def corners_of(zones: Sequence[Zone]) -> Points:
    """Every vertex of every zone."""
    return np.vstack([shapely.get_coordinates(item.geometry) for item in zones])


def hard_points(zones: ZoneSet, seed: int, count: int) -> Points:
    """Positions on vertices, middles of edges, rounded on edges, an ulp and 1e-9 degrees off, level with vertices."""
    rng = np.random.default_rng(seed)
    xy = corners_of(zones.areas)
    at = rng.integers(0, len(xy) - 1, count)
    here, there = xy[at], xy[at + 1]
    part = rng.random((count, 1))
    on = here + part * (there - here)
    jitter = rng.normal(size=(count, 2))
    level = np.column_stack([here[:, 0] + rng.normal(0, 0.5, count), here[:, 1]])
    points = np.vstack(
        [
            here,
            (here + there) / 2,
            on,
            np.nextafter(on, on + np.sign(jitter)),
            on + 1e-9 * jitter,
            on + 1e-3 * jitter,
            level,
        ]
    )
    return np.column_stack([np.clip(points[:, 0], -180, 180), np.clip(points[:, 1], -90, 90)])


def covering(zones: ZoneSet, points: Points) -> list[tuple[str, ...]]:
    """The oracle: shapely's ``covers``, zone by zone, point by point; ports of entry taken out of territories."""
    made = shapely.points(points)
    inside = {item.zone_id: np.atleast_1d(shapely.covers(item.geometry, made)) for item in zones.areas}
    found: list[tuple[str, ...]] = []
    for row in range(len(points)):
        held = [name for name, mask in inside.items() if mask[row]]
        if any(zones.by_id[name].kind is ZoneKind.PORT_OF_ENTRY for name in held):
            held = [name for name in held if zones.by_id[name].kind is not ZoneKind.TERRITORY]
        found.append(tuple(sorted(held)))
    return found
