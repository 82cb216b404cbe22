"""The whole chain on real Kafka: raw record to alert, through all agents with their real logic.

    python -m benchmarks.chain                         latency at 1k, 10k, 20k events/s, sustained maximum
    python -m benchmarks.chain --only latency --rates 1000,20000 --seconds 30 --json chain.json

One broker, two workers and the load share the machine. An event is one JSON record; latency runs from the raw record's
broker time to the alert record's broker time, so no clock but the broker's is read.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from shapely import box, to_geojson

from benchmarks.load_producer import TOPIC
from streams.config import Feed, Format, Settings, WorkerRules
from streams.deployment import GROUPS, Deployment
from streams.embedded import EmbeddedBroker
from streams.partitioning import Owners
from streams.publisher.zones import publish_zones
from streams.summary import latency_of

WARM_UP = (20_000.0, 20.0)  # events/s and seconds: everything is imported and assigned, and the broker has compiled
SETTLING_S = 5.0  # of a rate, before its latencies count


class Bench:
    """A deployment under load, and what can be read off it."""

    def __init__(self, broker: EmbeddedBroker, deployment: Deployment) -> None:
        self.broker, self.deployment = broker, deployment

    def load(self, rate: float, seconds: float) -> "subprocess.Popen[bytes]":
        """Start the load in a process of its own."""
        return subprocess.Popen(
            (
                *(sys.executable, "-m", "benchmarks.load_producer", "--broker", self.broker.bootstrap),
                *("--rate", str(rate), "--seconds", str(seconds)),
            ),
            stdout=subprocess.PIPE,
        )

    def latencies_ms(self, since_ms: int) -> list[float]:
        """Of every first version of an alert written after ``since_ms`` (broker time)."""
        found = []
        for record in records(self.broker.bootstrap, "alerts.v1"):
            headers = dict(record.headers or ())
            if record.timestamp >= since_ms and headers.get("ce_id", b"").endswith(b"/1"):
                found.append(record.timestamp - int(headers["vedette-ingest-time"]) / 1000)
        return found

    def positions(self) -> tuple[int, int]:
        """(records applied by ingest, end of the raw topic)."""
        applied = 0
        for record in records(self.broker.bootstrap, "health.v1", tail=400):
            health = json.loads(record.value)
            if health["stage"] == "ingest":
                applied = health["offset"] + 1
        return applied, _end(self.broker.bootstrap, TOPIC)

    def worker_mib(self) -> dict[str, float]:
        """Resident memory of each worker."""
        return {name: _rss_mib(worker.pid) for name, worker in self.deployment.workers.items()}

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds of each worker so far."""
        return {name: _cpu_s(worker.pid) for name, worker in self.deployment.workers.items()}


@contextmanager
def system(
    partitions: int,
    groups: Mapping[str, Sequence[str]] = GROUPS,
    rules: WorkerRules | None = None,
    *,
    warm: bool = True,
) -> Iterator[Bench]:
    """A fresh broker, topics, one zone over the eastern half of the load's box, two workers.

    A second load begins where the first one did, so for as long as ``warm`` took nothing enters anew."""
    settings = Settings((Feed("load", "json", Format.JSON),), Owners(partitions), worker=rules or WorkerRules())
    east = box(-28.3, 45.0, -27.0, 47.5)
    zone = {"type": "Feature", "properties": {"zone_id": "east", "kind": "territory", "name": "East"}}
    with (
        tempfile.TemporaryDirectory() as directory,
        EmbeddedBroker(for_load=True) as broker,
        Deployment(broker.bootstrap, settings, Path(directory), groups) as deployment,
    ):
        features = [{**zone, "geometry": json.loads(to_geojson(east))}]
        publish_zones({"type": "FeatureCollection", "features": features}, broker.bootstrap, None)
        deployment.start()
        bench = Bench(broker, deployment)
        if warm:
            finish(bench.load(*WARM_UP))
            wait_caught_up(bench, 60)
        yield bench


def latency(rate: float, seconds: float, partitions: int) -> dict[str, Any]:
    """Event to alert at a fixed rate."""
    with system(partitions) as bench:
        before, since = bench.cpu_s(), time.time()
        load = bench.load(rate, seconds)
        report = finish(load)
        cpu = {name: round((spent - before[name]) / seconds, 2) for name, spent in bench.cpu_s().items()}
        wait_caught_up(bench, 60)
        found = bench.latencies_ms(round((since + SETTLING_S) * 1000))
        return {
            "rate": rate,
            "alerts": len(found),
            **_asdict(found),
            "load": report,
            "cores": cpu,
            "mib": bench.worker_mib(),
        }


