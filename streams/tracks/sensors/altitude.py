"""The height of what flies, apart from the plane: a scalar filter of height and climb for drones (ADS-B, Remote ID)."""

from typing import NamedTuple

import numpy as np

from streams.tracks.identity.filter import Floats


class Heights(NamedTuple):
    """Columns (n,): time, height m, climb m/s, and their covariance."""

    time_s: Floats
    height_m: Floats
    climb_mps: Floats
    covariance: Floats  # (n, 2, 2)


def begin(time_s: Floats, height_m: Floats, sigma_m: Floats, climb_sigma_mps: float = 5.0) -> Heights:
    """Heights known once."""
    covariance = np.zeros((len(time_s), 2, 2))
    covariance[:, 0, 0], covariance[:, 1, 1] = sigma_m**2, climb_sigma_mps**2
    return Heights(time_s.copy(), height_m.copy(), np.zeros(len(time_s)), covariance)


def at(heights: Heights, time_s: Floats, noise: float = 1.0) -> Heights:
    """The same at other times, ``noise`` m²/s³."""
    dt = time_s - heights.time_s
    step = np.zeros((len(dt), 2, 2))
    step[:, 0, 0] = step[:, 1, 1] = 1.0
    step[:, 0, 1] = dt
    covariance = step @ heights.covariance @ step.transpose(0, 2, 1)
    length = np.abs(dt)
    covariance[:, 0, 0] += noise * length**3 / 3.0
    covariance[:, 1, 1] += noise * length
    covariance[:, [0, 1], [1, 0]] += (noise * length * dt / 2.0)[:, None]
    return Heights(time_s.copy(), heights.height_m + dt * heights.climb_mps, heights.climb_mps.copy(), covariance)


def corrected(heights: Heights, time_s: Floats, height_m: Floats, sigma_m: Floats, noise: float = 1.0) -> Heights:
    """One measured height each."""
    ahead = at(heights, time_s, noise)
    off = height_m - ahead.height_m
    cross = ahead.covariance[:, :, 0]
    gain = cross / (ahead.covariance[:, 0, 0] + sigma_m**2)[:, None]
    covariance = ahead.covariance - gain[:, :, None] * cross[:, None, :]
    return Heights(
        ahead.time_s,
        ahead.height_m + gain[:, 0] * off,
        ahead.climb_mps + gain[:, 1] * off,
        0.5 * (covariance + covariance.transpose(0, 2, 1)),
    )
