"""One name, two transmitters: parts of a name that are heard in turn."""

from typing import NamedTuple

import numpy as np

from streams.tracks.identity.filter import Ints
from streams.tracks.identity.names import PARTS
from streams.tracks.identity.reporters import RECENT, Reporters

WINDOW_S = 600.0  # GFW and Banyś 2024: alternation between two consistent tracks; ten minutes is an engineering value


class Duplicates(NamedTuple):
    """Names in use twice; columns (n,), one row per pair of parts, ascending."""

    name: Ints
    one: Ints  # the two parts
    other: Ints


def duplicates(reporters: Reporters, now_s: float, window_s: float = WINDOW_S) -> Duplicates:
    """Pairs of parts of one name with three reports each, interleaved, all within ``window_s`` of ``now_s``.

    A part that only replaced another (a jump, then silence at the old place) is no pair: their reports do not
    interleave.
    """
    found: list[tuple[int, int]] = []
    oldest, newest = reporters.recent_s[:, RECENT - 1], reporters.recent_s[:, 0]
    whole = np.flatnonzero(oldest >= now_s - window_s)
    for distance in (1, 2):
        one, other = whole[:-distance], whole[distance:]
        same = reporters.part[one] // PARTS == reporters.part[other] // PARTS
        interleaved = (oldest[one] < newest[other]) & (oldest[other] < newest[one])
        rows = np.flatnonzero(same & interleaved)
        found += zip(one[rows].tolist(), other[rows].tolist(), strict=True)
    found.sort()
    one, other = (np.array([pair[side] for pair in found], np.int64) for side in (0, 1))
    parts = reporters.part
    return Duplicates(parts[one] // PARTS, parts[one], parts[other])
