"""Two tracks of one object become one: the older id stays, the younger becomes its alias."""

import numpy as np

from streams.tracks.gate import near
from streams.tracks.imm import combined, mean
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
    a, b = _neighbours(table, rows, now_s, settings)
    was = table.near_id[: table.count].copy()
    table.near_id[rows] = 0
    if not a.size:
        return []
    both = np.concatenate([a, b])
    state = predict(combined(table.state[:, :, both], table.mode[:, both]), now_s - table.time_s[both], 0.5)
    distance = _distance(state[:, : a.size], state[:, a.size :])
    close = ~_seen_apart(table, a, b, sensors) & (distance < settings.merge_distance)
    a, b = a[close], b[close]
    merged: list[tuple[int, int]] = []
    taken: dict[int, None] = {}
    for older, younger in zip(a.tolist(), b.tolist(), strict=True):
        if older in taken or younger in taken:
            continue
        if was[younger] != table.id[older]:
            table.near_s[younger] = now_s
        elif now_s - table.near_s[younger] >= settings.merge_every_s - 1e-6:
            merged.append((younger, older))
            taken[younger] = taken[older] = None
        table.near_id[younger] = table.id[older]
    return merged


def _neighbours(table: Table, rows: Indices, now_s: float, settings: Settings) -> tuple[Indices, Indices]:
    """Columns (older, younger) of tracks that lie near each other: most of the time there are none, and that is seen
    without moving a covariance."""
    at = mean(table.state.take(rows, axis=2), table.mode.take(rows, axis=1))
    ahead = now_s - table.time_s[rows]
    x_m, y_m = at[0:2] + at[2:4] * ahead
    wide = table.state[4:6, 1].take(rows, axis=1)
    radius = np.sqrt(settings.merge_distance * 2.0 * np.maximum(wide[0], wide[1])) + 5.0 * np.abs(ahead)
    a, b = near(x_m, y_m, radius, x_m, y_m)
    once = a < b  # the table is in order of start: a is the older one
    return rows[a[once]], rows[b[once]]


def _seen_apart(table: Table, a: Indices, b: Indices, sensors: tuple[Sensor, ...]) -> Flags:
    apart = np.zeros(a.size, bool)
    for index, sensor in enumerate(sensors):
        first, second = table.hit_s[index, a], table.hit_s[index, b]
        both = np.isfinite(first) & np.isfinite(second)
        apart[both] |= np.abs(first[both] - second[both]) < 0.5 * sensor.revisit_s
    return apart


def _distance(one: Floats, other: Floats) -> Floats:
    """Squared Mahalanobis distance in x, y, vx, vy (k,), x and y taken as independent."""
    difference = one[0:4] - other[0:4]
    both = one + other
    total = np.zeros(one.shape[1])
    for place, speed, p, c, v in ((0, 2, 4, 7, 11), (1, 3, 5, 8, 12)):
        determinant = both[p] * both[v] - both[c] ** 2
        total += (
            both[v] * difference[place] ** 2
            - 2.0 * both[c] * difference[place] * difference[speed]
            + both[p] * difference[speed] ** 2
        ) / determinant
    return total
