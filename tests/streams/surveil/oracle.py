"""What must be alerted, by brute force: every vessel, every zone, every segment, with shapely and one plain loop.

Written from the rules in words, not from the code: entry on the first fix inside after one outside; a passage where
only the line between two fixes outside goes through; an exit once outside for the dwell with one fix beyond the margin
(dated to the first fix outside); lost after so long without a fix, and the next fix begins anew.

Rules may differ by time: a fix is judged by those of its time, and what is waited for runs by those of the last fix.

A zone may have phases: from a moment on another shape, or none. What stood still inside when one began is found there;
what stood still outside of the new phase, and inside of the old one, is ended by it at that moment.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import shapely
from pyproj import Geod
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from tests.streams.surveil.feeds import SECOND_US, Sighting

_WGS84 = Geod(ellps="WGS84")


class Told(NamedTuple):
    """One visit; times are event times in microseconds."""

    mmsi: int
    zone_id: str
    opened_us: int
    ended_us: int | None
    end: str | None


class Rule(NamedTuple):
    """What is the rule at one time; ``found``: what is first seen inside is told."""

    dwell_s: float = 60.0
    margin_m: float = 500.0
    lost_s: float = 43_200.0
    found: bool = False


Rules = Callable[[int], Rule]  # by event time, microseconds
USUAL = Rule()


class Phase(NamedTuple):
    """What a zone is from a moment on, event time in microseconds; an empty shape while it is not in force."""

    from_us: int
    shape: BaseGeometry


def visits(
    sightings: Iterable[Sighting],
    zones: Mapping[str, BaseGeometry],
    horizon_us: int,
    *,
    rules: Rules = lambda _: USUAL,
    phases: Mapping[str, Sequence[Phase]] | None = None,
    port: BaseGeometry | None = None,
) -> list[Told]:
    """Every visit, up to the moment the clock reaches.

    Out of a ``port`` that its zone's phase leaves open (does not cover), the way into the zone is no entry."""
    by_vessel: dict[int, dict[tuple[int, float, float], Sighting]] = {}
    for seen in sightings:
        by_vessel.setdefault(seen.mmsi, {})[seen.time_us, seen.lon, seen.lat] = seen
    told: list[Told] = []
    for fixes in by_vessel.values():
        ordered = [fixes[key] for key in sorted(fixes)]
        for zone_id, shape in zones.items():
            shapes = (phases or {}).get(zone_id, [Phase(0, shape)])
            told += _one(ordered, zone_id, shapes, horizon_us, rules, port)
    return sorted(told)


def _one(
    fixes: Sequence[Sighting],
    zone_id: str,
    phases: Sequence[Phase],
    horizon_us: int,
    rules: Rules,
    port: BaseGeometry | None,
) -> list[Told]:
    told: list[Told] = []
    opened: int | None = None  # microseconds; 0 is found inside
    out: list[Sighting] = []

    def shape_at(time_us: int) -> BaseGeometry:
        return [phase.shape for phase in phases if phase.from_us <= time_us][-1]

    def ends_at(rule: Rule) -> int | None:
        far = [seen.time_us for seen in out if _outside_m(shape_at(seen.time_us), seen) >= rules(seen.time_us).margin_m]
        return max(out[0].time_us + round(rule.dwell_s * SECOND_US), far[0]) if far else None

    def end(time_us: int, why: str) -> None:
        nonlocal opened, out
        if opened:
            told.append(Told(fixes[0].mmsi, zone_id, opened, time_us, why))
        opened, out = None, []

    def wait(until_us: int, last: Sighting) -> bool:
        """Let time pass; whether the vessel is still followed."""
        nonlocal opened, out
        rule = rules(last.time_us)
        lost_us = last.time_us + round(rule.lost_s * SECOND_US)
        for phase in phases:
            if not last.time_us < phase.from_us <= min(until_us, lost_us):
                continue
            moment = ends_at(rule)
            if moment is not None and moment <= phase.from_us:
                end(out[0].time_us, "exited")
            if phase.shape.covers(Point(last.lon, last.lat)):
                opened = 0 if opened is None else opened
            elif opened is not None and (phase.shape.is_empty or not out):
                end(phase.from_us, "not-in-force")
        moment = ends_at(rule)
        if moment is not None and moment <= min(until_us, lost_us):
            end(out[0].time_us, "exited")
        if lost_us <= until_us:
            end(lost_us, "lost")
            return False
        return True

    before: Sighting | None = None
    for seen in fixes:
        if before is not None and not wait(seen.time_us, before):
            before = None
        shape, rule = shape_at(seen.time_us), rules(seen.time_us)
        moment = ends_at(rule)
        if moment is not None and moment <= seen.time_us:
            end(out[0].time_us, "exited")
        inside = shape.covers(Point(seen.lon, seen.lat))
        cleared = False
        if port is not None and before is not None and not shape.is_empty:
            cleared = port.covers(Point(before.lon, before.lat)) and not shape.covers(port.representative_point())
        if before is None:
            opened = (seen.time_us if rule.found else 0) if inside else None
        elif inside:
            out = []
            opened = (0 if cleared else seen.time_us) if opened is None else opened
        else:
            line = LineString([(before.lon, before.lat), (seen.lon, seen.lat)])
            through = shapely.length(shapely.intersection(line, shape)) > 0
            if opened is None:
                if through and not cleared and not shape.covers(Point(before.lon, before.lat)):
                    told.append(Told(seen.mmsi, zone_id, seen.time_us, seen.time_us, "passed-through"))
            else:
                out = [seen] if out and through else [*out, seen]
                moment = ends_at(rule)
                if moment is not None and moment <= seen.time_us:
                    end(out[0].time_us, "exited")
        before = seen
    if before is not None and wait(horizon_us, before) and opened:
        told.append(Told(fixes[0].mmsi, zone_id, opened, None, None))
    return told


def _outside_m(shape: BaseGeometry, seen: Sighting) -> float:
    """Metres to the nearest point of the border, which is looked for on a fine chain of points."""
    border = shape.boundary
    here = Point(seen.lon, seen.lat)
    middle = border.project(here)
    best = float("inf")
    for step in range(-40, 41):
        foot = border.interpolate((middle + step * 0.0005) % border.length)
        best = min(best, _WGS84.inv(seen.lon, seen.lat, foot.x, foot.y)[2])
    return best
