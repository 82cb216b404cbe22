"""Two owners followed one object, each for itself (both lost sight of the other): one track comes of it, not two.

The higher epoch keeps its track; the fixes of the other are put in order among its own, and what the other had
published is continued where it is the same, and taken back where it is the same entry under another id.
"""

import msgspec

from geo.membership import Stay
from streams.messages import EdgeKind, EndReason
from streams.surveil import wording
from streams.surveil.follow import Follower
from streams.surveil.handoff import Carried, carry, unpack
from streams.surveil.incidents import ended
from streams.surveil.late import overlap
from streams.surveil.rows import Row
from streams.surveil.visits import ENTRY, Standing, Visit


def merge(follower: Follower, slot: int, other: Carried) -> int:
    """Merge ``other`` into the object held in ``slot``; the slot it is in then."""
    objects = follower.objects
    key, epoch = objects.keys[slot], max(objects.epochs[slot], other.epoch)
    if other.epoch > objects.epochs[slot]:
        mine = carry(objects, slot, objects.epochs[slot])
        slot, other = unpack(objects, key, other), mine
        follower.settle(slot)
    said = other.case.visits if other.case is not None else []
    follower.provisional = {visit.incident.alert_id: visit for visit in said if visit.incident is not None}
    for fix in other.fixes:
        row = Row(key, other.identity, fix, -1, -1, fix.lon, fix.lat, -1, fix.observation, other.said)
        if follower.apply(slot, row) is None:  # lost in between: what comes after is another track
            slot = follower.begin(row, epoch)
    left, follower.provisional = list(follower.provisional.values()), {}
    for visit in left:
        _settle(follower, slot, visit)
    objects.take_word(slot, other.said, other.seen)
    objects.heard_us[slot] = max(int(objects.heard_us[slot]), other.heard_us)
    objects.epochs[slot] = epoch
    follower.settle(slot)
    return slot


def _settle(follower: Follower, slot: int, visit: Visit) -> None:
    """What becomes of an incident that the merged fixes did not open again."""
    case = follower.case(slot)
    incident = visit.incident
    if incident is None:
        return
    twin = next((known for known in case.visits if overlap(known, visit)), None)
    if twin is not None and twin.incident is not None:
        if twin.incident.alert_id == incident.alert_id:
            twin.sequence = max(twin.sequence, visit.sequence)
        else:
            follower.retract(slot, visit, incident.home_area, wording.TWICE)
        return
    if not visit.open:
        return
    stay = case.now.stays.get(visit.zone_id)
    if visit.nature == ENTRY and stay is None:
        newest = follower.objects.newest(slot)
        visit.ended_us, visit.end_reason = newest.event_time_us, EndReason.EXITED
        visit.incident = ended(incident, visit, follower.calendar, newest.ingest_time_us)
        follower.edges.write(EdgeKind.ENDED, visit, newest.event_time_us, incident.home_area)
        return
    if stay is not None:  # found inside here, entered there: the entry counts
        kept = Stay(visit.visit, False, visit.fix.event_time_us, stay.out_us, stay.far_us)
        case.now = Standing({**case.now.stays, visit.zone_id: kept}, case.now.version, case.now.turned_us)
        case.dirty = True
    case.visits.append(msgspec.structs.replace(visit))
