"""The fold of one object's fixes: standing and fix in, standing and visits out. Pure; the rest is bookkeeping."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from geo import membership
from geo.membership import Change, Event
from geo.zones import ZoneKind
from streams.messages import EndReason
from streams.surveil.hours import depth_m, waited
from streams.surveil.rows import Fix
from streams.surveil.segments import Segment, Through, applies, in_force, segment, watched, zones_at
from streams.surveil.visits import ENTRY, LINE, NOWHERE, PASSED, Ending, Standing, Visit
from streams.who import Who
from streams.zones import Calendar, InForce

Happening = Visit | Ending
INBOUND, OUTBOUND = "inbound", "outbound"
_EXACT_M = 4_000.0  # so far out distances are exact to a metre


class Hint(NamedTuple):
    """A segment that was looked at already: from which fix, under which version."""

    start: tuple[int, float, float]  # event time, lon, lat of the fix before
    version: int
    segment: Segment


class Folded(NamedTuple):
    """The outcome of one fix."""

    standing: Standing
    happenings: list[Happening]
    returned: int  # stays that go on by hysteresis
    slack_m: float = 0.0  # how far the object may move before a stay that is ending can reach the margin


def first(fix: Fix, calendar: Calendar, who: Who) -> Folded:
    """The first fix of a track: what contains it is found, not entered; a rule may ask for an incident of it."""
    entry = calendar.at(fix.event_time_us)
    inside = watched(entry, zones_at(entry, fix.lon, fix.lat), who, fix.event_time_us)
    observation = fix.observation.hex()
    stays, _ = membership.begin(inside, observation, fix.event_time_us)
    ruling, by_id = calendar.rules.at(fix.event_time_us), entry.zones.by_id
    told: list[Happening] = [
        Visit(observation, zone_id, ENTRY, None, entry.version, None, fix, fix.lon, fix.lat)
        for zone_id in inside
        if ruling.tells_found(zone_id, by_id[zone_id].kind)
        and not calendar.clearances.cleared(who.key, zone_id, fix.event_time_us)
    ]
    return Folded(Standing(dict(stays), entry.version), told, 0)


def further(
    standing: Standing, before: Fix, fix: Fix, calendar: Calendar, who: Who, hint: Hint | None = None
) -> Folded:
    """One more fix, not older than ``before``."""
    entry, rules = calendar.at(fix.event_time_us), calendar.rules.at(fix.event_time_us).exits
    key = who.key
    happenings: list[Happening] = []
    if standing.version != entry.version:
        standing, happenings = _rebased(standing, before, entry, calendar, who, fix.event_time_us)
    if entry.scheduled or calendar.rules.single is None:
        standing, over = waited(standing, before, fix.event_time_us, calendar, who)
        happenings += over
    start = (before.event_time_us, before.lon, before.lat)
    if hint is not None and hint.version == entry.version and hint.start == start:
        found = hint.segment
    else:
        found = segment(entry, start[1:], (fix.lon, fix.lat))
    inside = watched(entry, found.end, who, fix.event_time_us)
    through: dict[str, Through] = {}
    for place in found.through:
        if place.zone_id in watched(entry, (place.zone_id, *place.gates), who, fix.event_time_us):
            through.setdefault(place.zone_id, place)
    observation = fix.observation.hex()
    slack_m = math.inf

    def outside_m(zone_id: str) -> float:
        nonlocal slack_m
        metres = -depth_m(entry, fix.lon, fix.lat, zone_id, fix.event_time_us)
        if metres < rules.margin_m:
            slack_m = min(slack_m, min(rules.margin_m, _EXACT_M) - metres)
        return metres

    stays, changes = membership.step(
        standing.stays,
        inside,
        through,
        observation,
        fix.event_time_us,
        outside_m,
        rules,
    )
    stays = dict(stays)
    start_zones = in_force(entry, found.start, fix.event_time_us)
    cleared = any(entry.zones.by_id[zone_id].kind is ZoneKind.PORT_OF_ENTRY for zone_id in start_zones)
    returned = 0
    permits = calendar.clearances
    for change in changes:
        if change.event in (Event.ENTERED, Event.PASSED) and permits.cleared(key, change.zone_id, fix.event_time_us):
            if change.event is Event.ENTERED:  # by a clearance: the officers expect it
                stays[change.zone_id] = membership.Stay(observation, True, fix.event_time_us)
        elif change.event is Event.LEFT:
            happenings.append(_left(change, EndReason.EXITED))
        elif change.event is Event.RETURNED:
            returned += 1
        elif cleared and entry.zones.by_id[change.zone_id].kind is ZoneKind.TERRITORY:
            if change.event is Event.ENTERED:  # through the port of entry: known to the officers there, not an entry
                stays[change.zone_id] = membership.Stay(observation, True, fix.event_time_us)
        elif change.event is Event.ENTERED:
            happenings.append(
                Visit(observation, change.zone_id, ENTRY, INBOUND, entry.version, before, fix, fix.lon, fix.lat)
            )
        elif change.event is Event.PASSED:
            place = through[change.zone_id]
            passage = Visit(
                observation, change.zone_id, PASSED, INBOUND, entry.version, before, fix, place.lon, place.lat
            )
            passage.ended_us, passage.end_reason = fix.event_time_us, EndReason.PASSED_THROUGH
            happenings.append(passage)
    happenings += [
        visit
        for visit in _lines(found, entry, before, fix, who)
        if not permits.cleared(key, visit.zone_id, fix.event_time_us)
    ]
    return Folded(Standing(stays, entry.version), happenings, returned, slack_m)


def refold(base: Standing, fixes: Sequence[Fix], calendar: Calendar, who: Who, *, anchored: bool) -> list[Folded]:
    """The outcome of every fix in turn. ``anchored``: the first is the anchor, and ``base`` the standing after it."""
    out: list[Folded] = []
    standing = base
    for index, fix in enumerate(fixes):
        if index == 0:
            folded = Folded(base, [], 0) if anchored else first(fix, calendar, who)
        else:
            folded = further(standing, fixes[index - 1], fix, calendar, who)
        out.append(folded)
        standing = folded.standing
    return out


def concerned(standing: Standing, at: Fix, calendar: Calendar, who: Who) -> Standing:
    """The standing after the fix ``at``, with other zones concerning the object: those that do now are found."""
    entry = calendar.by_version.get(standing.version)
    if entry is None:
        return standing
    time_us = max(at.event_time_us, standing.turned_us)
    inside = watched(entry, zones_at(entry, at.lon, at.lat), who, time_us)
    known = watched(entry, tuple(standing.stays), who, time_us)
    stays, _ = membership.rebase(standing.stays, inside, known, at.observation.hex(), time_us)
    return Standing(dict(stays), standing.version, standing.turned_us)


def _rebased(
    standing: Standing,
    before: Fix,
    entry: InForce,
    calendar: Calendar,
    who: Who,
    until_us: int,
) -> tuple[Standing, list[Happening]]:
    """The standing at the last fix under another version: no storm of enters and exits."""
    standing, over = waited(standing, before, until_us, calendar, who)
    if standing.version == NOWHERE.version:
        return standing, list(over)
    ended_us = max(before.event_time_us, entry.from_us)
    inside = watched(entry, zones_at(entry, before.lon, before.lat), who, ended_us)
    by_id = entry.zones.by_id
    known = [
        zone_id
        for zone_id in standing.stays
        if zone_id in by_id and by_id[zone_id].in_force(ended_us) and applies(entry, zone_id, who)
    ]
    stays, changes = membership.rebase(standing.stays, inside, known, before.observation.hex(), ended_us)
    left = [_left(change, EndReason.ZONE_CHANGED) for change in changes if change.event is Event.LEFT]
    return Standing(dict(stays), entry.version, ended_us), [*over, *left]


def _left(change: Change, reason: EndReason) -> Ending:
    return Ending(change.zone_id, change.stay.visit, change.time_us, reason)


def _lines(found: Segment, entry: InForce, before: Fix, fix: Fix, who: Who) -> list[Visit]:
    """Border crossings: one for each line and direction, where the segment first crossed it so."""
    met: dict[tuple[str, str], Visit] = {}
    for crossed in found.lines:
        if not watched(entry, (crossed.zone_id,), who, fix.event_time_us):
            continue
        direction = INBOUND if crossed.direction > 0 else OUTBOUND
        if (crossed.zone_id, direction) in met:
            continue
        visit = f"{fix.observation.hex()}/{direction}"
        crossing = Visit(visit, crossed.zone_id, LINE, direction, entry.version, before, fix, crossed.lon, crossed.lat)
        crossing.ended_us, crossing.end_reason = fix.event_time_us, EndReason.PASSED_THROUGH
        met[crossed.zone_id, direction] = crossing
    return list(met.values())
