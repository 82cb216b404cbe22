"""Schedules of zones: which zones are in force when, and what a boundary of a schedule does to one that is inside.

A fix is judged by what is in force at its event time. Between two fixes an object is where it was last seen: a zone
that opens around it *finds* it, one that closes on it ends the stay by that reason and not as an exit, at the boundary.
A port of entry with opening hours is a hole in every territory while it is open. Versions of the zones without any
schedule never come here.
"""

from geo import membership
from geo.membership import Event, Hysteresis
from geo.zones import ZoneKind
from streams.messages import EndReason
from streams.surveil.rows import Fix
from streams.surveil.segments import WATCHED, applies, watched, zones_at
from streams.surveil.visits import Ending, Standing
from streams.who import Who
from streams.zones import Calendar, InForce


def next_turn_us(standing: Standing, at: Fix, calendar: Calendar, who: Who) -> int | None:
    """The next event time at which a schedule changes anything for an object last seen ``at`` a fix; None for never.

    Nothing turns under a version that another has replaced by then: that is looked at when the next fix comes."""
    entry = calendar.by_version.get(standing.version)
    if entry is None or not entry.scheduled:
        return None
    after_us = max(at.event_time_us, standing.turned_us)
    concerned = sorted({*zones_at(entry, at.lon, at.lat), *standing.stays} & entry.scheduled.keys())
    by_id = entry.zones.by_id
    turns = [
        turn_us
        for zone_id in concerned
        if zone_id in entry.gates or (by_id[zone_id].kind in WATCHED and applies(entry, zone_id, who))
        if (turn_us := entry.scheduled[zone_id].next_change_us(after_us)) is not None
    ]
    first_us = min(turns, default=None)
    return first_us if first_us is None or first_us < calendar.until_us(entry.version) else None


def waited(standing: Standing, at: Fix, until_us: int, calendar: Calendar, who: Who) -> tuple[Standing, list[Ending]]:
    """What time alone does to an object last seen ``at`` a fix, up to ``until_us``: schedules turn, stays end.

    The same standing where that is nothing. It does not matter in how many steps the time is waited: it is waited by
    the rules of the fix."""
    over: list[Ending] = []
    rules = calendar.rules.at(at.event_time_us).exits
    while (turn_us := next_turn_us(standing, at, calendar, who)) is not None and turn_us <= until_us:
        standing, ended = expired(standing, turn_us, rules)
        over += ended
        standing, ended = _turned(standing, at, calendar.by_version[standing.version], who, turn_us)
        over += ended
    standing, ended = expired(standing, until_us, rules)
    return standing, [*over, *ended]


def expired(standing: Standing, until_us: int, rules: Hysteresis) -> tuple[Standing, list[Ending]]:
    """The stays that hysteresis ends up to ``until_us``; the same standing where none."""
    stays, changes = membership.expire(standing.stays, until_us, rules)
    if not changes:
        return standing, []
    over = [Ending(change.zone_id, change.stay.visit, change.time_us, EndReason.EXITED) for change in changes]
    return Standing(dict(stays), standing.version, standing.turned_us), over


def _turned(standing: Standing, at: Fix, entry: InForce, who: Who, turn_us: int) -> tuple[Standing, list[Ending]]:
    """The standing from a boundary of a schedule on."""
    inside = watched(entry, zones_at(entry, at.lon, at.lat), who, turn_us)
    known = [zone_id for zone_id in standing.stays if watched(entry, (zone_id,), who, turn_us)]
    # named apart from an entry by the same fix, which may have ended and must not end again
    found = f"{at.observation.hex()}/{turn_us}"
    stays, changes = membership.rebase(standing.stays, inside, known, found, turn_us)
    over = [
        Ending(change.zone_id, change.stay.visit, change.time_us, EndReason.NOT_IN_FORCE)
        for change in changes
        if change.event is Event.LEFT
    ]
    return Standing(dict(stays), standing.version, turn_us), over


def depth_m(entry: InForce, lon: float, lat: float, zone_id: str, time_us: int) -> float:
    """Metres a position is inside a zone, negative outside, with the ports that are open at an event time cut out."""
    return entry.fence.distance_m(lon, lat, zone_id, open_gates(entry, zone_id, time_us))


def open_gates(entry: InForce, zone_id: str, time_us: int) -> tuple[str, ...]:
    """The ports with opening hours that are cut out of a zone at an event time."""
    if not entry.gates or entry.zones.by_id[zone_id].kind is not ZoneKind.TERRITORY:
        return ()
    return tuple(gate for gate in entry.gates if entry.scheduled[gate].in_force(time_us))
