"""What really happened: every entry into a zone and every exit, from true positions, out of band.

A territory is without its ports of entry while they are open (they are holes in it), and a zone is only one while it
is in force: what its schedule does to who stands still is no entry and no exit by anybody's own doing. Membership is
looked at once a step and the moment is found on the step's straight segment; a craft that is in and out again within
one step is not noticed.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.zones import Zone, ZoneKind, ZoneSet
from sensors.observation import Identity
from simulator.plane import Array
from simulator.spec import Kind
from streams.messages import AlertKind

SCHEMA = "vedette.truth.v1"


class What(StrEnum):
    """What happened to an object."""

    PRESENT = "present"  # it began its life inside, or the zone came into force around it: no alert is expected
    OVER = "over"  # the zone ceased to be in force around it
    ENTRY = "entry"
    EXIT = "exit"
    CROSSING = "crossing"  # of a border line
    DISTRESS = "distress"  # a beacon began to send
    POSITION = "position"  # where it was, at moments set by the scenario


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``truth.jsonl``. ``kind`` is the alert that is expected, null where none is; ``excused`` says why one
    is not missed that might as well have been: a system need not know better.

    ``first_report`` is the event time of the first good report at or after ``onset`` that reached a receiver: nobody
    could know earlier. ``heard_before`` says whether one from before the onset had reached one: an object first seen
    inside has not entered, as far as a sensor can tell."""

    schema: str = SCHEMA
    what: What
    object: str
    identity: Identity
    onset: datetime
    position: tuple[float, float]
    zone_id: str | None = None
    zone_kind: str | None = None
    kind: AlertKind | None = None
    direction: str | None = None
    first_report: datetime | None = None
    heard_before: bool = False
    excused: str | None = None


class TruePosition(Truth, frozen=True, kw_only=True):
    """Where an object was at ``onset``, ``time_s`` after the start; ``xy_m`` is east and north of the origin.

    ``covered_by`` names the sensors and receivers that had a chance to notice it there; ``reporting`` says whether one
    of them could hear it say who it is."""

    time_s: float
    xy_m: tuple[float, float]
    object_kind: Kind
    covered_by: tuple[str, ...] = ()
    reporting: bool = False


class Change(NamedTuple):
    """A change of one slot's relation to one zone."""

    slot: int
    what: What
    zone: Zone
    time_s: float
    lon: float
    lat: float
    direction: str | None
    port_since_s: float | None = None  # since when it had been in an open port of entry that it left by this


EXPECTED = {
    ZoneKind.TERRITORY: AlertKind.INCURSION,
    ZoneKind.EXCLUSION: AlertKind.EXCLUSION,
    ZoneKind.PROTECTED: AlertKind.PROTECTED,
    ZoneKind.BORDER_LINE: AlertKind.BORDER_CROSSING,
}


