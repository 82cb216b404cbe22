"""What a kill -9 and an overload cost, under load, on real Kafka: seconds without an alert, and seconds behind.

    python -m benchmarks.recovery                                  restarted in place, replaced, overload
    python -m benchmarks.recovery --only restarted --rate 20000    kill -9 of each worker, restarted in place
    python -m benchmarks.recovery --only overload --maximum 80000  60 s at 150 % of the maximum, then half of it

Goals: no longer than 5 s without an alert where the worker is restarted in place, 7 s where another takes over (the
session timeout is 6 s); after 60 s at 150 % of what is sustained, nothing unread older than 1 s within 60 s. ``oldest``
is the longest time from a raw record to its alert among the alerts written after the kill.
"""

import argparse
import itertools
import json
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.chain import WARM_UP, Bench, finish, lag, records, system, wait_caught_up
from streams.config import WorkerRules

_BEFORE_S, _AFTER_S = WARM_UP[1] + 5.0, 16.0  # of one load, so that alerts come all the time
_TWO_OF_EACH = {
    "front-a": ("ingest",),
    "front-b": ("ingest",),
    "back-a": ("surveil", "alert", "dispatch", "gateway"),
    "back-b": ("surveil", "alert", "dispatch", "gateway"),
}
_HOST_LOST = WorkerRules(static_member=False)
_AGE_GOAL_S = 1.0


def restarted(rate: float) -> dict[str, Any]:
    """Kill -9 of each worker, restarted in place by its supervisor."""
    found: dict[str, Any] = {"rate": rate}
    for name in ("front", "back"):
        with system(1, warm=False) as bench:
            found[name] = _struck(bench, rate, bench.deployment.workers[name].strike)
    return found


def replaced(rate: float) -> dict[str, Any]:
    """Kill -9 of the worker that owns the partition, not restarted: the second of its kind takes over."""
    found: dict[str, Any] = {"rate": rate, "session_timeout_s": _HOST_LOST.session_timeout_s}
    for kind, stage in (("front", "ingest"), ("back", "surveil")):
        with system(1, groups=_TWO_OF_EACH, rules=_HOST_LOST, warm=False) as bench:
            found[kind] = _struck(bench, rate, partial(_lose_owner, bench, stage))
    return found


def _lose_owner(bench: Bench, stage: str) -> None:
    """End for good whoever said last that it owns a partition of the stage."""
    spoken = [json.loads(record.value) for record in records(bench.broker.bootstrap, "health.v1", tail=400)]
    owner = [health["instance"] for health in spoken if health["stage"] == stage][-1]
    bench.deployment.workers[owner].lose()


def _struck(bench: Bench, rate: float, strike: Callable[[], None]) -> dict[str, float]:
    """What a blow in the middle of a steady load costs."""
    load = bench.load(rate, _BEFORE_S + _AFTER_S)
    time.sleep(_BEFORE_S)
    struck_ms = round(time.time() * 1000)
    strike()
    finish(load)
    wait_caught_up(bench, 60)
    alerts = [
        (record.timestamp, record.timestamp - int(dict(record.headers)["vedette-ingest-time"]) / 1000)
        for record in records(bench.broker.bootstrap, "alerts.v1")
        if record.timestamp >= struck_ms and dict(record.headers or ()).get("ce_id", b"").endswith(b"/1")
    ]
    times = [struck_ms, *sorted(at for at, _ in alerts)]
    return {
        "outage_s": round(max(b - a for a, b in itertools.pairwise(times)) / 1000, 2),
        "oldest_s": round(max(age for _, age in alerts) / 1000, 2),
        "alerts": len(alerts),
    }


def overload(maximum: float, surge_s: float) -> dict[str, Any]:
    """150 % of the maximum, then half of it: seconds until nothing older than 1 s is unread."""
    with system(1) as bench:
        surge = finish(bench.load(1.5 * maximum, surge_s))
        behind = lag(bench)
        calm, begun = bench.load(maximum / 2, 90), time.monotonic()
        while (left := lag(bench)) / (maximum / 2) > _AGE_GOAL_S and time.monotonic() - begun < 80:
            time.sleep(0.2)
        recovered_s = time.monotonic() - begun
        calm.terminate()
        calm.wait()
        return {
            "maximum": maximum,
            "surge": surge,
            "behind_records": behind,
            "behind_s": round(behind / maximum, 1),
            "recovered_s": round(recovered_s, 1),
            "left_records": left,
        }


def main() -> None:
    """Run the chosen parts and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("restarted", "replaced", "overload"))
    parser.add_argument("--rate", type=float, default=20_000, help="events per second under which workers are killed")
    parser.add_argument("--maximum", type=float, default=80_000, help="events per second that are sustained")
    parser.add_argument("--surge", type=float, default=60.0, help="seconds of overload")
    parser.add_argument("--json", type=Path, help="write the figures here")
    chosen = parser.parse_args()
    figures: dict[str, Any] = {"cpus": os.cpu_count()}
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "restarted": lambda: restarted(chosen.rate),
        "replaced": lambda: replaced(chosen.rate),
        "overload": lambda: overload(chosen.maximum, chosen.surge),
    }
    for name, part in parts.items():
        if chosen.only in (None, name):
            figures[name] = part()
            print(name, json.dumps(figures[name]), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
