"""Who owns what: sector → partition of ``observations.v1``, sector → area → partition of the area owners' topics.

The one module that chooses partitions. A record's key is an identity; its partition is an owner, looked up here and
never left to a client's hash. Tables come from the configuration and change only by stop, drain, restart.

A sector is an H3 cell of resolution 4 (about 1,770 km², edge 22.6 km; h3geo.org cell statistics). By default sectors
that share their resolution-2 parent share an owner, so that neighbours mostly stay together, and an area is the
resolution-1 parent. Both parents are read straight from the bits of the cell index.
"""

import hashlib

import msgspec
import numpy as np
from numpy.typing import NDArray

_DIGIT = 0b111


class Owners(msgspec.Struct, frozen=True):
    """The owner tables. ``areas`` and ``sectors`` override the default for named areas and single cells (hex)."""

    partitions: int
    areas: dict[int, int] = {}  # area -> partition of detections.v1, dispatches.v1, alerts.v1, tasks.v1
    sectors: dict[str, int] = {}  # H3 cell, hexadecimal -> partition of observations.v1

    def owner_of(self, sector: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Partition of the sector's owner, shape as ``sector``."""
        owners = (_mixed(sector >> np.uint64(39)) % np.uint64(self.partitions)).astype(np.int32)
        for cell, partition in self.sectors.items():
            owners[sector == np.uint64(int(cell, 16))] = partition
        return owners

    def area_owner(self, area: int) -> int:
        """Partition of an area's owner in every area-owned topic."""
        if area in self.areas:
            return self.areas[area]
        return int(_mixed(np.array([area], np.uint64))[0] % np.uint64(self.partitions))


def area_of(sector: NDArray[np.uint64]) -> NDArray[np.int32]:
    """Index of the area a sector belongs to: base cell (7 bits) and first digit (3 bits) of the H3 index."""
    base = (sector >> np.uint64(45)) & np.uint64(0b1111111)
    digit = (sector >> np.uint64(42)) & np.uint64(_DIGIT)
    return (base * np.uint64(8) + digit).astype(np.int32)


def stable_partition(key: str, partitions: int) -> int:
    """A partition for a key that has no owner table (raw topics by sensor, dead letters, snapshots, tracks)."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") % partitions


def _mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser: neighbouring numbers to unrelated ones, the same on every machine."""
    with np.errstate(over="ignore"):
        value = value.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
