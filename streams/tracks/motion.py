"""Constant velocity with white acceleration, for many states at once, and the Kalman update with a position.

A state is a column of 14 numbers: mean x, y, vx, vy, then the ten different covariances in an order that lets whole
blocks be sliced: xx, yy, xy | x·vx, y·vy, x·vy, y·vx | vx·vx, vy·vy, vx·vy. Arrays are (..., 14, k)."""

from typing import Final, NamedTuple

import numpy as np

from streams.tracks.state import Floats, Indices

ROWS: Final = 14
POSITION, VELOCITY = slice(0, 2), slice(2, 4)
POSITION_COVARIANCE, CROSS_COVARIANCE, VELOCITY_COVARIANCE = slice(4, 7), slice(7, 11), slice(11, 14)
MEAN, COVARIANCE = slice(0, 4), slice(4, 14)

# Of each covariance row, the two state elements it belongs to.
FIRST: Final[Indices] = np.array([0, 1, 0, 0, 1, 0, 1, 2, 3, 2])
SECOND: Final[Indices] = np.array([0, 1, 1, 2, 3, 3, 2, 2, 3, 3])
# Rows with the covariance of x, y, vx, vy with x, and with y.
_WITH_X: Final[Indices] = np.array([4, 6, 7, 9])
_WITH_Y: Final[Indices] = np.array([6, 5, 10, 8])

_TWO_PI: Final = 2.0 * np.pi


def predict(state: Floats, dt_s: Floats, noise: Floats | float) -> Floats:
    """``state`` (..., 14, k) moved by ``dt_s`` (k,), which may be negative; ``noise`` power of the acceleration in
    m²/s³, broadcast against (..., k); 0 where no uncertainty is to be added (a late plot).

    White-noise acceleration: Bar-Shalom, Li, Kirubarajan (2001), eq. 6.2.2-12."""
    moved: Floats = state.copy()
    moved[..., POSITION, :] += dt_s * state[..., VELOCITY, :]
    cross = moved[..., CROSS_COVARIANCE, :]
    step = dt_s * state[..., VELOCITY_COVARIANCE, :]
    cross[..., 0:3, :] += step
    cross[..., 3, :] += step[..., 2, :]
    grown = cross + state[..., CROSS_COVARIANCE, :]  # the mean of old and new, twice: the integral of a line
    grown *= dt_s
    moved[..., 4:6, :] += grown[..., 0:2, :]
    grown[..., 2, :] += grown[..., 3, :]
    grown[..., 2, :] *= 0.5
    moved[..., 6, :] += grown[..., 2, :]
    q1 = noise * dt_s
    q2 = q1 * (0.5 * dt_s)
    q3 = q2 * (dt_s * (2.0 / 3.0))
    moved[..., 4:6, :] += q3[..., None, :]
    moved[..., 7:9, :] += q2[..., None, :]
    moved[..., 11:13, :] += q1[..., None, :]
    return moved


class Innovation(NamedTuple):
    """How plots differ from where their tracks were expected: ``correction`` (5, ..., k) the difference in x and y and
    the inverse of its covariance, xx, xy, yy · squared Mahalanobis ``distance``, ``likelihood`` in 1/m² (..., k)."""

    correction: Floats
    distance: Floats
    likelihood: Floats


def innovation(expected: Floats, x_m: Floats, y_m: Floats, xx_m2: Floats, xy_m2: Floats, yy_m2: Floats) -> Innovation:
    """Plots (k,) with their covariances against ``expected`` (..., 14, k)."""
    s_xx = expected[..., 4, :] + xx_m2
    s_yy = expected[..., 5, :] + yy_m2
    s_xy = expected[..., 6, :] + xy_m2
    scale = 1.0 / (s_xx * s_yy - s_xy * s_xy)
    correction = np.empty((5, *s_xx.shape))
    dx, dy, i_xx, i_xy, i_yy = correction
    np.subtract(x_m, expected[..., 0, :], out=dx)
    np.subtract(y_m, expected[..., 1, :], out=dy)
    np.multiply(s_yy, scale, out=i_xx)
    np.multiply(s_xy, -scale, out=i_xy)
    np.multiply(s_xx, scale, out=i_yy)
    distance = dx * (dx * i_xx + 2.0 * (dy * i_xy)) + dy * dy * i_yy
    return Innovation(correction, distance, np.exp(-0.5 * distance) * np.sqrt(scale) * (1.0 / _TWO_PI))


def update(expected: Floats, correction: Floats) -> Floats:
    """``expected`` (..., 14, k) corrected in place by the plots of an :class:`Innovation`, and returned."""
    dx, dy, i_xx, i_xy, i_yy = correction[..., None, :]
    with_x, with_y = expected.take(_WITH_X, axis=-2), expected.take(_WITH_Y, axis=-2)
    gain_x = with_x * i_xx + with_y * i_xy
    gain_y = with_x * i_xy + with_y * i_yy
    expected[..., MEAN, :] += gain_x * dx + gain_y * dy
    known = gain_x.take(FIRST, axis=-2)
    known *= with_x.take(SECOND, axis=-2)
    more = gain_y.take(FIRST, axis=-2)
    more *= with_y.take(SECOND, axis=-2)
    known += more
    expected[..., COVARIANCE, :] -= known
    return expected
