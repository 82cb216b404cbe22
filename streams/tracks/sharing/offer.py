"""Which of an owner's own tracks an offered one is: both owners see the same plots, so they lie close together."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from streams.tracks.identity.filter import Floats, Ids, Ints, predict
from streams.tracks.sharing.messages import State

GATE_M = 25.0
SAME_M, SAME_MPS = 25.0, 8.0


class Locals(NamedTuple):
    """An owner's own tracks, by ascending ``id``. Columns (m,)."""

    id: Ids
    time_s: Floats
    mean: Floats  # (m, 4)
    covariance: Floats  # (m, 4, 4)
    existence: Floats
    confirmed: "np.ndarray[tuple[int], np.dtype[np.bool_]]"

    def at(self, time_s: float) -> "Locals":
        """All tracks moved to one time."""
        mean, covariance = predict(self.mean, self.covariance, time_s - self.time_s, 1.0)
        return self._replace(time_s=np.full(len(self.id), time_s), mean=mean, covariance=covariance)

    def state(self, row: int) -> State:
        """One track's state as it travels."""
        x, y, vx, vy = self.mean[row].tolist()
        covariance = tuple(self.covariance[row].ravel().tolist())
        return State(float(self.time_s[row]), (x, y, vx, vy), covariance, float(self.existence[row]))


def moved(state: State, time_s: float) -> tuple[float, float, float, float]:
    """An offered state at another time."""
    x, y, vx, vy = state.mean
    dt = time_s - state.time_s
    return x + vx * dt, y + vy * dt, vx, vy


def matches(offered: Floats, own: Floats, gate_m: float = GATE_M) -> tuple[Ints, Ints]:
    """Rows of offered states (n, 4) and own ones (m, 4) that are one object, each at most once.

    The optimal assignment by distance of those within ``gate_m``; as many pairs as possible, then the shortest.
    """
    if not len(offered) or not len(own):
        none = np.zeros(0, np.int64)
        return none, none
    away = np.hypot(*(offered[:, None, axis] - own[None, :, axis] for axis in (0, 1)))
    one, other = linear_sum_assignment(np.where(away < gate_m, away, 1e6))
    near = away[one, other] < gate_m
    return one[near].astype(np.int64), other[near].astype(np.int64)
