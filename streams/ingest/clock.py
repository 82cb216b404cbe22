"""Whose clock to believe: each sensor's newest event time, and whether a row's time can be true.

A live row is held against the broker's time of its record. A historical one is held against its own sensor's
sequence: a time more than ``jump`` ahead of the sensor's newest is not believed until three consecutive historical
rows agree with each other (each within ``jump`` of the one before); then the sensor is re-based on them. The first
rows of a historical sensor have nothing to be held against, so its clock counts as *confirmed* only after three
agreeing rows. Until then it moves no watermark (one row of the year 2038 at the head of a file must not push the
owner's clock there, which never goes back), and three agreeing rows far behind re-base it backwards. Afterwards rows
far behind are simply late.

A row the clock check refuses moves nothing, also where it is a distress row and therefore sent on.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.ingest.outcomes import Code

ABSENT = -(1 << 62)  # before every time, and far enough from the end of int64 to be added to
AGREEING = 3  # consecutive rows that together are believed
HEARD_US = 15_000_000  # log time after which a silent sensor no longer holds the watermark back
CAPACITY = 65_536  # sensors one raw partition remembers; beyond it they must be registered elsewhere
_SPAN = 1 << 61
_FEW = 8  # rows; below, one by one is faster
_FINE, _AHEAD, _BEHIND, _JUMP = (
    np.uint8(code) for code in (Code.ACCEPTED, Code.CLOCK_AHEAD, Code.CLOCK_BEHIND, Code.CLOCK_JUMP)
)

Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]


class ClockRules(NamedTuple):
    """The limits, microseconds."""

    ahead_us: int
    behind_us: int
    jump_us: int


class Heard(NamedTuple):
    """What the clocks say of a batch; each of shape ``(n,)``."""

    code: NDArray[np.uint8]  # Code.ACCEPTED or one of the CLOCK_ codes
    newest_us: Int64s  # the sensor's newest event time before the row, ABSENT where it has none


class SensorClocks:
    """One row a sensor, in the order in which they were first heard."""

    def __init__(self, rules: ClockRules) -> None:
        self._rules = rules
        self.names: list[str] = []
        self._slots: dict[str, int] = {}
        self.newest_us: Int64s = np.empty(0, np.int64)
        self.heard_us: Int64s = np.empty(0, np.int64)  # log time
        self.last_us: Int64s = np.empty(0, np.int64)  # event time of the last historical row, believed or not
        self.run: Int64s = np.empty(0, np.int64)  # consecutive historical rows that agree, at most AGREEING
        self.confirmed: Bools = np.empty(0, np.bool_)

    def __len__(self) -> int:
        return len(self.names)

    def slots(self, names: list[str]) -> list[int]:
        """The row of each sensor, new ones added; -1 where there is no room for it."""
        if any(name not in self._slots for name in names):
            room = CAPACITY - len(self.names)
            new = [name for name in dict.fromkeys(names) if name not in self._slots][:room]
            fill = (ABSENT, ABSENT, ABSENT, 0)
            grown = [np.append(a, np.full(len(new), b, np.int64)) for a, b in zip(self.columns(), fill, strict=True)]
            self.restore([*self.names, *new], grown, np.append(self.confirmed, np.zeros(len(new), np.bool_)))
        return [self._slots.get(name, -1) for name in names]

    def columns(self) -> list[Int64s]:
        """Everything but ``confirmed``, each of shape (sensors,)."""
        return [self.newest_us, self.heard_us, self.last_us, self.run]

    def restore(self, names: list[str], columns: list[Int64s], confirmed: Bools) -> None:
        """Take all sensors at once, ``columns`` as :meth:`columns` gives them."""
        self.names, self.confirmed = names, confirmed
        self.newest_us, self.heard_us, self.last_us, self.run = columns
        self._slots = {name: slot for slot, name in enumerate(names)}

    def judge(self, slot: NDArray[np.int32], time_us: Int64s, log_us: Int64s, historical: Bools) -> Heard:
        """Judge rows in the order of the log and move the clocks; all arguments have shape ``(n,)``, n > 0."""
        rules = self._rules
        lead = time_us - log_us
        code = np.where(lead > rules.ahead_us, _AHEAD, _FINE)
        code[lead < -rules.behind_us] = _BEHIND
        if np.count_nonzero(historical):
            code[historical] = _FINE
        code[time_us < 0] = _BEHIND  # before 1970, where an absent time lives
        newest = np.empty_like(time_us)
        if len(slot) <= _FEW:
            for sensor in dict.fromkeys(slot.tolist()):
                self._walk((slot == sensor).nonzero()[0], slot, time_us, log_us, historical, code, newest)
            return Heard(code, newest)
        if np.count_nonzero(slot != slot[0]) == 0 and self._alone(
            int(slot[0]), time_us, log_us, historical, code, newest
        ):
            return Heard(code, newest)
        order = np.argsort(slot, kind="stable")
        sensor = slot[order]
        opens = np.concatenate([_TRUE, sensor[1:] != sensor[:-1]])
        heads = opens.nonzero()[0]
        owner = sensor[heads]
        counted = np.where(code == _FINE, time_us, ABSENT)[order]
        running = _running_newest(counted, opens, heads, self.newest_us[owner])
        newest[order] = running
        ends = np.append(heads[1:], len(slot))
        past = historical[order]
        sure = np.ones(len(heads), np.bool_)
        if np.count_nonzero(past):
            for group in self._doubtful(heads, owner, running, time_us[order], past).tolist():
                self._walk(order[heads[group] : ends[group]], slot, time_us, log_us, historical, code, newest)
                sure[group] = False
        self._advance(owner, heads, ends, past[heads], sure, running, counted)
        believed = (code == _FINE)[order]
        heard = np.maximum.reduceat(np.where(believed, log_us[order], ABSENT), heads)
        self.heard_us[owner] = np.maximum(self.heard_us[owner], heard)
        return Heard(code, newest)

    def watermark(self, now_us: int, late_us: int, *, ended: bool) -> int:
        """Event time below which no row but a late one is expected, -1 where nothing is known; ``now_us`` log time."""
        if len(self.names) == 1:
            newest = int(self.newest_us[0])
            return max(newest, -1) if ended else newest - late_us if self.confirmed[0] else -1
        sure = self.newest_us[self.confirmed]
        if ended:
            known = sure if len(sure) else self.newest_us
            return max(int(known.max()), -1) if len(known) else -1
        if not len(sure):
            return -1
        newest = int(sure.max())
        recent = self.newest_us[(self.heard_us >= now_us - HEARD_US) & (self.newest_us > ABSENT)]
        return (min(int(recent.min()), newest) if len(recent) else newest) - late_us

    def _alone(
        self,
        sensor: int,
        time_us: Int64s,
        log_us: Int64s,
        historical: Bools,
        code: NDArray[np.uint8],
        newest_us: Int64s,
    ) -> bool:
        """The usual batch in a fifth of the time: one sensor, one kind, nothing odd. Whether it was that; if not,
        nothing has changed."""
        past = np.count_nonzero(historical)
        if np.count_nonzero(code) or 0 < past < len(time_us):
            return False
        newest_us[0] = self.newest_us[sensor]
        newest_us[1:] = time_us[:-1]
        np.maximum.accumulate(newest_us, out=newest_us)
        if past:
            jump = self._rules.jump_us
            steps = np.abs(time_us[1:] - time_us[:-1])
            first = abs(int(time_us[0]) - int(self.last_us[sensor]))
            if not self.confirmed[sensor] or first > jump or np.count_nonzero(steps > jump):
                return False
            if np.count_nonzero(time_us - newest_us > jump):
                return False
            self.last_us[sensor] = time_us[-1]
            self.run[sensor] = min(int(self.run[sensor]) + int(past), AGREEING)
        self.newest_us[sensor] = max(int(newest_us[-1]), int(time_us[-1]))
        self.confirmed[sensor] = True
        self.heard_us[sensor] = max(int(self.heard_us[sensor]), int(log_us.max()))
        return True

    def _doubtful(
        self, heads: NDArray[np.intp], owner: NDArray[np.int32], running: Int64s, time_us: Int64s, past: Bools
    ) -> NDArray[np.intp]:
        """Groups that need the row-by-row judgement. What is left is believed whole: by induction no row of it can
        lie beyond the jump, since each was held against a newest that counted all before it."""
        before = np.empty_like(time_us)
        before[1:] = time_us[:-1]
        before[heads] = self.last_us[owner]
        jump = self._rules.jump_us
        odd = past & ((time_us < 0) | (time_us > running + jump) | (np.abs(time_us - before) > jump))
        any_live = np.logical_or.reduceat(~past, heads)
        found = np.logical_or.reduceat(odd, heads) | any_live | ~self.confirmed[owner]
        return (found & np.logical_or.reduceat(past, heads)).nonzero()[0]

    def _advance(
        self,
        owner: NDArray[np.int32],
        heads: NDArray[np.intp],
        ends: NDArray[np.intp],
        past: Bools,
        sure: Bools,
        running: Int64s,
        counted: Int64s,
    ) -> None:
        """Move the clocks of the groups that were judged all at once, each of one kind (``past``: historical)."""
        newest = np.maximum(running[ends - 1], counted[ends - 1])
        self.newest_us[owner[sure]] = newest[sure]
        live = sure & ~past
        self.confirmed[owner[live]] |= np.maximum.reduceat(counted, heads)[live] > ABSENT
        past = sure & past
        self.last_us[owner[past]] = counted[ends[past] - 1]
        self.run[owner[past]] = np.minimum(self.run[owner[past]] + (ends - heads)[past], AGREEING)

    def _walk(
        self,
        rows: NDArray[np.intp],
        slot: NDArray[np.int32],
        time_us: Int64s,
        log_us: Int64s,
        historical: Bools,
        code: NDArray[np.uint8],
        newest_us: Int64s,
    ) -> None:
        """Judge the rows of one sensor one by one and move its clock; writes ``code`` and ``newest_us``."""
        sensor, jump = int(slot[rows[0]]), self._rules.jump_us
        newest, last = int(self.newest_us[sensor]), int(self.last_us[sensor])
        run, confirmed = int(self.run[sensor]), bool(self.confirmed[sensor])
        for row, time, past in zip(rows.tolist(), time_us[rows].tolist(), historical[rows].tolist(), strict=True):
            newest_us[row] = newest
            if code[row] != _FINE:
                continue
            if not past:
                newest, confirmed = max(newest, time), True
                continue
            run = min(run + 1, AGREEING) if last > ABSENT and abs(time - last) <= jump else 1
            last = time
            if newest > ABSENT and time > newest + jump and run < AGREEING:
                code[row] = _JUMP
            elif time < newest - jump and not confirmed and run >= AGREEING:
                newest = time
                newest_us[row] = newest
            else:
                newest = max(newest, time)
            confirmed = confirmed or run >= AGREEING
        believed = rows[code[rows] == _FINE]
        if len(believed):
            self.heard_us[sensor] = max(int(self.heard_us[sensor]), int(log_us[believed].max()))
        self.newest_us[sensor], self.last_us[sensor] = newest, last
        self.run[sensor], self.confirmed[sensor] = run, confirmed


_TRUE = np.ones(1, np.bool_)


def _running_newest(counted: Int64s, opens: Bools, heads: NDArray[np.intp], start: Int64s) -> Int64s:
    """The largest of ``start`` of the group and all ``counted`` of it before each row; rows are grouped."""
    shifted = np.empty_like(counted)
    shifted[1:] = counted[:-1]
    shifted[heads] = start
    if len(heads) == 1:
        return np.maximum.accumulate(shifted)
    known = shifted > ABSENT
    if not known.any():
        return shifted
    low = int(shifted[known].min()) - 1
    span = int(shifted.max()) - low + 1
    if span > _SPAN // len(heads):  # clocks centuries apart: the trick below would overflow
        return np.concatenate([np.maximum.accumulate(part) for part in np.split(shifted, heads[1:])])
    # One running maximum over all groups: each group is lifted above the one before it.
    lift = (np.cumsum(opens) - 1) * span
    lifted = np.maximum.accumulate(np.where(known, shifted - low, 0) + lift) - lift
    return np.where(lifted > 0, lifted + low, ABSENT)
