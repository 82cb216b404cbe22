"""The Kalman algebra of constant velocity over many objects at once: predict, correct, likelihood."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Ids = NDArray[np.uint64]  # of tracks

LOG_TWO_PI = math.log(2.0 * math.pi)


class Corrected(NamedTuple):
    """States after one position each, and how well the positions fitted."""

    mean: Floats  # (n, 4)
    covariance: Floats  # (n, 4, 4)
    distance2: Floats  # (n,) squared Mahalanobis distance of the position before the correction


def predict(mean: Floats, covariance: Floats, dt_s: Floats, noise: Floats | float) -> tuple[Floats, Floats]:
    """States ``(n, 4)`` x, y, vx, vy (m, m/s) moved by ``dt_s`` (n,), either way; ``noise`` m²/s³.

    White-noise acceleration (Bar-Shalom, Li, Kirubarajan 2001, eq. 6.2.2-12); a step back adds its noise too, because
    the state at the earlier time is known no better than at the later one.
    """
    n = len(mean)
    step = np.zeros((n, 4, 4))
    step[:, [0, 1, 2, 3], [0, 1, 2, 3]] = 1.0
    step[:, 0, 2] = step[:, 1, 3] = dt_s
    length = np.abs(dt_s)
    q = np.broadcast_to(np.asarray(noise, np.float64), (n,))
    out = step @ covariance @ step.transpose(0, 2, 1)
    for place, speed in ((0, 2), (1, 3)):
        out[:, place, place] += q * length**3 / 3.0
        cross = q * length * dt_s / 2.0
        out[:, place, speed] += cross
        out[:, speed, place] += cross
        out[:, speed, speed] += q * length
    return np.einsum("nij,nj->ni", step, mean), out


def inverse2(matrix: Floats) -> tuple[Floats, Floats]:
    """Inverses and determinants of symmetric ``(n, 2, 2)`` matrices, in closed form."""
    a, b, d = matrix[:, 0, 0], matrix[:, 0, 1], matrix[:, 1, 1]
    determinant = a * d - b * b
    out = np.empty_like(matrix)
    out[:, 0, 0], out[:, 1, 1] = d / determinant, a / determinant
    out[:, 0, 1] = out[:, 1, 0] = -b / determinant
    return out, determinant


def distance2(offset: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Squared Mahalanobis lengths of offsets ``(n, 2)`` under ``(n, 2, 2)``, and their normal log densities."""
    inverse, determinant = inverse2(covariance)
    squared = np.einsum("ni,nij,nj->n", offset, inverse, offset)
    return squared, -0.5 * squared - LOG_TWO_PI - 0.5 * np.log(determinant)


def correct(mean: Floats, covariance: Floats, position_m: Floats, noise_m2: Floats) -> Corrected:
    """Correct states by one position ``(n, 2)`` each with covariance ``(n, 2, 2)`` m²; Joseph form, stays symmetric."""
    innovation = position_m - mean[:, :2]
    inverse, _ = inverse2(covariance[:, :2, :2] + noise_m2)
    squared = np.einsum("ni,nij,nj->n", innovation, inverse, innovation)
    gain = covariance[:, :, :2] @ inverse
    keep = np.broadcast_to(np.eye(4), covariance.shape).copy()
    keep[:, :, :2] -= gain
    after = keep @ covariance @ keep.transpose(0, 2, 1) + gain @ noise_m2 @ gain.transpose(0, 2, 1)
    after = 0.5 * (after + after.transpose(0, 2, 1))
    return Corrected(mean + np.einsum("nij,nj->ni", gain, innovation), after, squared)
