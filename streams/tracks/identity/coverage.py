"""Where AIS is heard: the share of expected messages that arrive, learned per cell from senders that keep reporting.

Silence is evidence only there. A cell nobody was heard in, and every cell while the receivers themselves are silent,
has no coverage.
"""

from typing import NamedTuple

import numpy as np

from streams.tracks.identity.columns import dump, load
from streams.tracks.identity.filter import Floats, Ints

_SPAN = 1 << 20  # cells along an axis, both ways from the sector's origin


class CoverageRules(NamedTuple):
    """Engineering values, to be fitted to a coast."""

    cell_m: float = 5000.0
    memory_s: float = 3600.0
    least_expected: float = 20.0  # messages, before a cell is believed
    healthy_s: float = 60.0  # without any message at all the receivers count as failed
    longest: float = 20.0  # intervals; a longer silence is a sender that was off, not messages that were lost


class Coverage(NamedTuple):
    """Counts per cell, by ascending ``cell``. Columns (k,)."""

    cell: Ints
    expected: Floats
    received: Floats
    time_s: Floats  # up to which the counts are faded
    heard_s: Floats  # (1,) the last message of all

    @classmethod
    def none(cls) -> "Coverage":
        """Nothing heard yet."""
        return cls(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0), np.array([-np.inf]))

    def dump(self) -> bytes:
        """The whole state."""
        return dump(self._asdict())

    @classmethod
    def load(cls, record: bytes) -> "Coverage":
        """The state that `dump` wrote, bit for bit."""
        return cls(**load(record))  # type: ignore[arg-type]  # one column each, of the type dumped


def cells(position_m: Floats, rules: CoverageRules) -> Ints:
    """The cell of each position ``(n, 2)``."""
    at = np.floor(position_m / rules.cell_m).astype(np.int64) + _SPAN
    return at[:, 0] * (2 * _SPAN) + at[:, 1]


def hear(
    coverage: Coverage, position_m: Floats, time_s: Floats, since_s: Floats, interval_s: Floats, rules: CoverageRules
) -> Coverage:
    """Messages at positions (n, 2) and times (n,): each arrived, and ``since_s / interval_s`` were sent since the last.

    ``since_s``: seconds since the sender's message before, NaN for its first one, which counts for health only.
    """
    if not len(time_s):
        return coverage
    sent = since_s / interval_s
    counted = ~np.isnan(sent) & (sent <= rules.longest)
    heard_s = np.maximum(coverage.heard_s, time_s.max())
    cell, group = np.unique(cells(position_m[counted], rules), return_inverse=True)
    newest = np.full(len(cell), -np.inf)
    np.maximum.at(newest, group, time_s[counted])
    every = np.union1d(coverage.cell, cell)
    expected, received, at_s = np.zeros(len(every)), np.zeros(len(every)), np.full(len(every), -np.inf)
    old, new = np.searchsorted(every, coverage.cell), np.searchsorted(every, cell)
    expected[old], received[old], at_s[old] = coverage.expected, coverage.received, coverage.time_s
    now_s = at_s.copy()
    now_s[new] = np.maximum(at_s[new], newest)
    fade = np.where(
        np.isfinite(at_s), np.exp(-(now_s - np.where(np.isfinite(at_s), at_s, now_s)) / rules.memory_s), 0.0
    )
    expected, received = expected * fade, received * fade
    weight = np.exp(-(now_s[new][group] - time_s[counted]) / rules.memory_s)
    expected[new] += np.bincount(group, weight * np.maximum(sent[counted], 1.0), len(cell))
    received[new] += np.bincount(group, weight, len(cell))
    return Coverage(every, expected, received, now_s, heard_s)


def reception(coverage: Coverage, position_m: Floats, time_s: float, rules: CoverageRules) -> Floats:
    """The share of messages received at each position (n, 2), 0 where nothing is known or the receivers are silent."""
    out = np.zeros(len(position_m))
    if not len(coverage.cell) or time_s - float(coverage.heard_s[0]) > rules.healthy_s:
        return out
    wanted = cells(position_m, rules)
    row = np.minimum(np.searchsorted(coverage.cell, wanted), len(coverage.cell) - 1)
    fade = np.exp(-np.maximum(time_s - coverage.time_s[row], 0.0) / rules.memory_s)
    known = (coverage.cell[row] == wanted) & (coverage.expected[row] * fade >= rules.least_expected)
    out[known] = coverage.received[row[known]] / coverage.expected[row[known]]
    return out
