"""What is known of tracks by other ways than plots: linear measurements of single tracks, evidence for their existence,
states that another tracker or a chain of triggers gives. Columns of the tracker's table; nothing here looks at plots.
"""

import math

import numpy as np

from streams.tracks.imm import as_matrices, mean
from streams.tracks.motion import COVARIANCE, FIRST, MEAN, SECOND
from streams.tracks.state import Flags, Floats, Ids
from streams.tracks.table import NEVER, Table
from streams.tracks.tracker import Tracker

_LEAST_MODE = 1e-4


def column_of(table: Table, track: int) -> int:
    """The column of a track, -1 where there is none of that id."""
    found = np.flatnonzero(table.id[: table.count] == np.uint64(track))
    return int(found[0]) if found.size else -1


def narrow(tracker: Tracker, track: int, sensor: int, time_s: float, by: Floats, off: Floats, error: Floats) -> bool:
    """Correct a track by a measurement of ``by`` (r, 4) times its state, ``error`` (r, r), that differs by ``off`` (r,)
    from what the mean at ``time_s`` would give. Whether it did: what is older than the track changes nothing.

    Each of the two models is corrected, and weighed by how well it foresaw the measurement."""
    table, column = tracker.table, column_of(tracker.table, track)
    if column < 0 or time_s < table.time_s[column]:
        return False
    at = np.array([column])
    dt_s = time_s - table.time_s[at]
    noise = table.noise.take(at, axis=1)
    expected, mode = tracker.roles.predict(
        table.state.take(at, axis=2), table.mode.take(at, axis=1), dt_s, noise, tracker.settings
    )
    middle = mean(expected, mode)[:, 0]
    likelihood = np.empty(2)
    for model in range(2):
        (state,), (covariance,) = as_matrices(expected[:, model])
        innovation = off - by @ (state - middle)
        spread = by @ covariance @ by.T + error
        gain = np.linalg.solve(spread, by @ covariance).T
        after = covariance - gain @ spread @ gain.T
        expected[MEAN, model, 0] = state + gain @ innovation
        expected[COVARIANCE, model, 0] = after[FIRST, SECOND]
        distance = innovation @ np.linalg.solve(spread, innovation)
        likelihood[model] = np.exp(-0.5 * distance) / np.sqrt(np.linalg.det(spread))
    weight = np.maximum(mode[:, 0] * likelihood, 1e-300)
    table.state[:, :, column] = expected[:, :, 0]
    table.mode[:, column] = np.maximum(weight / weight.sum(), _LEAST_MODE)
    table.time_s[column] = time_s
    credit(tracker, track, sensor, time_s)
    return True


def believe(tracker: Tracker, ids: Ids, log_ratio: Floats) -> None:
    """Weigh the existence of tracks by log-likelihood ratios (n,) for "there is an object"; 0 says nothing."""
    table = tracker.table
    for track, told in zip(ids.tolist(), log_ratio.tolist(), strict=True):
        column = column_of(table, track)
        if column >= 0 and told:
            existence = min(max(float(table.existence[column]), 1e-12), 1.0 - 1e-12)
            odds = math.log(existence / (1.0 - existence)) + told
            table.existence[column] = min(1.0 / (1.0 + math.exp(-odds)), tracker.settings.existence_cap)


def adopt(
    tracker: Tracker, track: int, sensor: int, time_s: float, state: Floats, covariance: Floats, class_code: int = 0
) -> None:
    """A track with a state (4,), (4, 4) that was worked out elsewhere: begun and confirmed, or given that state."""
    table = tracker.table
    column = column_of(table, track)
    if column < 0:
        column = _begin(tracker, track, time_s, class_code)
    table.state[MEAN, :, column] = state[:, None]
    table.state[COVARIANCE, :, column] = covariance[FIRST, SECOND][:, None]
    table.time_s[column] = time_s
    credit(tracker, track, sensor, time_s)


def _begin(tracker: Tracker, track: int, time_s: float, class_code: int) -> int:
    table, settings = tracker.table, tracker.settings
    new = table.append(1)
    table.id[new] = np.uint64(track)
    table.born_s[new] = time_s
    table.existence[new] = settings.existence_cap
    table.hits[new], table.counted[new] = settings.confirmed_hits, 0.0
    table.confirmed[new] = True
    if class_code:
        table.classify(new, np.array([class_code], np.int8))
        table.class_known[new] = True
    return int(new.start)


def credit(tracker: Tracker, track: int, sensor: int, time_s: float) -> None:
    """Note that a sensor has seen a track, whatever it said of where; it did not miss it until then."""
    table, column = tracker.table, column_of(tracker.table, track)
    if column < 0:
        return
    table.hit_s[sensor, column] = max(float(table.hit_s[sensor, column]), time_s)
    if table.looked_s[sensor, column] > NEVER:
        table.looked_s[sensor, column] = max(float(table.looked_s[sensor, column]), time_s)


def seen_by(tracker: Tracker, track: int) -> Flags:
    """Which sensors (s,) have ever seen a track; none where there is no such track."""
    column = column_of(tracker.table, track)
    return tracker.table.hit_s[:, column] > NEVER if column >= 0 else np.zeros(len(tracker.sensors), bool)


def time_of(tracker: Tracker, track: int) -> float:
    """The time of a track's state, s; for ever where there is no such track."""
    column = column_of(tracker.table, track)
    return float(tracker.table.time_s[column]) if column >= 0 else math.inf


def fade(tracker: Tracker, time_s: float, patience_s: Floats) -> Ids:
    """End the tracks that every sensor has left alone for longer than its patience (s,); their ids."""
    table = tracker.table
    hit_s = table.hit_s[:, : table.count]
    recent: Flags = (hit_s > NEVER) & (hit_s >= time_s - patience_s[:, None])
    kept = np.asarray(recent.any(axis=0), np.bool_)
    ended: Ids = table.id[: table.count][~kept]
    if ended.size:
        table.keep(kept)
    return ended
