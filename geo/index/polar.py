"""Distance near the poles, where degrees of longitude mean nothing: straight lines through the earth.

Edges are cut so short that their chords stay within millimetres of the edge, and distances of up to a few kilometres
along a chord equal those along the ground within a millimetre.
"""

import numpy as np
from numpy.typing import NDArray

from geo.distance import ECCENTRICITY2, EQUATOR_M
from geo.index.grid import ragged
from geo.orientation import Floats

POLAR_DEG = 78.0
_PIECE_DEG = 0.001  # at most 111 m; its chord is 2 mm off the edge at 80 degrees
_AT_ONCE = 64


class Polar:
    """The edges beyond 77 degrees, as chords in order of latitude."""

    def __init__(self, edges: Floats) -> None:
        near = edges[np.maximum(np.abs(edges[:, 1]), np.abs(edges[:, 3])) > POLAR_DEG - 1.0]
        step = near[:, 2:] - near[:, :2]
        count = np.maximum(np.ceil(np.abs(step).max(1, initial=0.0) / _PIECE_DEG), 1).astype(np.int64)
        which, nth = ragged(count)
        start = near[which, :2] + step[which] * (nth / count[which])[:, None]
        end = near[which, :2] + step[which] * ((nth + 1) / count[which])[:, None]
        order = np.argsort(start[:, 1], kind="stable")
        self._lat = start[order, 1]
        self._from = earth_centred(start[order])
        self._along = earth_centred(end[order]) - self._from
        self._length2 = np.maximum((self._along**2).sum(1), 1e-300)

    def distance(self, x: Floats, y: Floats, max_m: float) -> Floats:
        """Metres to the nearest edge, inf beyond ``max_m``."""
        out = np.full(len(x), np.inf)
        order = np.argsort(y, kind="stable")
        reach = max_m / 111_000.0 + 2 * _PIECE_DEG  # degrees of latitude, which are 111.6 km here
        for start in range(0, len(x), _AT_ONCE):
            part = order[start : start + _AT_ONCE]
            low, high = np.searchsorted(self._lat, [y[part[0]] - reach, y[part[-1]] + reach]).tolist()
            if low == high:
                continue
            along, length2 = self._along[low:high], self._length2[low:high]
            toward = earth_centred(np.column_stack([x[part], y[part]]))[:, None] - self._from[low:high]
            t = np.clip((toward * along).sum(2) / length2, 0.0, 1.0)
            least = np.sqrt(((toward - t[:, :, None] * along) ** 2).sum(2).min(1))
            out[part] = np.where(least <= max_m, least, np.inf)
        return out


def earth_centred(lonlat: Floats) -> NDArray[np.float64]:
    """Earth-centred metres ``(n, 3)`` of positions ``(n, 2)`` on the WGS-84 ellipsoid."""
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    sin, cos = np.sin(lat), np.cos(lat)
    prime = EQUATOR_M / np.sqrt(1 - ECCENTRICITY2 * sin * sin)
    return np.column_stack([prime * cos * np.cos(lon), prime * cos * np.sin(lon), prime * (1 - ECCENTRICITY2) * sin])
