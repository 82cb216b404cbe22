"""Metres from positions to outlines, right at the poles and the antimeridian too: straight lines through the earth.

Edges are cut so short (0.05 degrees) that their chords stay within 2 m of them; a distance of some tens of kilometres
along a chord equals that along the ground within 1 in 1,000,000.
"""

import numpy as np

from geo.index.grid import ragged
from geo.index.polar import earth_centred
from geo.orientation import Floats

_PIECE_DEG = 0.05
_PIECES = 8  # of an arc
_AT_ONCE = 1_000_000  # numbers of temporary arrays


class Chords:
    """Edges ``(m, 4)`` lon, lat, lon, lat degrees; every position is measured to every piece of them."""

    def __init__(self, edges: Floats) -> None:
        step = edges[:, 2:] - edges[:, :2]
        count = np.maximum(np.ceil(np.abs(step).max(1, initial=0.0) / _PIECE_DEG), 1).astype(np.int64)
        which, nth = ragged(count)
        start = edges[which, :2] + step[which] * (nth / count[which])[:, None]
        end = edges[which, :2] + step[which] * ((nth + 1) / count[which])[:, None]
        self._join(earth_centred(start), earth_centred(end))

    @classmethod
    def of_arcs(cls, lonlat: Floats) -> "Chords":
        """The outline whose corners ``(m, 2)`` are joined by great circles, up to some tens of kilometres each."""
        found = cls(np.empty((0, 4)))
        corner = earth_centred(lonlat)
        share = np.linspace(0.0, 1.0, _PIECES + 1)[:, None, None]
        places = corner + share * (np.roll(corner, -1, axis=0) - corner)
        height = np.linalg.norm(corner, axis=1)  # a chord of 23 km is 10 m below the ground in its middle: lift it
        height = height + share[:, :, 0] * (np.roll(height, -1) - height)
        places *= (height / np.linalg.norm(places, axis=2))[:, :, None]
        found._join(places[:-1].reshape(-1, 3), places[1:].reshape(-1, 3))
        return found

    def _join(self, start: Floats, end: Floats) -> None:
        self._from = start
        self._along = end - start
        self._length2 = np.maximum((self._along**2).sum(1), 1e-300)

    def distance_m(self, lonlat: Floats) -> Floats:
        """Metres to the nearest edge, shape ``(n,)``; inf where there are no edges."""
        found = np.full(len(lonlat), np.inf)
        if not len(self._from):
            return found
        places = earth_centred(lonlat)
        size = max(_AT_ONCE // (3 * len(self._from)), 1)
        for first in range(0, len(places), size):
            toward = places[first : first + size, None] - self._from
            t = np.clip((toward * self._along).sum(2) / self._length2, 0.0, 1.0)
            toward -= t[:, :, None] * self._along
            found[first : first + size] = np.sqrt((toward * toward).sum(2).min(1))
        return found
