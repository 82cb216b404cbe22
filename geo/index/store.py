"""The built index on disk: one ``.npy`` file per table, mapped into memory and shared by all workers of a machine."""

import json
import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np

from geo.index.points import Points
from geo.index.sets import KnownSets
from geo.index.tables import Tables
from geo.zones import ZoneKind

_FORMAT = 1
_ABOUT = "about.json"
_SETS = ("set_hashes", "set_ids", "set_starts", "set_zones")


class NotAnIndex(ValueError):
    """A directory does not hold an index this version can read; build it again."""


def save(points: Points, directory: Path) -> None:
    """Write the tables; the directory appears complete or not at all, and replaces what stood there."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        for name, table in points.tables._asdict().items():
            np.save(work / f"{name}.npy", table, allow_pickle=False)
        sets = points.sets
        members = [sorted(zones) for zones in sets.members]
        np.save(work / "set_hashes.npy", sets.hashes, allow_pickle=False)
        np.save(work / "set_ids.npy", sets.ids, allow_pickle=False)
        np.save(work / "set_starts.npy", np.cumsum([0, *map(len, members)]), allow_pickle=False)
        np.save(work / "set_zones.npy", np.array([z for zones in members for z in zones], np.int32), allow_pickle=False)
        about = {
            "format": _FORMAT,
            "zones": [[zone_id, kind.value] for zone_id, kind in zip(sets.zone_ids, sets.kinds, strict=True)],
            "sizes": {path.name: path.stat().st_size for path in sorted(work.glob("*.npy"))},
        }
        (work / _ABOUT).write_text(json.dumps(about))
        if directory.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{directory.name}-old-", dir=directory.parent))
            directory.replace(old / "index")
            work.replace(directory)
            shutil.rmtree(old)
        else:
            work.replace(directory)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def load(directory: Path) -> Points:
    """Map the tables. Raises :class:`NotAnIndex` where they are missing, cut short, or of another format."""
    try:
        about = json.loads((directory / _ABOUT).read_bytes())
    except (OSError, ValueError) as problem:
        raise NotAnIndex(f"{directory}: {problem}; build the index again") from problem
    if about.get("format") != _FORMAT:
        raise NotAnIndex(f"{directory}: format {about.get('format')}, expected {_FORMAT}; build the index again")
    for name in (*Tables._fields, *_SETS):
        path = directory / f"{name}.npy"
        if not path.exists() or path.stat().st_size != about["sizes"].get(path.name):
            raise NotAnIndex(f"{path}: missing or cut short; build the index again")
    tables = Tables(*(_mapped(directory / f"{name}.npy") for name in Tables._fields))
    sets = KnownSets((zone_id, ZoneKind(kind)) for zone_id, kind in about["zones"])
    starts = _mapped(directory / "set_starts.npy").tolist()
    members = _mapped(directory / "set_zones.npy").tolist()
    for start, end in pairwise(starts):  # in the order of the build, so that they get the numbers the tables hold
        sets.intern(frozenset(members[start:end]))
    sets.hashes = np.array(_mapped(directory / "set_hashes.npy"))
    sets.ids = np.array(_mapped(directory / "set_ids.npy"))
    return Points(tables, sets)


def _mapped(path: Path) -> np.ndarray:
    """The array of a file, read-only and mapped; an empty one cannot be mapped and is read."""
    try:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except ValueError:
        return np.asarray(np.load(path, allow_pickle=False))
