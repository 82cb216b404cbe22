"""What really happened: every entry into a zone and every exit, from true positions, out of band.

A territory is without its ports of entry (they are holes in it). Membership is looked at once a step and the moment
is found on the step's straight segment; a craft that is in and out again within one step is not noticed.
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

    PRESENT = "present"  # it began its life inside: no alert is expected
    ENTRY = "entry"
    EXIT = "exit"
    CROSSING = "crossing"  # of a border line
    DISTRESS = "distress"  # a beacon began to send
    POSITION = "position"  # where it was, at moments set by the scenario


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``truth.jsonl``. ``kind`` is the alert that is expected, null where none is.

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


EXPECTED = {
    ZoneKind.TERRITORY: AlertKind.INCURSION,
    ZoneKind.EXCLUSION: AlertKind.EXCLUSION,
    ZoneKind.PROTECTED: AlertKind.PROTECTED,
    ZoneKind.BORDER_LINE: AlertKind.BORDER_CROSSING,
}


class Watch:
    """Who is inside what. Positions are ``(n, 2)`` lon, lat degrees."""

    def __init__(self, zones: ZoneSet) -> None:
        holes = shapely.union_all([zone.geometry for zone in zones if zone.kind is ZoneKind.PORT_OF_ENTRY])
        self._areas = [(zone, _shape(zone, holes)) for zone in zones.areas]
        self._lines = [(zone, zone.geometry) for zone in zones.lines]
        for _, shape in (*self._areas, *self._lines):
            shapely.prepare(shape)
        self._inside = np.zeros((0, len(self._areas)), np.bool_)

    def begin(self, slot: int, time_s: float, place: Array) -> list[Change]:
        """Start to watch a slot at ``place`` ``(2,)``; what it is inside of already."""
        if slot >= len(self._inside):
            more = np.zeros((max(64, slot + 1), len(self._areas)), np.bool_)
            more[: len(self._inside)] = self._inside
            self._inside = more
        self._inside[slot] = self._covers(place[None])[0]
        lon, lat = place.tolist()
        present = [zone for (zone, _), inside in zip(self._areas, self._inside[slot], strict=True) if inside]
        return [Change(slot, What.PRESENT, zone, time_s, lon, lat, None) for zone in present]

    def step(self, slots: NDArray[np.int64], before: Array, after: Array, time_s: float, dt_s: float) -> list[Change]:
        """What changed for ``slots`` on their way from ``before`` to ``after``, in the order of slots."""
        now = self._covers(after)
        changes = []
        for row, area in np.argwhere(now != self._inside[slots]).tolist():
            zone, shape = self._areas[area]
            u = _moment(shape, before[row], after[row], inside_after=bool(now[row, area]))
            what, direction = (What.ENTRY, "inbound") if now[row, area] else (What.EXIT, "outbound")
            changes.append(_change(slots, row, what, zone, time_s + u * dt_s, before, after, u, direction))
        self._inside[slots] = now
        return changes + list(self._crossings(slots, before, after, time_s, dt_s))

    def _covers(self, places: Array) -> NDArray[np.bool_]:
        columns = [shapely.intersects_xy(shape, places[:, 0], places[:, 1]) for _, shape in self._areas]
        return np.column_stack(columns) if columns else np.zeros((len(places), 0), np.bool_)

    def _crossings(
        self, slots: NDArray[np.int64], before: Array, after: Array, time_s: float, dt_s: float
    ) -> Iterable[Change]:
        if not self._lines:
            return
        moves = shapely.linestrings(np.stack([before, after], axis=1))
        for zone, line in self._lines:
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


def _moment(shape: shapely.Geometry, a: Array, b: Array, *, inside_after: bool) -> float:
    """The share of the way from ``a`` to ``b`` at which membership changes; by bisection, to 1e-9."""
    low, high = 0.0, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2.0
        x, y = a + middle * (b - a)
        if bool(shapely.intersects_xy(shape, x, y)) == inside_after:
            high = middle
        else:
            low = middle
    return high


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
