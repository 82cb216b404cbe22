"""What the stages say to each other and to people: edges, handoffs, alerts, tasks, commands, units, zones.

Internal messages are ``array_like`` msgpack; public ones are JSON objects. Internal records are told apart by their
``vedette-kind`` header (:class:`Kind`); a record of several messages is a msgpack list and its messages are numbered
consecutively from the record's first position.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from sensors.observation import Identity

Utc = Annotated[datetime, msgspec.Meta(tz=True)]  # a time without a zone is refused


class Kind(StrEnum):
    """The kinds of internal records."""

    FRAME = "frame"  # observations.v1: streams.frames.Packed
    TICK = "tick"  # everywhere: streams.frames.SourceTick
    HANDOFF = "handoff"  # observations.v1: list[Handoff]
    NEIGHBOUR = "neighbour"  # observations.v1: list[Note]
    EDGES = "edges"  # detections.v1: list[Edge]
    COMMANDS = "commands"  # detections.v1, dispatches.v1: list[Command]
    REQUESTS = "requests"  # dispatches.v1: list[Request]
    UNITS = "units"  # dispatches.v1: list[Unit]


class EdgeKind(StrEnum):
    """What happened to a detection; never a per-point repeat."""

    OPENED = "opened"
    UPDATED = "updated"
    ENDED = "ended"
    RETRACTED = "retracted"  # a provisional edge that the released state contradicts


class EndReason(StrEnum):
    """Why a detection ended."""

    EXITED = "exited"
    LOST = "lost"
    ZONE_CHANGED = "zone-changed"
    PASSED_THROUGH = "passed-through"
    HAPPENED = "happened"  # what was predicted
    REFUTED = "refuted"  # what was predicted did not come, or is not likely any more
    NOT_IN_FORCE = "not-in-force"  # its schedule ended while the object was inside


class AlertKind(StrEnum):
    INCURSION = "incursion"
    EXCLUSION = "exclusion"
    PROTECTED = "protected"
    BORDER_CROSSING = "border-crossing"
    DISTRESS = "distress"
    SOURCE_STALLED = "source-stalled"
    PREDICTED_INCURSION = "predicted-incursion"


class Severity(StrEnum):
    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Incident(msgspec.Struct, array_like=True):
    """A whole detection, as every edge of it carries it: any one edge is enough to create the alert."""

    alert_id: str  # 32 hex: blake2b of (rule, subject, zone, visit)
    rule: str
    kind: AlertKind
    severity: Severity
    confidence: float
    zone_id: str | None
    zone_name: str | None
    subject_key: str
    identity: Identity
    track_ids: list[str]
    opened_us: int  # event time of the opening evidence
    lon: float | None
    lat: float | None
    speed_mps: float | None
    course_deg: float | None
    direction: str | None  # inbound, outbound
    reasons: list[str]
    evidence: list[str]  # observation ids, in order
    sensors: list[str]
    simulated: bool
    historical: bool
    late: bool
    provisional: bool
    ingest_time_us: int  # broker time of the raw record that decided the newest edge
    home_area: int
    ended_us: int | None = None
    end_reason: EndReason | None = None
    escalates: str | None = None  # the alert that predicted it


class Edge(msgspec.Struct, array_like=True):
    """A change of a detection. ``sequence`` rises by one with every edge of the incident, across handoffs."""

    kind: EdgeKind
    sequence: int
    event_time_us: int
    incident: Incident


class CommandKind(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    SILENCE = "silence"
    CLOSE = "close"
    ACCEPT = "accept"
    DECLINE = "decline"
    EN_ROUTE = "en-route"
    ON_SCENE = "on-scene"
    OUTCOME = "outcome"
    ABORT = "abort"
    MERGE_TRACKS = "merge-tracks"  # target_id and other_id are one object, which goes on as other_id
    SPLIT_TRACK = "split-track"  # what was taken for one with target_id is not


class Outcome(StrEnum):
    TRUE = "true"
    FALSE = "false"
    NUISANCE = "nuisance"
    EXERCISE = "exercise"
    ASSISTANCE = "assistance"


class Command(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """What a person asks for (public, ``commands.v1``). ``command_id`` is made by the client and de-duplicated."""

    schema: str = "vedette.command.v1"
    command_id: str
    kind: CommandKind
    target_id: str  # an alert id, a task id or a track id
    area: int
    actor: str  # a role or a console, never a person's name
    at: Utc
    outcome: Outcome | None = None
    until: Utc | None = None
    note: str | None = None
    other_id: str | None = None  # the other track


class AlertState(StrEnum):
    ACTIVE_UNACK = "active-unack"
    ACTIVE_ACK = "active-ack"
    CLEARED_UNACK = "cleared-unack"
    CLEARED_ACK = "cleared-ack"  # acknowledged and over; waits for its outcome (docs/reference/alert-states.md)
    CLOSED = "closed"
    RETRACTED = "retracted"


class HistoryEntry(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Who did what to an alert, when and why."""

    version: int
    state: AlertState
    what: str
    who: str
    at: Utc
    why: str | None = None


