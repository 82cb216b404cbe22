"""How tracks begin, are missed, are confirmed and end."""

import numpy as np
from numpy.typing import NDArray

from streams.tracks.classes import NOISE
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
    missed = waiting > sensor.patience * sensor.revisit_s - _EPSILON_S
    missed &= looked > NEVER
    late = missed.nonzero()[0]
    if not late.size:
        return
    waiting = waiting.take(late)
    looks = np.floor(waiting * (1.0 / sensor.revisit_s) + (1.0 - sensor.patience + _EPSILON_S))
    looked[late] = until_s if sensor.scans else looked.take(late) + looks * sensor.revisit_s
    if len(table.hit_s) > 1 or sensor.coverage is not None:  # a sensor alone is blind to nothing it has seen
        seen = _sees(table, index, sensor, until_s, late)
        late, looks = late[seen], looks[seen]
    existence = table.existence
    existence[late] = after_misses(existence.take(late), sensor.detection_probability, looks)


def _sees(table: Table, index: int, sensor: Sensor, until_s: float, tracks: Indices) -> Flags:
    """Whether the sensor sees where the tracks are."""
    if sensor.coverage is not None:
        at = mean(table.state.take(tracks, axis=2), table.mode.take(tracks, axis=1))
        return sensor.coverage.covers(at[0], at[1])
    hit_s = table.hit_s.take(tracks, axis=1)
    seen: Flags = until_s - hit_s[index] < _BLIND_AFTER * sensor.revisit_s
    seen |= hit_s[index] >= hit_s.max(axis=0)
    return seen


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


def prepare(table: Table, settings: Settings) -> None:
    """Say once how tracks begin: at their first plot, with no idea of their velocity."""
    state, facts = table.newborn()
    state[11:13] = settings.birth_sigma_mps**2
    facts.mode[:, 0] = 1.0 - settings.birth_manoeuvring, settings.birth_manoeuvring
    facts.hits[:] = facts.counted[:] = 1.0
    facts.noise[:] = NOISE[:, :1]


def start(
    table: Table, index: int, plots: Frame, rows: Indices, sensors: tuple[Sensor, ...], settings: Settings, ratio: float
) -> None:
    """Begin a tentative track at each of the plots, with the id of the observation; ``ratio`` of new objects to false
    plots."""
    new = table.append(rows.size)
    time_s = plots.time_s.take(rows)
    state = table.state[:, :, new]
    state[0], state[1] = plots.x_m.take(rows), plots.y_m.take(rows)
    state[4], state[5], state[6] = plots.xx_m2.take(rows), plots.yy_m2.take(rows), plots.xy_m2.take(rows)
    table.time_s[new] = table.born_s[new] = time_s
    table.existence[new] = ratio / (1.0 + ratio)
    table.id[new] = plots.observation_id.take(rows)
    if plots.class_code is not None:
        told = plots.class_code.take(rows)
        table.classify(new, told)
        table.class_known[new] = told > 0
    if len(sensors) > 1:
        _others_see(table, index, new, sensors)
    table.facts.seen_s[2 * index : 2 * index + 2, new] = time_s


def _others_see(table: Table, index: int, new: slice, sensors: tuple[Sensor, ...]) -> None:
    """Sensors whose coverage is known should see the new tracks from now on; of the others that is to be found out."""
    for other, sensor in enumerate(sensors):
        if sensor.coverage is not None and other != index:
            seen = sensor.coverage.covers(table.state[0, 0, new], table.state[1, 0, new])
            table.looked_s[other, new] = np.where(seen, table.born_s[new], NEVER)


def tell_class(table: Table, tracks: Indices, code: NDArray[np.int8]) -> None:
    """Take a sensor's word for what the tracks are; 0 says nothing."""
    told = code > 0
    table.classify(tracks[told], code[told])
    table.class_known[tracks[told]] = True


def speeds(table: Table) -> tuple[Floats, Floats]:
    """Speed of every track and its sigma (count,), m/s, of the likelier model."""
    n = table.count
    model = (table.mode[1, :n] > 0.5).astype(np.intp)
    each = np.arange(n)
    vx, vy = mean(table.state[:, :, :n], table.mode[:, :n])[2:4]
    variance = 0.5 * (table.state[11, model, each] + table.state[12, model, each])
    return np.hypot(vx, vy), np.sqrt(variance)
