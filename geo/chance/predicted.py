"""Whether a track will have crossed a border within a time, and when: forecast along the line it is on.

The distance ``d`` to the border and the speed ``v`` towards it are known up to a normal error that grows with time,
and a course is kept for a while only::

    s²(t) = Pnn + 2 t Pnv + t² Pvv + q t³ / 3 + (WEAVE |v| t)²,      P(t) = exp(-TURNS t) Phi((v t - d) / s(t))

``q`` is white acceleration, ``WEAVE`` a steady error of the course (radians), and ``TURNS`` the rate at which objects
turn away, stop, or come to where they were going: all three by class of object (:data:`MOTIONS`). Without turning away
a far crossing is told as certain however far it is: what was told as 0.95 came true 0.83 times at two minutes. The
numbers were fitted on simulated worlds, and are reported on others and on a real log: ``python -m
benchmarks.reliability``.
"""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.chance.inside import KEPT_WITHIN
from geo.chance.normal import phi
from geo.orientation import Floats

HORIZONS_S = (60.0, 300.0, 900.0)
FAST_MPS = 13.0  # 25 knots
_Z10 = 1.2815515655446004  # 10 % of the standard normal lie below -Z10
_LATEST_S = 7_200.0
_HALVINGS = 30


class Model(NamedTuple):
    """The fitted numbers. ``q`` in m²/s³."""

    q_vessel: float
    q_fast: float
    weave: float  # radians
    turns_per_s: float
    speed_sigma_mps: float  # of a reported velocity, on each axis


FITTED = Model(5e-4, 0.05, 0.02, 1e-4, 0.1)


class Mover(StrEnum):
    """Classes of objects that move alike."""

    WALKER = "walker"
    SMALL_BOAT = "small-boat"
    VESSEL = "vessel"
    FAST_BOAT = "fast-boat"


class Motion(NamedTuple):
    """How objects of one class move."""

    q_m2s3: float
    weave: float  # radians
    turns_per_s: float


MOTIONS: dict[Mover, Motion] = {
    # fitted on simulated worlds (python -m benchmarks.reliability_classes --fit), rounded away from certainty; found in
    # another simulator were 0.15 and 0.08 m²/s³, which say too little of what will come
    Mover.WALKER: Motion(5e-5, 0.03, 2e-5),
    Mover.SMALL_BOAT: Motion(5e-5, 0.01, 2e-4),
    Mover.VESSEL: Motion(FITTED.q_vessel, FITTED.weave, FITTED.turns_per_s),
    Mover.FAST_BOAT: Motion(FITTED.q_fast, FITTED.weave, FITTED.turns_per_s),
}
MOVERS = tuple(Mover)  # a class as a number is the index here; -1 is told by the speed


class Approach(NamedTuple):
    """Tracks and the border ahead of each, all ``(n,)``, SI units; build it with :func:`approach`."""

    distance_m: Floats  # to the border, positive while on this side
    closing_mps: Floats  # towards it
    speed_mps: Floats
    position_m2: Floats  # variances across the border: of the position (and the border), …
    cross_m2s: Floats  # … of position with velocity, …
    velocity_m2s2: Floats  # … of the velocity
    q_m2s3: Floats
    weave: Floats
    turns_per_s: Floats


class Eta(NamedTuple):
    """When the border is crossed by those that keep their course, seconds from now, ``(n,)``: the median and the 10
    and 90 % points; inf where that is not within two hours."""

    median_s: Floats
    early_s: Floats
    late_s: Floats


