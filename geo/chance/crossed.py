"""The chance that a border was crossed between two fixes, each known up to a normal error.

Each fix by itself is inside with a chance (:func:`geo.chance.inside.inside`). Together they are not independent: both
are compared with the one border, whose own error is the same for both. The two are joined by a normal copula with the
correlation which that shared error makes. That is exact for a straight edge, and for any outline whose accuracy is 0
(independent fixes); else it keeps to both chances exactly and only their dependence is that of a straight edge.
"""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from geo.chance.inside import KEPT_WITHIN
from geo.chance.normal import both_below
from geo.orientation import Floats

_NORMAL = NormalDist()


class Crossed(NamedTuple):
    """Chances ``(n,)`` that the first fix was outside and the second is inside, and the other way round."""

    inbound: Floats
    outbound: Floats


def crossed(start: Floats, end: Floats, correlation: ArrayLike = 0.0) -> Crossed:
    """From the chances ``(n,)`` to be inside at both ends and :func:`shared` correlation."""
    h, k = _quantile(start), _quantile(end)
    both = both_below(h, k, correlation)
    return Crossed(np.clip(end - both, 0.0, 1.0), np.clip(start - both, 0.0, 1.0))


def shared(variance0_m2: ArrayLike, variance1_m2: ArrayLike, accuracy_m: ArrayLike) -> Floats:
    """The correlation of two fixes' distances to one border: variances of the positions alone, across the border."""
    border = np.square(np.asarray(accuracy_m, np.float64) / KEPT_WITHIN)
    one, two = np.asarray(variance0_m2, np.float64), np.asarray(variance1_m2, np.float64)
    found: Floats = border / np.sqrt(np.maximum((one + border) * (two + border), 1e-300))
    return np.minimum(found, 1.0)


def wander_m2(seconds: ArrayLike, u: ArrayLike, q: ArrayLike) -> Floats:
    """The variance on each axis about the straight way, at ``u`` (0..1) between two fixes ``seconds`` apart.

    White acceleration of density ``q`` (m²/s³), with both velocities known at the ends: ``q T³ (u (1 - u))³ / 3``."""
    t, part = np.asarray(seconds, np.float64), np.asarray(u, np.float64)
    found: Floats = np.asarray(q, np.float64) * t**3 * (part * (1 - part)) ** 3 / 3
    return found


def _quantile(chance: Floats) -> Floats:
    """The standard normal quantile; 0 and 1 become ±8."""
    flat = np.clip(np.ravel(chance), 1e-15, 1 - 1e-15).tolist()
    return np.array([_NORMAL.inv_cdf(value) for value in flat]).reshape(np.shape(chance))