class Subject(msgspec.Struct, kw_only=True):
    track_ids: list[str]
    identity: Identity


class Alert(msgspec.Struct, kw_only=True):
    """One incident as a watch officer handles it (public, ``alerts.v1``, compacted by ``alert_id``)."""

    schema: str = "vedette.alert.v1"
    alert_id: str
    version: int
    state: AlertState
    kind: AlertKind
    severity: Severity
    confidence: float
    zone_id: str | None
    zone_name: str | None
    subject: Subject
    event_time: Utc
    position: tuple[float, float] | None
    speed_mps: float | None
    course_deg: float | None
    direction: str | None
    reasons: list[str]
    evidence: list[str]
    sensors: list[str]
    simulated: bool
    historical: bool
    late: bool
    provisional: bool
    area: int
    ended_time: Utc | None
    end_reason: EndReason | None
    silenced_until: Utc | None
    outcome: Outcome | None
    history: list[HistoryEntry]
    escalates: str | None = None  # the alert this one was raised from; an escalation is a new alert


class Unit(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """A patrol (public, ``units.v1``). An exercise unit is only ever offered simulated or historical alerts, and an
    operational one never."""

    schema: str = "vedette.unit.v1"
    unit_id: str
    position: tuple[float, float]
    speed_mps: float
    exercise: bool = False
    available: bool = True
    areas: tuple[int, ...] = ()  # the areas it serves; empty is every area


class Request(msgspec.Struct, array_like=True):
    """What alert tells dispatch of an alert's new version."""

    alert_id: str
    version: int
    state: AlertState
    kind: AlertKind
    severity: Severity
    event_time_us: int  # of the opening evidence
    log_time_us: int  # when the alert owner wrote it
    lon: float | None
    lat: float | None
    simulated: bool
    historical: bool
    area: int


class TaskState(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    EN_ROUTE = "en-route"
    ON_SCENE = "on-scene"
    DONE = "done"
    ABORTED = "aborted"


class Task(msgspec.Struct, kw_only=True):
    """What one unit is asked to do (public, ``tasks.v1``, compacted by ``task_id``)."""

    schema: str = "vedette.task.v1"
    task_id: str  # hash of (alert id, unit id, attempt)
    version: int
    state: TaskState
    alert_id: str
    alert_version: int
    unit_id: str
    area: int
    attempt: int
    position: tuple[float, float] | None
    distance_m: float | None
    eta_s: float | None
    offered_time: Utc
    expires_time: Utc
    outcome: Outcome | None = None
    exercise: bool = False
    reason: str | None = None  # why it was withdrawn or aborted


class TrackQuality(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How far a tracked position can be trusted."""

    registered: bool  # every radar that contributes is registered: its bias is known and taken off
    registration_sigma_m: float | None = None  # what is left of the bias at the track, one sigma
    updated_time: Utc | None = None  # of the newest plot


class TrackPicture(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The public picture of one track (``tracks.v1``, compacted by ``track_id``). Absent is not known, or not so."""

    schema: str = "vedette.track.v1"
    track_id: str
    event_time: Utc
    position: tuple[float, float]
    speed_mps: float | None = None
    course_deg: float | None = None
    identity: Identity
    zones: list[str] = []
    simulated: bool = False
    state: str = "live"  # live, lost, alias (it goes on as another track: alias_of)
    covariance_m2: tuple[float, float, float] | None = None  # east-east, east-north, north-north
    classification: str | None = None  # streams.tracks.classes.CLASSES
    existence: float | None = None  # chance that there is an object
    sensors: list[str] = []  # whose plots contribute
    quality: TrackQuality | None = None
    identity_score: float | None = None  # evidence that the named sender is this track: a log-likelihood ratio
    duplicate_identity: bool = False  # two transmitters use the name
    dark: str | None = None  # went-dark, expected-absent, non-cooperative
    alias_of: str | None = None  # a track id


class ZonesVersion(msgspec.Struct, kw_only=True):
    """One immutable version of the zones (public, ``zones.v1``)."""

    schema: str = "vedette.zones.v1"
    version: int  # 1, 2, 3, …
    in_force_from_us: int | None  # event time; None is since ever, allowed for the first version only
    zones: dict[str, Any]  # a GeoJSON FeatureCollection as published
