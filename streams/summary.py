"""The one object a finished run prints: what came in, what became of it, what was alerted, how fast."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

_FATES = ("row", "merged", "filtered", "dead", "held")


class Latency(msgspec.Struct, frozen=True):
    """Raw record's broker time to alert record's broker time, milliseconds; absent without alerts."""

    p50: float | None
    p95: float | None
    p99: float | None
    max: float | None


class Summary(msgspec.Struct, frozen=True):
    """See ``vedette up --json``."""

    events_in: int
    observations: int
    rejected: dict[str, int]
    filtered: dict[str, int]
    repeats: int
    alerts: dict[str, int]
    tasks: int
    latency_ms: Latency
    ledger_residual: int
    events_per_second: float
    broker: str


def latency_of(milliseconds: Sequence[float]) -> Latency:
    """Percentiles of latencies in milliseconds."""
    if not len(milliseconds):
        return Latency(None, None, None, None)
    p50, p95, p99, most = (round(float(v), 3) for v in np.percentile(milliseconds, (50, 95, 99, 100)))
    return Latency(p50, p95, p99, most)


def totals(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    """The counters of several partitions added up."""
    added: Counter[str] = Counter()
    for partition in counts:
        added.update(partition)
    return added


def summarise(
    stages: Mapping[str, Iterable[Mapping[str, int]]],
    alerts: Iterable[Mapping[str, Any]],
    tasks: int,
    latencies_ms: Sequence[float],
    elapsed_s: float,
    broker: str,
) -> Summary:
    """``stages`` holds the last counters of every partition, by stage."""
    ingest, surveil = totals(stages.get("ingest", ())), totals(stages.get("surveil", ()))
    ends = ingest["filtered/end-of-input"]
    events = ingest["in"] - ends
    unaccounted = ingest["in"] - sum(n for key, n in ingest.items() if key.partition("/")[0] in _FATES)
    on_the_way = ingest["row"] - surveil["in"]
    return Summary(
        events_in=events,
        observations=ingest["row"],
        rejected=_reasons(ingest, "dead/"),
        filtered={reason: n for reason, n in _reasons(ingest, "filtered/").items() if reason != "end-of-input"},
        repeats=sum(totals(parts)["repeat"] for parts in stages.values()),
        alerts=dict(sorted(Counter(str(alert["kind"]) for alert in alerts).items())),
        tasks=tasks,
        latency_ms=latency_of(latencies_ms),
        ledger_residual=abs(unaccounted) + abs(on_the_way),
        events_per_second=round(events / elapsed_s, 1) if elapsed_s > 0 else 0.0,
        broker=broker,
    )


def _reasons(counts: Mapping[str, int], prefix: str) -> dict[str, int]:
    return {key.removeprefix(prefix): n for key, n in sorted(counts.items()) if key.startswith(prefix) and n}
