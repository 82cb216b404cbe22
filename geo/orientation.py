"""The exact side of a point from a directed line, for whole arrays.

The sign of ``(b - a) x (p - a)`` decides every question of this package, so it is never left to rounding: a floating
point filter (Shewchuk 1997, "Adaptive Precision Floating-Point Arithmetic", bound A) settles nearly all rows; the rest
is decided by error-free transformations (two-sum, two-product with Veltkamp's split), or by fractions where few are
left.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Signs = NDArray[np.int8]

FILTER = (3.0 + 16.0 * 2.0**-53) * 2.0**-53
_SPLIT = 134_217_729.0  # 2**27 + 1
_FEW = 24  # below it fractions are quicker than some 500 array operations …
_VERY_FEW = 4  # … and below this also than the 50 that are enough where all differences are exact
_UNDERFLOW = 2.0**-480  # products of smaller numbers may lose bits; |lon| of 1e-144 degrees is not a place


def orientation(ax: Floats, ay: Floats, bx: Floats, by: Floats, px: Floats, py: Floats) -> Signs:
    """+1 where p lies left of the line a → b, -1 where right, 0 exactly on it. Equal shapes ``(n,)``, finite."""
    left = (bx - ax) * (py - ay)
    right = (by - ay) * (px - ax)
    determinant = left - right
    signs: Signs = np.sign(determinant).astype(np.int8)
    unsure = np.flatnonzero(np.abs(determinant) <= FILTER * (np.abs(left) + np.abs(right)))
    if unsure.size:
        signs[unsure] = exact_orientation(*(v[unsure] for v in (ax, ay, bx, by, px, py)))
    return signs


def exact_orientation(ax: Floats, ay: Floats, bx: Floats, by: Floats, px: Floats, py: Floats) -> Signs:
    """As :func:`orientation`, without the filter."""
    rows = (ax, ay, bx, by, px, py)
    if len(ax) <= _VERY_FEW:
        return _by_fractions(*rows)
    stack = np.abs(np.stack(rows))
    small = ((stack < _UNDERFLOW) & (stack > 0)).any(0)
    signs = np.empty(len(ax), np.int8)
    if small.any():
        some = np.flatnonzero(small)
        signs[some] = _by_fractions(*(v[some] for v in rows))
    rest = np.flatnonzero(~small)
    signs[rest] = _by_differences(*(v[rest] for v in rows))
    return signs


def orientation_of(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """As :func:`orientation`, for one row."""
    left = (bx - ax) * (py - ay)
    right = (by - ay) * (px - ax)
    determinant = left - right
    if abs(determinant) > FILTER * (abs(left) + abs(right)):
        return 1 if determinant > 0 else -1
    a, b, c, d, p, q = (Fraction(v) for v in (ax, ay, bx, by, px, py))
    exact = (c - a) * (q - b) - (d - b) * (p - a)
    return (exact > 0) - (exact < 0)


def _two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    total = a + b
    other = total - a
    return total, (a - (total - other)) + (b - other)


def _two_product(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    product = a * b
    high_a = _SPLIT * a
    high_a = high_a - (high_a - a)
    low_a = a - high_a
    high_b = _SPLIT * b
    high_b = high_b - (high_b - b)
    low_b = b - high_b
    return product, low_a * low_b - (((product - high_a * high_b) - low_a * high_b) - high_a * low_b)


def _by_differences(ax: Floats, ay: Floats, bx: Floats, by: Floats, px: Floats, py: Floats) -> Signs:
    """Near a border the differences are mostly exact (Sterbenz); then two products decide."""
    pairs = [_two_sum(bx, -ax), _two_sum(py, -ay), _two_sum(by, -ay), _two_sum(px, -ax)]
    exact = (pairs[0][1] == 0) & (pairs[1][1] == 0) & (pairs[2][1] == 0) & (pairs[3][1] == 0)
    left, left_low = _two_product(pairs[0][0], pairs[1][0])
    right, right_low = _two_product(pairs[2][0], pairs[3][0])
    # both are normalised pairs, so the high parts decide unless they are equal
    signs: Signs = np.where(left != right, np.sign(left - right), np.sign(left_low - right_low)).astype(np.int8)
    rest = np.flatnonzero(~exact)
    if rest.size:
        decide = _by_fractions if rest.size <= _FEW else _by_expansion
        signs[rest] = decide(*(v[rest] for v in (ax, ay, bx, by, px, py)))
    return signs


def _by_fractions(ax: Floats, ay: Floats, bx: Floats, by: Floats, px: Floats, py: Floats) -> Signs:
    columns = (ax, ay, bx, by, px, py)
    return np.array([orientation_of(*row) for row in zip(*(v.tolist() for v in columns), strict=True)], np.int8)


def _by_expansion(ax: Floats, ay: Floats, bx: Floats, by: Floats, px: Floats, py: Floats) -> Signs:
    """The six products of the original coordinates, summed without error (Shewchuk's grow-expansion)."""
    expansion: list[Floats] = []
    for one, two in ((bx, py), (-bx, ay), (-ax, py), (-by, px), (by, ax), (ay, px)):
        for part in _two_product(one, two)[::-1]:
            carry = part
            for index, component in enumerate(expansion):
                carry, expansion[index] = _two_sum(carry, component)
            expansion.append(carry)
    signs: Signs = np.zeros(len(ax), np.int8)
    for component in expansion:  # ascending, not overlapping: the last that is not zero has the sign of the sum
        signs = np.where(component != 0, np.sign(component).astype(np.int8), signs)
    return signs
