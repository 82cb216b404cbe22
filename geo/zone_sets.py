"""Sets of zones as small numbers: interned ids, with ports of entry cut out of the territories."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from geo.zones import Zone, ZoneKind

OUTSIDE = 0  # the id of the empty set


class ZoneSets:
    """Interns sets of zone indices. A set that holds a port of entry holds no territory: the port is a hole in it."""

    def __init__(self, zones: tuple[Zone, ...]) -> None:
        self._ids = tuple(zone.zone_id for zone in zones)
        self._territory = frozenset(i for i, zone in enumerate(zones) if zone.kind is ZoneKind.TERRITORY)
        self._ports = frozenset(i for i, zone in enumerate(zones) if zone.kind is ZoneKind.PORT_OF_ENTRY)
        digests = [hashlib.blake2b(zone_id.encode(), digest_size=8).digest() for zone_id in self._ids]
        self.hashes = np.array([int.from_bytes(digest, "big") for digest in digests], np.uint64)
        self._names: list[tuple[str, ...]] = [()]
        self._members: list[frozenset[int]] = [frozenset()]
        self._by_names: dict[tuple[str, ...], int] = {(): OUTSIDE}
        self._by_hash: dict[int, int] = {0: OUTSIDE}

    def names(self, set_id: int) -> tuple[str, ...]:
        """The zone ids of a set, sorted."""
        return self._names[set_id]

    def holds(self, set_id: int, zone: int) -> bool:
        """Whether the set holds the zone of this index."""
        return zone in self._members[set_id]

    def intern(self, zones: frozenset[int]) -> int:
        """The id of the set of zones a position is geometrically in, ports taken out of territories."""
        held = zones - self._territory if zones & self._ports else zones
        names = tuple(sorted(self._ids[zone] for zone in held))
        if names not in self._by_names:
            self._by_names[names] = len(self._names)
            self._names.append(names)
            self._members.append(frozenset(held))
        return self._by_names[names]

    def from_pairs(self, count: int, row: NDArray[np.int64], zone: NDArray[np.int64]) -> NDArray[np.int32]:
        """The ids for ``count`` positions of which ``row`` is in ``zone``, each pair once."""
        mixed = np.zeros(count, np.uint64)
        np.bitwise_xor.at(mixed, row, self.hashes[zone])
        different, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
        ids = np.empty(len(different), np.int32)
        for index, value in enumerate(different.tolist()):
            if value not in self._by_hash:
                self._by_hash[value] = self.intern(frozenset(zone[row == first[index]].tolist()))
            ids[index] = self._by_hash[value]
        return ids[inverse]
