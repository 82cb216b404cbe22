"""From a visit to the incident that is published of it: ids, severity, confidence, reasons. Pure.

Confidence is a chance (:mod:`streams.surveil.doubt`): that the object is inside, has passed through, or has crossed
the line, in spite of the errors of its fixes and of the border, at most 0.99. A distress signal is believed with 0.95.
"""

import hashlib
import math
from typing import NamedTuple

from geo.chance import Label
from sensors.columns import Flag
from sensors.observation import Identity
from streams.messages import AlertKind, EndReason, Incident, Severity
from streams.surveil import hours, wording
from streams.surveil.doubt import Sure, sure_of
from streams.surveil.rows import Fix
from streams.surveil.segments import WATCHED, zones_at
from streams.surveil.visits import DISTRESS, ENTRY, PASSED, PREDICTED, Visit
from streams.zones import Calendar, InForce

_SOON_US = 600_000_000


class Subject(NamedTuple):
    """Whom an incident is about."""

    key: str
    identity: Identity
    track_id: str


def digest(*parts: str) -> str:
    """32 hexadecimal digits of blake2b-128 over the parts."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def track_id_of(observation: bytes) -> str:
    """The id of the track an observation started."""
    return digest("track", observation.hex())


def alert_id_of(rule: str, key: str, zone_id: str, visit: str) -> str:
    """The id of an alert: the same whoever computes it, whenever."""
    return digest(rule, key, zone_id, visit)


def incident_of(visit: Visit, subject: Subject, calendar: Calendar) -> Incident:
    """The incident a visit is, as it opens; its end is added by :func:`ended`."""
    fix, before = visit.fix, visit.before
    gap_us = fix.event_time_us - before.event_time_us if before is not None else 0
    if visit.nature == DISTRESS:
        kind, severity, zone_name = AlertKind.DISTRESS, Severity.CRITICAL, None
        confidence, reasons = 0.95, [wording.DISTRESS]
    else:
        entry = calendar.by_version[visit.version]
        zone = entry.zones.by_id[visit.zone_id]
        kind, severity = WATCHED[zone.kind]
        severity = calendar.rules.at(fix.event_time_us).severity(kind, severity)
        severity = Severity(zone.severity) if zone.severity else severity
        zone_name = zone.name
        words = wording.zone_words(zone.name, zone.kind)
        sure = sure_of(visit, entry, subject.key)
        visit.chance, visit.label = max(visit.chance, sure.chance), max(visit.label, int(sure.label))
        confidence, reasons = visit.chance, [certainty(visit, sure), *_spacing(gap_us)]
        if visit.nature == ENTRY:
            depth_m = hours.depth_m(entry, fix.lon, fix.lat, visit.zone_id, fix.event_time_us)
            if depth_m <= zone.accuracy_m and zone.accuracy_m > 0:
                reasons.insert(0, wording.near_border(depth_m, zone.accuracy_m))
            inside_m = max(depth_m, 0.0)
            reasons.insert(0, wording.entered(words, inside_m, gap_us) if before else wording.found(words, inside_m))
        elif visit.nature == PASSED:
            reasons.insert(0, wording.passed(words, gap_us))
        else:
            reasons.insert(0, wording.crossed(words, visit.direction or "", gap_us))
        reasons += _disputes(entry, visit)
    return story_of(visit, subject, kind, severity, zone_name, confidence, reasons)


def story_of(
    visit: Visit,
    subject: Subject,
    kind: AlertKind,
    severity: Severity,
    zone_name: str | None,
    confidence: float,
    reasons: list[str],
) -> Incident:
    """The incident of a visit, with what is thought of it."""
    fix, before, zone_id = visit.fix, visit.before, visit.zone_id or None
    rule = kind.value
    evidence = [known for known in (before, fix) if known is not None]
    return Incident(
        alert_id=alert_id_of(rule, subject.key, zone_id or "", visit.visit),
        rule=rule,
        kind=kind,
        severity=severity,
        confidence=round(confidence, 3),
        zone_id=zone_id,
        zone_name=zone_name,
        subject_key=subject.key,
        identity=subject.identity,
        track_ids=[subject.track_id],
        opened_us=fix.event_time_us,
        lon=absent(visit.lon),
        lat=absent(visit.lat),
        speed_mps=absent(fix.speed_mps),
        course_deg=absent(fix.course_deg),
        direction=visit.direction,
        reasons=reasons,
        evidence=[known.observation.hex() for known in evidence],
        sensors=list(dict.fromkeys(known.sensor for known in evidence)),
        simulated=bool(fix.flags & Flag.SIMULATED),
        historical=bool(fix.flags & Flag.HISTORICAL),
        late=bool(fix.flags & Flag.LATE),
        provisional=False,
        ingest_time_us=fix.ingest_time_us,
        home_area=fix.area,
    )


def ended(incident: Incident, visit: Visit, calendar: Calendar, ingest_time_us: int) -> Incident:
    """The incident with the end its visit has; also one without an end where the visit goes on again."""
    found = replace(incident, ended_us=visit.ended_us, end_reason=visit.end_reason)
    if visit.ended_us is None or visit.end_reason is None:
        return found
    found.ingest_time_us = max(ingest_time_us, incident.ingest_time_us)
    if visit.end_reason is not EndReason.PASSED_THROUGH:
        words = None
        if visit.nature != DISTRESS and (visit.nature, visit.end_reason) != (PREDICTED, EndReason.LOST):
            zone = calendar.by_version[visit.version].zones.by_id[visit.zone_id]
            words = wording.zone_words(zone.name, zone.kind)
        found.reasons = [
            *incident.reasons,
            wording.ended(words, visit.end_reason, visit.ended_us - visit.fix.event_time_us),
        ]
    return found


def replace(incident: Incident, **changes: object) -> Incident:
    """A copy with other values; lists are copied too."""
    found = Incident(*(getattr(incident, name) for name in incident.__struct_fields__))
    found.reasons, found.track_ids = list(incident.reasons), list(incident.track_ids)
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def absent(value: float) -> float | None:
    """None for NaN, else rounded to what a sensor can mean (1e-7 of a degree is 1 cm)."""
    return None if math.isnan(value) else round(float(value), 7)


def certainty(visit: Visit, sure: Sure) -> str:
    """The word for how sure a visit is, and why."""
    return wording.certain(Label(visit.label), visit.chance, sure.sigma_m, sure.accuracy_m)


def surer(incident: Incident, visit: Visit, sure: Sure, fix: Fix) -> Incident:
    """The incident with the word that one more fix of its visit makes of it."""
    reasons = [certainty(visit, sure) if wording.is_certain(text) else text for text in incident.reasons]
    found = replace(incident, reasons=reasons, confidence=round(visit.chance, 3))
    found.evidence = [*incident.evidence, fix.observation.hex()]
    found.sensors = list(dict.fromkeys([*incident.sensors, fix.sensor]))
    found.ingest_time_us = max(incident.ingest_time_us, fix.ingest_time_us)
    return found


def _disputes(entry: InForce, visit: Visit) -> list[str]:
    """Who claims the place, where zones there say that it is disputed."""
    if not entry.disputed:
        return []
    place = (visit.fix.lon, visit.fix.lat) if math.isnan(visit.lon) else (visit.lon, visit.lat)
    here = [entry.zones.by_id[zone_id] for zone_id in sorted({visit.zone_id, *zones_at(entry, *place)})]
    return [wording.disputed(zone.name, zone.claimants) for zone in here if zone.claimants]


def _spacing(gap_us: int) -> list[str]:
    return [] if gap_us <= _SOON_US else [wording.long_gap(gap_us)]
