"""A vendor that publishes single-event JSON records at a fixed rate, as a process of its own.

    python -m benchmarks.load_producer --broker 127.0.0.1:9092 --rate 20000 --seconds 60

Event times are the times of sending, so the events are live. Uses librdkafka: the load must cost less than what it
measures. Prints one JSON object: events sent, and the seconds by which it ran late at the end.
"""

import argparse
import json
import sys
import time
from typing import Any

from confluent_kafka import Producer

from simulator.load import Load

TOPIC = "raw.load.json"
SENSOR = "sim-load-0"
_SLICE_S = 0.01


def run(broker: str, rate: float, seconds: float, identities: int) -> dict[str, Any]:
    """Send ``rate * seconds`` events; every one is confirmed before this returns."""
    start_us = time.time_ns() // 1000
    load = Load(identities, rate=rate, start_us=start_us, sensors=(SENSOR,), turn_s=600.0)
    failed = 0

    def delivered(error: object, _: object) -> None:
        nonlocal failed
        failed += error is not None

    producer = Producer(
        {
            "bootstrap.servers": broker,
            "enable.idempotence": True,
            "linger.ms": 1,
            "queue.buffering.max.messages": 2_000_000,
            "on_delivery": delivered,
        }
    )
    key, step = SENSOR.encode(), max(1, round(rate * _SLICE_S))
    sent, total, begun = 0, round(rate * seconds), time.perf_counter()
    while sent < total:
        wait = begun + sent / rate - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        for value in load.slice(sent, step).values:
            producer.produce(TOPIC, value, key, 0)
        sent += step
        producer.poll(0)
    late_s = time.perf_counter() - begun - sent / rate
    producer.flush(60)
    return {"sent": sent, "failed": failed, "late_s": round(late_s, 3)}


def main() -> None:
    """Read the arguments, send, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--rate", type=float, required=True, help="events per second")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--identities", type=int, default=6_000)
    chosen = parser.parse_args()
    json.dump(run(chosen.broker, chosen.rate, chosen.seconds, chosen.identities), sys.stdout)
    print()


if __name__ == "__main__":
    main()