def approach(
    distance_m: Floats,
    normal: Floats,
    velocity_mps: Floats,
    covariance: Floats,
    accuracy_m: ArrayLike = 0.0,
    motion: Motion | tuple[ArrayLike, ArrayLike, ArrayLike] = MOTIONS[Mover.VESSEL],
) -> Approach:
    """``normal`` and ``velocity_mps`` are ``(n, 2)`` east, north, the normal a unit vector towards the border;
    ``covariance`` ``(n, 4, 4)`` is of east, north, and their velocities (m², m²/s, m²/s²); ``motion`` may hold arrays
    ``(n,)``, see :func:`motion_of`."""
    across = _along(normal, covariance)
    border = np.square(np.asarray(accuracy_m, np.float64) / KEPT_WITHIN)
    return Approach(
        distance_m,
        (velocity_mps * normal).sum(1),
        np.hypot(velocity_mps[:, 0], velocity_mps[:, 1]),
        across[0] + border,
        across[1],
        across[2],
        *(np.broadcast_to(np.asarray(value, np.float64), distance_m.shape) for value in motion),
    )


def _along(normal: Floats, covariance: Floats) -> tuple[Floats, Floats, Floats]:
    position, cross, velocity = covariance[:, :2, :2], covariance[:, :2, 2:], covariance[:, 2:, 2:]
    pp, pv, vv = (np.einsum("ni,nij,nj->n", normal, part, normal) for part in (position, cross, velocity))
    return pp, pv, vv


def score(ahead: Approach, seconds: ArrayLike) -> Floats:
    """``(v t - d) / s(t)``: how many deviations beyond the border a track on its course is after ``seconds``."""
    t = np.asarray(seconds, np.float64)
    weave = ahead.weave * ahead.speed_mps * t
    s2 = ahead.position_m2 + 2 * t * ahead.cross_m2s + t * t * ahead.velocity_m2s2 + ahead.q_m2s3 * t**3 / 3
    found: Floats = (ahead.closing_mps * t - ahead.distance_m) / np.sqrt(np.maximum(s2 + weave * weave, 1e-12))
    return found


def predicted(ahead: Approach, seconds: ArrayLike) -> Floats:
    """The chance ``(n,)`` to have crossed within ``seconds`` (a number or ``(n,)``); 0 where there is no border."""
    known = np.isfinite(ahead.distance_m)
    with np.errstate(invalid="ignore"):
        kept = np.exp(-ahead.turns_per_s * np.asarray(seconds, np.float64))
        found = np.where(known, kept * phi(np.where(known, score(ahead, seconds), -99.0)), 0.0)
    return found


def eta(ahead: Approach) -> Eta:
    """When each track on its course crosses: from the same formula, found by halving."""
    return Eta(*(_reached(ahead, z) for z in (0.0, -_Z10, _Z10)))


def motion_of(speed_mps: Floats, mover: NDArray[np.int8] | None = None) -> tuple[Floats, Floats, Floats]:
    """``q``, ``weave`` and ``turns`` ``(n,)`` of objects by class, numbers of :data:`MOVERS`; where that is -1, or not
    given, vessels told apart by their speed alone. A small boat from 13 m/s on is a fast boat."""
    fast, slow, small = (MOVERS.index(one) for one in (Mover.FAST_BOAT, Mover.VESSEL, Mover.SMALL_BOAT))
    quick = speed_mps >= FAST_MPS
    told = np.where(quick, fast, slow)
    if mover is not None:
        told = np.where((mover >= 0) & ~(quick & (mover == small)), mover, told)
    q, weave, turns = np.array([MOTIONS[one] for one in MOVERS]).T
    return q[told], weave[told], turns[told]


def _reached(ahead: Approach, z: float) -> Floats:
    """The first time the score reaches ``z``, inf where it does not within two hours."""
    # the score rises to a peak and may fall again as s grows: bracket the first time it is there, then halve
    tries = np.geomspace(0.5, _LATEST_S, 48)
    with np.errstate(invalid="ignore"):
        above = score(ahead, tries[:, None]) >= z
    ever = above.any(0)
    first = above.argmax(0)
    high = np.where(ever, tries[first], _LATEST_S)
    low = np.where(ever & (first > 0), tries[np.maximum(first - 1, 0)], 0.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        reached = score(ahead, middle) >= z
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return np.where(ever, high, np.inf)
