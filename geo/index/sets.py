"""Known sets of zones: from hash to interned id, with ports of entry cut out of the territories, and proved at build.

A hash stands for a set. That no two sets that occur share one is checked at build with a second, independent hash of
every cell; that each hash is the set it is said to be, by adding up the hashes of the set's zones.
"""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from geo.index.edges import Hashes
from geo.zones import Zone, ZoneKind

Decoder = Callable[[float, float], frozenset[int]]


class HashCollision(RuntimeError):
    """Two different sets of zones have one hash (odds of 1 in 10^13 for a thousand sets): rename one of the zones."""


class KnownSets:
    """Sets seen so far. ``ids[i]`` is the interned id of the set with hash ``hashes[i]`` (sorted)."""

    def __init__(self, zones: Iterable[tuple[str, ZoneKind]]) -> None:
        kept = tuple(zones)
        self.zone_ids = tuple(zone_id for zone_id, _ in kept)
        self.kinds = tuple(kind for _, kind in kept)
        self._territory = frozenset(i for i, kind in enumerate(self.kinds) if kind is ZoneKind.TERRITORY)
        self._ports = frozenset(i for i, kind in enumerate(self.kinds) if kind is ZoneKind.PORT_OF_ENTRY)
        self.hashes = np.zeros(1, np.uint64)
        self.ids = np.zeros(1, np.int32)
        self.raw: list[frozenset[int]] = [frozenset()]  # by position in ``hashes``
        self._names: list[tuple[str, ...]] = [()]
        self._by_names: dict[tuple[str, ...], int] = {(): 0}
        self._learned: dict[int, tuple[int, frozenset[int]]] = {}  # at query time: hash -> (id, raw set)

    @classmethod
    def of(cls, zones: Iterable[Zone]) -> "KnownSets":
        """No sets yet, over these zones."""
        return cls((zone.zone_id, zone.kind) for zone in zones)

    def learn(self, hashes: Hashes, raw: list[frozenset[int]]) -> None:
        """Take in the sets of a build: sorted distinct hashes and the zones of each."""
        self.hashes, self.raw = hashes, raw
        self.ids = np.array([self.intern(zones) for zones in raw], np.int32)

    def intern(self, zones: frozenset[int]) -> int:
        """The id of the set of zones a position is geometrically in, ports taken out of territories."""
        held = zones - self._territory if self._ports and zones & self._ports else zones
        names = tuple(sorted(self.zone_ids[zone] for zone in held))
        found = self._by_names.get(names)
        if found is None:
            found = self._by_names[names] = len(self._names)
            self._names.append(names)
        return found

    def names(self, set_id: int) -> tuple[str, ...]:
        """The zone ids of a set, sorted."""
        return self._names[set_id]

    def __len__(self) -> int:
        return len(self._names)

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Ids by hash, -1 where it was not seen at build."""
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[place] == hashes, self.ids[place], np.int32(-1))

    def zones_of_hash(self, value: int) -> frozenset[int] | None:
        """The zones of a hash, where known."""
        place = int(np.searchsorted(self.hashes, np.uint64(value)))
        if place < len(self.hashes) and int(self.hashes[place]) == value:
            return self.raw[place]
        learned = self._learned.get(value)
        return learned[1] if learned else None

    def resolve(self, value: int, decode: Callable[[], frozenset[int]]) -> tuple[int, frozenset[int]]:
        """Id and zones of a hash; ``decode`` works them out, once, where the build has not seen it."""
        zones = self.zones_of_hash(value)
        if zones is not None:
            return self.intern(zones), zones
        zones = decode()
        learned = self._learned[value] = (self.intern(zones), zones)
        return learned


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
