"""Prometheus metrics, per stage: no identifiers, no coordinates, no partitions as labels."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from streams.health import Health

_LATENCY_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_BATCH = (1, 3, 10, 30, 100, 300, 1000)


class Metrics:
    """The metrics of one process; served where a port is given."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r, stage = self.registry, ("stage",)
        self.records = Counter("vedette_records", "Input records applied", stage, registry=r)
        self.batches = Counter("vedette_batches", "Batches applied", stage, registry=r)
        self.batch_size = Histogram("vedette_batch_records", "Records in a batch", stage, registry=r, buckets=_BATCH)
        self.latency = Histogram(
            "vedette_hop_seconds", "Broker append time to processed, oldest record of each batch", stage,
            registry=r, buckets=_LATENCY_S,
        )  # fmt: skip
        self.fates = Counter("vedette_items", "Items by fate and reason (the ledger)", ("stage", "fate"), registry=r)
        self.gauges = Gauge("vedette_state", "What the stage holds now", ("stage", "name"), registry=r)
        self.lag = Gauge("vedette_lag_records", "Input records not yet applied", stage, registry=r)
        self.repeats = Counter("vedette_repeats", "Input records skipped as already applied", stage, registry=r)
        self.holes = Counter("vedette_holes", "Offsets the log no longer held, accepted", stage, registry=r)
        self.gaps = Counter("vedette_gaps", "Times the log began beyond the state (retention)", stage, registry=r)
        self.refused = Counter(
            "vedette_side_input_refused", "Records of side inputs that could not be used", ("topic",), registry=r
        )
        self.snapshot_age = Gauge("vedette_snapshot_age_seconds", "Oldest snapshot of a partition", stage, registry=r)
        self.sends = Gauge("vedette_sends_in_flight", "Sends not yet confirmed", stage, registry=r)
        self.restarts = Counter("vedette_restarts", "Times a state was taken back after a fault", stage, registry=r)
        self.buried = Counter("vedette_buried", "Records dead-lettered after a fault of ours", stage, registry=r)

    def stage(self, name: str) -> "StageMetrics":
        """The metrics of one stage."""
        return StageMetrics(self, name)

    def serve(self, port: int, host: str = "127.0.0.1") -> None:
        """Serve them over HTTP; 0 is off."""
        if port:
            start_http_server(port, host, registry=self.registry)


class StageMetrics:
    """One stage's metrics, labels bound once."""

    def __init__(self, metrics: Metrics, name: str) -> None:
        self._metrics, self._name = metrics, name
        self._records, self._batches = metrics.records.labels(name), metrics.batches.labels(name)
        self._size, self._latency = metrics.batch_size.labels(name), metrics.latency.labels(name)
        self._gaps, self._restarts = metrics.gaps.labels(name), metrics.restarts.labels(name)
        self._seen: dict[tuple[str, str], int] = {}

    def batch(self, records: int, latency_s: float) -> None:
        """A batch was applied; ``latency_s`` is that of its oldest record."""
        self._records.inc(records)
        self._batches.inc()
        self._size.observe(records)
        self._latency.observe(max(latency_s, 0.0))

    def gap(self) -> None:
        """The log began beyond the state."""
        self._gaps.inc()

    def restart(self) -> None:
        """A state was taken back."""
        self._restarts.inc()

    def report(self, partitions: Iterable[Health], sends: int) -> None:
        """Take over what the health records of all partitions say."""
        healths = list(partitions)
        m, name = self._metrics, self._name
        m.sends.labels(name).set(sends)
        m.lag.labels(name).set(sum(health.lag or 0 for health in healths))
        m.snapshot_age.labels(name).set(max((health.snapshot_age_s or 0.0 for health in healths), default=0.0))
        totals: dict[str, float] = {}
        for health in healths:
            for gauge, value in health.gauges.items():
                totals[gauge] = totals.get(gauge, 0.0) + value
            for fate, count in self._risen(health.key, health.counts):
                m.fates.labels(name, fate).inc(count)
            said = {"repeats": health.repeats, "buried": health.buried, "holes": health.holes}
            for counter, count in self._risen(f"{health.key} engine", said):
                getattr(m, counter).labels(name).inc(count)
        for gauge, value in totals.items():
            m.gauges.labels(name, gauge).set(value)

    def _risen(self, key: str, counts: Mapping[str, int]) -> Iterable[tuple[str, int]]:
        """By how much each count rose since it was last seen; a state taken back only moves the mark.

        The first sight is a mark too: what a snapshot had counted was reported by whoever counted it."""
        first = (key, "") not in self._seen
        self._seen[key, ""] = 0
        for name, count in counts.items():
            before = self._seen.get((key, name), count if first else 0)
            self._seen[key, name] = count
            if count > before:
                yield name, count - before
