"""The chance that something is inside a zone, where its position is known up to a normal error.

Two errors are taken together: that of the position (mean and covariance) and that of the border as drawn. A zone's
``accuracy_m`` is read as what 95 % of the border keeps within: the outline as a whole is displaced by a normal error
of ``accuracy_m / 1.96`` on both axes. Displacing the border is displacing the position the other way, so both make
one normal distribution, and the chance is its mass over the zone.

That mass is exact for any outline in the plane: whitened, a polygon stays a polygon, and the mass of the standard
normal over it is a sum of Owen's T over its edges (Owen 1956; Didonato, Jarnagin and Hageman, SIAM J. Sci. Stat.
Comput. 1 (1980) 179). Only edges within nine standard deviations count. What remains is the plane: below 1e-4 of
chance up to 1 km of standard deviation and 70 degrees of latitude.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.chance.normal import owens_t
from geo.chance.rim import Around, Rim
from geo.orientation import Floats

SIGMAS = 9.0  # beyond: 1e-18
KEPT_WITHIN = 1.959964  # standard deviations that hold 95 %
_LEAST_M2 = 1e-6  # a millimetre: no position is known better
_AT_CORNER = 1e-6
_AT_ONCE = 256  # positions, each of which may look at thousands of edges
_FURTHEST_M = 100_000.0  # the plane is no map any more
_ASIDE = np.array([0.8, 0.6]) * _AT_CORNER


def covariance_of(sigma_m: ArrayLike) -> Floats:
    """The covariance ``(n, 2, 2)`` in m² of equal errors east and north; ``sigma_m`` is a number or ``(n,)``."""
    sigma = np.atleast_1d(np.asarray(sigma_m, np.float64))
    found: Floats = np.square(sigma)[:, None, None] * np.eye(2)
    return found


def with_border(covariance_m2: Floats, accuracy_m: ArrayLike) -> Floats:
    """The covariance ``(n, 2, 2)`` of a position against a border of an accuracy (95 %, metres)."""
    border = np.square(np.asarray(accuracy_m, np.float64) / KEPT_WITHIN) + _LEAST_M2
    found: Floats = covariance_m2 + np.multiply.outer(border, np.eye(2))
    return found


def inside(rim: Rim, lonlat: Floats, covariance_m2: Floats, accuracy_m: ArrayLike, member: NDArray[np.bool_]) -> Floats:
    """The chance ``(n,)`` that each is inside; ``lonlat`` ``(n, 2)`` degrees, ``covariance_m2`` ``(n, 2, 2)`` east,
    north; ``member`` ``(n,)`` is whether the mean is inside, exactly.

    Beyond 89 degrees of latitude it is 0 or 1 as the mean is. An error above 11 km is taken for 11 km."""
    total = with_border(covariance_m2, accuracy_m)
    reach = SIGMAS * np.sqrt(_largest(total))
    over = reach > _FURTHEST_M
    total[over] *= np.square(_FURTHEST_M / reach[over])[:, None, None]
    reach = np.minimum(reach, _FURTHEST_M)
    found = member.astype(np.float64)
    some = np.flatnonzero(np.abs(lonlat[:, 1]) < 89.0)
    for start in range(0, len(some), _AT_ONCE):
        part = some[start : start + _AT_ONCE]
        around = rim.around(lonlat[part], reach[part])
        if len(around.which):
            found[part] = mass(around, total[part], found[part])
    return found


def mass(around: Around, covariance_m2: Floats, member: Floats) -> Floats:
    """The mass ``(n,)`` of normal distributions about positions over what lies to the left of the edges about them.

    ``member`` is 1 where the position itself does; it only decides where the edges leave 0 and 1 open."""
    which = around.which
    root, slant, rest = _cholesky(covariance_m2)
    a, b = (_whitened(end, root[which], slant[which], rest[which]) for end in (around.start, around.end))
    corner = np.zeros(len(member), bool)
    corner[which[(np.abs(a).max(1) < _AT_CORNER) | (np.abs(b).max(1) < _AT_CORNER)]] = True
    if corner.any():  # at a corner itself the edges have no side: look from a millionth of a deviation beside it
        a, b = a + _ASIDE * corner[which, None], b + _ASIDE * corner[which, None]
    along = b - a
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-300)
    height = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / length
    steep = np.maximum(np.abs(height), 1e-12)
    from_foot, to_foot = (((end * along).sum(1) / length) / steep for end in (a, b))
    wedge = np.copysign(owens_t(height, to_foot) - owens_t(height, from_foot), height)
    found = member - np.bincount(which, wedge, len(member))
    found -= np.where(found > 1 + 1e-6, 1.0, np.where(found < -1e-6, -1.0, 0.0))
    return np.clip(found, 0.0, 1.0)


def _largest(covariance: Floats) -> Floats:
    """The larger eigenvalue of symmetric 2 x 2 matrices."""
    a, b, c = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    found: Floats = (a + c) / 2 + np.hypot((a - c) / 2, b)
    return found


def _cholesky(covariance: Floats) -> tuple[Floats, Floats, Floats]:
    """Root, slant and rest of ``[[root, 0], [slant, rest]]``, whose square the covariance is."""
    root = np.sqrt(covariance[:, 0, 0])
    slant = covariance[:, 0, 1] / root
    rest = np.sqrt(np.maximum(covariance[:, 1, 1] - slant * slant, _LEAST_M2))
    return root, slant, rest


def _whitened(metres: Floats, root: Floats, slant: Floats, rest: Floats) -> Floats:
    """Metres east, north in the coordinates in which the distribution is standard normal."""
    first = metres[:, 0] / root
    return np.column_stack([first, (metres[:, 1] - slant * first) / rest])
