"""GOSPA: how far a picture of tracks is from the truth at one moment, split into its three causes.

Rahmathullah, García-Fernández and Svensson, "Generalized optimal sub-pattern assignment metric" (FUSION 2017,
arXiv 1601.05585) with α = 2: ``total**p = localisation + c**p / 2 * (missed + false)``. It is not normalised: it grows
with the number of objects, so compare it only at the same truth, ``p`` and ``c``.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Gospa(NamedTuple):
    """``total`` is in metres; ``localisation`` the sum of ``d**p`` over ``pairs`` (m**p); ``missed`` truths and
    ``false`` tracks are numbers, each costing ``c**p / 2``. ``pairs`` is ``(k, 2)``: index of truth, index of track,
    rising by truth."""

    total: float
    localisation: float
    missed: int
    false: int
    pairs: Ints


def gospa(truth_xy: Floats, track_xy: Floats, *, c_m: float, p: float = 2) -> Gospa:
    """Compare truths ``(n, 2)`` with tracks ``(m, 2)``, metres on one plane; ``c_m`` is the distance from which on a
    track does not stand for a truth. Raises ValueError where ``c_m`` is not positive or ``p`` is below 1."""
    if c_m <= 0.0 or p < 1.0:
        raise ValueError(f"expected c_m > 0 and p >= 1, got c_m={c_m}, p={p}")
    truth_xy, track_xy = np.reshape(truth_xy, (-1, 2)), np.reshape(track_xy, (-1, 2))
    pairs, distance_m = nearest_pairs(truth_xy, track_xy, c_m=c_m, p=p)
    localisation = float(np.sum(distance_m**p))
    missed, false = len(truth_xy) - len(pairs), len(track_xy) - len(pairs)
    total = (localisation + c_m**p / 2.0 * (missed + false)) ** (1.0 / p)
    return Gospa(total, localisation, missed, false, pairs)


def nearest_pairs(
    truth_xy: Floats, track_xy: Floats, *, c_m: float, p: float = 2, most: bool = False
) -> tuple[Ints, Floats]:
    """The pairs closer than ``c_m`` that make ``sum(d**p - c**p)`` least, ``(k, 2)`` indices and ``(k,)`` metres;
    where ``most``, as many pairs as possible and then the least ``sum(d**p)``.

    Only what is connected by pairs closer than ``c_m`` competes, so each such island is solved by itself: thousands of
    objects cost little, and the result is that of one assignment over all."""
    if not len(truth_xy) or not len(track_xy):
        return np.zeros((0, 2), np.int64), np.zeros(0)
    found = cKDTree(truth_xy).sparse_distance_matrix(cKDTree(track_xy), c_m, output_type="coo_matrix")
    near = found.data < c_m
    rows, columns, distance = found.row[near].astype(np.int64), found.col[near].astype(np.int64), found.data[near]
    n = len(truth_xy)
    graph = coo_array((np.ones(len(rows)), (rows, columns + n)), shape=(n + len(track_xy),) * 2)
    _, island = connected_components(graph, directed=False)
    of_pair = island[rows]
    order = np.lexsort((columns, rows, of_pair))
    starts = np.flatnonzero(np.diff(of_pair[order], prepend=-1))
    gain = c_m**p * (1 + min(len(truth_xy), len(track_xy)) if most else 1)
    kept: list[Ints] = []
    for chosen in np.split(order, starts[1:]) if len(order) else []:
        kept.append(chosen if len(chosen) == 1 else _solve(rows, columns, distance, chosen, gain, p))
    best = np.concatenate(kept) if kept else np.zeros(0, np.int64)
    best = best[np.argsort(rows[best])]
    return np.column_stack([rows[best], columns[best]]), distance[best]


def _solve(rows: Ints, columns: Ints, distance: Floats, chosen: Ints, limit: float, p: float) -> Ints:
    """Those of the candidate pairs ``chosen`` (one island) that are kept."""
    truths, row = np.unique(rows[chosen], return_inverse=True)
    tracks, column = np.unique(columns[chosen], return_inverse=True)
    gain = np.zeros((len(truths), len(tracks)))
    gain[row, column] = distance[chosen] ** p - limit
    which = np.full(gain.shape, -1, np.int64)
    which[row, column] = chosen
    picked = which[linear_sum_assignment(gain)]
    return picked[picked >= 0]
