"""The parts of a step, each of which can be replaced."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from streams.tracks import assign, gate, imm, motion
from streams.tracks.settings import Settings
from streams.tracks.state import Floats, Indices


class Predict(Protocol):
    """Moves states (14, 2, k) with model probabilities (2, k) by ``dt_s`` (k,); ``noise`` (2, k) in m²/s³."""

    def __call__(
        self, state: Floats, mode: Floats, dt_s: Floats, noise: Floats, settings: Settings
    ) -> tuple[Floats, Floats]: ...


class Gate(Protocol):
    """Pairs (track, plot) worth a closer look: places and radii of tracks (n,), places of plots (m,)."""

    def __call__(
        self, x_m: Floats, y_m: Floats, radius_m: Floats, plot_x_m: Floats, plot_y_m: Floats, /
    ) -> tuple[Indices, Indices]: ...


class Associate(Protocol):
    """Rows of the pairs (track, plot) that are chosen by their score > 0."""

    def __call__(self, track: Indices, plot: Indices, score: Floats, tracks: int, plots: int, /) -> Indices: ...


class Update(Protocol):
    """Corrects expected states (14, 2, k) by the ``correction`` of an innovation."""

    def __call__(self, expected: Floats, correction: Floats, /) -> Floats: ...


def two_models(state: Floats, mode: Floats, dt_s: Floats, noise: Floats, settings: Settings) -> tuple[Floats, Floats]:
    """Mix the two models, then move each. Backwards nothing is mixed and no noise added: the past is not uncertain
    because of what may have happened since."""
    forward = dt_s
    if dt_s.size and float(np.minimum.reduce(dt_s)) < 0.0:
        forward = dt_s.clip(0.0)
        noise = noise * (dt_s > 0.0)
    mixed, later = imm.mix(state, mode, forward, settings.into_manoeuvre_per_s, settings.out_of_manoeuvre_per_s)
    return motion.predict(mixed, dt_s, noise), later


@dataclass(frozen=True, slots=True)
class Roles:
    """Who does what in a step."""

    predict: Predict = two_models
    gate: Gate = gate.near
    associate: Associate = assign.best
    update: Update = motion.update
