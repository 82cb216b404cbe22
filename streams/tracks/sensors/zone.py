"""A ground sensor's footprint: its moments, and how likely a track is inside it."""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from streams.tracks.identity.filter import Bools, Floats

_SLICES = 32
_NODES = [NormalDist().inv_cdf((slice_ + 0.5) / _SLICES) for slice_ in range(_SLICES)]
_GRID = np.stack([axis.ravel() for axis in np.meshgrid(_NODES, _NODES)], axis=1)


class Footprint(NamedTuple):
    """A polygon with its centre (2,) and the covariance (2, 2) of an even distribution over it."""

    ring_m: Floats  # (k, 2) corners, not closed
    centre_m: Floats
    covariance: Floats


def footprint(ring_m: Floats) -> Footprint:
    """The moments of a simple polygon ``(k, 2)`` by Green's theorem; raises ValueError where it has no area."""
    shift = ring_m.mean(axis=0)
    x, y = (ring_m - shift).T
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    wedge = x * y2 - x2 * y
    area = wedge.sum() / 2.0
    if abs(area) < 1e-9:
        raise ValueError("a footprint needs an area")
    cx, cy = ((x + x2) * wedge).sum() / (6.0 * area), ((y + y2) * wedge).sum() / (6.0 * area)
    xx = ((x * x + x * x2 + x2 * x2) * wedge).sum() / (12.0 * area) - cx * cx
    yy = ((y * y + y * y2 + y2 * y2) * wedge).sum() / (12.0 * area) - cy * cy
    xy = ((x * y2 + 2.0 * x * y + 2.0 * x2 * y2 + x2 * y) * wedge).sum() / (24.0 * area) - cx * cy
    return Footprint(ring_m, shift + np.array([cx, cy]), np.array([[xx, xy], [xy, yy]]))


def inside(ring_m: Floats, points_m: Floats) -> Bools:
    """Which points ``(..., 2)`` lie in a polygon (even-odd)."""
    x, y = points_m[..., 0, None], points_m[..., 1, None]
    one, other = ring_m, np.roll(ring_m, -1, axis=0)
    spans = (one[:, 1] > y) != (other[:, 1] > y)
    rise = np.where(other[:, 1] == one[:, 1], 1.0, other[:, 1] - one[:, 1])
    at = one[:, 0] + (y - one[:, 1]) / rise * (other[:, 0] - one[:, 0])
    out: Bools = (spans & (x < at)).sum(axis=-1) % 2 == 1
    return out


def presence(zone: Footprint, position_m: Floats, covariance: Floats) -> Floats:
    """The probability that each of n positions (n, 2), (n, 2, 2) is in the zone; by 1,024 equally likely points.

    A quadrature with few points would do for a smooth function; the edges of a narrow zone fall between them.
    """
    root = np.linalg.cholesky(covariance)
    points = position_m[:, None, :] + np.einsum("nij,kj->nki", root, _GRID)
    within: Floats = inside(zone.ring_m, points).mean(axis=1)
    return within


def reaches(zone: Footprint, position_m: Floats, covariance: Floats, sigmas: float = 2.0) -> Bools:
    """Whether the ``sigmas`` ellipse of each position meets the zone: the distance to the polygon in whitened space."""
    white = np.linalg.inv(np.linalg.cholesky(covariance))
    ring = np.einsum("nij,nkj->nki", white, zone.ring_m[None, :, :] - position_m[:, None, :])
    edge = np.roll(ring, -1, axis=1) - ring
    length2 = np.maximum((edge**2).sum(axis=2), 1e-30)
    share = np.clip(-(ring * edge).sum(axis=2) / length2, 0.0, 1.0)
    nearest = ((ring + share[:, :, None] * edge) ** 2).sum(axis=2).min(axis=1)
    out: Bools = inside(zone.ring_m, position_m) | (nearest <= sigmas**2)
    return out
