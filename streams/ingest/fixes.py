"""The previous accepted fix of every row of a batch, and the rows that cannot be true, for all identities at once.

What :func:`streams.ingest.gate.step` says one by one, in numpy for the many identities of which nothing is odd in
this batch: their fixes come in order, none is near the gate, none was refused before. The others, and those that
report distress, are walked one by one. The vector path only lets pass what an upper bound of the distance already
shows to be plausible, and leaves every close case to the walk: what is decided does not depend on how the log was cut.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.ingest import gate
from streams.ingest.fix_columns import NONE_US, FixColumns
from streams.ingest.gate import EARTH_RADIUS_M, GateRules, Memory

CAPACITY = 200_000  # identities one raw partition remembers
_FIRST = 1_024
_FEW = 8  # rows; below, one by one is faster
_RAD = np.pi / 180
_DEGREE_M = EARTH_RADIUS_M * _RAD * (1 + 1e-9)  # of a great circle, and a little more than rounding can take away

Bools = NDArray[np.bool_]
Slots = NDArray[np.intp]
Rows = NDArray[np.intp]


class Followed(NamedTuple):
    """What the fixes of a batch say, each of shape ``(n,)``."""

    accepted: Bools
    previous: FixColumns  # absent where there is none
    home: NDArray[np.uint64]  # sector of the identity's newest fix before the row, set for rows in ``walked`` only


class Fixes:
    """The memory of all identities, indexed by slot."""

    def __init__(self, rules: GateRules) -> None:
        self.rules = rules
        self.last = FixColumns.absent(_FIRST)
        self.before = FixColumns.absent(_FIRST)
        self.refused = FixColumns.absent(_FIRST)
        self._seen = np.zeros(_FIRST, np.intp)  # scratch

    def restore(self, last: FixColumns, before: FixColumns, slots: Slots, refused: FixColumns) -> None:
        """Take all fixes at once; ``refused`` are those of ``slots``."""
        self.last, self.before, self.refused = last, before, FixColumns.absent(len(last))
        self.refused.put(slots, refused)
        self._seen = np.zeros(len(last), np.intp)

    def make_room(self, count: int) -> None:
        """Room for ``count`` slots."""
        if count > len(self.last):
            capacity = max(count, 2 * len(self.last))
            self.last, self.before, self.refused = (
                columns.grown(capacity) for columns in (self.last, self.before, self.refused)
            )
            self._seen = np.zeros(capacity, np.intp)

    def follow(self, slot: Slots, fixes: FixColumns, distress: Bools, moves: Bools) -> Followed:
        """Judge fixes in the order of the log and remember them; ``(n,)`` each, n > 0, slots not negative.

        A distress fix is always accepted; where it does not ``move`` the memory (no position, a clock that cannot be
        right) it only looks up what came before."""
        count = len(slot)
        index = np.arange(count)
        self._seen[slot] = index
        if np.count_nonzero(self._seen[slot] != index) == 0:  # no identity twice: nothing to group
            return self._judge(slot, fixes, distress, moves, index, index + 1)
        order = slot.argsort(kind="stable")
        owner = slot[order]
        opens = np.ones(count, np.bool_)
        np.not_equal(owner[1:], owner[:-1], out=opens[1:])
        heads = opens.nonzero()[0]
        ends = np.append(heads[1:], count)
        found = self._judge(owner, fixes.take(order), distress[order], moves[order], heads, ends)
        back = np.empty_like(order)
        back[order] = index
        return Followed(found.accepted[back], found.previous.take(back), found.home[back])

    def forget(self, oldest_us: NDArray[np.int64], count: int) -> NDArray[np.intp] | None:
        """The slots worth keeping (ascending), after forgetting the others; None where all are.

        Forgotten are identities silent for the lost-time, by the clock of the sensor that saw them last
        (``oldest_us`` per sensor), and the most silent ones beyond the capacity."""
        time_us = self.last.time_us[:count]
        kept = np.flatnonzero(time_us >= oldest_us[self.last.sensor[:count]])
        if len(kept) > CAPACITY:
            newest = np.argsort(-time_us[kept], kind="stable")[:CAPACITY]
            kept = np.sort(kept[newest])
        if len(kept) == count:
            return None
        for columns in (self.last, self.before, self.refused):
            survivors = columns.take(kept)
            columns.erase(np.arange(count))
            columns.put(np.arange(len(kept)), survivors)
        return kept

    def _judge(self, owner: Slots, now: FixColumns, distress: Bools, moves: Bools, heads: Rows, ends: Rows) -> Followed:
        """Rows grouped by identity, the group ``i`` from ``heads[i]`` to before ``ends[i]``."""
        count = len(owner)
        accepted, home = np.ones(count, np.bool_), np.zeros(count, np.uint64)
        if count > _FEW:
            previous, plain = self._at_once(owner, now, heads, ends, distress)
        else:
            previous, plain = FixColumns.absent(count), np.zeros(len(heads), np.bool_)
        if np.count_nonzero(plain) < len(heads):
            shown = distress & ~moves
            for group in (~plain).nonzero()[0].tolist():
                rows = range(int(heads[group]), int(ends[group]))
                self._walk(int(owner[rows.start]), rows, now, distress, shown, accepted, previous, home)
        return Followed(accepted, previous, home)

    def _at_once(
        self, owner: Slots, now: FixColumns, heads: Rows, ends: Rows, distress: Bools
    ) -> tuple[FixColumns, Bools]:
        """Previous fixes of all rows, and the groups in which nothing is odd; only those are remembered."""
        single = len(heads) == len(owner)
        if single:
            previous = self.last.take(owner)
        else:
            previous = now.take(np.maximum(np.arange(-1, len(owner) - 1), 0))
            previous.put(heads, self.last.take(owner[heads]))
        gap_us = now.time_us - previous.time_us
        recent = (previous.time_us != NONE_US) & (gap_us <= self.rules.lost_us)
        # Along the parallel and then along the meridian is never shorter than the way itself, and needs one cosine.
        way = np.abs(now.lat - previous.lat) + np.abs(now.lon - previous.lon) * np.cos(previous.lat * _RAD)
        odd = recent & (way * _DEGREE_M > self.rules.slack_m + self.rules.teleport_mps * 1e-6 * gap_us)
        odd |= recent & (gap_us < 0)
        odd |= distress
        odd[heads] |= self.refused.time_us[owner[heads]] != NONE_US
        plain = ~(odd if single else np.logical_or.reduceat(odd, heads))
        if single and np.count_nonzero(plain) == len(plain):
            self.last.put(owner, now)
            self.before.put(owner, previous)
        else:
            settled = ends[plain] - 1
            self.last.put(owner[settled], now.take(settled))
            self.before.put(owner[settled], previous.take(settled))
        absent = (~recent).nonzero()[0]
        if len(absent):
            previous.erase(absent)
        return previous, plain

    def _walk(
        self,
        slot: int,
        rows: range,
        now: FixColumns,
        distress: Bools,
        shown: Bools,
        accepted: Bools,
        previous: FixColumns,
        home: NDArray[np.uint64],
    ) -> None:
        """One identity's fixes one by one; writes ``accepted``, ``previous`` and ``home``."""
        memory = Memory(self.last.get(slot), self.before.get(slot), self.refused.get(slot))
        for row in rows:
            fix = now.fix(row)
            home[row] = memory.last.sector if memory.last is not None else 0
            if shown[row]:
                located = fix.lon == fix.lon
                previous.set(row, None if located else gate.recent(memory.last, fix.time_us, self.rules))
                continue
            taken = gate.step(memory, fix, self.rules)
            accepted[row] = taken.accepted or distress[row]
            previous.set(row, taken.previous)
            memory = taken.memory
        self.last.set(slot, memory.last)
        self.before.set(slot, memory.before)
        self.refused.set(slot, memory.refused)
