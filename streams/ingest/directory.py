"""Who an identity is: from what a row says of itself to the key objects are told apart by, and to a slot.

A slot is a small number that stands for a key in the arrays of :mod:`streams.ingest.fixes`. A ``track_id`` is unique
only within its sensor, so for such identities the key depends on the row's sensor as well.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sensors.columns import ObservationColumns
from sensors.observation import Identity

UNNAMED = Identity()


class Names(NamedTuple):
    """The identities of a batch; ``entry`` (n,) indexes ``identities`` and ``keys``, -1 where a row has no name."""

    entry: NDArray[np.int32]
    identities: list[Identity]
    keys: list[str]
    slots: NDArray[np.intp]  # per entry, -1 where the key has no slot


class Directory:
    """Keys and their slots, in the order in which they were first needed."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self._by_key: dict[str, int] = {}
        self._by_mmsi: dict[int | None, int] = {}  # the common case without building the key; filled when asked

    def __len__(self) -> int:
        return len(self.keys)

    def restore(self, keys: list[str]) -> None:
        """Take all keys at once; the slot of each is its index."""
        self.keys, self._by_mmsi = keys, {}
        self._by_key = dict(zip(keys, range(len(keys)), strict=True))

    def names(self, rows: ObservationColumns) -> Names:
        """The keys of a batch's identities and the slots of those that have one."""
        known, by_mmsi, by_key = self.keys, self._by_mmsi, self._by_key
        slots = [by_mmsi.get(identity.mmsi, -1) for identity in rows.identities]
        keys = [known[slot] if slot >= 0 else "" for slot in slots]
        scoped = []
        for index, slot in enumerate(slots):
            if slot < 0:
                identity = rows.identities[index]
                key = identity.key("")
                if key is None or key.startswith("track:"):
                    scoped.append(index)
                    continue
                keys[index], slots[index] = key, by_key.get(key, -1)
                if identity.mmsi is not None and slots[index] >= 0:
                    by_mmsi[identity.mmsi] = slots[index]
        if not scoped:
            return Names(rows.identity, rows.identities, keys, np.array(slots, np.intp))
        return self._scoped(rows, frozenset(scoped), keys, slots)

    def _scoped(self, rows: ObservationColumns, scoped: frozenset[int], keys: list[str], slots: list[int]) -> Names:
        """Entries per (identity, sensor) for identities that are only unique within their sensor."""
        identities, entry = list(rows.identities), rows.identity.copy()
        pairs: dict[tuple[int, int], int] = {}
        for row, (index, sensor) in enumerate(zip(entry.tolist(), rows.sensor.tolist(), strict=True)):
            if index not in scoped:
                continue
            at = pairs.get((index, sensor))
            if at is None:
                key = identities[index].key(rows.sensors[sensor])
                at = pairs[index, sensor] = -1 if key is None else len(keys)
                if key is not None:
                    identities.append(identities[index])
                    keys.append(key)
                    slots.append(self._by_key.get(key, -1))
            entry[row] = at
        return Names(entry, identities, keys, np.array(slots, np.intp))

    def find(self, names: Names, entries: NDArray[np.int32]) -> None:
        """Look again for entries without a slot: another entry of the batch may have given their key one."""
        for entry in self._without(names, entries):
            names.slots[entry] = self._by_key.get(names.keys[entry], -1)

    def enrol(self, names: Names, entries: NDArray[np.int32]) -> None:
        """Give slots to the entries of these rows that have none, in the order of the rows."""
        for entry in self._without(names, entries):
            key = names.keys[entry]
            slot = self._by_key.get(key)
            if slot is None:
                slot = self._by_key[key] = len(self.keys)
                self.keys.append(key)
            names.slots[entry] = slot

    def _without(self, names: Names, entries: NDArray[np.int32]) -> list[int]:
        missing = names.slots[entries] < 0
        return entries[missing].tolist() if np.count_nonzero(missing) else []
