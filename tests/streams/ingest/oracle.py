"""Ingest as one would write it first: one event after the other, with dictionaries, and no memory limit.

Slow and plain on purpose: the columnar core must send exactly these rows, with exactly these positions and fates.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geo.sectors import sector
from sensors.adapter import Adapter, RawRecord
from sensors.columns import Flag, ObservationColumns
from sensors.observation import Identity
from sensors.reasons import Fate
from streams.config import Feed, Settings
from streams.frames import Purpose
from streams.ingest.gate import Fix, GateRules, Memory, recent, step
from streams.log import Record
from streams.partitioning import area_of, stable_partition
from streams.provenance import Numbering
from tests.streams.ingest.logs import RowKey, plain

FATES = {
    "unknown-sensor": "dead",
    "clock-ahead": "dead",
    "clock-behind": "dead",
    "clock-jump": "dead",
    "no-position": "filtered",
    "duplicate": "filtered",
    "no-identity": "filtered",
    "teleport": "filtered",
}


@dataclass
class Clock:
    """One sensor's clock."""

    newest: int | None = None
    last: int | None = None  # of the historical rows
    run: int = 0
    confirmed: bool = False

    def judge(self, time_us: int, log_us: int, historical: bool, settings: Settings) -> tuple[str | None, int | None]:
        """What is wrong with the time, and the newest before it."""
        rules, before = settings.ingest, self.newest
        if time_us < 0:
            return "clock-behind", before
        if not historical:
            if time_us - log_us > rules.ahead_s * 1e6:
                return "clock-ahead", before
            if log_us - time_us > rules.behind_s * 1e6:
                return "clock-behind", before
            self.newest, self.confirmed = max(time_us, time_us if before is None else before), True
            return None, before
        jump_us = rules.jump_s * 1e6
        self.run = min(3, self.run + 1) if self.last is not None and abs(time_us - self.last) <= jump_us else 1
        self.last = time_us
        agreed, confirmed = self.run == 3, self.confirmed
        self.confirmed = confirmed or agreed
        if before is None or (time_us > before and (time_us - before <= jump_us or agreed)):
            self.newest = time_us
        elif time_us > before:
            return "clock-jump", before
        elif before - time_us > jump_us and agreed and not confirmed:
            self.newest = time_us
            return None, time_us
        return None, before


