"""A radar's bias without knowing which plot is which sender: true pairs agree, false ones scatter.

The differences of all near pairs are counted in cells of 10 m by 0.1°; the true pairs stand in one cell, however many
false ones there are. Around that peak a trimmed least squares finds range, azimuth and time bias.
"""

import math
from typing import NamedTuple

import numpy as np

from streams.tracks.identity.columns import take
from streams.tracks.identity.filter import Bools, Floats
from streams.tracks.registration.residuals import PolarPlots, References, Residuals, residuals

CELL_M, CELL_RAD = 10.0, math.radians(0.1)
REACH_M, REACH_RAD = 250.0, math.radians(2.0)
TRIM_M, TRIM_RAD = 50.0, math.radians(0.6)
ROUNDS = 8
SECOND_GATE_M = 150.0
PRIOR_SIGMA = np.array([200.0, math.radians(2.0), 0.5])  # what is believed of range, azimuth and time before any pair


class Accuracy(NamedTuple):
    """What a single plot and a single report scatter by."""

    range_m: float = 10.0
    azimuth_rad: float = math.radians(0.15)
    position_m: float = 10.0  # of the reference
    stamp_s: float = 0.3  # of the reference: AIS gives whole seconds
    unrest: float = 1.0  # m²/s³, what a sender does between two reports


class Bias(NamedTuple):
    """What a radar measures too much, and how well that is known."""

    value: Floats  # (3,) range m, azimuth rad, time s
    covariance: Floats  # (3, 3)
    pairs: int  # that agreed
    share: float  # of all candidate pairs


def survey(plots: PolarPlots, references: References, radar_m: Floats, accuracy: Accuracy) -> Bias:
    """The bias of a radar from its plots and from where senders were, who is who unknown; two passes of `vote`."""
    first = vote(residuals(plots, references, radar_m), accuracy)
    expected = (float(first.value[0]), float(first.value[1]))
    return vote(residuals(plots, references, radar_m, SECOND_GATE_M, expected), accuracy)


def vote(pairs: Residuals, accuracy: Accuracy) -> Bias:
    """The bias most pairs agree on; 0 with the prior's covariance where there are none.

    Around the peak, pairs are a mixture of true ones, scattered by the accuracy, and an even background of false ones;
    each weighs by its chance to be true (expectation maximisation), which a sharp cut would only imitate.
    """
    inside = (np.abs(pairs.range_m) < REACH_M) & (np.abs(pairs.azimuth_rad) < REACH_RAD)
    candidates = take(pairs, inside)
    total = len(candidates.plot)
    if not total:
        return Bias(np.zeros(3), np.diag(PRIOR_SIGMA**2), 0, 0.0)
    value = np.r_[peak(candidates.range_m, candidates.azimuth_rad), 0.0]
    covariance = np.diag(PRIOR_SIGMA**2)
    pairs_true, share = 0.0, 0.5
    for _ in range(ROUNDS):
        near = take(candidates, agreeing(candidates, value))
        true = chances(near, value, share, accuracy)
        pairs_true, share = float(true.sum()), float(np.clip(true.mean() if len(true) else 0.0, 0.01, 0.99))
        value, covariance = _solved(near, true, accuracy)
    return Bias(value, covariance, int(pairs_true), pairs_true / total)


def chances(pairs: Residuals, value: Floats, share: float, accuracy: Accuracy) -> Floats:
    """Each pair's chance (n,) to be true, where ``share`` of those near the peak are."""
    noise = variances(pairs, accuracy)
    left = np.stack([pairs.range_m, pairs.azimuth_rad], axis=1) - design(pairs) @ value
    true = np.exp(-0.5 * (left**2 / noise).sum(axis=1)) / (2.0 * math.pi * np.sqrt(noise.prod(axis=1)))
    background = 1.0 / (4.0 * TRIM_M * TRIM_RAD)
    out: Floats = share * true / (share * true + (1.0 - share) * background)
    return out


