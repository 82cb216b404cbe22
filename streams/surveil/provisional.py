"""What is published of a row before its object's state is here: judged from the row and its feed's previous fix alone.

The state's arrival supersedes it: the same alert goes on with the next sequence, or is retracted.
"""

from streams.messages import EdgeKind
from streams.surveil import wording
from streams.surveil.fold import first, further
from streams.surveil.follow import Follower
from streams.surveil.incidents import Subject, incident_of, track_id_of
from streams.surveil.rows import Row, is_distress, previous
from streams.surveil.visits import DISTRESS, Ending, Visit


def publish(row: Row, follower: Follower) -> list[Visit]:
    """Open, provisionally, what a waiting row shows; what was opened."""
    visits = _entries(row, follower)
    if is_distress(row.fix.flags):
        fix = row.fix
        visits.append(Visit(fix.observation.hex(), "", DISTRESS, None, 0, None, fix, fix.lon, fix.lat))
    subject = Subject(row.key, row.identity, track_id_of(row.fix.observation))
    for visit in visits:
        visit.incident = incident_of(visit, subject, follower.calendar)
        visit.incident.provisional = True
        visit.incident.reasons.append(wording.PROVISIONAL)
        follower.edges.write(EdgeKind.OPENED, visit, row.fix.event_time_us, row.fix.area)
    return visits


def by_alert(visits: list[Visit]) -> dict[str, Visit]:
    """The visits by the id of their alert."""
    return {visit.incident.alert_id: visit for visit in visits if visit.incident is not None}


def _entries(row: Row, follower: Follower) -> list[Visit]:
    before, fix = previous(row), row.fix
    if before is None or fix.event_time_us - before.event_time_us >= follower.lost_after_us(before.event_time_us):
        return []
    who = follower.who_of(row)
    standing = first(before, follower.calendar, who).standing
    folded = further(standing, before, fix, follower.calendar, who)
    return [visit for visit in folded.happenings if not isinstance(visit, Ending)]
