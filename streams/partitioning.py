"""Who owns what: sector → partition of ``observations.v1``, sector → area → partition of the area owners' topics.

The one module that chooses partitions. A record's key is an identity; its partition is an owner, looked up here and
never left to a client's hash. Tables come from the configuration and change only by stop, drain, restart.

A sector is an H3 cell of resolution 4 (about 1,770 km², edge 22.6 km; h3geo.org cell statistics). By default sectors
that share their resolution-2 parent share an owner, so that neighbours mostly stay together, and an area is the
resolution-1 parent. Both parents are read straight from the bits of the cell index. Polygons may be drawn instead: they
own the cells whose centres they hold (:func:`drawn`), so that all that is sent is addressed by cells all the same.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from geo.named_sectors import named_sectors, owners_by_cell

_DIGIT = 0b111


class Owners(msgspec.Struct, frozen=True, dict=True):
    """The owner tables. ``areas`` and ``sectors`` override the default for named areas and single cells (hex).

    ``polygons`` names a GeoJSON file of drawn sectors; whoever loads the configuration turns it into ``sectors``."""

    partitions: int
    areas: dict[int, int] = {}  # area -> partition of detections.v1, dispatches.v1, alerts.v1, tasks.v1
    sectors: dict[str, int] = {}  # H3 cell, hexadecimal -> partition of observations.v1
    polygons: str | None = None  # features with `sector` and `owner`, beside the configuration file

    def owner_of(self, sector: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Partition of the sector's owner, shape as ``sector``."""
        owners = (_mixed(sector >> np.uint64(39)) % np.uint64(self.partitions)).astype(np.int32)
        if self.sectors:
            cells, partitions = self._table
            place = np.minimum(np.searchsorted(cells, sector), len(cells) - 1)
            owners = np.where(cells[place] == sector, partitions[place], owners)
        return owners

    @cached_property
    def _table(self) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """The single cells, ascending, and their owners."""
        told = sorted((int(cell, 16), partition) for cell, partition in self.sectors.items())
        return np.array([cell for cell, _ in told], np.uint64), np.array([owner for _, owner in told], np.int32)

    def area_owner(self, area: int) -> int:
        """Partition of an area's owner in every area-owned topic."""
        if area in self.areas:
            return self.areas[area]
        return int(_mixed(np.array([area], np.uint64))[0] % np.uint64(self.partitions))


def drawn(owners: Owners, collection: Mapping[str, object]) -> Owners:
    """The owners with the sectors of a GeoJSON FeatureCollection (features with ``sector`` and ``owner``) as a table of
    cells; single cells that are named beside them count before. Raises ValueError, naming what was expected."""
    named = named_sectors(collection)
    for name, owner in named.owner_by_name.items():
        if owner >= owners.partitions:
            raise ValueError(f"sector {name}: expected an `owner` below {owners.partitions}, got {owner}")
    cells = owners_by_cell(named)
    return msgspec.structs.replace(
        owners, sectors={**{f"{cell:x}": one for cell, one in cells.items()}, **owners.sectors}
    )


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
