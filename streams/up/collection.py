"""Everything a run wrote that its summary speaks of: the view of the screen, and all alerts beside it."""

from dataclasses import dataclass, field

from streams.console.view import Notice, View
from streams.health import Health
from streams.messages import Alert, Task
from streams.summary import Summary, summarise


@dataclass(slots=True)
class Collection(View):
    """A view that forgets nothing."""

    newest: dict[str, Alert] = field(default_factory=dict)
    opening_ms: list[float] = field(default_factory=list)
    healths: dict[str, Health] = field(default_factory=dict)
    task_ids: set[str] = field(default_factory=set)

    def apply_health(self, health: Health) -> None:
        """The newest word of a partition."""
        View.apply_health(self, health)
        self.healths[health.key] = health

    def apply_alert(self, alert: Alert, latency_ms: float | None = None) -> Notice | None:
        """The highest version of an alert."""
        known = self.newest.get(alert.alert_id)
        if known is None or alert.version > known.version:
            self.newest[alert.alert_id] = alert
            if known is None and latency_ms is not None:
                self.opening_ms.append(latency_ms)
        return View.apply_alert(self, alert, latency_ms)

    def apply_task(self, task: Task) -> Notice | None:
        """A task, by its id."""
        self.task_ids.add(task.task_id)
        return View.apply_task(self, task)

    def ended(self, partitions: int) -> bool:
        """Whether the end of every source has reached dispatch in each of its partitions."""
        ends = [health.gauges.get("ended", 0.0) for health in self.healths.values() if health.stage == "dispatch"]
        return len(ends) == partitions and all(ends)

    def lag(self) -> int:
        """Records not yet applied, over all partitions that have spoken."""
        return sum(health.lag or 0 for health in self.healths.values())

    def alerts_in_order(self) -> list[Alert]:
        """The newest versions, in the order of their opening evidence."""
        return sorted(self.newest.values(), key=lambda alert: (alert.event_time, alert.alert_id))

    def summary(self, elapsed_s: float, broker: str) -> Summary:
        """What the run prints at its end."""
        stages: dict[str, list[dict[str, int]]] = {}
        for health in self.healths.values():
            stages.setdefault(health.stage, []).append(health.counts)
        kinds = [{"kind": alert.kind} for alert in self.newest.values()]
        return summarise(stages, kinds, len(self.task_ids), self.opening_ms, elapsed_s, broker)
