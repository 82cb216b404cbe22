"""Constant velocity with white acceleration, for many states at once, and the Kalman update with a position.

A state is a column of 14 numbers: mean x, y, vx, vy, then the ten different covariances in an order that lets whole
blocks be sliced: xx, yy, xy | x·vx, y·vy, x·vy, y·vx | vx·vx, vy·vy, vx·vy. Arrays are (14, ..., k): a block of rows
lies in one piece, and numpy takes a third of the time over operands of one shape in one piece."""

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
# Rows with the covariance of x, y, vx, vy with x, then with y; and with the other of the two.
_WITH: Final[Indices] = np.array([4, 6, 7, 9, 6, 5, 10, 8])
_WITH_OTHER: Final[Indices] = np.array([6, 5, 10, 8, 4, 6, 7, 9])
# Which row of a correction each of these is multiplied by: spread out so, numpy need not broadcast.
_TOWARDS: Final[Indices] = np.array([0, 0, 0, 0, 1, 1, 1, 1])
_INVERSE: Final[Indices] = _TOWARDS + 2
_ACROSS: Final[Indices] = np.full(8, 4)

_TWO_PI: Final = 2.0 * np.pi


def predict(state: Floats, dt_s: Floats, noise: Floats | float) -> Floats:
    """``state`` (14, ..., k) moved by ``dt_s`` (k,), which may be negative; ``noise`` power of the acceleration in
    m²/s³, broadcast against (..., k); 0 where no uncertainty is to be added (a late plot).

    White-noise acceleration: Bar-Shalom, Li, Kirubarajan (2001), eq. 6.2.2-12."""
    moved: Floats = state.copy()
    dt = np.empty((3, *state.shape[1:]))
    dt[...] = dt_s
    moved[POSITION] += dt[0:2] * state[VELOCITY]
    step = dt * state[VELOCITY_COVARIANCE]
    moved[7:10] += step
    moved[10] += step[2]
    grown = moved[7:9] + state[7:9]  # the mean of old and new, twice: the integral of a line
    grown *= dt[0:2]
    moved[4:6] += grown
    moved[6] += dt[0] * (moved[9] + state[10])
    q = noise * dt[0:2]
    moved[11:13] += q
    half = 0.5 * dt[0:2]
    q *= half
    moved[7:9] += q
    half *= 4.0 / 3.0
    q *= half
    moved[4:6] += q
    return moved


class Innovation(NamedTuple):
    """How plots differ from where their tracks were expected: ``correction`` (5, ..., k) the difference in x and y
    divided by its covariance, and the inverse of that, xx, yy, xy · squared Mahalanobis ``distance``, ``likelihood``
    in 1/m² (..., k)."""

    correction: Floats
    distance: Floats
    likelihood: Floats


def innovation(expected: Floats, plots: Floats) -> Innovation:
    """``plots`` (5, k): x, y and their covariance xx, yy, xy, against ``expected`` (14, ..., k)."""
    told = np.empty((5, *expected.shape[1:]))
    told[...] = plots if expected.ndim == 2 else plots[:, None]
    away = told[0:2] - expected[POSITION]
    spread = told[2:5] + expected[POSITION_COVARIANCE]
    cross = spread[2]
    scale = 1.0 / (spread[0] * spread[1] - cross * cross)
    correction = told  # its room is free now
    towards, inverse, across = correction[0:2], correction[2:4], correction[4]
    np.multiply(spread[1], scale, out=inverse[0])
    np.multiply(spread[0], scale, out=inverse[1])
    np.multiply(cross, scale, out=across)
    np.negative(across, out=across)
    np.multiply(away, inverse, out=towards)
    towards[0] += away[1] * across
    towards[1] += away[0] * across
    away *= towards
    distance = away[0] + away[1]
    return Innovation(correction, distance, np.exp(-0.5 * distance) * np.sqrt(scale) * (1.0 / _TWO_PI))


def update(expected: Floats, correction: Floats) -> Floats:
    """``expected`` (14, ..., k) corrected in place by the plots of an :class:`Innovation`, and returned."""
    known = expected.take(_WITH, axis=0)
    gain = known * correction.take(_INVERSE, axis=0)
    gain += expected.take(_WITH_OTHER, axis=0) * correction.take(_ACROSS, axis=0)
    moved = known * correction.take(_TOWARDS, axis=0)
    expected[MEAN] += moved[0:4]
    expected[MEAN] += moved[4:8]
    for axis in (slice(0, 4), slice(4, 8)):
        less = gain[axis].take(FIRST, axis=0)
        less *= known[axis].take(SECOND, axis=0)
        expected[COVARIANCE] -= less
    return expected
