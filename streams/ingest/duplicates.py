"""Observations seen before: an id that comes again within ``duplicate_s`` of its sensor's newest is a repeat.

An id is derived from sensor, event time and content, so the same id is the same event time, and remembering the ids
is enough. A row older than its sensor's newest by more than the window is neither looked up nor remembered: it flows
on as late. The memory is two generations of at most :data:`GENERATION` ids, so it is bounded whatever the rate (above
about 1,000 observations a second and partition the window is shorter than 120 s); generations whose ids have all left
the window are dropped, so that a quiet feed's snapshot stays small.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

GENERATION = 131_072
_ID_BYTES = 16

Int64s = NDArray[np.int64]


@dataclass(slots=True)
class Generation:
    """Ids in the order in which they came, and the newest event time of each sensor among them."""

    ids: dict[bytes, None] = field(default_factory=dict)
    until_us: Int64s = field(default_factory=lambda: np.empty(0, np.int64))

    def note(self, slot: NDArray[np.int32], time_us: Int64s) -> None:
        """Remember how long the ids of these rows matter."""
        missing = int(slot.max()) + 1 - len(self.until_us)
        if missing > 0:
            self.until_us = np.concatenate([self.until_us, np.full(missing, _NEVER)])
        np.maximum.at(self.until_us, slot, time_us)

    def expired(self, oldest_us: Int64s) -> bool:
        """Whether no id can be a repeat any more; ``oldest_us`` is where each sensor's window begins."""
        return bool((self.until_us < oldest_us[: len(self.until_us)]).all())


_NEVER = -(1 << 62)


class Duplicates:
    """The memory of one raw partition."""

    def __init__(self, generation: int = GENERATION) -> None:
        self._size = generation
        self.young = Generation()
        self.old = Generation()

    def __len__(self) -> int:
        return len(self.young.ids) + len(self.old.ids)

    def repeats(self, ids: NDArray[np.void], slot: NDArray[np.int32], time_us: Int64s) -> list[int]:
        """Which of these rows were seen before, in memory or earlier among them; all are remembered. ``(n,)`` each."""
        found: list[int] = []
        start, count, keys = 0, len(ids), ids.tolist()
        while start < count:
            # A generation is full at the same row whatever the cut of the batch, so memory never depends on the cut.
            stop = min(count, start + self._size - len(self.young.ids))
            found.extend(self._among(keys[start:stop], start))
            self.young.note(slot[start:stop], time_us[start:stop])
            if len(self.young.ids) >= self._size:
                self.old, self.young = self.young, Generation()
            start = stop
        return found

    def forget(self, oldest_us: Int64s) -> None:
        """Drop generations that are out of every sensor's window; ``oldest_us`` per sensor."""
        if self.old.expired(oldest_us):
            self.old, self.young = self.young, Generation()
        if self.old.expired(oldest_us):
            self.old = Generation()

    def _among(self, keys: list[bytes], start: int) -> list[int]:
        young, old = self.young.ids, self.old.ids
        fresh = dict.fromkeys(keys)
        if len(fresh) == len(keys) and young.keys().isdisjoint(fresh.keys()) and old.keys().isdisjoint(fresh.keys()):
            young.update(fresh)
            return []
        found = []
        for row, key in enumerate(keys, start):
            if key in young or key in old:
                found.append(row)
            else:
                young[key] = None
        return found


def pack(generation: Generation) -> tuple[bytes, bytes]:
    """A generation for the snapshot."""
    return b"".join(generation.ids), generation.until_us.tobytes()


def unpack(ids: bytes, until_us: bytes) -> Generation:
    """A generation from the snapshot."""
    keys = [ids[start : start + _ID_BYTES] for start in range(0, len(ids), _ID_BYTES)]
    return Generation(dict.fromkeys(keys), np.frombuffer(until_us, np.int64).copy())
