"""Two constant-velocity models, steady and manoeuvring, mixed in continuous time (interacting multiple models).

States are (14, 2, k), the models' probabilities (2, k); index 1 is the manoeuvring model."""

import numpy as np

from streams.tracks.motion import COVARIANCE, FIRST, MEAN, SECOND
from streams.tracks.state import Floats


def mix(state: Floats, mode: Floats, dt_s: Floats, into_per_s: float, out_of_per_s: float) -> tuple[Floats, Floats]:
    """States and model probabilities ``dt_s`` (k,) >= 0 later, before they move.

    The switching probabilities of a two-state Markov chain in closed form for any interval, so plots may come at any
    time; the mixing of Blom and Bar-Shalom (1988)."""
    both = into_per_s + out_of_per_s
    settled = 1.0 - np.exp(-both * dt_s)  # 0 at once, 1 when nothing is left of what was
    leaving = mode[0] * (settled * (into_per_s / both))
    coming = mode[1] * (settled * (out_of_per_s / both))
    flow = leaving - coming
    later = np.empty_like(mode)
    np.subtract(mode[0], flow, out=later[0])
    np.add(mode[1], flow, out=later[1])
    share = np.empty_like(mode)  # of the manoeuvring model's estimate in each mixed one
    np.divide(coming, later[0], out=share[0])
    np.divide(leaving, later[1], out=share[1])
    np.subtract(1.0, share[1], out=share[1])
    apart = state[:, 1] - state[:, 0]
    mixed: Floats = share * apart[:, None]
    mixed += state[:, :1]
    spread = apart.take(FIRST, axis=0)
    spread *= apart.take(SECOND, axis=0)
    mixed[COVARIANCE] += (share - share * share) * spread[:, None]
    return mixed, later


def mean(state: Floats, mode: Floats) -> Floats:
    """The expected x, y, vx, vy (4, k)."""
    both: Floats = state[MEAN, 0] + mode[1] * (state[MEAN, 1] - state[MEAN, 0])
    return both


def combined(state: Floats, mode: Floats) -> Floats:
    """Mean and covariance of the mixture as one state (14, k)."""
    apart = state[:, 1] - state[:, 0]
    one: Floats = state[:, 0] + mode[1] * apart
    one[COVARIANCE] += mode[0] * mode[1] * (apart[FIRST] * apart[SECOND])
    return one


def as_matrices(one: Floats) -> tuple[Floats, Floats]:
    """A combined state (14, k) as means (k, 4) and full covariances (k, 4, 4)."""
    full = np.empty((one.shape[-1], 4, 4))
    full[:, FIRST, SECOND] = one[COVARIANCE].T
    full[:, SECOND, FIRST] = one[COVARIANCE].T
    return one[MEAN].T.copy(), full