def sustained(rate: float, seconds: float, partitions: int) -> dict[str, Any]:
    """Whether a rate is held: age of the oldest unread event once a second, and the latencies."""
    with system(partitions) as bench:
        since = time.time()
        load, ages = bench.load(rate, seconds), []
        while load.poll() is None:
            time.sleep(1.0)  # a look costs a tenth of a second of a core: without a pause it would be half of the load
            applied, end = bench.positions()
            ages.append((end - applied) / rate)
        report = finish(load)
        caught_up_s = wait_caught_up(bench, 120)
        found = bench.latencies_ms(round((since + SETTLING_S) * 1000))
        ages.sort()
        return {
            "rate": rate,
            "alerts": len(found),
            **_asdict(found),
            "age_s_p95": round(ages[int(0.95 * (len(ages) - 1))], 2),
            "caught_up_s": round(caught_up_s, 2),
            "load": report,
            "mib": bench.worker_mib(),
        }


def lag(bench: Bench) -> int:
    """Raw records that ingest has not applied."""
    applied, end = bench.positions()
    return end - applied


def wait_caught_up(bench: Bench, seconds: float) -> float:
    """Wait until nothing is unread; the seconds it took, infinite where it takes longer than ``seconds``."""
    begun = time.monotonic()
    while lag(bench) > 0:
        if time.monotonic() - begun > seconds:
            return float("inf")
        time.sleep(0.1)
    time.sleep(1.5)  # the later hops, and their health
    return time.monotonic() - begun


def finish(load: "subprocess.Popen[bytes]") -> dict[str, Any]:
    """Wait for the load's end; what it reports."""
    out, _ = load.communicate()
    if load.returncode:
        raise SystemExit(f"the load ended with {load.returncode}")
    report: dict[str, Any] = json.loads(out)
    return report


def _asdict(milliseconds: list[float]) -> dict[str, float | None]:
    latency = latency_of(milliseconds)
    return {"p50_ms": latency.p50, "p95_ms": latency.p95, "p99_ms": latency.p99, "max_ms": latency.max}


def records(bootstrap: str, topic: str, tail: int | None = None) -> Iterator[Any]:
    """What lies in a topic now, or the last ``tail`` offsets of each partition."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        parts = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(parts)
        ends = consumer.end_offsets(parts)
        for tp, begin in consumer.beginning_offsets(parts).items():
            consumer.seek(tp, begin if tail is None else max(begin, ends[tp] - tail))
        while any(consumer.position(tp) < end for tp, end in ends.items()):
            for records in consumer.poll(timeout_ms=100).values():
                yield from records
    finally:
        consumer.close()


def _end(bootstrap: str, topic: str) -> int:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    try:
        return int(sum(consumer.end_offsets([TopicPartition(topic, 0)]).values()))
    finally:
        consumer.close()


def _rss_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run the chosen parts and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("latency", "maximum"))
    parser.add_argument("--rates", default="1000,10000,20000", help="events per second, for latency")
    parser.add_argument("--maximum", type=float, default=80_000, help="events per second to hold")
    parser.add_argument("--seconds", type=float, default=45.0, help="per rate; the maximum is held for --hold")
    parser.add_argument("--hold", type=float, default=120.0)
    parser.add_argument("--partitions", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here")
    chosen = parser.parse_args()
    figures: dict[str, Any] = {"cpus": os.cpu_count(), "partitions": chosen.partitions}
    if chosen.only in (None, "latency"):
        figures["latency"] = []
        for rate in (float(rate) for rate in chosen.rates.split(",")):
            figures["latency"].append(_say("latency", latency(rate, chosen.seconds, chosen.partitions)))
    if chosen.only in (None, "maximum"):
        figures["maximum"] = _say("maximum", sustained(chosen.maximum, chosen.hold, chosen.partitions))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n")


def _say(what: str, figures: dict[str, Any]) -> dict[str, Any]:
    print(what, json.dumps(figures), flush=True)
    return figures


if __name__ == "__main__":
    main()
