"""The state that is shown: a radar track and its sender's own filter, joined by covariance intersection."""

from typing import NamedTuple

import numpy as np

from streams.tracks.identity.evidence import Evidence, Tracks, bonds
from streams.tracks.identity.filter import Floats, Ints, predict
from streams.tracks.identity.reporters import Reporters

LEAST_WEIGHT = 0.02


class Joined(NamedTuple):
    """Fused states (n, 4), covariances (n, 4, 4), and the first source's weight (n,)."""

    mean: Floats
    covariance: Floats
    weight: Floats


def intersect(one: Floats, one_p: Floats, other: Floats, other_p: Floats) -> Joined:
    """Covariance intersection of states ``(n, d)``: never too confident, however the two depend on each other.

    Weight by determinants (Fränken and Hüpper 2005, fast covariance intersection), kept in [0.02, 0.98].
    """
    i, j = np.linalg.inv(one_p), np.linalg.inv(other_p)
    (sign_i, log_i), (_, log_j), (_, log_s) = (np.linalg.slogdet(m) for m in (i, j, i + j))
    share_i, share_j = np.exp(log_i - log_s), np.exp(log_j - log_s)
    weight = np.clip((1.0 - share_j + share_i) / 2.0 * sign_i, LEAST_WEIGHT, 1.0 - LEAST_WEIGHT)
    w = weight[:, None, None]
    covariance = np.linalg.inv(w * i + (1.0 - w) * j)
    covariance = 0.5 * (covariance + covariance.transpose(0, 2, 1))
    pull = np.einsum("nij,nj->ni", w * i, one) + np.einsum("nij,nj->ni", (1.0 - w) * j, other)
    return Joined(np.einsum("nij,nj->ni", covariance, pull), covariance, weight)


class Shown(NamedTuple):
    """The public picture's states at one time; columns (m,), in the tracks' order."""

    part: Ints  # the bound sender, -1 where none
    score: Floats  # of the bond, 0 where none
    mean: Floats
    covariance: Floats


def shown(tracks: Tracks, reporters: Reporters, evidence: Evidence, time_s: float, noise: float = 1.0) -> Shown:
    """Every track at ``time_s``, fused with the filter of the sender bound to it; the track itself stays as it is."""
    mean, covariance = predict(tracks.mean, tracks.covariance, time_s - tracks.time_s, noise)
    part = np.full(len(tracks.id), -1, np.int64)
    score = np.zeros(len(part))
    parts, ids, scores = bonds(evidence)
    sender = np.searchsorted(reporters.part, parts)
    row = np.searchsorted(tracks.id, ids)
    there = np.flatnonzero((np.isin(parts, reporters.part)) & (np.isin(ids, tracks.id)))
    sender, row = sender[there], row[there]
    part[row], score[row] = parts[there], scores[there]
    own_mean, own_covariance = predict(
        reporters.mean[sender], reporters.covariance[sender], time_s - reporters.time_s[sender], noise
    )
    joined = intersect(mean[row], covariance[row], own_mean, own_covariance)
    mean[row], covariance[row] = joined.mean, joined.covariance
    return Shown(part, score, mean, covariance)