@dataclass
class ScalarIngest:
    """One raw partition."""

    feed: Feed
    settings: Settings
    adapter: Adapter
    clocks: dict[str, Clock] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)
    memories: dict[str, Memory] = field(default_factory=dict)
    numbering: Numbering = field(default_factory=lambda: Numbering({}))
    counts: Counter[str] = field(default_factory=Counter)
    rows: dict[RowKey, dict[str, Any]] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)  # topic/partition/offset/item|reason

    def apply(self, records: Sequence[Record]) -> None:
        """Take records one by one."""
        for record in records:
            if ("vedette-end", b"1") in record.headers:
                self.counts["in"] += 1
                self.counts["filtered/end-of-input"] += 1
                continue
            raw = RawRecord(*record[:2], record.key or b"", record.value or b"", dict(record.headers))
            decoded = self.adapter.decode([raw])
            self.counts["in"] += decoded.items
            for verdict in decoded.verdicts:
                self.counts[f"{verdict.fate}/{verdict.reason}" if verdict.reason else str(verdict.fate)] += 1
                if verdict.fate is Fate.DEAD:
                    self._bury(record, verdict.item, str(verdict.reason))
            for row in range(len(decoded.rows)):
                self._row(record, decoded.rows, row)

    def _row(self, record: Record, rows: ObservationColumns, row: int) -> None:
        flags = int(rows.flags[row])
        distress, historical = bool(flags & Flag.DISTRESS), bool(flags & Flag.HISTORICAL)
        sensor, time_us = rows.sensors[rows.sensor[row]], int(rows.event_time_us[row])
        lon, lat = float(rows.lon[row]), float(rows.lat[row])
        located, digest = not math.isnan(lon), rows.observation_id[row].tobytes()
        identity = rows.identities[rows.identity[row]] if rows.identity[row] >= 0 else None
        key = identity.key(sensor) if identity is not None else None
        objection, newest = None, None
        if "*" not in self.feed.sensors and sensor not in self.feed.sensors:
            objection = "unknown-sensor"
        else:
            clock = self.clocks.setdefault(sensor, Clock())
            objection, newest = clock.judge(time_us, record.log_time_us, historical, self.settings)
        age_us = -math.inf if newest is None else newest - time_us
        if objection is None and not located:
            objection = "no-position"
        if objection is None and not distress and age_us <= self.settings.ingest.duplicate_s * 1e6:
            objection = "duplicate" if digest in self.seen else None
            self.seen.add(digest)
        if objection is None and key is None:
            objection = "no-identity"
        if objection is not None and not distress:
            return self._refuse(record, int(rows.item[row]), objection)
        cell = sector(lon, lat) if located else 0
        previous, home = None, 0
        if key is not None:
            memory = self.memories.get(key, Memory())
            home = memory.last.sector if memory.last is not None else 0
            if objection is None:
                taken = step(memory, Fix(time_us, lon, lat, cell, 0, digest), self._gate())
                self.memories[key] = taken.memory
                if not taken.accepted and not distress:
                    return self._refuse(record, int(rows.item[row]), "teleport")
                previous = taken.previous
            elif not located:
                previous = recent(memory.last, time_us, self._gate())
        late = age_us > self.settings.ingest.late_s * 1e6
        self.counts["row"] += 1
        self.counts["late"] += late
        columns: dict[str, Any] = {
            name: getattr(rows, name)[row]
            for name in ("event_time_us", "lon", "lat", "sigma_m", "speed_mps", "course_deg", "heading_deg")
        }
        columns |= {"flags": flags | (Flag.LATE if late else 0), "observation_id": digest, "sector": cell}
        columns |= {"source_offset": record.offset, "ingest_time_us": record.log_time_us}
        named = {"sensor": sensor, "extras": rows.extras.get(row)}
        named |= {"key": key or f"distress:{sensor}:{cell:x}", "identity": identity if key else Identity()}
        return self._send(columns, named, cell or home, previous)

    def _send(self, columns: dict[str, Any], named: dict[str, Any], where: int, previous: Fix | None) -> None:
        owners = self.settings.owners
        owner = self._owner(where) if where else stable_partition(named["key"], owners.partitions)
        columns |= {"owner": owner, "area": int(area_of(np.array([where], np.uint64))[0])}
        columns |= {"prev_event_time_us": -1, "prev_lon": math.nan, "prev_lat": math.nan}
        columns |= {"prev_owner": -1, "prev_observation_id": bytes(16)}
        destinations = [(owner, Purpose.HERE)]
        if previous is not None:
            old = self._owner(previous.sector)
            columns |= {"prev_event_time_us": previous.time_us, "prev_lon": previous.lon, "prev_lat": previous.lat}
            columns |= {"prev_owner": old, "prev_observation_id": previous.id}
            if old != owner:
                destinations.append((old, Purpose.DEPARTING))
                self.counts["copy/departing"] += 1
        for partition, purpose in destinations:
            _, first, _ = self.numbering.span(f"observations.v1/{partition}", columns["source_offset"], 1)
            whole = {**columns, "purpose": int(purpose), "ordinal": first.ordinal}
            values = {name: _plain(name, value) for name, value in whole.items()}
            self.rows[(partition, *first)] = {**values, **named}

    def _owner(self, cell: int) -> int:
        return int(self.settings.owners.owner_of(np.array([cell], np.uint64))[0])

    def _gate(self) -> GateRules:
        rules = self.settings.ingest
        lost_us = round(self.settings.surveil.lost_after_s * 1e6)
        return GateRules(rules.teleport_mps, rules.teleport_slack_m, lost_us)

    def _refuse(self, record: Record, item: int, reason: str) -> None:
        fate = FATES[reason]
        self.counts[f"{fate}/{reason}"] += 1
        if fate == "dead":
            self._bury(record, item, reason)

    def _bury(self, record: Record, item: int, reason: str) -> None:
        self.dead.append(f"{self.feed.topic}/0/{record.offset}/{item}|{reason}")


def _plain(name: str, value: Any) -> Any:
    return value if isinstance(value, bytes) else plain(name, value)
