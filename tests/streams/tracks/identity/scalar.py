"""The same algebra one object at a time, with textbook matrices: slow, and nothing to get wrong."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
H = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])


def predict(mean: Floats, covariance: Floats, dt_s: float, noise: float) -> tuple[Floats, Floats]:
    """X → F x, P → F P Fᵀ + Q with Q of the step's length, mirrored for a step back."""
    f = np.eye(4)
    f[0, 2] = f[1, 3] = dt_s
    t = abs(dt_s)
    sign = 1.0 if dt_s >= 0.0 else -1.0
    q = np.zeros((4, 4))
    for place, speed in ((0, 2), (1, 3)):
        q[place, place] = noise * t**3 / 3
        q[place, speed] = q[speed, place] = sign * noise * t**2 / 2
        q[speed, speed] = noise * t
    return f @ mean, f @ covariance @ f.T + q


def correct(mean: Floats, covariance: Floats, z: Floats, r: Floats) -> tuple[Floats, Floats, float]:
    """The Kalman step by the plain formula, and the squared distance before it."""
    s = H @ covariance @ H.T + r
    gain = covariance @ H.T @ np.linalg.inv(s)
    off = z - H @ mean
    return mean + gain @ off, (np.eye(4) - gain @ H) @ covariance, float(off @ np.linalg.inv(s) @ off)


def log_normal(off: Floats, covariance: Floats) -> float:
    """Log N(off; 0, covariance) in two dimensions."""
    squared = float(off @ np.linalg.inv(covariance) @ off)
    return -0.5 * squared - math.log(2 * math.pi) - 0.5 * math.log(float(np.linalg.det(covariance)))


def spread(rng: np.random.Generator, n: int, size: int = 4) -> Floats:
    """N covariances that are no diagonal."""
    root = rng.normal(size=(n, size, size)) * np.array([20.0, 20.0, 3.0, 3.0])[:size]
    out: Floats = root @ root.transpose(0, 2, 1) + np.eye(size)
    return out
