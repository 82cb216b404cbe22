"""Fences without building again what is built already.

The index of many borders takes seconds to build and some hundred megabytes. It is kept on disk, where any number of
workers of a machine map the same one into memory; and an edit of a few zones is laid over the index of the version
before in a fraction of a second. What a fence answers does not depend on how it came about.
"""

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import shapely

import geo.index
from geo.fence import Fence, indexed
from geo.index.store import NotAnIndex
from geo.zone_index import ZoneIndex
from geo.zones import Zone, ZoneSet
from streams.cache import locked

FEW_EDGES = 20_000  # built in less time than it takes to look for it
MOST_KEPT = 4  # indices of the whole world at 10 m take 240 MB each
LARGEST_EDIT = 0.25  # of the edges: every position is asked of the edit too


class Fences:
    """Makes fences; ``directory`` is where indices are kept, made when it is needed. Raises what :class:`Fence` does.

    A directory that cannot be written costs the time of building and nothing else."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._base: tuple[dict[str, Zone], ZoneIndex] | None = None

    def __call__(self, zones: ZoneSet) -> Fence:
        """A fence of these zones."""
        areas = indexed(zones).areas
        if _edges(areas) < FEW_EDGES:
            return Fence(zones)
        index = self._edited(areas)
        if index is None:
            index = self._kept(indexed(zones))
            self._base = ({str(zone.zone_id): zone for zone in areas}, index)
        return Fence(zones, index)

    def _edited(self, areas: tuple[Zone, ...]) -> ZoneIndex | None:
        """The version before with an edit over it; None where there is none, or where too much has changed."""
        if self._base is None:
            return None
        before, index = self._base
        changed = [zone for zone in areas if not _same(before.get(str(zone.zone_id)), zone)]
        if _edges(changed) > LARGEST_EDIT * _edges(areas):
            return None
        names = {str(zone.zone_id) for zone in areas}
        return index.edited(changed, [zone_id for zone_id in before if zone_id not in names])

    def _kept(self, zones: ZoneSet) -> ZoneIndex:
        """The index of these very zones from the disk, else built and put there."""
        place = self._directory / _name(zones.areas)
        try:
            with locked(self._directory):  # one builds, the others wait and map what it built
                try:
                    os.utime(place)  # the ones used last are kept
                    return ZoneIndex.open(place)
                except (NotAnIndex, FileNotFoundError):
                    ZoneIndex.from_zones(zones).save(place)
                    self._tidy()
                    return ZoneIndex.open(place)
        except OSError:
            return ZoneIndex.from_zones(zones)

    def _tidy(self) -> None:
        kept = [path for path in self._directory.iterdir() if path.is_dir()]
        for path in sorted(kept, key=lambda path: -path.stat().st_mtime)[MOST_KEPT:]:
            shutil.rmtree(path, ignore_errors=True)  # whoever has it mapped keeps what it mapped


def _edges(areas: Sequence[Zone]) -> int:
    return int(shapely.get_num_coordinates([zone.geometry for zone in areas]).sum())


def _same(before: Zone | None, zone: Zone) -> bool:
    """Whether the index of one serves for the other."""
    if before is None or before.kind is not zone.kind:
        return False
    return bool(shapely.equals_exact(before.geometry, zone.geometry, normalize=False))


def _name(areas: tuple[Zone, ...]) -> str:
    """A name made of all that an index is built from, and by: other code may not be able to read it."""
    digest = hashlib.blake2b(digest_size=16)
    for source in sorted(Path(geo.index.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    for zone, shape in zip(areas, shapely.to_wkb([zone.geometry for zone in areas]), strict=True):
        digest.update(f"{len(shape)} {zone.kind.value} {zone.zone_id}\n".encode())
        digest.update(shape)
    return digest.hexdigest()
