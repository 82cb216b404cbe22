"""A slow oracle of distance: the nearest point of edges, searched along each edge with pyproj's geodesic."""

import numpy as np
import pyproj
from numpy.typing import NDArray

GEOD = pyproj.Geod(ellps="WGS84")


def nearest_m(edges: NDArray[np.float64], lon: float, lat: float, keep: int = 60) -> float:
    """Geodesic metres from a position to the nearest point of edges that are straight in lon, lat."""
    step = edges[:, 2:] - edges[:, :2]
    # coarse: every edge at 64 places, on a sphere, so that poles and longitude 180 are ordinary
    t = np.linspace(0, 1, 65)
    places = edges[:, None, :2] + t[:, None] * step[:, None]
    rough = np.radians(places)
    half = np.sin((rough[..., 1] - np.radians(lat)) / 2) ** 2
    half = half + np.cos(rough[..., 1]) * np.cos(np.radians(lat)) * np.sin((rough[..., 0] - np.radians(lon)) / 2) ** 2
    metres = 2 * 6_371_009 * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    length = metres_between(edges)
    # a sphere is off by up to 0.7 % between directions, and a place by up to half the step between places
    least = metres.min(1) - length / 128
    order = np.argsort(metres.min(1))
    order = order[least[order] <= metres.min() * 1.015 + 0.01][:keep]
    best = np.inf
    for row in order.tolist():
        # so is the place of the foot, which on a short edge is many of its steps
        width = min(1.0, 1 / 64 + 0.015 * float(metres[row].min()) / max(float(length[row]), 1e-3))
        middle = float(t[metres[row].argmin()])
        while width * length[row] > 1e-4:
            tries = np.clip(np.linspace(middle - width, middle + width, 41), 0, 1)
            xy = edges[row, :2] + tries[:, None] * step[row]
            _, _, away = GEOD.inv(np.full(41, lon), np.full(41, lat), xy[:, 0], xy[:, 1])
            middle, width = float(tries[np.argmin(away)]), width / 10
            best = min(best, float(np.min(away)))
            if best == 0.0:
                break
    return best


def metres_between(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rough length of edges, never too short by more than 1 %."""
    east = np.cos(np.radians(np.minimum(np.abs(edges[:, 1]), np.abs(edges[:, 3])))) * 111_320
    found: NDArray[np.float64] = np.hypot((edges[:, 2] - edges[:, 0]) * east, (edges[:, 3] - edges[:, 1]) * 111_320)
    return found
