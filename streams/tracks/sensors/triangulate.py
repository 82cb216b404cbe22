"""Two cameras that see one thing make a plot: where their bearings meet, with the covariance that follows."""

import math
from typing import NamedTuple

import numpy as np

from streams.tracks.identity.filter import Bools, Floats, inverse2

LEAST_CROSSING_RAD = math.radians(20.0)  # below it the meeting point slides along the bearings
LONGEST_M = 20_000.0


class Fixes(NamedTuple):
    """Meeting points (n, 2), covariances (n, 2, 2), and where the two bearings do meet, ahead and steeply enough."""

    position_m: Floats
    covariance: Floats
    good: Bools


def triangulate(
    one_m: Floats, one_rad: Floats, one_sigma: Floats, other_m: Floats, other_rad: Floats, other_sigma: Floats
) -> Fixes:
    """Bearings ``(n,)`` clockwise from north of cameras ``(n, 2)``, pair by pair.

    With unit vectors u along the bearings, the ranges solve ``r1 u1 - r2 u2 = other - one``. To first order a bearing
    moves the point by ``r σ`` across itself, so the covariance is that of two lines: ``(Σ n nᵀ / (r σ)²)⁻¹``.
    """
    u1 = np.stack([np.sin(one_rad), np.cos(one_rad)], axis=1)
    u2 = np.stack([np.sin(other_rad), np.cos(other_rad)], axis=1)
    base = other_m - one_m
    cross = u1[:, 0] * u2[:, 1] - u1[:, 1] * u2[:, 0]
    steep = np.abs(cross) > math.sin(LEAST_CROSSING_RAD)
    safe = np.where(steep, cross, 1.0)
    r1 = (base[:, 0] * u2[:, 1] - base[:, 1] * u2[:, 0]) / safe
    r2 = (base[:, 0] * u1[:, 1] - base[:, 1] * u1[:, 0]) / safe
    good = steep & (r1 > 1.0) & (r2 > 1.0) & (r1 < LONGEST_M) & (r2 < LONGEST_M)
    information = np.zeros((len(cross), 2, 2))
    for u, r, sigma in ((u1, r1, one_sigma), (u2, r2, other_sigma)):
        across = np.stack([u[:, 1], -u[:, 0]], axis=1)
        weight = 1.0 / np.square(np.where(good, r, 1.0) * sigma)
        information += weight[:, None, None] * across[:, :, None] * across[:, None, :]
    information[~good] = np.eye(2)
    covariance: Floats = inverse2(information)[0]
    return Fixes(one_m + r1[:, None] * u1, covariance, good)
