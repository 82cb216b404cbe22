"""What a track segment has to do with the zones: where it starts and ends, what it passes through, what it crosses.

Thousands of segments are asked at once (:func:`many`); the few that need thought are looked at one by one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.zones import ZoneKind
from streams.messages import AlertKind, Severity
from streams.who import Who
from streams.zones import InForce

# Which kinds of zones make incidents, of which kind, and how grave where the zone itself does not say.
WATCHED: dict[ZoneKind, tuple[AlertKind, Severity]] = {
    ZoneKind.TERRITORY: (AlertKind.INCURSION, Severity.HIGH),
    ZoneKind.EXCLUSION: (AlertKind.EXCLUSION, Severity.HIGH),
    ZoneKind.PROTECTED: (AlertKind.PROTECTED, Severity.MEDIUM),
    ZoneKind.BORDER_LINE: (AlertKind.BORDER_CROSSING, Severity.MEDIUM),
}


class Crossed(NamedTuple):
    """One crossing of a border line; +1 is inbound."""

    zone_id: str
    direction: int
    lon: float
    lat: float


class Through(NamedTuple):
    """Where a segment came into a zone it passed through; ``gates`` are the ports with opening hours there."""

    zone_id: str
    lon: float
    lat: float
    gates: tuple[str, ...] = ()


class Segment(NamedTuple):
    """One segment: all zones of its two ends (sorted), those it passed through, the lines it crossed, in order."""

    start: tuple[str, ...]
    end: tuple[str, ...]
    through: tuple[Through, ...]
    lines: tuple[Crossed, ...]


def applies(entry: InForce, zone_id: str, who: Who) -> bool:
    """Whether a zone concerns an object, as far as that can be told."""
    concern = entry.concerns.get(zone_id)
    return concern is None or not concern.rules_out(who.modalities, who.classes)


def in_force(entry: InForce, zone_ids: tuple[str, ...], time_us: int) -> tuple[str, ...]:
    """The zones among those of one place that are in force at an event time; an open port is no territory."""
    scheduled = entry.scheduled
    if not scheduled:
        return zone_ids
    kept = tuple(z for z in zone_ids if z not in scheduled or scheduled[z].in_force(time_us))
    if any(z in entry.gates for z in kept):
        by_id = entry.zones.by_id
        kept = tuple(z for z in kept if by_id[z].kind is not ZoneKind.TERRITORY)
    return kept


def watched(entry: InForce, zone_ids: tuple[str, ...], who: Who, time_us: int) -> tuple[str, ...]:
    """The zones among those of one place that make incidents for this object at an event time."""
    by_id = entry.zones.by_id
    zone_ids = in_force(entry, zone_ids, time_us)
    return tuple(z for z in zone_ids if by_id[z].kind in WATCHED and applies(entry, z, who))


def zones_at(entry: InForce, lon: float, lat: float) -> tuple[str, ...]:
    """The zones that contain a position."""
    return entry.fence.zones_of(int(entry.fence.sets(np.array([[lon, lat]]))[0]))


def segment(entry: InForce, start: tuple[float, float], end: tuple[float, float]) -> Segment:
    """One segment, lon, lat each."""
    p0, p1 = np.array([start]), np.array([end])
    return Many(entry, p0, p1).at(0)


class Many:
    """Segments ``p0 → p1``, each ``(n, 2)``, under one version of the zones."""

    def __init__(
        self,
        entry: InForce,
        p0: NDArray[np.float64],
        p1: NDArray[np.float64],
        set0: NDArray[np.int32] | None = None,
        set1: NDArray[np.int32] | None = None,
    ) -> None:
        fence = entry.fence
        self.entry = entry
        self.set0 = fence.sets(p0) if set0 is None else set0
        self.set1 = fence.sets(p1) if set1 is None else set1
        self.crossings = fence.crossings(p0, p1)
        self.lines = fence.line_crossings(p0, p1)
        loud: NDArray[np.bool_] = self.set0 != self.set1
        loud[self.crossings["segment"]] = True
        loud[self.lines["segment"]] = True
        self.loud = loud  # shape (n,): the segment changes something

    def at(self, index: int) -> Segment:
        """One of them."""
        fence = self.entry.fence
        through: dict[tuple[str, tuple[str, ...]], Through] = {}
        low, high = np.searchsorted(self.crossings["segment"], (index, index + 1))
        for crossing in self.crossings[low:high].tolist():
            _, _, lon, lat, _, after = crossing
            names = fence.zones_of(after)
            gates = tuple(z for z in names if z in self.entry.gates) if self.entry.gates else ()
            for zone_id in names:
                through.setdefault((zone_id, gates), Through(zone_id, lon, lat, gates))
        lines = []
        low, high = np.searchsorted(self.lines["segment"], (index, index + 1))
        for _, _, lon, lat, line, direction in self.lines[low:high].tolist():
            lines.append(Crossed(str(self.entry.zones.lines[line].zone_id), direction, lon, lat))
        return Segment(
            fence.zones_of(int(self.set0[index])),
            fence.zones_of(int(self.set1[index])),
            tuple(through.values()),
            tuple(lines),
        )
