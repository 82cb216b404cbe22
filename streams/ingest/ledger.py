"""The ledger of one raw partition: every item that came in has exactly one fate, and the sums prove it.

``in = row + merged + Σ filtered/<reason> + Σ dead/<reason> + held``, always. Counted apart, because they are not
fates: ``copy/departing`` and ``copy/halo`` (rows sent to a second owner), ``late``, ``repeat`` (records of the log
read again).
"""

import msgspec

from sensors.reasons import Fate, FilterReason, RejectReason

_FATES = frozenset(Fate)


class Ledger(msgspec.Struct):
    """Flat counters, part of the state."""

    counts: dict[str, int] = {}

    def add(self, name: str, count: int = 1) -> None:
        """Count something that is not a fate, or items that came in."""
        if count:
            self.counts[name] = self.counts.get(name, 0) + count

    def settle(self, fate: Fate, reason: FilterReason | RejectReason | None = None, count: int = 1) -> None:
        """Give ``count`` items their fate."""
        self.add(f"{fate}/{reason}" if fate is Fate.FILTERED or fate is Fate.DEAD else str(fate), count)

    def release(self) -> None:
        """One held item is about to get its final fate."""
        self.add(str(Fate.HELD), -1)

    def residual(self) -> int:
        """Items that came in and have no fate; 0 unless something is wrong with us."""
        fates = sum(count for name, count in self.counts.items() if name.partition("/")[0] in _FATES)
        return self.counts.get("in", 0) - fates
