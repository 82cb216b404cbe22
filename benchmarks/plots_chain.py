"""The tracker in the whole chain on real Kafka: plots of four radars and AIS to alerts, through all agents.

    python -m benchmarks.plots_chain                            latency at 2k, 5k, 10k plots/s, sustained maximum
    python -m benchmarks.plots_chain --only latency --rates 10000 --seconds 60 --json plots_chain.json

One broker, two workers and the load share the machine. A radar publishes a record, a list of nameless plots, per 0.1 s
of its turn; latency runs from the broker time of the record whose plot opened the incident to that of the alert, so no
clock but the broker's is read. The owner of the tracks is what gives first: ``behind`` is how much of the log of
observations it has still to apply, in seconds of that log, looked at once a second.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from kafka import KafkaConsumer, TopicPartition
from shapely import box, to_geojson

from benchmarks.chain import Bench, finish, records
from benchmarks.plot_load import CENTRE, DETECTION, REVISIT_S, SIGMA_AZIMUTH_DEG, SIGMA_RANGE_M, SITES
from simulator.plane import Plane
from streams.config import Feed, Format, PlotSensor, Settings
from streams.deployment import Deployment
from streams.embedded import EmbeddedBroker
from streams.partitioning import Owners
from streams.publisher.zones import publish_zones
from streams.summary import latency_of

FEEDS = (Feed("load", "plots", Format.JSON), Feed("load", "ais", Format.JSON))
SETTLING_S = 15.0  # tracks are confirmed, biases found, everything imported, before latencies count
BEHIND_GOAL_S = 2.0
OBSERVATIONS = "observations.v1"


def described() -> tuple[PlotSensor, ...]:
    """The radars as a configuration says them; what they see false is not told."""
    plane = Plane(*CENTRE)
    return tuple(
        PlotSensor(
            site.name,
            "radar",
            revisit_s=REVISIT_S,
            sigma_m=2.0 * SIGMA_RANGE_M,
            detection_probability=DETECTION,
            sigma_deg=SIGMA_AZIMUTH_DEG,
            site=(lonlat[0], lonlat[1]),
        )
        for site in SITES
        for lonlat in [plane.to_lonlat(np.array([site.x_m, site.y_m])).tolist()]
    )


class PlotsBench(Bench):
    """A deployment under plots."""

    def load(self, rate: float, seconds: float) -> "subprocess.Popen[bytes]":
        """Start radars and AIS in a process of their own."""
        return subprocess.Popen(
            (
                *(sys.executable, "-m", "benchmarks.plot_producer", "--broker", self.broker.bootstrap),
                *("--rate", str(rate), "--seconds", str(seconds)),
            ),
            stdout=subprocess.PIPE,
        )

    def positions(self) -> tuple[int, int]:
        """(records applied by the owner of the tracks, end of its log)."""
        applied = 0
        for record in records(self.broker.bootstrap, "health.v1", tail=400):
            health = json.loads(record.value)
            if health["stage"] == "surveil":
                applied = health["offset"] + 1
        consumer = KafkaConsumer(bootstrap_servers=self.broker.bootstrap)
        try:
            return applied, int(sum(consumer.end_offsets([TopicPartition(OBSERVATIONS, 0)]).values()))
        finally:
            consumer.close()

    def alerts(self, since_ms: int) -> dict[str, int]:
        """First versions written since then (broker time), of tracks without a name and of named objects."""
        found = {"tracks": 0, "named": 0}
        for record in records(self.broker.bootstrap, "alerts.v1"):
            if record.timestamp >= since_ms and record.value is not None:
                alert = json.loads(record.value)
                if alert["version"] == 1:
                    found["named" if any(alert["subject"]["identity"].values()) else "tracks"] += 1
        return found


@contextmanager
def system() -> Iterator[PlotsBench]:
    """A fresh broker, topics, one zone over the eastern half of the box, two workers, one owner."""
    settings = Settings(FEEDS, Owners(1), sensors=described())
    zone = {"type": "Feature", "properties": {"zone_id": "east", "kind": "territory", "name": "East"}}
    features = [{**zone, "geometry": json.loads(to_geojson(box(CENTRE[0], 45.0, -27.0, 47.5)))}]
    with (
        tempfile.TemporaryDirectory() as directory,
        EmbeddedBroker(for_load=True) as broker,
        Deployment(broker.bootstrap, settings, Path(directory)) as deployment,
    ):
        publish_zones({"type": "FeatureCollection", "features": features}, broker.bootstrap, None)
        deployment.start()
        yield PlotsBench(broker, deployment)


def run(rate: float, seconds: float) -> dict[str, Any]:
    """Plots at a rate: latencies, how far the owner of the tracks is behind, CPU and memory of each worker."""
    with system() as bench:
        begun, before, since = time.monotonic(), bench.cpu_s(), time.time()
        load, behind_s = bench.load(rate, seconds), []
        while load.poll() is None:
            time.sleep(1.0)  # a look costs a tenth of a second of a core
            applied, end = bench.positions()
            if time.monotonic() - begun > SETTLING_S:
                behind_s.append((end - applied) / max(end, 1) * (time.monotonic() - begun))
        report = finish(load)
        cpu = {name: round((spent - before[name]) / seconds, 2) for name, spent in bench.cpu_s().items()}
        caught_up_s = _caught_up(bench, 120.0)
        since_ms = round((since + SETTLING_S) * 1000)
        latency = latency_of(bench.latencies_ms(since_ms))
        behind_s.sort()
        return {
            "rate": rate,
            "alerts": bench.alerts(since_ms),
            **{"p50_ms": latency.p50, "p95_ms": latency.p95, "p99_ms": latency.p99, "max_ms": latency.max},
            "behind_s_p50": round(behind_s[len(behind_s) // 2], 2) if behind_s else None,
            "behind_s_p95": round(behind_s[int(0.95 * (len(behind_s) - 1))], 2) if behind_s else None,
            "caught_up_s": caught_up_s,
            "load": report,
            "cores": cpu,
            "mib": bench.worker_mib(),
        }


def _caught_up(bench: PlotsBench, most_s: float) -> float | None:
    """Seconds until what is there now is applied; None where that takes longer than ``most_s``."""
    begun = time.monotonic()
    _, end = bench.positions()
    while True:
        applied, _ = bench.positions()
        spent_s = time.monotonic() - begun
        if applied >= end:
            return round(spent_s, 2)
        if spent_s > most_s:
            return None
        time.sleep(0.2)


def maximum(rates: list[float], seconds: float) -> dict[str, Any]:
    """The highest of the rates, tried from the lowest, that is held: the owner stays within two seconds of its log."""
    found: dict[str, Any] = {"held": None, "runs": []}
    for rate in rates:
        figures = run(rate, seconds)
        found["runs"].append(figures)
        if figures["behind_s_p95"] is None or figures["behind_s_p95"] > BEHIND_GOAL_S or figures["caught_up_s"] is None:
            break
        found["held"] = rate
    return found


def main() -> None:
    """Run the chosen parts and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("latency", "maximum"))
    parser.add_argument("--rates", default="2000,5000,10000", help="plots per second, for latency")
    parser.add_argument("--maximum", default="10000,12500,15000,20000", help="rates to try in turn")
    parser.add_argument("--seconds", type=float, default=60.0, help="per rate, the first 15 of which do not count")
    parser.add_argument("--json", type=Path, help="write the figures here")
    chosen = parser.parse_args()
    figures: dict[str, Any] = {"cpus": os.cpu_count()}
    if chosen.only in (None, "latency"):
        figures["latency"] = [_say("latency", run(float(rate), chosen.seconds)) for rate in chosen.rates.split(",")]
    if chosen.only in (None, "maximum"):
        rates = [float(rate) for rate in chosen.maximum.split(",")]
        figures["maximum"] = _say("maximum", maximum(rates, chosen.seconds))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n")


def _say(what: str, figures: dict[str, Any]) -> dict[str, Any]:
    print(what, json.dumps(figures), flush=True)
    return figures


if __name__ == "__main__":
    main()
