"""The tracker's algebra for one track and one plot at a time, with matrices and loops: the oracle of the arrays."""

import itertools
import math

import numpy as np

from streams.tracks.motion import FIRST, SECOND
from streams.tracks.state import Floats


def full(column: Floats) -> tuple[Floats, Floats]:
    """A column of 14 numbers as mean (4,) and covariance (4, 4)."""
    covariance = np.zeros((4, 4))
    for value, i, j in zip(column[4:], FIRST, SECOND, strict=True):
        covariance[i, j] = covariance[j, i] = value
    return column[:4].copy(), covariance


def column(mean: Floats, covariance: Floats) -> Floats:
    """The 14 numbers of a mean and a covariance."""
    return np.concatenate([mean, [covariance[i, j] for i, j in zip(FIRST, SECOND, strict=True)]])


def random_state(rng: np.random.Generator) -> Floats:
    """A mean and a positive definite covariance, as a column."""
    root = rng.standard_normal((4, 4)) * np.array([[10.0], [10.0], [3.0], [3.0]])
    return column(rng.standard_normal(4) * 50.0, root @ root.T + np.eye(4))


def predict(state: Floats, dt: float, noise: float) -> Floats:
    """F P F' + Q."""
    mean, covariance = full(state)
    move = np.eye(4)
    move[0, 2] = move[1, 3] = dt
    block = np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]]) * noise
    added = np.zeros((4, 4))
    for axis in (0, 1):
        added[np.ix_([axis, axis + 2], [axis, axis + 2])] = block
    return column(move @ mean, move @ covariance @ move.T + added)


def innovation(state: Floats, plot: Floats, r: Floats) -> tuple[Floats, Floats, float, float]:
    """Difference, S, squared distance, likelihood."""
    mean, covariance = full(state)
    difference, s = plot - mean[:2], covariance[:2, :2] + r
    distance = float(difference @ np.linalg.solve(s, difference))
    return difference, s, distance, math.exp(-distance / 2) / (2 * math.pi * math.sqrt(np.linalg.det(s)))


def update(state: Floats, plot: Floats, r: Floats) -> Floats:
    """The mean x + K nu and the covariance (I - K H) P."""
    mean, covariance = full(state)
    difference, s, _, _ = innovation(state, plot, r)
    gain = covariance[:, :2] @ np.linalg.inv(s)
    return column(mean + gain @ difference, covariance - gain @ covariance[:2, :])


def mix(states: list[Floats], mode: Floats, dt: float, into: float, out_of: float) -> tuple[list[Floats], Floats]:
    """Blom and Bar-Shalom's mixing with the chain's transition matrix over ``dt``."""
    rate = np.array([[-into, into], [out_of, -out_of]])
    values, vectors = np.linalg.eig(rate)
    switch = np.real(vectors @ np.diag(np.exp(values * dt)) @ np.linalg.inv(vectors))
    later = mode @ switch
    mixed = []
    for model in (0, 1):
        weights = mode * switch[:, model] / later[model]
        parts = [full(state) for state in states]
        mean = sum((w * m for w, (m, _) in zip(weights, parts, strict=True)), np.zeros(4))
        covariance = np.zeros((4, 4))
        for weight, (m, p) in zip(weights, parts, strict=True):
            covariance += weight * (p + np.outer(m - mean, m - mean))
        mixed.append(column(mean, covariance))
    return mixed, later


def best(scores: dict[tuple[int, int], float]) -> float:
    """Greatest total score of at most one plot per track and one track per plot, by trying all."""
    pairs = list(scores)
    found = 0.0
    for size in range(1, len(pairs) + 1):
        for chosen in itertools.combinations(pairs, size):
            if len({t for t, _ in chosen}) == len({p for _, p in chosen}) == size:
                found = max(found, sum(scores[pair] for pair in chosen))
    return found
