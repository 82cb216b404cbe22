"""Tracks of somebody else's tracker: never plots. Associated by covariance or by counting, fused by intersection."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from streams.tracks.identity.filter import Floats, Ints
from streams.tracks.identity.fusion import Joined, intersect

GATE = 13.28  # χ² with four degrees, 0.99
FAR_M = 200.0
COUNT_WINDOW, COUNT_LEAST = 8, 6


class Pairs(NamedTuple):
    """Rows of own and external tracks that are one object, each at most once."""

    own: Ints
    external: Ints


def associated(own: Floats, own_p: Floats, external: Floats, external_p: Floats, gate: float = GATE) -> Pairs:
    """By the test of the states' difference ``dᵀ (P1 + P2)⁻¹ d`` (n, 4) against (m, 4), at one time; then optimally.

    The sum of covariances leaves out that both saw the same object; the test is the milder for it.
    """
    if not len(own) or not len(external):
        return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))
    apart = own[:, None, :] - external[None, :, :]
    near = np.hypot(apart[..., 0], apart[..., 1]) < FAR_M
    one, other = np.nonzero(near)
    squared = np.full(near.shape, np.inf)
    inverse = np.linalg.inv(own_p[one] + external_p[other])
    squared[one, other] = np.einsum("ni,nij,nj->n", apart[one, other], inverse, apart[one, other])
    return _best(squared, gate)


def _best(squared: Floats, gate: float) -> Pairs:
    rows, columns = linear_sum_assignment(np.where(squared < gate, squared, 1e6))
    keep = squared[rows, columns] < gate
    return Pairs(rows[keep].astype(np.int64), columns[keep].astype(np.int64))


def fused(pairs: Pairs, own: Floats, own_p: Floats, external: Floats, external_p: Floats) -> Joined:
    """The states of associated pairs, by covariance intersection: their common past is not counted twice."""
    return intersect(own[pairs.own], own_p[pairs.own], external[pairs.external], external_p[pairs.external])


class Counts(NamedTuple):
    """The counting test of one pair without covariances: nearness over the last looks, newest first."""

    near: tuple[bool, ...] = ()

    def after(self, distance_m: float, within_m: float) -> "Counts":
        """One more look at the pair."""
        return Counts((distance_m < within_m, *self.near)[:COUNT_WINDOW])

    @property
    def same(self) -> bool:
        """Near in six of the last eight looks (the "counting technique")."""
        return sum(self.near) >= COUNT_LEAST
