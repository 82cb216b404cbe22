"""A slow oracle of distance: the nearest point of edges, searched along each edge with pyproj's geodesic."""

import numpy as np
import pyproj
from numpy.typing import NDArray

GEOD = pyproj.Geod(ellps="WGS84")


def nearest_m(edges: NDArray[np.float64], lon: float, lat: float, keep: int = 6) -> float:
    """Geodesic metres from a position to the nearest point of edges that are straight in lon, lat."""
    step = edges[:, 2:] - edges[:, :2]
    # coarse: every edge at 64 places, on a sphere, so that poles and longitude 180 are ordinary
    t = np.linspace(0, 1, 65)
    places = edges[:, None, :2] + t[:, None] * step[:, None]
    rough = np.radians(places)
    half = np.sin((rough[..., 1] - np.radians(lat)) / 2) ** 2
    half = half + np.cos(rough[..., 1]) * np.cos(np.radians(lat)) * np.sin((rough[..., 0] - np.radians(lon)) / 2) ** 2
    order = np.argsort(half.min(1))[:keep]
    best = np.inf
    for row in order.tolist():
        middle, width = float(t[half[row].argmin()]), 1 / 64
        for _ in range(5):
            tries = np.clip(np.linspace(middle - width, middle + width, 81), 0, 1)
            xy = edges[row, :2] + tries[:, None] * step[row]
            _, _, metres = GEOD.inv(np.full(81, lon), np.full(81, lat), xy[:, 0], xy[:, 1])
            middle, width = float(tries[np.argmin(metres)]), width / 20
            best = min(best, float(np.min(metres)))
    return best