def peak(range_m: Floats, azimuth_rad: Floats) -> Floats:
    """The centre (m, rad) of the three by three cells that hold most pairs."""
    columns, rows = int(2 * REACH_M / CELL_M), int(2 * REACH_RAD / CELL_RAD + 0.5)
    column = np.clip(((range_m + REACH_M) / CELL_M).astype(np.int64), 0, columns - 1)
    row = np.clip(((azimuth_rad + REACH_RAD) / CELL_RAD).astype(np.int64), 0, rows - 1)
    counts = np.bincount(column * rows + row, minlength=columns * rows).reshape(columns, rows)
    wide = np.pad(counts, 1)
    summed = sum(wide[i : i + columns, j : j + rows] for i in range(3) for j in range(3))
    best, other = divmod(int(np.argmax(summed)), rows)
    return np.array([(best + 0.5) * CELL_M - REACH_M, (other + 0.5) * CELL_RAD - REACH_RAD])


def agreeing(pairs: Residuals, value: Floats) -> Bools:
    """Which pairs lie within 50 m and 0.6° of what the bias ``value`` makes them."""
    off_m = pairs.range_m - value[0] + pairs.range_rate_mps * value[2]
    off_rad = pairs.azimuth_rad - value[1] + pairs.azimuth_rate_radps * value[2]
    out: Bools = (np.abs(off_m) < TRIM_M) & (np.abs(off_rad) < TRIM_RAD)
    return out


def design(pairs: Residuals) -> Floats:
    """The derivatives ``(n, 2, 3)`` of range and azimuth differences by the bias.

    A stamp that is late by τ compares with where the sender is τ later, so its motion counts negatively.
    """
    out = np.zeros((len(pairs.plot), 2, 3))
    out[:, 0, 0] = out[:, 1, 1] = 1.0
    out[:, 0, 2] = -pairs.range_rate_mps
    out[:, 1, 2] = -pairs.azimuth_rate_radps
    return out


def variances(pairs: Residuals, accuracy: Accuracy) -> Floats:
    """The variances ``(n, 2)`` of range and azimuth differences, the reference's error included."""
    place2 = accuracy.position_m**2 + accuracy.unrest * pairs.bridge_s3
    along = accuracy.range_m**2 + place2 + (accuracy.stamp_s * pairs.range_rate_mps) ** 2
    across = place2 / np.maximum(pairs.distance_m, 1.0) ** 2 + (accuracy.stamp_s * pairs.azimuth_rate_radps) ** 2
    return np.stack([along, accuracy.azimuth_rad**2 + across], axis=1)


def _solved(pairs: Residuals, true: Floats, accuracy: Accuracy) -> tuple[Floats, Floats]:
    """Weighted least squares with the prior; covariance from the scatter between senders.

    Plots between the same two reports share these reports' errors, so senders are what is independent (the clustered
    "sandwich", Liang and Zeger 1986), never less than what independent pairs would give.
    """
    by = design(pairs)
    weight = true[:, None] / variances(pairs, accuracy)
    measured = np.stack([pairs.range_m, pairs.azimuth_rad], axis=1)
    information = np.diag(PRIOR_SIGMA**-2) + np.einsum("nci,nc,ncj->ij", by, weight, by)
    naive = np.linalg.inv(information)
    value = naive @ np.einsum("nci,nc,nc->i", by, weight, measured)
    left = measured - by @ value
    score = np.einsum("nci,nc,nc->ni", by, weight, left)
    _, group = np.unique(pairs.sender, return_inverse=True)
    groups = int(group.max(initial=-1)) + 1
    if groups < 2:
        return value, naive * max(len(pairs.plot), 1)
    sums = np.stack([np.bincount(group, score[:, i], groups) for i in range(3)], axis=1)
    clustered = naive @ (sums.T @ sums * (groups / (groups - 1))) @ naive
    wider = np.sqrt(np.maximum(naive.diagonal() / np.maximum(clustered.diagonal(), 1e-30), 1.0))
    return value, clustered * np.outer(wider, wider)
