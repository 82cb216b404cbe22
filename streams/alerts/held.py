"""An alert as its owner keeps it, and as the world sees it."""

from typing import cast

import msgspec

from streams.messages import (
    Alert,
    AlertKind,
    AlertState,
    HistoryEntry,
    Incident,
    Outcome,
    Request,
    Severity,
    Subject,
)
from streams.public import to_time

MOST_UPDATES = 50  # of the detection, kept in the history; what people did is always kept


class Entry(msgspec.Struct, array_like=True):
    """Who did what, when (log time, us) and why; ``who`` is a stage or a role, never a person."""

    version: int
    state: AlertState
    what: str
    who: str
    at_us: int
    why: str | None = None


class Held(msgspec.Struct, array_like=True):
    """One alert: the newest incident (its evidence is all there ever was) and what people made of it."""

    incident: Incident
    sequence: int  # of the newest edge applied
    newest_us: int  # event time of the newest fix
    version: int
    state: AlertState
    history: list[Entry]
    commands: list[str]  # command ids applied or found to change nothing
    silenced_until_us: int | None = None  # event time
    outcome: Outcome | None = None
    over: bool = False  # the condition has ended, whatever the state

    @property
    def alert_id(self) -> str:
        """The alert's id."""
        return self.incident.alert_id


def write_history(held: Held, what: str, who: str, at_us: int, why: str | None) -> None:
    """Add an entry for the version in hand; a long-lived detection drops its oldest updates."""
    updates = [number for number, entry in enumerate(held.history) if entry.what == "updated"]
    if what == "updated" and len(updates) >= MOST_UPDATES:
        del held.history[updates[0]]
    held.history.append(Entry(held.version, held.state, what, who, at_us, why))


def severity_of(incident: Incident) -> Severity:
    """Safety of life outranks every other alert."""
    return Severity.CRITICAL if incident.kind is AlertKind.DISTRESS else incident.severity


def public_alert(held: Held) -> Alert:
    """The version in hand, as published to ``alerts.v1``."""
    incident = held.incident
    return Alert(
        alert_id=incident.alert_id,
        version=held.version,
        state=held.state,
        kind=incident.kind,
        severity=severity_of(incident),
        confidence=incident.confidence,
        zone_id=incident.zone_id,
        zone_name=incident.zone_name,
        subject=Subject(track_ids=incident.track_ids, identity=incident.identity),
        event_time=to_time(incident.opened_us),
        position=None if incident.lon is None else (incident.lon, cast("float", incident.lat)),
        speed_mps=incident.speed_mps,
        course_deg=incident.course_deg,
        direction=incident.direction,
        reasons=incident.reasons,
        evidence=incident.evidence,
        sensors=incident.sensors,
        simulated=incident.simulated,
        historical=incident.historical,
        late=incident.late,
        provisional=incident.provisional,
        area=incident.home_area,
        ended_time=None if incident.ended_us is None else to_time(incident.ended_us),
        end_reason=incident.end_reason,
        silenced_until=None if held.silenced_until_us is None else to_time(held.silenced_until_us),
        outcome=held.outcome,
        history=[
            HistoryEntry(version=e.version, state=e.state, what=e.what, who=e.who, at=to_time(e.at_us), why=e.why)
            for e in held.history
        ],
        escalates=incident.escalates,
    )


def request_of(held: Held, log_time_us: int) -> Request:
    """What dispatch is told of the version in hand."""
    incident = held.incident
    return Request(
        incident.alert_id,
        held.version,
        held.state,
        incident.kind,
        severity_of(incident),
        incident.opened_us,
        log_time_us,
        incident.lon,
        incident.lat,
        incident.simulated,
        incident.historical,
        incident.home_area,
    )
