"""Predicted incursions: opened by two fixes in a row that warn of one, ended when it happens or is not so any more."""

from streams.messages import AlertKind, EdgeKind, EndReason, Incident, Severity
from streams.surveil import wording
from streams.surveil.foresight import Foresight, Outlook, Warned
from streams.surveil.incidents import ended, replace, story_of
from streams.surveil.reports import Reports
from streams.surveil.rows import Fix
from streams.surveil.visits import PREDICTED, Case, Visit
from streams.zones import InForce


def foresee(reports: Reports, slot: int, before: Fix, fix: Fix) -> None:
    """What the newest fix ``fix`` of an object says of what it will do; ``before`` is the one before it."""
    entry, ruling = reports.calendar.at(fix.event_time_us), reports.calendar.rules.at(fix.event_time_us)
    key = reports.objects.keys[slot]
    outlook = Foresight(ruling).judge(entry, fix, reports.objects.who(slot))
    warned = outlook.warning()
    if warned is not None and reports.calendar.clearances.cleared(key, warned.zone_id, fix.event_time_us):
        warned = None  # the officers expect it
    case = reports.objects.cases[slot]
    if case is None and warned is None:
        return
    case = reports.case(slot)
    for visit in case.visits:
        if visit.nature == PREDICTED and visit.open and visit.incident is not None:
            reason = _over(case, visit, outlook, entry, fix, ruling.refuted)
            if reason is not None:
                visit.ended_us, visit.end_reason = fix.event_time_us, reason
                visit.incident = ended(visit.incident, visit, reports.calendar, fix.ingest_time_us)
                reports.edges.write(EdgeKind.ENDED, visit, fix.event_time_us, fix.area)
            elif warned is not None and warned.zone_id == visit.zone_id and warned.horizon_s < visit.label:
                visit.incident = _sooner(visit, entry, warned, fix)
                reports.edges.write(EdgeKind.UPDATED, visit, fix.event_time_us, fix.area)
    before_warned, case.pending = case.pending, ""
    if warned is None or warned.zone_id in case.now.stays or _told_of(case, warned.zone_id, fix):
        return
    if before_warned != warned.zone_id:
        case.pending = warned.zone_id
        return
    visit = Visit(
        fix.observation.hex(), warned.zone_id, PREDICTED, "inbound", entry.version, before, fix, fix.lon, fix.lat
    )
    _warn(visit, warned, fix)
    visit.incident = _incident(reports, slot, visit, entry, warned)
    case.visits.append(visit)
    reports.edges.write(EdgeKind.OPENED, visit, fix.event_time_us, fix.area)


def _told_of(case: Case, zone_id: str, fix: Fix) -> bool:
    """Whether one for this zone is open, or has ended just now."""
    return any(
        visit.nature == PREDICTED and visit.zone_id == zone_id and (visit.open or visit.ended_us == fix.event_time_us)
        for visit in case.visits
    )


def _over(case: Case, visit: Visit, outlook: Outlook, entry: InForce, fix: Fix, refuted: float) -> EndReason | None:
    assert visit.incident is not None
    for other in case.visits:
        if other.incident is not None and other.incident.escalates == visit.incident.alert_id:
            return EndReason.HAPPENED
    if visit.zone_id not in entry.zones.by_id:
        return EndReason.ZONE_CHANGED
    if fix.event_time_us > visit.until_us:
        return EndReason.REFUTED
    return EndReason.REFUTED if outlook.chance(visit.zone_id, float(visit.label)) < refuted else None


def _warn(visit: Visit, warned: Warned, fix: Fix) -> None:
    visit.chance, visit.label = warned.chance, round(warned.horizon_s)
    visit.until_us = fix.event_time_us + round(warned.horizon_s * 1e6)


def _sooner(visit: Visit, entry: InForce, warned: Warned, fix: Fix) -> Incident:
    """The incident, told again with a shorter horizon."""
    assert visit.incident is not None
    _warn(visit, warned, fix)
    found = replace(visit.incident, confidence=round(warned.chance, 3), reasons=[_words(entry, warned)])
    found.evidence = [*visit.incident.evidence, fix.observation.hex()]
    found.sensors = list(dict.fromkeys([*visit.incident.sensors, fix.sensor]))
    found.ingest_time_us = max(visit.incident.ingest_time_us, fix.ingest_time_us)
    return found


def _incident(reports: Reports, slot: int, visit: Visit, entry: InForce, warned: Warned) -> Incident:
    zone = entry.zones.by_id[warned.zone_id]
    return story_of(
        visit,
        reports.subject(slot),
        AlertKind.PREDICTED_INCURSION,
        Severity(zone.severity)
        if zone.severity
        else reports.calendar.rules.at(visit.fix.event_time_us).severity(
            AlertKind.PREDICTED_INCURSION, Severity.MEDIUM
        ),
        zone.name,
        warned.chance,
        [_words(entry, warned)],
    )


def _words(entry: InForce, warned: Warned) -> str:
    zone = entry.zones.by_id[warned.zone_id]
    words = wording.zone_words(zone.name, zone.kind)
    return wording.foreseen(words, warned.chance, warned.horizon_s, warned.times_s())
