"""How far told chances came true: the table behind a reliability diagram, and Brier's score."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.orientation import Floats

EDGES = (0.0, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 1.0)


class Bin(NamedTuple):
    """Cases told about the same chance: the mean of what was told, and the share that came true."""

    told: float
    came: float
    cases: int


def table(chance: Floats, happened: NDArray[np.bool_], edges: Sequence[float] = EDGES) -> list[Bin]:
    """The cases ``(n,)`` by told chance; empty bins are left out."""
    which = np.clip(np.searchsorted(edges, chance, side="right") - 1, 0, len(edges) - 2)
    found = []
    for number in np.unique(which).tolist():
        mine = which == number
        told, came = float(chance[mine].mean()), float(happened[mine].mean())
        found.append(Bin(round(told, 4), round(came, 4), int(mine.sum())))
    return found


def brier(chance: Floats, happened: NDArray[np.bool_]) -> float:
    """The mean square of chance less outcome: 0 is perfect, 0.25 is a coin (Brier, Mon. Wea. Rev. 78 (1950) 1)."""
    return float(np.mean(np.square(chance - happened)))
