"""Four radars and AIS that publish :mod:`benchmarks.plot_load` at its own pace, as a process of its own.

    python -m benchmarks.plot_producer --broker 127.0.0.1:9092 --rate 10000 --seconds 60

Event times are the times of sending, so the events are live. Prints one JSON object: plots and reports sent, and the
seconds by which it ran late at the end.
"""

import argparse
import json
import sys
import time
from collections import Counter

from confluent_kafka import Producer

from benchmarks.plot_load import PlotLoad

_SLICE_S = 0.1  # of a turn of 2.5 s: a record holds a sector of 14 degrees


def run(broker: str, rate: float, seconds: float) -> dict[str, float]:
    """Send ``rate`` plots a second and their AIS for so long; every record is confirmed before this returns."""
    load = PlotLoad(rate, time.time_ns() // 1000)
    failed = 0
    events: Counter[str] = Counter()

    def delivered(error: object, _: object) -> None:
        nonlocal failed
        failed += error is not None

    producer = Producer(
        {"bootstrap.servers": broker, "enable.idempotence": True, "linger.ms": 1, "on_delivery": delivered}
    )
    begun, sent_s = time.perf_counter(), 0.0
    while sent_s < seconds:
        sent_s += _SLICE_S
        wait = begun + sent_s - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        for topic, key, value, held in load.slice(sent_s):
            producer.produce(topic, value, key, 0)
            events[topic] += held
        producer.poll(0)
    late_s = time.perf_counter() - begun - sent_s
    producer.flush(60)
    return {**dict(sorted(events.items())), "vessels": load.vessels, "failed": failed, "late_s": round(late_s, 3)}


def main() -> None:
    """Read the arguments, send, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--rate", type=float, required=True, help="plots per second of all radars together")
    parser.add_argument("--seconds", type=float, required=True)
    chosen = parser.parse_args()
    json.dump(run(chosen.broker, chosen.rate, chosen.seconds), sys.stdout)
    print()


if __name__ == "__main__":
    main()
