"""Cores and halos: every owner follows what is in its core and around it, and publishes only what it owns."""

from typing import NamedTuple, Protocol

import numpy as np

from streams.tracks.identity.filter import Floats, Ints

GATE_M = 100.0
HYSTERESIS_M = 100.0
HALO_M = 500.0


def least_halo_m(most_speed_mps: float, exchange_s: float, gate_m: float = GATE_M) -> float:
    """How wide a halo must be: the gate, what an object covers between two exchanges, and the hysteresis."""
    return gate_m + most_speed_mps * exchange_s + HYSTERESIS_M


class Ground(Protocol):
    """Which owner's core a place lies in; every place lies in exactly one."""

    def owner(self, x_m: float, y_m: float) -> int:
        """The owner of a place."""
        ...

    def outside_m(self, x_m: float, y_m: float, owner: int) -> float:
        """How far a place is outside an owner's core, 0 inside."""
        ...

    def near(self, x_m: float, y_m: float, margin_m: float) -> tuple[int, ...]:
        """All owners whose core is within ``margin_m`` of a place, ascending."""
        ...


class Squares(NamedTuple):
    """A plane cut into ``columns`` by ``rows`` squares; the outer ones reach to infinity."""

    x_m: float
    y_m: float
    side_m: float
    columns: int
    rows: int

    def owner(self, x_m: float, y_m: float) -> int:
        """Row by row from the south-west."""
        column = min(max(int((x_m - self.x_m) // self.side_m), 0), self.columns - 1)
        return min(max(int((y_m - self.y_m) // self.side_m), 0), self.rows - 1) * self.columns + column

    def outside_m(self, x_m: float, y_m: float, owner: int) -> float:
        """Distance to the square."""
        row, column = divmod(owner, self.columns)
        east = _beyond(x_m - self.x_m, column, self.columns, self.side_m)
        return float(np.hypot(east, _beyond(y_m - self.y_m, row, self.rows, self.side_m)))

    def near(self, x_m: float, y_m: float, margin_m: float) -> tuple[int, ...]:
        """Looked for among the neighbours that the margin can reach."""
        reach = int(margin_m // self.side_m) + 1
        row, column = divmod(self.owner(x_m, y_m), self.columns)
        around = (
            other_row * self.columns + other_column
            for other_row in range(max(row - reach, 0), min(row + reach, self.rows - 1) + 1)
            for other_column in range(max(column - reach, 0), min(column + reach, self.columns - 1) + 1)
        )
        return tuple(owner for owner in around if self.outside_m(x_m, y_m, owner) <= margin_m)

    def rows_for(self, owner: int, position_m: Floats, margin_m: float) -> Ints:
        """The rows of positions ``(n, 2)`` that the owner is to receive: its core and its halo."""
        row, column = divmod(owner, self.columns)
        away = [
            _beyond_all(position_m[:, axis] - start, cell, cells, self.side_m)
            for axis, start, cell, cells in ((0, self.x_m, column, self.columns), (1, self.y_m, row, self.rows))
        ]
        return np.flatnonzero(np.hypot(*away) <= margin_m)


def _beyond(at_m: float, cell: int, cells: int, side_m: float) -> float:
    low = 0.0 if cell == 0 else cell * side_m - at_m
    high = 0.0 if cell == cells - 1 else at_m - (cell + 1) * side_m
    return max(low, high, 0.0)


def _beyond_all(at_m: Floats, cell: int, cells: int, side_m: float) -> Floats:
    low = np.zeros(len(at_m)) if cell == 0 else cell * side_m - at_m
    high = np.zeros(len(at_m)) if cell == cells - 1 else at_m - (cell + 1) * side_m
    return np.maximum(np.maximum(low, high), 0.0)
