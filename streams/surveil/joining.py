"""Two objects this owner followed apart are found to be one: a track and the sender of its name, or two tracks.

One object goes on, and tells one story from here: it stands wherever either stood, and begins again at the newest fix
of both, so that no late fix tells again what was told twice. An incident that is open stays open under its id, the
subject at opening; where both opened one for the same visit, the earlier stays and the other is taken back.
"""

import msgspec

from geo.membership import Stay
from streams.messages import EdgeKind, EndReason
from streams.surveil import wording
from streams.surveil.follow import Follower
from streams.surveil.incidents import ended, replace
from streams.surveil.reports import MOST_PAST, learned
from streams.surveil.rows import Fix
from streams.surveil.segments import watched
from streams.surveil.visits import ENTRY, LINE, PREDICTED, Case, Standing, Visit

SAME_US = 30_000_000  # two passages this near in time are one: a report and a plot are not of one moment


def join(follower: Follower, stays: int, goes: int) -> None:
    """The object of slot ``goes`` is that of slot ``stays``; both have a fix. The slot ``goes`` is free afterwards."""
    objects = follower.objects
    mine, theirs = follower.case(stays), follower.case(goes)
    newest = max((objects.newest(slot) for slot in (stays, goes)), key=lambda fix: fix.event_time_us)
    anchor = goes if newest.event_time_us > objects.newest(stays).event_time_us else stays
    _learn(follower, stays, goes, newest)
    _unite(follower, stays, mine, theirs, newest)
    version = int(objects.version[anchor])
    found = _stays(mine, theirs, version)
    turned_us = (mine if anchor == stays else theirs).now.turned_us
    _leave(follower, stays, mine, found, version, newest)
    standing = Standing(found, version, turned_us)
    mine.base = mine.now = standing
    mine.marks, mine.dirty, mine.pending = [], True, ""
    mine.past = [*mine.past, *theirs.past][-MOST_PAST:]
    mine.retracted = [*mine.retracted, *theirs.retracted][-MOST_PAST:]
    mine.fired_us = max(mine.fired_us, theirs.fired_us)
    objects.rewrite(stays, [newest], anchored=True)
    objects.version[stays], objects.set_id[stays] = version, -1
    objects.heard_us[stays] = max(int(objects.heard_us[stays]), int(objects.heard_us[goes]))
    follower.pictures.alias(goes, stays)
    objects.forget(goes)
    follower.settle(stays)
    follower.count("tracks/joined")


def _learn(follower: Follower, stays: int, goes: int, newest: Fix) -> None:
    """The name is said of every incident that goes on; those of ``stays`` know it already."""
    objects = follower.objects
    objects.identities[stays] = learned(objects.identities[stays], objects.identities[goes])
    objects.heard_also(stays, goes)
    identity = objects.identities[stays]
    for visit in follower.case(goes).visits:
        said = visit.incident
        if said is None or said.identity == identity:
            continue
        both = list(dict.fromkeys([*said.track_ids, objects.tracks[stays]]))
        visit.incident = replace(said, identity=identity, track_ids=both)


def _unite(follower: Follower, stays: int, mine: Case, theirs: Case, newest: Fix) -> None:
    """All visits in one case, of two for one the better."""
    key = follower.objects.keys[stays]
    for visit in sorted(theirs.visits, key=lambda visit: (visit.fix.event_time_us, visit.zone_id, visit.visit)):
        if follower.calendar.clearances.cleared(key, visit.zone_id, visit.fix.event_time_us):
            if visit.open:
                follower.retract(stays, visit, newest.area, wording.CLEARED)
            continue
        twin = next((known for known in mine.visits if _same(known, visit)), None)
        if twin is not None and not _before(visit, twin):
            follower.retract(stays, visit, newest.area, wording.TWICE)
            continue
        if twin is not None:
            mine.visits.remove(twin)
            follower.retract(stays, twin, newest.area, wording.TWICE)
        kept = msgspec.structs.replace(visit)
        mine.visits.append(kept)
        if kept.open and kept.incident is not None:
            follower.edges.write(EdgeKind.UPDATED, kept, newest.event_time_us, newest.area)


def _same(one: Visit, other: Visit) -> bool:
    """Whether two visits, both told, are one: the same place, way and time."""
    if one.incident is None or other.incident is None or _place(one) != _place(other):
        return False
    (a, b), (c, d) = one.span_us, other.span_us
    return a < d + SAME_US and c < b + SAME_US


def _place(visit: Visit) -> tuple[str, bool, bool, str | None]:
    return visit.zone_id, visit.nature == LINE, visit.nature == PREDICTED, visit.direction


def _before(visit: Visit, twin: Visit) -> bool:
    """Whether ``visit`` counts and not ``twin``: one that goes on, then the earlier one."""
    if visit.open != twin.open:
        return visit.open
    return visit.fix.event_time_us < twin.fix.event_time_us


def _stays(mine: Case, theirs: Case, version: int) -> dict[str, Stay]:
    """Where either stands; an open entry names its stay."""
    found = dict(mine.now.stays)
    for zone_id, stay in theirs.now.stays.items():
        known = found.get(zone_id)
        found[zone_id] = stay if known is None or (known.leaving and not stay.leaving) else known
    for visit in mine.visits:
        if visit.nature == ENTRY and visit.open:
            here = found.get(visit.zone_id)
            since_us = visit.fix.event_time_us
            if here is None:
                found[visit.zone_id] = Stay(visit.visit, False, since_us)
            elif here.visit != visit.visit:
                found[visit.zone_id] = Stay(visit.visit, False, since_us, here.out_us, here.far_us)
    return found


def _leave(follower: Follower, slot: int, case: Case, found: dict[str, Stay], version: int, newest: Fix) -> None:
    """What does not hold for the object that goes on (its name is cleared there) ends, and is stood in no more."""
    entry = follower.calendar.by_version.get(version)
    if entry is None:
        return
    who, time_us = follower.objects.who(slot), newest.event_time_us
    held = set(watched(entry, tuple(zone_id for zone_id in found if zone_id in entry.zones.by_id), who, time_us))
    for zone_id in [zone_id for zone_id in found if zone_id not in held]:
        del found[zone_id]
    for visit in case.visits:
        if visit.nature == ENTRY and visit.open and visit.zone_id not in held and visit.incident is not None:
            visit.ended_us, visit.end_reason = time_us, EndReason.NOT_IN_FORCE
            visit.incident = ended(visit.incident, visit, follower.calendar, newest.ingest_time_us)
            follower.edges.write(EdgeKind.ENDED, visit, time_us, newest.area)
