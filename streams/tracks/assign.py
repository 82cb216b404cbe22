"""Which plot belongs to which track: the assignment of greatest total score, at most one plot per track.

What has one candidate on both sides needs no search. The rest falls apart into small components, which a sparse
Jonker-Volgenant search solves together; a small rest goes to the dense one."""

from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from streams.tracks.state import Floats, Indices

_DENSE: Final = 4000


def best(track: Indices, plot: Indices, score: Floats, tracks: int, plots: int) -> Indices:
    """Rows of the pairs (track, plot) that are chosen: scores > 0, the sum is greatest, a track without a plot scores
    0. No pair may occur twice."""
    rivals = np.bincount(track, minlength=tracks).take(track)
    rivals += np.bincount(plot, minlength=plots).take(plot)
    alone: Indices = (rivals == 2).nonzero()[0]
    if alone.size == track.size:
        return alone
    rest = (rivals > 2).nonzero()[0]
    chosen = _search(track.take(rest), plot.take(rest), score.take(rest))
    return np.concatenate([alone, rest.take(chosen)])


def _search(track: Indices, plot: Indices, score: Floats) -> Indices:
    (n, t), (m, p) = _numbered(track), _numbered(plot)
    pair = np.full((n, m), -1, np.intp) if n * m <= _DENSE else None
    if pair is not None:
        gain = np.zeros((n, m))
        gain[t, p] = score
        pair[t, p] = np.arange(track.size)
        rows, columns = linear_sum_assignment(gain, maximize=True)
        found = pair[rows, columns]
        return found[found >= 0]
    # One dummy column per track stands for "no plot", so a full matching exists; the search wants positive weights.
    most = float(score.max()) + 1.0
    weight = np.concatenate([most - score, np.full(n, most)])
    where = (np.concatenate([t, np.arange(n)]), np.concatenate([p, m + np.arange(n)]))
    matched = min_weight_full_bipartite_matching(csr_array((weight, where), shape=(n, m + n)))
    row, column = (side.astype(np.intp) for side in matched)
    real = column < m
    flat = t * m + p
    order = np.argsort(flat)
    return order[flat[order].searchsorted(row[real] * m + column[real])]


def _numbered(names: Indices) -> tuple[int, Indices]:
    """How many different names there are, and the rank of each among them."""
    there = np.bincount(names) > 0
    rank = there.cumsum()
    return int(rank[-1]), rank.take(names) - 1
