"""Zones drawn in metres about a place, and the chance to be inside them by drawing lots."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.distance import metres_per_degree
from geo.fence import Fence
from geo.zones import Zone, ZoneId, ZoneKind, ZoneSet

Floats = NDArray[np.float64]
LON, LAT = 5.0, 52.0
EAST, NORTH = (float(scale) for scale in metres_per_degree(LAT))

HOOK = [(0, 0), (60, 0), (60, 50), (20, 20), (0, 50)]
SLIVER = [(0, 0), (1000, 0), (1000, 5), (0, 6)]
COAST = [(0, 0), (40_000, 0), (40_000, 30_000), (0, 30_000)]


def place(metres: Sequence[tuple[float, float]] | Floats) -> Floats:
    """Lon, lat ``(n, 2)`` of metres east, north of the origin."""
    return np.asarray(metres, float) / [EAST, NORTH] + [LON, LAT]


def polygon(metres: Sequence[tuple[float, float]], *holes: Sequence[tuple[float, float]]) -> shapely.Polygon:
    """A polygon drawn in metres."""
    return shapely.Polygon(place(metres), [place(hole) for hole in holes])


def fence_of(geometry: BaseGeometry, accuracy_m: float = 0.0, *ports: BaseGeometry) -> Fence:
    """A fence with one territory, ``z``, and ports of entry."""
    zones = [Zone(ZoneId("z"), ZoneKind.TERRITORY, "z", geometry, accuracy_m=accuracy_m)]
    zones += [Zone(ZoneId(f"p{n}"), ZoneKind.PORT_OF_ENTRY, "p", port) for n, port in enumerate(ports)]
    return Fence(ZoneSet(tuple(zones)))


def chance(fence: Fence, metres: tuple[float, float], covariance: Floats) -> float:
    """The chance to be inside ``z``."""
    return float(fence.inside_chance(place([metres]), covariance[None], "z")[0])


def by_lot(geometry: BaseGeometry, metres: tuple[float, float], covariance: Floats, draws: int, seed: int) -> float:
    """The same by Monte Carlo."""
    rng = np.random.default_rng(seed)
    lots = place(rng.multivariate_normal(metres, covariance, draws))
    return float(shapely.intersects_xy(geometry, lots[:, 0], lots[:, 1]).mean())


def by_integration(geometry: BaseGeometry, metres: tuple[float, float], sigma_m: float, cells: int = 701) -> float:
    """The same by adding up a fine grid of cells, for equal errors on both axes."""
    edge = np.linspace(-6, 6, cells + 1)
    middle = (edge[1:] + edge[:-1]) / 2
    weight = np.exp(-middle * middle / 2)
    weight /= weight.sum()
    x, y = np.meshgrid(middle * sigma_m + metres[0], middle * sigma_m + metres[1])
    spots = place(np.column_stack([x.ravel(), y.ravel()]))
    inside = shapely.intersects_xy(geometry, spots[:, 0], spots[:, 1]).reshape(x.shape)
    return float((inside * np.outer(weight, weight)).sum())
