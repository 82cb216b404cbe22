"""A radar's bias without knowing which plot is which sender: true pairs agree, false ones scatter.

The differences of all near pairs are counted in cells of 10 m by 0.1°; the true pairs stand in one cell, however many
false ones there are. Around that peak a trimmed least squares finds range, azimuth and time bias.
"""

import math
from typing import NamedTuple

import numpy as np

from streams.tracks.identity.columns import take
from streams.tracks.identity.filter import Bools, Floats
from streams.tracks.registration.residuals import Residuals

CELL_M, CELL_RAD = 10.0, math.radians(0.1)
REACH_M, REACH_RAD = 250.0, math.radians(2.0)
TRIM_M, TRIM_RAD = 25.0, math.radians(0.35)
ROUNDS = 5
PRIOR_SIGMA = np.array([200.0, math.radians(2.0), 0.5])  # what is believed of range, azimuth and time before any pair


class Accuracy(NamedTuple):
    """What a single plot and a single report scatter by."""

    range_m: float = 10.0
    azimuth_rad: float = math.radians(0.15)
    position_m: float = 10.0  # of the reference


class Bias(NamedTuple):
    """What a radar measures too much, and how well that is known."""

    value: Floats  # (3,) range m, azimuth rad, time s
    covariance: Floats  # (3, 3)
    pairs: int  # that agreed
    share: float  # of all candidate pairs


def vote(pairs: Residuals, accuracy: Accuracy) -> Bias:
    """The bias most pairs agree on; 0 with the prior's covariance where there are none."""
    inside = (np.abs(pairs.range_m) < REACH_M) & (np.abs(pairs.azimuth_rad) < REACH_RAD)
    candidates = take(pairs, inside)
    total = len(candidates.plot)
    if not total:
        return Bias(np.zeros(3), np.diag(PRIOR_SIGMA**2), 0, 0.0)
    value = np.r_[peak(candidates.range_m, candidates.azimuth_rad), 0.0]
    covariance = np.diag(PRIOR_SIGMA**2)
    chosen = np.zeros(0, np.bool_)
    for _ in range(ROUNDS):
        chosen = agreeing(candidates, value)
        value, covariance = _solved(take(candidates, chosen), accuracy)
    return Bias(value, covariance, int(chosen.sum()), float(chosen.sum()) / total)


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
    """Which pairs lie within 25 m and 0.35° of what the bias ``value`` makes them."""
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
    across = accuracy.position_m / np.maximum(pairs.distance_m, 1.0)
    both = accuracy.range_m**2 + accuracy.position_m**2
    return np.stack([np.full(len(across), both), accuracy.azimuth_rad**2 + across**2], axis=1)


def _solved(pairs: Residuals, accuracy: Accuracy) -> tuple[Floats, Floats]:
    """Weighted least squares with the prior; covariance from the scatter between senders.

    Plots between the same two reports share these reports' errors, so senders are what is independent (the clustered
    "sandwich", Liang and Zeger 1986), never less than what independent pairs would give.
    """
    by = design(pairs)
    weight = 1.0 / variances(pairs, accuracy)
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
