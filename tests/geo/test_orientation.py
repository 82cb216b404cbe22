"""The side of a point is exact."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from geo.orientation import exact_orientation, orientation, orientation_of


def oracle(row: NDArray[np.float64]) -> int:
    """The sign of the determinant in rational arithmetic."""
    ax, ay, bx, by, px, py = (Fraction(v) for v in row.tolist())
    value = (bx - ax) * (py - ay) - (by - ay) * (px - ax)
    return int(value > 0) - int(value < 0)


def hard_rows(seed: int, count: int) -> NDArray[np.float64]:
    """Nearly collinear triples: a point computed on the line, then moved by a few ulps or not at all."""
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(-180, 180, (2, count, 2)) * 10.0 ** rng.integers(-6, 1, (2, count, 1))
    near = rng.random(count) < 0.5
    b[near] = a[near] + rng.normal(0, 1e-3, (int(near.sum()), 2))
    p = a + rng.uniform(-1, 2, (count, 1)) * (b - a)
    ulps = rng.integers(-2, 3, (count, 2))
    for _ in range(2):
        p = np.where(ulps > 0, np.nextafter(p, np.inf), np.where(ulps < 0, np.nextafter(p, -np.inf), p))
        ulps = np.sign(ulps) * (np.abs(ulps) - 1)
    grid = np.round(np.hstack([a, b, p]) * 16) / 16  # exactly collinear ones among them
    rows = np.hstack([a, b, p])
    rows[::5] = grid[::5]
    return rows


@pytest.mark.parametrize("count", [1, 20, 3000])
def test_sign_equals_rational_arithmetic(count: int) -> None:
    """Law: for nearly collinear points the sign is that of exact arithmetic, in small and large batches."""
    rows = hard_rows(7, count)
    expected = [oracle(row) for row in rows]
    assert orientation(*rows.T).tolist() == expected
    assert exact_orientation(*rows.T).tolist() == expected
    assert [orientation_of(*row) for row in rows.tolist()] == expected


def test_tiny_coordinates_do_not_underflow() -> None:
    """Law: products below the smallest double do not become zeros that decide."""
    rows = np.tile([0.0, 0.0, 1e-200, 1e-200, 1e-200, 1.1e-200], (30, 1))
    assert exact_orientation(*rows.T).tolist() == [1] * 30


def test_swapping_the_ends_turns_the_sign() -> None:
    """Law: left of a → b is right of b → a."""
    a, b, c, d, p, q = hard_rows(8, 500).T
    assert (orientation(a, b, c, d, p, q) == -orientation(c, d, a, b, p, q)).all()
