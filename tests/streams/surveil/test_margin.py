"""Rows of an object that is leaving: those that cannot reach the margin are not measured, and nobody can tell."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from streams.surveil import batch
from tests.streams.surveil.owner import OUTSIDE, Owner, at

_METRE_DEG = 1 / 110_773.0  # of latitude, at 25 N
_EDGE = (-82.4, 25.0)  # of the zone West, which lies west of it


def _wander(seed: int) -> list[tuple[float, float]]:
    """Metres east of the edge, and north: an object that goes in, comes out and dallies about the margin of 500 m."""
    chance = np.random.default_rng(seed)
    east = np.concatenate([[3_000.0, -400.0, 30.0], 480.0 + np.cumsum(chance.normal(0.0, 12.0, 120))])
    north = np.cumsum(chance.normal(0.0, 8.0, len(east)))
    return list(zip(east.tolist(), north.tolist(), strict=True))


def _told(owner: Owner, seed: int, size: int) -> list[object]:
    wide = _METRE_DEG * 110_773.0 / (111_320.0 * math.cos(math.radians(25.0)))
    places = [(_EDGE[0] + east * wide, _EDGE[1] + north * _METRE_DEG) for east, north in _wander(seed)]
    rows = [at(5 * index, place) for index, place in enumerate(places)]
    return [edge for start in range(0, len(rows), size) for edge in owner.see(*rows[start : start + size])]


@pytest.mark.parametrize("size", [1, 7, 123])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_not_measured_changes_nothing(seed: int, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same edges, and the same state but for what timers saw, as where every row outside is measured."""
    bounded, measured = Owner(), Owner()
    found = _told(bounded, seed, size)
    monkeypatch.setattr(batch, "_DOUBT_M", math.inf)
    assert found == _told(measured, seed, size)
    assert len(found) >= 2  # it came in, and in the end it was far enough out
    assert bounded.see(at(5_000, OUTSIDE)) == measured.see(at(5_000, OUTSIDE))
    assert bounded.core._objects.last[:1].tobytes() == measured.core._objects.last[:1].tobytes()


def test_most_rows_outside_are_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound saves measuring: an object that lies 100 m outside is measured once in a hundred rows, not always."""
    asked: list[batch.Bits] = []
    real = batch._may_leave

    def asking(measured: NDArray[np.void], fixes: NDArray[np.void]) -> batch.Bits:
        asked.append(real(measured, fixes))
        return asked[-1]

    monkeypatch.setattr(batch, "_may_leave", asking)
    owner = Owner()
    place = (_EDGE[0] + 0.001, _EDGE[1])
    owner.see(at(0, OUTSIDE), at(100, (_EDGE[0] - 0.01, _EDGE[1])), at(200, place))
    owner.see(*(at(201 + index, place) for index in range(100)))
    assert sum(map(len, asked)) == 100
    assert sum(map(np.count_nonzero, asked)) == 0
