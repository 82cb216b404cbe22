"""Alerts and tasks as their dispatcher keeps them, and a task as the world sees it."""

import hashlib
from typing import NamedTuple, cast

import msgspec

from streams.messages import AlertKind, Outcome, Request, Task, TaskState
from streams.public import to_time


class Case(msgspec.Struct, array_like=True):
    """An alert that somebody may have to be sent to."""

    request: Request  # of the newest version
    asked: list[str]  # unit ids, in order
    task_id: str | None = None  # its one live task
    handled: bool = False  # a unit brought it to an outcome
    over: bool = False  # ended, closed or retracted

    @property
    def exercise(self) -> bool:
        """Whether only exercise units may hear of it."""
        return self.request.simulated or self.request.historical


class Rank(NamedTuple):
    """The order in which waiting alerts are served."""

    not_distress: bool
    event_time_us: int
    alert_id: str


def rank_of(request: Request) -> Rank:
    """Safety of life first, then the oldest opening evidence."""
    return Rank(request.kind is not AlertKind.DISTRESS, request.event_time_us, request.alert_id)


class HeldTask(msgspec.Struct, array_like=True):
    """One task; times are event times in microseconds."""

    task_id: str
    version: int
    state: TaskState
    alert_id: str
    alert_version: int
    unit_id: str
    area: int
    attempt: int
    lon: float
    lat: float
    distance_m: float
    eta_s: float
    offered_us: int
    expires_us: int
    exercise: bool
    commands: list[str]
    outcome: Outcome | None = None
    reason: str | None = None


def task_id_of(alert_id: str, unit_id: str, attempt: int) -> str:
    """32 hex: blake2b of what makes a task this task, so that a repeat is harmless."""
    return hashlib.blake2b(f"{alert_id}\0{unit_id}\0{attempt}".encode(), digest_size=16).hexdigest()


def public_task(task: HeldTask) -> Task:
    """The version in hand, as published to ``tasks.v1``."""
    return Task(
        task_id=task.task_id,
        version=task.version,
        state=task.state,
        alert_id=task.alert_id,
        alert_version=task.alert_version,
        unit_id=task.unit_id,
        area=task.area,
        attempt=task.attempt,
        position=(task.lon, task.lat),
        distance_m=round(task.distance_m, 1),
        eta_s=round(task.eta_s, 1),
        offered_time=to_time(task.offered_us),
        expires_time=to_time(task.expires_us),
        outcome=task.outcome,
        exercise=task.exercise,
        reason=task.reason,
    )


def has_position(request: Request) -> bool:
    """Whether there is a place to be sent to."""
    return request.lon is not None and request.lat is not None


def place(request: Request) -> tuple[float, float]:
    """Longitude and latitude of a request that has them."""
    return cast("float", request.lon), cast("float", request.lat)
