"""How tracks begin, are missed, are confirmed and end."""

import numpy as np

from streams.tracks.existence import after_misses
from streams.tracks.imm import mean
from streams.tracks.sensor import Sensor
from streams.tracks.settings import Settings
from streams.tracks.state import Flags, Floats, Frame, Indices
from streams.tracks.table import NEVER, Table

_EPSILON_S = 1e-6
# A sensor that misses a track so often in a row, while others see it, does not see that place.
_BLIND_AFTER = 6


def miss(table: Table, index: int, sensor: Sensor, until_s: float) -> None:
    """Charge every look of the sensor up to ``until_s`` that should have seen a track and did not.

    A track is charged only by sensors that see it: by their coverage, or because they have seen it before."""
    n = table.count
    if not sensor.evidence:
        return
    looked = table.looked_s[index, :n]
    waiting = until_s - looked
    late = np.nonzero((waiting > sensor.patience * sensor.revisit_s - _EPSILON_S) & (looked > NEVER))[0]
    if not late.size:
        return
    if sensor.coverage is not None:
        at = mean(table.state[:, :, late], table.mode[:, late])
        seen = sensor.coverage.covers(at[0], at[1])
    else:
        seen = until_s - table.hit_s[index, late] < _BLIND_AFTER * sensor.revisit_s
        seen |= table.hit_s[index, late] >= table.hit_s[:, late].max(axis=0)
    looks = np.floor(waiting[late] / sensor.revisit_s + 1.0 - sensor.patience + _EPSILON_S)
    table.looked_s[index, late] = until_s if sensor.scans else looked[late] + looks * sensor.revisit_s
    late, looks = late[seen], looks[seen]
    table.existence[late] = after_misses(table.existence[late], sensor.detection_probability, looks)


def judge(table: Table, settings: Settings) -> Flags:
    """Confirm what is sure enough; which tracks (count,) live on."""
    n = table.count
    existence, confirmed = table.existence[:n], table.confirmed[:n]
    sure = (existence > settings.confirmed_from) & (table.hits[:n] >= settings.confirmed_hits)
    if settings.confirmed_age_s > 0.0:
        sure &= table.time_s[:n] - table.born_s[:n] >= settings.confirmed_age_s
    confirmed |= sure
    alive: Flags = existence >= np.where(confirmed, settings.deleted_below, settings.tentative_deleted_below)
    return alive


def start(
    table: Table,
    index: int,
    plots: Frame,
    rows: Indices,
    sensors: tuple[Sensor, ...],
    settings: Settings,
    birth_ratio: float,
) -> None:
    """Begin a tentative track at each of the plots, with the id of the observation and no idea of its velocity."""
    new = table.append(rows.size)
    table.clear(new)
    x_m, y_m, time_s = plots.x_m[rows], plots.y_m[rows], plots.time_s[rows]
    state = table.state[:, :, new]
    state[:, 0], state[:, 1] = x_m, y_m
    state[:, 4], state[:, 5], state[:, 6] = plots.xx_m2[rows], plots.yy_m2[rows], plots.xy_m2[rows]
    state[:, 11:13] = settings.birth_sigma_mps**2
    table.mode[0, new], table.mode[1, new] = 1.0 - settings.birth_manoeuvring, settings.birth_manoeuvring
    table.time_s[new] = table.born_s[new] = time_s
    table.existence[new] = birth_ratio / (1.0 + birth_ratio)
    table.id[new] = plots.observation_id[rows]
    table.hits[new] = table.counted[new] = 1
    if plots.class_code is not None:
        told = plots.class_code[rows]
        table.class_code[new], table.class_known[new] = told, told > 0
    if len(sensors) > 1:
        _others_see(table, index, new, sensors)
    table.looked_s[index, new] = table.hit_s[index, new] = time_s


def _others_see(table: Table, index: int, new: slice, sensors: tuple[Sensor, ...]) -> None:
    """Sensors whose coverage is known should see the new tracks from now on; of the others that is to be found out."""
    for other, sensor in enumerate(sensors):
        if sensor.coverage is not None and other != index:
            seen = sensor.coverage.covers(table.state[0, 0, new], table.state[0, 1, new])
            table.looked_s[other, new] = np.where(seen, table.born_s[new], NEVER)


def tell_class(table: Table, tracks: Indices, code: Indices | None) -> None:
    """Take a sensor's word for what the tracks are; 0 says nothing."""
    if code is None:
        return
    told = code > 0
    table.class_code[tracks[told]] = code[told]
    table.class_known[tracks[told]] = True


def speeds(table: Table) -> tuple[Floats, Floats]:
    """Speed of every track and its sigma (count,), m/s, of the likelier model."""
    n = table.count
    model = (table.mode[1, :n] > 0.5).astype(np.intp)
    each = np.arange(n)
    vx, vy = mean(table.state[:, :, :n], table.mode[:, :n])[2:4]
    variance = 0.5 * (table.state[model, 11, each] + table.state[model, 12, each])
    return np.hypot(vx, vy), np.sqrt(variance)
