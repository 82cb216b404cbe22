"""Is a track silent that ought to transmit? A sequential test per track, three labels, and where no label is allowed.

While no report is received that could be the track's own, the log-likelihood ratio of "equipped and transmitting"
against "silent" falls by ``dt * reception / interval`` (the log chance that a Poisson sender stays unheard).
"""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from streams.tracks.identity.columns import dump, load
from streams.tracks.identity.filter import Bools, Floats, Ids, Ints


class Label(IntEnum):
    """What a silent track is called; the first is the strongest."""

    NONE = 0
    WENT_DARK = 1  # it had a name, and radar still sees it
    EXPECTED_ABSENT = 2  # of a size or speed that has to transmit
    NON_COOPERATIVE = 3  # small craft without that duty


class DarkRules(NamedTuple):
    """``limit``: one wrong label in a hundred tests; ``settled_s`` after confirmation, time for a first report."""

    limit: float = math.log(0.01)
    settled_s: float = 25.0


class Circumstances(NamedTuple):
    """What bears on each track now, by ascending ``id``. Columns (m,)."""

    id: Ids
    confirmed: Bools
    bound: Bools  # a sender is bound to it
    candidate: Bools  # an unbound sender has a positive score with it
    reported: Bools  # since the last step a report came that may be its own: bound, or a candidate's
    interval_s: Floats  # how often it would report: of its sender where known, else of its class and speed
    reception: Floats  # share of messages received at its place, 0..1; 0 outside healthy AIS coverage
    registered: Bools  # every radar that contributes is registered
    duty: Bools  # its class or size has to transmit
    afloat: Bools  # only boats are judged


class Darkness(NamedTuple):
    """The test's state, by ascending ``id``. Columns (m,)."""

    id: Ids
    time_s: Floats
    confirmed_s: Floats  # since when it is confirmed, NaN where it is not
    ratio: Floats  # log-likelihood ratio, at most 0
    had_name: Bools
    dark: Bools  # the label stands until a bond clears it
    label: Ints  # `Label` as published: NONE while an unregistered radar contributes or AIS is not heard there

    @classmethod
    def none(cls) -> "Darkness":
        """No track yet."""
        zero, no = np.zeros(0), np.zeros(0, np.bool_)
        return cls(np.zeros(0, np.uint64), zero, zero, zero, no, no, np.zeros(0, np.int64))

    def dump(self) -> bytes:
        """The whole state."""
        return dump(self._asdict())

    @classmethod
    def load(cls, record: bytes) -> "Darkness":
        """The state that `dump` wrote, bit for bit."""
        return cls(**load(record))  # type: ignore[arg-type]  # one column each, of the type dumped


def step(darkness: Darkness, now: Circumstances, time_s: float, rules: DarkRules) -> Darkness:
    """The test at ``time_s``; tracks that are gone leave it, new ones enter with a ratio of 0.

    Where nothing can be heard the ratio stands still: silence is no evidence there. While an unregistered radar
    contributes it is 0: reports would lie beside the track, and their absence means nothing. A standing label is
    withheld as long as an unregistered radar contributes or coverage is lost; only a bond that reports clears it.
    """
    old = np.searchsorted(darkness.id, now.id)
    at = np.minimum(old, max(len(darkness.id) - 1, 0))
    known = darkness.id[at] == now.id if len(darkness.id) else np.zeros(len(now.id), np.bool_)

    def before(column: Floats | Bools, default: float) -> Floats:
        return np.where(known, column[at], default) if len(darkness.id) else np.full(len(now.id), default)

    since_s = before(darkness.time_s, time_s)
    confirmed_s = before(darkness.confirmed_s, np.nan)
    confirmed_s = np.where(now.confirmed, np.where(np.isnan(confirmed_s), time_s, confirmed_s), np.nan)
    allowed = now.confirmed & now.registered & now.afloat & (now.reception > 0.0)
    elapsed = np.where(allowed, np.maximum(time_s - since_s, 0.0), 0.0)
    ratio = before(darkness.ratio, 0.0) - elapsed * now.reception / now.interval_s
    ratio = np.where(now.reported | ~now.registered, 0.0, ratio)
    had_name = (before(darkness.had_name, 0.0) > 0) | now.bound
    settled = time_s - np.where(np.isnan(confirmed_s), time_s, confirmed_s) >= rules.settled_s
    falls = allowed & settled & ~now.candidate & (ratio < rules.limit)
    was = before(darkness.dark, 0.0) > 0
    dark = (was & ~(now.bound & now.reported)) | falls
    kind = np.where(had_name, Label.WENT_DARK, np.where(now.duty, Label.EXPECTED_ABSENT, Label.NON_COOPERATIVE))
    label = np.where(dark & allowed, kind, Label.NONE).astype(np.int64)
    times = np.full(len(now.id), time_s)
    return Darkness(now.id.copy(), np.maximum(times, since_s), confirmed_s, ratio, had_name, dark, label)


CLASS_A, CLASS_B_CS, CLASS_B_SO = "A", "B-CS", "B-SO"


def nominal_interval_s(station: str, speed_mps: Floats, turning: Bools) -> Floats:
    """How often AIS stations under way report, by class and speed (ITU-R M.1371-5 annex 1, tables 1 and 2)."""
    knots = speed_mps / 0.514444
    if station == CLASS_A:
        straight = np.select([knots > 23.0, knots > 14.0, knots > 0.5], [2.0, 6.0, 10.0], 180.0)
        return np.where(turning & (knots > 0.5), np.select([knots > 14.0], [2.0], 10.0 / 3.0), straight)
    if station == CLASS_B_SO:
        return np.select([knots > 23.0, knots > 14.0, knots > 2.0], [5.0, 15.0, 30.0], 180.0)
    return np.where(knots > 2.0, 30.0, 180.0)
