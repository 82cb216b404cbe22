"""Which track follows which object over time: switches, gaps, false tracks (CLEAR-MOT).

Bernardin and Stiefelhagen, "Evaluating multiple object tracking performance: the CLEAR MOT metrics" (2008): a pair
stays together while it is closer than ``c_m``; of what is left as many as possible are paired afresh, with the least
sum of distances. A switch is an object followed by another track than the last that followed it, also after a gap.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.gospa import Floats, nearest_pairs

_FALSE_SHARE = 0.5  # a track that follows an object for less than this share of its life is a false one


class Followed(NamedTuple):
    """What happened over all moments. ``confirm_s`` is, per object that was ever followed, the time from its first
    moment to the first track on it."""

    objects: int
    never_followed: int
    tracks: int
    false_tracks: int
    switches: int
    fragmentations: int
    tracks_per_object: float | None  # among objects that were followed; 1 is best
    confirm_s: list[float]


class ClearMot:
    """Counts over moments given in order of time; ``c_m`` metres is the distance from which on a track is not it."""

    def __init__(self, c_m: float) -> None:
        self._c_m = c_m
        self._together: dict[str, str] = {}
        self._last: dict[str, str] = {}
        self._first_s: dict[str, float] = {}
        self._confirmed_s: dict[str, float] = {}
        self._lost: set[str] = set()
        self._age: Counter[str] = Counter()
        self._good: Counter[str] = Counter()
        self._tracks_of: dict[str, dict[str, None]] = {}
        self._switches = self._fragmentations = 0

    def step(
        self, time_s: float, objects: Sequence[str], truth_xy: Floats, tracks: Sequence[str], track_xy: Floats
    ) -> dict[str, str]:
        """One moment: objects at ``(n, 2)`` and tracks at ``(m, 2)`` metres, ids distinct. The track of each object
        that is followed."""
        pairs = self._pair(objects, truth_xy, tracks, track_xy)
        for name in objects:
            self._first_s.setdefault(name, time_s)
        self._age.update(tracks)
        for name, track in pairs.items():
            self._switches += self._last.get(name, track) != track
            self._fragmentations += name in self._lost
            self._last[name] = track
            self._confirmed_s.setdefault(name, time_s)
            self._tracks_of.setdefault(name, {})[track] = None
            self._good[track] += 1
        for name in objects:
            if name in pairs:
                self._lost.discard(name)
            elif name in self._last:
                self._lost.add(name)
        self._together = pairs
        return pairs

    def _pair(
        self, objects: Sequence[str], truth_xy: Floats, tracks: Sequence[str], track_xy: Floats
    ) -> dict[str, str]:
        row = {name: i for i, name in enumerate(objects)}
        column = {name: i for i, name in enumerate(tracks)}
        pairs: dict[str, str] = {}
        for name, track in self._together.items():
            i, j = row.get(name), column.get(track)
            if i is not None and j is not None and np.hypot(*(truth_xy[i] - track_xy[j])) < self._c_m:
                pairs[name] = track
        taken = set(pairs.values())
        rows = [i for i, name in enumerate(objects) if name not in pairs]
        columns = [j for j, name in enumerate(tracks) if name not in taken]
        fresh, _ = nearest_pairs(truth_xy[rows], track_xy[columns], c_m=self._c_m, p=1, most=True)
        return pairs | {objects[rows[i]]: tracks[columns[j]] for i, j in fresh.tolist()}

    def followed(self) -> Followed:
        """The counts up to now."""
        per_object = [len(tracks) for tracks in self._tracks_of.values()]
        return Followed(
            objects=len(self._first_s),
            never_followed=len(self._first_s) - len(self._confirmed_s),
            tracks=len(self._age),
            false_tracks=sum(self._good[track] < _FALSE_SHARE * age for track, age in self._age.items()),
            switches=self._switches,
            fragmentations=self._fragmentations,
            tracks_per_object=sum(per_object) / len(per_object) if per_object else None,
            confirm_s=[at_s - self._first_s[name] for name, at_s in self._confirmed_s.items()],
        )
