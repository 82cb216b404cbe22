"""The model behind the live view: the newest word of every partition, alert and task. Pure; times come from outside."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from streams.health import Health
from streams.messages import Alert, AlertKind, AlertState, Severity, Task, TaskState
from streams.summary import Latency, latency_of

STAGES = ("ingest", "surveil", "alert", "dispatch", "gateway")
SILENT_S = 5.0  # a stage speaks once a second
_SAMPLES = 2_000
_KEPT = 500
_RECORDING_S = 86_400.0  # an event clock this far off is a recording's, whose age means nothing

ACTIVE = (AlertState.ACTIVE_UNACK, AlertState.ACTIVE_ACK)
OVER = (TaskState.DECLINED, TaskState.EXPIRED, TaskState.DONE, TaskState.ABORTED)


class StageRow(NamedTuple):
    """One stage, over all its partitions. Rates are items per second; ages are seconds, None where unknown."""

    stage: str
    partitions: int
    rate: float
    lag: int
    age_p50_s: float | None
    age_p95_s: float | None
    rejected: int
    repeats: int
    state: str


class FeedRow(NamedTuple):
    """One raw topic: what came in, at which rate, and how long ago something last came (seconds)."""

    topic: str
    events: int
    rate: float
    heard_s: float | None
    idle: bool


class Notice(NamedTuple):
    """Something a person should read, for views that print lines."""

    severity: Severity
    text: str


@dataclass(slots=True)
class _Part:
    """What is remembered of one partition of one stage."""

    health: Health
    rate: float = 0.0
    heard_at: float | None = None  # when the count of items last rose
    ages_s: deque[float] = field(default_factory=lambda: deque(maxlen=60))


@dataclass(slots=True)
class View:
    """What is on screen. ``started`` and every ``now`` are seconds since 1970 UTC."""

    title: str
    started: float
    state: str = "starting"
    alerts: dict[str, Alert] = field(default_factory=dict)  # in the order of opening, newest last
    tasks: dict[str, Task] = field(default_factory=dict)
    opened: Counter[str] = field(default_factory=Counter)  # alerts ever, by kind
    _parts: dict[str, _Part] = field(default_factory=dict)
    _latencies_ms: deque[float] = field(default_factory=lambda: deque(maxlen=_SAMPLES))

    def apply_health(self, health: Health) -> None:
        """A partition spoke."""
        part = self._parts.get(health.key)
        if part is None:
            part = self._parts[health.key] = _Part(health, health.rates.get("records", 0.0))
        else:
            _advance(part, health)
        age_s = _age_s(health)
        if age_s is not None:
            part.ages_s.append(age_s)
        if self.state == "starting":
            self.state = "running"

    def apply_alert(self, alert: Alert, latency_ms: float | None = None) -> Notice | None:
        """A version of an alert; what to tell where its state changed. Versions at or below the known one are old."""
        known = self.alerts.get(alert.alert_id)
        if known is not None and alert.version <= known.version:
            return None
        if latency_ms is not None:
            self._latencies_ms.append(latency_ms)
        if known is None:
            self.opened[str(alert.kind)] += 1
            while len(self.alerts) >= _KEPT:
                del self.alerts[next(iter(self.alerts))]
        self.alerts[alert.alert_id] = alert
        if known is not None and known.state == alert.state:
            return None
        return Notice(alert.severity, alert_line(alert))

    def apply_task(self, task: Task) -> Notice | None:
        """A version of a task; what to tell where its state changed."""
        known = self.tasks.get(task.task_id)
        if known is not None and task.version <= known.version:
            return None
        if known is None:
            while len(self.tasks) >= _KEPT:
                del self.tasks[next(iter(self.tasks))]
        self.tasks[task.task_id] = task
        if known is not None and known.state == task.state:
            return None
        return Notice(Severity.INFO, task_line(task))

    def stages(self, now: float) -> list[StageRow]:
        """One row a stage that has spoken, in the order of the stream."""
        names = [*STAGES, *sorted({part.health.stage for part in self._parts.values()} - set(STAGES))]
        return [row for name in names if (row := self._stage(name, now)) is not None]

    def feeds(self, now: float) -> list[FeedRow]:
        """One row a raw topic, by name."""
        rows = []
        for topic in sorted({p.health.topic for p in self._parts.values() if p.health.stage == "ingest"}):
            parts = [p for p in self._parts.values() if p.health.stage == "ingest" and p.health.topic == topic]
            heard = [p.heard_at for p in parts if p.heard_at is not None]
            rows.append(
                FeedRow(
                    topic,
                    sum(p.health.counts.get("in", 0) for p in parts),
                    sum(p.rate for p in parts if now - p.health.at <= SILENT_S),
                    max(now - max(heard), 0.0) if heard else None,
                    all(p.health.idle for p in parts),
                )
            )
        return rows

    def latest_alerts(self, most: int) -> list[Alert]:
        """The newest alerts first; calls for help before all others as long as they are active."""
        newest = list(reversed(self.alerts.values()))
        return sorted(newest, key=lambda alert: not (alert.kind is AlertKind.DISTRESS and alert.state in ACTIVE))[:most]

    def latest_tasks(self, most: int) -> list[Task]:
        """The newest tasks first, those that are over last."""
        newest = list(reversed(self.tasks.values()))
        return sorted(newest, key=lambda task: task.state in OVER)[:most]

    def states(self) -> Counter[AlertState]:
        """How many of the alerts kept are in which state."""
        return Counter(alert.state for alert in self.alerts.values())

    def latency(self) -> Latency:
        """Event to alert, milliseconds, over the newest alerts."""
        return latency_of(list(self._latencies_ms))

    def _stage(self, name: str, now: float) -> StageRow | None:
        parts = [part for part in self._parts.values() if part.health.stage == name]
        if not parts:
            return None
        awake = [part for part in parts if now - part.health.at <= SILENT_S]
        ages = sorted(age for part in parts for age in part.ages_s)
        return StageRow(
            name,
            len(parts),
            sum(part.rate for part in awake),
            sum(part.health.lag or 0 for part in parts),
            _rank(ages, 50),
            _rank(ages, 95),
            sum(_rejected(part.health) for part in parts),
            sum(part.health.counts.get("repeat", 0) + part.health.repeats for part in parts),
            _worst(part.health.state if part in awake or part.health.final else "silent" for part in parts),
        )


def _advance(part: _Part, health: Health) -> None:
    before, part.health = part.health, health
    items, earlier = health.counts.get("in", 0), before.counts.get("in", 0)
    if items > earlier:
        part.heard_at = health.at
    if "in" in health.counts and health.at > before.at and items >= earlier:
        part.rate = (items - earlier) / (health.at - before.at)
    else:
        part.rate = health.rates.get("records", 0.0)


def _age_s(health: Health) -> float | None:
    """How far the event clock of a partition is behind the wall clock; None where it plays a recording or has none."""
    gauges = health.gauges
    if health.idle:
        return None
    if "watermark_lag_s" in gauges:
        age_s = gauges["watermark_lag_s"]
    elif gauges.get("clock_us", -1.0) > 0:
        age_s = health.at - gauges["clock_us"] / 1e6
    else:
        return None
    return age_s if abs(age_s) < _RECORDING_S else None


def _rejected(health: Health) -> int:
    return sum(count for name, count in health.counts.items() if name.startswith("dead/"))


def _worst(states: Iterable[str]) -> str:
    """The state of a stage: the one that most needs attention, of those its partitions are in."""
    order = ("silent", "retrying", "waiting-for-version", "stopped", "running")
    return min(states, key=lambda state: order.index(state) if state in order else 1)


def _rank(ordered: list[float], share: int) -> float | None:
    return ordered[max(-(-len(ordered) * share // 100) - 1, 0)] if ordered else None


def who(alert: Alert) -> str:
    """What the subject calls itself."""
    identity = alert.subject.identity
    named = identity.name or identity.callsign or identity.vessel_id or identity.track_id or identity.icao24
    return named or (f"MMSI {identity.mmsi:09d}" if identity.mmsi else "unnamed")


def alert_line(alert: Alert) -> str:
    """An alert in one line of plain text."""
    where = f" {alert.zone_name or alert.zone_id}" if alert.zone_id else ""
    direction = f" {alert.direction}" if alert.direction else ""
    reasons = f": {'; '.join(alert.reasons)}" if alert.reasons else ""
    mark = " (simulated)" if alert.simulated else ""
    return (
        f"{alert.event_time:%H:%M:%S} {alert.severity.upper()} {alert.kind}{direction}{where} – {who(alert)}"
        f" [{alert.state}]{mark}{reasons}"
    )


def task_line(task: Task) -> str:
    """A task in one line of plain text."""
    eta = f", there in {task.eta_s / 60:.0f} min" if task.eta_s is not None and task.state not in OVER else ""
    return f"{task.offered_time:%H:%M:%S} task {task.state} {task.unit_id} for alert {task.alert_id[:8]}{eta}"
