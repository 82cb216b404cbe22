"""Observations seen before: an id that comes again within ``duplicate_s`` of its sensor's newest is a repeat.

An id is derived from sensor, event time and content, so the same id is the same event time, and remembering the ids
is enough. A row older than its sensor's newest by more than the window is neither looked up nor remembered: it flows
on as late. The memory is two generations of at most :data:`GENERATION` ids, so it is bounded whatever the rate (above
about 1,000 observations a second and partition the window is shorter than 120 s); generations whose ids have all left
the window are dropped, so that a quiet feed's snapshot stays small.
"""

import numpy as np
from numpy.typing import NDArray

GENERATION = 131_072
_ID_BYTES = 16
_NEVER = -(1 << 62)

Int64s = NDArray[np.int64]


class Generation:
    """Ids in the order in which they came, and the newest event time of each sensor among them.

    Ids of rows that nothing before could repeat are kept as bytes, and put into a set only when somebody asks."""

    def __init__(self, ids: bytes = b"", until_us: Int64s | None = None) -> None:
        self.until_us: Int64s = np.empty(0, np.int64) if until_us is None else until_us
        self._ids: dict[bytes, None] = {}
        self._later = [ids] if ids else []
        self._count = len(ids) // _ID_BYTES  # in ``_later``

    def __len__(self) -> int:
        return len(self._ids) + self._count

    @property
    def ids(self) -> dict[bytes, None]:
        """All ids; a caller may add to them."""
        if self._later:
            packed = b"".join(self._later)
            starts = range(0, len(packed), _ID_BYTES)
            self._ids.update(dict.fromkeys([packed[start : start + _ID_BYTES] for start in starts]))
            self._later, self._count = [], 0
        return self._ids

    def add(self, ids: NDArray[np.void]) -> None:
        """Remember ids that are known to be new."""
        self._later.append(ids.tobytes())
        self._count += len(ids)

    def pack(self) -> tuple[bytes, bytes]:
        """What the constructor takes, as bytes, for the snapshot."""
        return b"".join((*self._ids, *self._later)), self.until_us.tobytes()

    def newest_us(self, slot: int) -> int:
        """The newest event time of a sensor among them."""
        return int(self.until_us[slot]) if slot < len(self.until_us) else _NEVER

    def note(self, slot: NDArray[np.int32], time_us: Int64s) -> None:
        """Remember how long the ids of these rows matter."""
        missing = int(slot.max()) + 1 - len(self.until_us)
        if missing > 0:
            self.until_us = np.concatenate([self.until_us, np.full(missing, _NEVER)])
        np.maximum.at(self.until_us, slot, time_us)

    def expired(self, oldest_us: Int64s) -> bool:
        """Whether no id can be a repeat any more; ``oldest_us`` is where each sensor's window begins."""
        return bool((self.until_us < oldest_us[: len(self.until_us)]).all())


class Duplicates:
    """The memory of one raw partition."""

    def __init__(self, generation: int = GENERATION) -> None:
        self._size = generation
        self.young = Generation()
        self.old = Generation()

    def __len__(self) -> int:
        return len(self.young) + len(self.old)

    def repeats(self, ids: NDArray[np.void], slot: NDArray[np.int32], time_us: Int64s) -> list[int]:
        """Which of these rows were seen before, in memory or earlier among them; all are remembered. ``(n,)`` each."""
        found: list[int] = []
        start, count, new = 0, len(ids), self._all_new(slot, time_us)
        while start < count:
            # A generation is full at the same row whatever the cut of the batch, so memory never depends on the cut.
            stop = min(count, start + self._size - len(self.young))
            if new:
                self.young.add(ids[start:stop])
            else:
                found.extend(self._among(ids[start:stop].tolist(), start))
            self.young.note(slot[start:stop], time_us[start:stop])
            if len(self.young) >= self._size:
                self.old, self.young = self.young, Generation()
            start = stop
        return found

    def _all_new(self, slot: NDArray[np.int32], time_us: Int64s) -> bool:
        """Whether times alone show that none is a repeat: one sensor, each row newer than all before it."""
        sensor = int(slot[0])
        return (
            int(time_us[0]) > max(self.young.newest_us(sensor), self.old.newest_us(sensor))
            and bool((time_us[1:] > time_us[:-1]).all())
            and bool((slot == sensor).all())
        )

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
    return generation.pack()


def unpack(ids: bytes, until_us: bytes) -> Generation:
    """A generation from the snapshot."""
    return Generation(ids, np.frombuffer(until_us, np.int64).copy())
