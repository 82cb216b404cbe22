"""The checks at the boundary, in order, on a batch of rows; the first that objects decides a row's fate.

registered sensor → size → clock → position → duplicate → identity → teleport. A distress row passes all of them, and
where a check would have objected it moves nothing that later rows are judged by.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.sector_squares import SectorSquares
from sensors.columns import Flag, ObservationColumns
from sensors.extras import Extras, decode_extras, encode_extras
from streams.config import Feed, Settings
from streams.ingest.clock import ABSENT, ClockRules, SensorClocks
from streams.ingest.directory import Directory, Names
from streams.ingest.duplicates import Duplicates
from streams.ingest.fix_columns import FixColumns
from streams.ingest.fixes import Fixes
from streams.ingest.gate import GateRules
from streams.ingest.outcomes import Code
from streams.ingest.placeless import Placeless, Reach

EXTRAS_BYTES = 600_000  # of the rarer fields of one row; a frame must fit in one record
FORGET_EVERY = 10_000  # rows between two looks for what may be forgotten
_DISTRESS, _HISTORICAL = np.uint8(Flag.DISTRESS), np.uint8(Flag.HISTORICAL)
_ACCEPTED, _UNKNOWN_SENSOR = np.uint8(Code.ACCEPTED), np.uint8(Code.UNKNOWN_SENSOR)

Bools = NDArray[np.bool_]


class Judged(NamedTuple):
    """What the checks say of ``n`` rows; every array has shape ``(n,)``."""

    code: NDArray[np.uint8]  # streams.ingest.outcomes.Code
    late: Bools
    names: Names
    sector: NDArray[np.uint64]  # 0 where there is no position
    home: NDArray[np.uint64]  # sector of the identity's last fix, for a distress row without a position
    previous: FixColumns
    copies: dict[int, tuple[int, ...]]  # of a bearing or a trigger: the other owners that are to know


class Checks:
    """The memory of one raw partition's checks."""

    def __init__(self, feed: Feed, settings: Settings) -> None:
        rules = settings.ingest
        self._plots = frozenset(sensor.sensor_id for sensor in settings.sensors)
        self._trackers = frozenset(s.sensor_id for s in settings.sensors if s.modality == "external")
        self._placeless = Placeless(settings.sensors, settings.owners)
        self._registered = None if "*" in feed.sensors else frozenset(feed.sensors)
        self._late_us, self._window_us = _us(rules.late_s), _us(rules.duplicate_s)
        self._lost_us = _us(settings.surveil.lost_after_s)
        self.clocks = SensorClocks(ClockRules(_us(rules.ahead_s), _us(rules.behind_s), _us(rules.jump_s)))
        self.duplicates = Duplicates()
        self.directory = Directory()
        self.fixes = Fixes(GateRules(rules.teleport_mps, rules.teleport_slack_m, self._lost_us))
        self._squares = SectorSquares()
        self.since_forgetting = 0  # rows

    def judge(self, rows: ObservationColumns, log_us: NDArray[np.int64]) -> Judged:
        """Judge rows in the order of the log; ``log_us`` is each row's broker time. n > 0."""
        distress = (rows.flags & _DISTRESS) != 0
        slot = self._sensors(rows)
        code = np.where(slot < 0, _UNKNOWN_SENSOR, _ACCEPTED)
        if rows.extras:
            self._sizes(rows, distress, code)
        newest = self._clock(rows, log_us, slot, code)
        age_us = newest - rows.event_time_us
        located = ~np.isnan(rows.lon + rows.lat)
        reaches: dict[int, Reach] = {}
        if np.count_nonzero(located) < len(located):
            lost = (code == _ACCEPTED) & ~located
            code[lost] = Code.NO_POSITION
            if self._placeless and rows.extras:
                reaches = self._reaches(rows, lost, code)
        compared = _where((code == _ACCEPTED) & (age_us <= self._window_us) & ~distress)
        times = rows.event_time_us[compared]
        if len(times):
            found = self.duplicates.repeats(rows.observation_id[compared], slot[compared], times)
            if found:
                code[np.arange(len(code))[compared][found]] = Code.DUPLICATE
        names = self.directory.names(rows)
        nameless = (names.entry < 0) & (code == _ACCEPTED)
        if np.count_nonzero(nameless):
            code[nameless & ~self._are_plots(rows)] = Code.NO_IDENTITY
        sector, previous, home = self._motion(rows, slot, distress, names, code, located)
        for row, reach in reaches.items():
            sector[row] = reach.sector
        if np.count_nonzero(distress):
            code[distress] = _ACCEPTED
        copies = {row: reach.others for row, reach in reaches.items() if reach.others and code[row] == _ACCEPTED}
        return Judged(code, age_us > self._late_us, names, sector, home, previous, copies)

    def watermark(self, now_us: int, *, ended: bool) -> int:
        """Event time below which only late rows are expected; -1 where nothing is known."""
        return self.clocks.watermark(now_us, self._late_us, ended=ended)

    def passed(self, rows: int, *, forget: bool) -> None:
        """Note that ``rows`` have been judged; at places that are fixed in the log, forget what has no more use."""
        self.since_forgetting = 0 if forget else self.since_forgetting + rows
        if forget:
            self._forget()

    def _sensors(self, rows: ObservationColumns) -> NDArray[np.int32]:
        """The slot of each row's sensor, -1 where it may not publish here."""
        names, allowed = rows.sensors, self._registered
        if allowed is not None:
            known = iter(self.clocks.slots([name for name in names if name in allowed]))
            slots = [next(known) if name in allowed else -1 for name in names]
        else:
            slots = self.clocks.slots(names)
        return np.array(slots, np.int32)[rows.sensor]

    def _are_plots(self, rows: ObservationColumns) -> Bools:
        """Which rows are of a sensor whose nameless positions are followed."""
        described = np.array([name in self._plots for name in rows.sensors], np.bool_)
        are: Bools = described[rows.sensor]
        if self._trackers and any(name in self._trackers for name in rows.sensors):
            foreign = np.array([name in self._trackers for name in rows.sensors], np.bool_)[rows.sensor]
            for row in foreign.nonzero()[0].tolist():  # a tracker's word that is no track is followed as nothing
                are[row] = row in rows.extras and decode_extras(rows.extras[row]).track is not None
        return are

    def _reaches(self, rows: ObservationColumns, lost: Bools, code: NDArray[np.uint8]) -> dict[int, Reach]:
        """The bearings and triggers among the rows without a position, which are accepted."""
        found: dict[int, Reach] = {}
        for row in (lost & (rows.identity < 0)).nonzero()[0].tolist():
            reach = self._placeless.of(rows, row)
            if reach is not None:
                found[row] = reach
                code[row] = _ACCEPTED
        return found

    def _sizes(self, rows: ObservationColumns, distress: Bools, code: NDArray[np.uint8]) -> None:
        for row, extra in rows.extras.items():
            if len(extra) > EXTRAS_BYTES:
                code[row] = code[row] or Code.TOO_LARGE
                if distress[row]:  # what it asks for is kept, whatever else it carries
                    rows.extras[row] = encode_extras(Extras(distress=decode_extras(extra).distress))

    def _clock(
        self, rows: ObservationColumns, log_us: NDArray[np.int64], slot: NDArray[np.int32], code: NDArray[np.uint8]
    ) -> NDArray[np.int64]:
        """Each row's sensor's newest event time before it."""
        historical = (rows.flags & _HISTORICAL) != 0
        heard = _where(code == _ACCEPTED)
        if isinstance(heard, slice):
            said = self.clocks.judge(slot, rows.event_time_us, log_us, historical)
            code[:] = said.code
            return said.newest_us
        newest = np.full(len(code), ABSENT, np.int64)
        if len(heard):
            said = self.clocks.judge(slot[heard], rows.event_time_us[heard], log_us[heard], historical[heard])
            code[heard], newest[heard] = said.code, said.newest_us
        return newest

    def _motion(
        self,
        rows: ObservationColumns,
        slot: NDArray[np.int32],
        distress: Bools,
        names: Names,
        code: NDArray[np.uint8],
        located: Bools,
    ) -> tuple[NDArray[np.uint64], FixColumns, NDArray[np.uint64]]:
        """Sectors, previous fixes and homes, and the teleport gate, for the rows every other check let pass."""
        count, moving = len(rows), code == _ACCEPTED
        passing = _where(moving | distress)
        placed = _where((moving | distress) & located)
        lonlat = np.column_stack((rows.lon[placed], rows.lat[placed]))
        sector = np.zeros(count, np.uint64)
        sector[placed] = self._squares.sectors(lonlat)
        entry = names.entry[passing]
        self.directory.enrol(names, names.entry[moving & (names.entry >= 0)])
        self.directory.find(names, entry[entry >= 0])
        self.fixes.make_room(len(self.directory))
        owner = np.where(entry >= 0, names.slots[entry], -1) if len(names.slots) else np.full(len(entry), -1, np.intp)
        named = owner >= 0
        if np.count_nonzero(named) == count:
            now = FixColumns(rows.event_time_us, rows.lon, rows.lat, sector, slot, rows.observation_id)
            found = self.fixes.follow(owner, now, distress, moving)
            code[~found.accepted] = Code.TELEPORT
            return sector, found.previous, found.home
        at = np.arange(count)[passing][named]
        if not len(at):
            return sector, FixColumns.absent(count), np.zeros(count, np.uint64)
        now = FixColumns(
            rows.event_time_us[at], rows.lon[at], rows.lat[at], sector[at], slot[at], rows.observation_id[at]
        )
        found = self.fixes.follow(owner[named], now, distress[at], moving[at])
        code[at[~found.accepted]] = Code.TELEPORT
        previous, home = FixColumns.absent(count), np.zeros(count, np.uint64)
        previous.put(at, found.previous)
        home[at] = found.home
        return sector, previous, home

    def _forget(self) -> None:
        newest = self.clocks.newest_us
        self.duplicates.forget(newest - self._window_us)
        kept = self.fixes.forget(newest - self._lost_us, len(self.directory))
        if kept is not None:
            self.directory.restore([self.directory.keys[slot] for slot in kept.tolist()])


def _where(mask: Bools) -> slice | NDArray[np.intp]:
    """The rows of a mask; all of them as a slice, which numpy does not have to copy."""
    return slice(None) if np.count_nonzero(mask) == len(mask) else mask.nonzero()[0]


def _us(seconds: float) -> int:
    return round(seconds * 1_000_000)
