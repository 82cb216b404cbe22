"""A view as it might look ten minutes into a day."""

from datetime import UTC, datetime, timedelta

from sensors.observation import Identity
from streams.console.view import View
from streams.health import Health
from streams.messages import Alert, AlertKind, AlertState, Severity, Subject, Task, TaskState

START = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
NOW = START.timestamp() + 600.0


def health(stage: str, topic: str, partition: int = 0, **changes: object) -> Health:
    """The health of one partition, plausible unless ``changes`` say otherwise."""
    fields: dict[str, object] = {
        "stage": stage, "instance": "front", "topic": topic, "partition": partition, "offset": 15_000,
        "end_offset": 15_001, "lag": 0, "counts": {"in": 15_000, "row": 14_950}, "gauges": {},
        "snapshot_age_s": 2.0, "rates": {"records": 25.0}, "state": "running", "at": NOW - 0.5,
    }  # fmt: skip
    return Health(**{**fields, **changes})  # type: ignore[arg-type]


def alert(number: int, **changes: object) -> Alert:
    """Alert ``number``, an incursion by a small boat unless ``changes`` say otherwise."""
    fields: dict[str, object] = {
        "alert_id": f"{number:032x}", "version": 1, "state": AlertState.ACTIVE_UNACK, "kind": AlertKind.INCURSION,
        "severity": Severity.HIGH, "confidence": 0.97, "zone_id": "north-territory",
        "zone_name": "Northland and its 12-mile territorial sea",
        "subject": Subject(track_ids=[], identity=Identity(mmsi=291_050_000 + number, name=f"SIM FAST-BOAT {number}")),
        "event_time": START + timedelta(seconds=40 * number), "position": (-28.5, 46.3), "speed_mps": 16.2,
        "course_deg": 12.0, "direction": "inbound",
        "reasons": ["entered Northland's territorial sea without clearance", "16 m/s on course 12°"],
        "evidence": [], "sensors": ["sim-ais-north"], "simulated": True, "historical": False, "late": False,
        "provisional": False, "area": 3, "ended_time": None, "end_reason": None, "silenced_until": None,
        "outcome": None, "history": [],
    }  # fmt: skip
    return Alert(**{**fields, **changes})  # type: ignore[arg-type]


def task(number: int, **changes: object) -> Task:
    """Task ``number`` for alert ``number``."""
    fields: dict[str, object] = {
        "task_id": f"{number:032x}", "version": 1, "state": TaskState.OFFERED, "alert_id": f"{number:032x}",
        "alert_version": 1, "unit_id": "sim-cutter-west", "area": 3, "attempt": 1, "position": (-28.5, 46.3),
        "distance_m": 9_000.0, "eta_s": 640.0, "offered_time": START + timedelta(seconds=40 * number),
        "expires_time": START + timedelta(seconds=40 * number + 120), "exercise": True,
    }  # fmt: skip
    return Task(**{**fields, **changes})  # type: ignore[arg-type]


def sample_view() -> View:
    """Everything at once: three stages, a feed, five alerts, two tasks."""
    view = View("vedette up", NOW - 600.0)
    for ago_s in (2.5, 1.5, 0.5):
        counts = {"in": int(15_000 - 25 * ago_s), "row": 14_950, "dead/bad-checksum": 12, "repeat": 3}
        gauges = {"watermark_lag_s": 0.9}
        view.apply_health(health("ingest", "raw.sim.json", at=NOW - ago_s, counts=counts, gauges=gauges))
        clock = {"clock_us": (NOW - ago_s - 1.3) * 1e6}
        for partition in range(2):
            view.apply_health(health("surveil", "observations.v1", partition, at=NOW - ago_s, gauges=clock))
        view.apply_health(health("alert", "detections.v1", at=NOW - ago_s, counts={"in": 40}, gauges=clock))
    for number in range(1, 5):
        view.apply_alert(alert(number), 9.5 + number)
    distress = alert(
        5, kind=AlertKind.DISTRESS, severity=Severity.CRITICAL, zone_id=None, zone_name=None, direction=None,
        reasons=["man-overboard beacon is active"], subject=Subject(track_ids=[], identity=Identity(mmsi=972_000_010)),
    )  # fmt: skip
    view.apply_alert(distress, 8.0)
    view.apply_task(task(1, state=TaskState.ACCEPTED))
    view.apply_task(task(4))
    return view
