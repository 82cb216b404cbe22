"""Two tracks of one object become one: the older id stays, the younger becomes its alias."""

import numpy as np

from streams.tracks.gate import near
from streams.tracks.imm import combined
from streams.tracks.motion import predict
from streams.tracks.sensor import Sensor
from streams.tracks.settings import Settings
from streams.tracks.state import Flags, Floats, Indices
from streams.tracks.table import Table


def duplicates(table: Table, now_s: float, sensors: tuple[Sensor, ...], settings: Settings) -> list[tuple[int, int]]:
    """Columns (goes, stays) of confirmed tracks that are one object at ``now_s``.

    They must be as close in place and velocity as one object's two tracks are, must have been so for
    ``merge_every_s``, and no sensor may have seen both in one scan: two plots of one scan are two objects. Remembers
    in the table since when each pair is close."""
    rows = np.nonzero(table.confirmed[: table.count])[0]
    if rows.size < 2:
        return []
    state = predict(combined(table.state[:, :, rows], table.mode[:, rows]), now_s - table.time_s[rows], 0.5)
    radius = np.sqrt(settings.merge_distance * 2.0 * np.maximum(state[4], state[5]))
    a, b = near(state[0], state[1], radius, state[0], state[1])
    once = a < b  # the table is in order of start: a is the older one
    a, b = a[once], b[once]
    apart = _seen_apart(table, rows[a], rows[b], sensors)
    close = ~apart & (_distance(state, a, b) < settings.merge_distance)
    a, b = a[close], b[close]
    merged: list[tuple[int, int]] = []
    taken: dict[int, None] = {}
    was = table.near_id[: table.count].copy()
    table.near_id[rows] = 0
    for older, younger in zip(rows[a].tolist(), rows[b].tolist(), strict=True):
        if older in taken or younger in taken:
            continue
        if was[younger] != table.id[older]:
            table.near_s[younger] = now_s
        elif now_s - table.near_s[younger] >= settings.merge_every_s - 1e-6:
            merged.append((younger, older))
            taken[younger] = taken[older] = None
        table.near_id[younger] = table.id[older]
    return merged


def _seen_apart(table: Table, a: Indices, b: Indices, sensors: tuple[Sensor, ...]) -> Flags:
    apart = np.zeros(a.size, bool)
    for index, sensor in enumerate(sensors):
        first, second = table.hit_s[index, a], table.hit_s[index, b]
        both = np.isfinite(first) & np.isfinite(second)
        apart[both] |= np.abs(first[both] - second[both]) < 0.5 * sensor.revisit_s
    return apart


def _distance(state: Floats, a: Indices, b: Indices) -> Floats:
    """Squared Mahalanobis distance in x, y, vx, vy (k,), x and y taken as independent."""
    difference = state[0:4, a] - state[0:4, b]
    both = state[:, a] + state[:, b]
    total = np.zeros(a.size)
    for place, speed, p, c, v in ((0, 2, 4, 7, 11), (1, 3, 5, 8, 12)):
        determinant = both[p] * both[v] - both[c] ** 2
        total += (
            both[v] * difference[place] ** 2
            - 2.0 * both[c] * difference[place] * difference[speed]
            + both[p] * difference[speed] ** 2
        ) / determinant
    return total