class Watch:
    """Who is inside what. Positions are ``(n, 2)`` lon, lat degrees; ``start_us`` is when the world's second 0 was."""

    def __init__(self, zones: ZoneSet, start_us: int = 0) -> None:
        ports = [zone for zone in zones if zone.kind is ZoneKind.PORT_OF_ENTRY]
        holes = shapely.union_all([zone.geometry for zone in ports if zone.schedule is None])
        self._areas = [(zone, _shape(zone, holes)) for zone in zones.areas]
        self._lines = [(zone, zone.geometry) for zone in zones.lines]
        for _, shape in (*self._areas, *self._lines):
            shapely.prepare(shape)
        self._start_us = start_us
        self._timed = [index for index, (zone, _) in enumerate(self._areas) if zone.schedule is not None]
        kinds = np.array([zone.kind for zone, _ in self._areas], object)
        self._ports, self._land = (
            np.flatnonzero(kinds == kind) for kind in (ZoneKind.PORT_OF_ENTRY, ZoneKind.TERRITORY)
        )
        self._inside = np.zeros((0, len(self._areas)), np.bool_)
        self._port_since_s = np.zeros(0)  # NaN outside of all ports

    def begin(self, slot: int, time_s: float, place: Array) -> list[Change]:
        """Start to watch a slot at ``place`` ``(2,)``; what it is inside of already."""
        if slot >= len(self._inside):
            more = np.zeros((max(64, slot + 1), len(self._areas)), np.bool_)
            more[: len(self._inside)] = self._inside
            self._inside = more
            self._port_since_s = np.concatenate(
                [self._port_since_s, np.full(len(more) - len(self._port_since_s), np.nan)]
            )
        self._inside[slot] = self._covers(place[None], time_s)[0]
        self._port_since_s[slot] = time_s if self._inside[slot, self._ports].any() else np.nan
        return self._found(slot, np.flatnonzero(self._inside[slot]), time_s, place)

    def step(self, slots: NDArray[np.int64], before: Array, after: Array, time_s: float, dt_s: float) -> list[Change]:
        """What changed for ``slots`` on their way from ``before`` to ``after``, in the order of slots.

        Schedules turn at the beginning of a step, for who is there."""
        changes = self._turned(slots, before, time_s, dt_s) if self._timed else []
        now = self._covers(after, time_s + dt_s)
        for row, area in np.argwhere(now != self._inside[slots]).tolist():
            zone = self._areas[area][0]
            u = self._moment(area, before[row], after[row], time_s + dt_s, inside_after=bool(now[row, area]))
            what, direction = (What.ENTRY, "inbound") if now[row, area] else (What.EXIT, "outbound")
            change = _change(slots, row, what, zone, time_s + u * dt_s, before, after, u, direction)
            since_s = self._port_since_s[slots[row]]
            if what is What.ENTRY and zone.kind is ZoneKind.TERRITORY and since_s == since_s:
                change = change._replace(port_since_s=float(since_s))
            changes.append(change)
        self._inside[slots] = now
        self._note_ports(slots, time_s + dt_s)
        return changes + list(self._crossings(slots, before, after, time_s, dt_s))

    def _turned(self, slots: NDArray[np.int64], places: Array, time_s: float, dt_s: float) -> list[Change]:
        """What schedules change for those who are at ``places``, by the end of a step."""
        now, changes = self._covers(places, time_s + dt_s), []
        for row in np.flatnonzero((now != self._inside[slots]).any(1)).tolist():
            slot = int(slots[row])
            opened, over = now[row] & ~self._inside[slot], self._inside[slot] & ~now[row]
            changes += self._found(slot, np.flatnonzero(opened), time_s, places[row])
            changes += self._found(slot, np.flatnonzero(over), time_s, places[row], What.OVER)
        self._inside[slots] = now
        self._note_ports(slots, time_s)
        return changes

    def _found(
        self, slot: int, areas: NDArray[np.intp], time_s: float, place: Array, what: What = What.PRESENT
    ) -> list[Change]:
        lon, lat = place.tolist()
        return [Change(slot, what, self._areas[area][0], time_s, lon, lat, None) for area in areas.tolist()]

    def _note_ports(self, slots: NDArray[np.int64], time_s: float) -> None:
        held = self._inside[slots][:, self._ports].any(1)
        since = self._port_since_s[slots]
        self._port_since_s[slots] = np.where(held, np.where(np.isnan(since), time_s, since), np.nan)

    def _covers(self, places: Array, time_s: float) -> NDArray[np.bool_]:
        """Which areas hold the places at a moment, ``(n, areas)``."""
        columns = [shapely.intersects_xy(shape, places[:, 0], places[:, 1]) for _, shape in self._areas]
        found = np.column_stack(columns) if columns else np.zeros((len(places), 0), np.bool_)
        for area in self._timed:
            if not self._areas[area][0].in_force(self._time_us(time_s)):
                found[:, area] = False
            elif area in self._ports:
                found[np.ix_(found[:, area], self._land)] = False
        return found

    def _moment(self, area: int, a: Array, b: Array, time_s: float, *, inside_after: bool) -> float:
        """The share of the way from ``a`` to ``b`` at which membership changes; by bisection, to 1e-9."""
        low, high = 0.0, 1.0
        while high - low > 1e-9:
            middle = (low + high) / 2.0
            if bool(self._covers((a + middle * (b - a))[None], time_s)[0, area]) == inside_after:
                high = middle
            else:
                low = middle
        return high

    def _time_us(self, time_s: float) -> int:
        return self._start_us + round(time_s * 1e6)

    def _crossings(
        self, slots: NDArray[np.int64], before: Array, after: Array, time_s: float, dt_s: float
    ) -> Iterable[Change]:
        if not self._lines:
            return
        moves = shapely.linestrings(np.stack([before, after], axis=1))
        for zone, line in self._lines:
            if not zone.in_force(self._time_us(time_s + dt_s)):
                continue
            for row in np.flatnonzero(shapely.intersects(line, moves)).tolist():
                found = _crossed(shapely.get_coordinates(line), before[row], after[row])
                if found is not None:
                    u, direction = found
                    yield _change(slots, row, What.CROSSING, zone, time_s + u * dt_s, before, after, u, direction)


def _shape(zone: Zone, holes: shapely.Geometry) -> shapely.Geometry:
    shape = shapely.difference(zone.geometry, holes) if zone.kind is ZoneKind.TERRITORY else zone.geometry
    return shapely.make_valid(shape)


def _change(
    slots: NDArray[np.int64], row: int, what: What, zone: Zone, time_s: float,
    before: Array, after: Array, u: float, direction: str,
) -> Change:  # fmt: skip
    lon, lat = (before[row] + u * (after[row] - before[row])).tolist()
    return Change(int(slots[row]), what, zone, time_s, lon, lat, direction)


def _crossed(line: Array, a: Array, b: Array) -> tuple[float, str] | None:
    """Where and how the segment ``a``-``b`` crosses the line net: ``(share, direction)``; to its left is inbound.

    A touch without a change of side, and a segment that crosses back, are None."""
    net, when = 0, 0.0
    for p, q in pairwise(line):
        side_a, side_b = _side(p, q, a), _side(p, q, b)
        if (side_a > 0) != (side_b > 0) and (_side(a, b, p) > 0) != (_side(a, b, q) > 0):
            net += 1 if side_b > 0 else -1
            when = side_a / (side_a - side_b)
    return (when, "inbound" if net > 0 else "outbound") if net else None


def _side(p: Array, q: Array, r: Array) -> float:
    """Positive where ``r`` lies to the left of the direction from ``p`` to ``q``."""
    return float((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))
