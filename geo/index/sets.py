"""Known sets of zones: from hash to number, proved at build.

A hash stands for a set. That no two sets that occur share one is checked at build with a second, independent hash of
every cell; that each hash is the set it is said to be, by adding up the hashes of the set's zones.
"""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from geo.index.edges import Hashes
from geo.zones import Zone, ZoneKind


class HashCollision(RuntimeError):
    """Two different sets of zones have one hash (odds of 1 in 10^13 for a thousand sets): rename one of the zones."""


class KnownSets:
    """Sets of zones by number. ``ids[i]`` is the number of the set with hash ``hashes[i]`` (sorted).

    A set here is where a position *geometrically* is; what ports of entry do to it is the business of
    :class:`geo.index.layers.Layers`.
    """

    def __init__(self, zones: Iterable[tuple[str, ZoneKind]]) -> None:
        kept = tuple(zones)
        self.zone_ids = tuple(zone_id for zone_id, _ in kept)
        self.kinds = tuple(kind for _, kind in kept)
        self.hashes = np.zeros(1, np.uint64)
        self.ids = np.zeros(1, np.int32)
        self.members: list[frozenset[int]] = [frozenset()]
        self._numbers: dict[frozenset[int], int] = {frozenset(): 0}
        self._learned: dict[int, frozenset[int]] = {}  # at query time, by hash

    @classmethod
    def of(cls, zones: Iterable[Zone]) -> "KnownSets":
        """No sets yet, over these zones."""
        return cls((zone.zone_id, zone.kind) for zone in zones)

    def learn(self, hashes: NDArray[np.uint64], members: Iterable[frozenset[int]]) -> None:
        """Take in the sets of a build: sorted distinct hashes and the zones of each."""
        self.hashes = hashes
        self.ids = np.array([self.intern(zones) for zones in members], np.int32)

    def intern(self, zones: frozenset[int]) -> int:
        """The number of a set of zones."""
        found = self._numbers.get(zones)
        if found is None:
            found = self._numbers[zones] = len(self.members)
            self.members.append(zones)
        return found

    def __len__(self) -> int:
        return len(self.members)

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Numbers by hash, -1 where it was not seen at build."""
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[place] == hashes, self.ids[place], np.int32(-1))

    def resolve(self, value: int, decode: Callable[[], frozenset[int]]) -> frozenset[int]:
        """The zones of a hash; ``decode`` works them out, once, where the build has not seen it."""
        place = int(np.searchsorted(self.hashes, np.uint64(value)))
        if place < len(self.hashes) and int(self.hashes[place]) == value:
            return self.members[int(self.ids[place])]
        if value not in self._learned:
            self._learned[value] = decode()
        return self._learned[value]


def distinct(hashes: Hashes) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """Sorted distinct first hashes of ``(n, 2)``, one row that has each, and each row's number among them.

    Raises :class:`HashCollision` where the second hash differs within one first hash."""
    # neighbours are mostly equal, so sorting what differs from the row before is sorting little
    change = np.empty(len(hashes), bool)
    change[:1] = True
    np.not_equal(hashes[1:, 0], hashes[:-1, 0], out=change[1:])
    change[1:] |= hashes[1:, 1] != hashes[:-1, 1]
    runs = np.flatnonzero(change)
    order = np.argsort(hashes[runs, 0], kind="stable")
    ordered = hashes[runs[order]]
    new = np.ones(len(runs), bool)
    new[1:] = ordered[1:, 0] != ordered[:-1, 0]
    if ((ordered[1:, 1] != ordered[:-1, 1]) & ~new[1:]).any():
        raise HashCollision(HashCollision.__doc__)
    number = np.empty(len(runs), np.int64)
    number[order] = np.cumsum(new) - 1
    return ordered[new, 0], runs[order[new]], np.repeat(number, np.diff(runs, append=len(hashes)))
