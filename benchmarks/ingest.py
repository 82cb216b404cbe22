"""How fast one raw partition is read: CPU per row on top of the adapter, by batch, owners and sensors.

6,000 vessels report in turn, one JSON event a record; :meth:`IngestCore.apply` is timed whole and its adapter apart
(process time, best of the repeats), so ``us_per_row`` is checks, previous fix, routing and frames alone. ``oracle`` is
the same work as the tests' scalar oracle does it, in the same run, and ``speed_up`` the ratio of the two.
``--json FILE`` writes the figures.
"""

import argparse
import gc
import json
import math
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sensors.adapter import Decoded, RawRecord
from sensors.json_adapter import JsonAdapter
from streams.config import Feed, Format, Settings
from streams.ingest import IngestCore
from streams.log import Record
from streams.partitioning import Owners
from streams.public import rfc3339
from tests.streams.ingest.oracle import ScalarIngest

START_US = 1_700_000_000_000_000
FEED = Feed("bench", "json", Format.JSON)
VESSELS = 6_000
ROWS = 60_000
ORACLE_ROWS = 6_000
BATCHES = (1, 10, 100, 1_000)


class TimedAdapter:
    """The JSON adapter, and the CPU seconds it took."""

    def __init__(self) -> None:
        self._adapter = JsonAdapter()
        self.spent_s = 0.0

    def decode(self, records: Sequence[RawRecord]) -> Decoded:
        """As the adapter does."""
        begun = time.process_time()
        decoded = self._adapter.decode(records)
        self.spent_s += time.process_time() - begun
        return decoded

    def dump(self) -> bytes:
        """As the adapter does."""
        return self._adapter.dump()

    def load(self, memory: bytes) -> None:
        """As the adapter does."""
        self._adapter.load(memory)


def records(sensors: int) -> list[Record]:
    """Vessels at ship speed in a sea of several owners, each reporting every ten seconds of event time."""
    chance = np.random.default_rng(1)
    place = np.column_stack([chance.uniform(-86, -72, VESSELS), chance.uniform(19, 29, VESSELS)])
    course = chance.uniform(0, math.tau, VESSELS)
    stride = chance.uniform(2, 12, VESSELS) * 10 / 111_000
    step = stride[:, None] * np.column_stack([np.sin(course), np.cos(course)])
    found = []
    for row in range(ROWS):
        vessel = row % VESSELS
        place[vessel] += step[vessel]
        time_us = START_US + row * 10_000_000 // VESSELS
        sensor = f"sensor-{vessel % sensors}"
        event = {
            "sensor_id": sensor,
            "event_time": rfc3339(time_us),
            "position": [round(float(axis), 6) for axis in place[vessel]],
            "velocity": {"speed_mps": 5.1, "course_deg": round(math.degrees(course[vessel]), 1)},
            "identity": {"mmsi": 201_000_000 + vessel},
        }
        found.append(Record(row, time_us + 50_000, sensor.encode(), json.dumps(event).encode()))
    return found


def measure(log: list[Record], batch: int, owners: int) -> dict[str, float]:
    """CPU microseconds a row of the core without its adapter, and of the adapter."""
    adapter = TimedAdapter()
    core = IngestCore(FEED.topic, 0, FEED, Settings((FEED,), Owners(owners)), lambda: 1, adapter)
    warm = VESSELS
    core.apply(log[:warm])
    rows = min(len(log) - warm, 6_000 * batch)
    adapter.spent_s, outputs, begun = 0.0, 0, time.process_time()
    for start in range(warm, warm + rows, batch):
        outputs += len(core.apply(log[start : start + batch]))
    spent_s = time.process_time() - begun - adapter.spent_s
    assert core.counts()["row"] == warm + rows, core.counts()
    return {
        "batch": batch,
        "owners": owners,
        "us_per_row": round(spent_s / rows * 1e6, 3),
        "adapter_us_per_row": round(adapter.spent_s / rows * 1e6, 3),
        "frames_per_batch": round(outputs / (rows / batch), 2),
    }


def oracle(log: list[Record], owners: int) -> float:
    """CPU microseconds a row of the scalar oracle, without its adapter."""
    adapter = TimedAdapter()
    scalar = ScalarIngest(FEED, Settings((FEED,), Owners(owners)), adapter)
    begun = time.process_time()
    scalar.apply(log[:ORACLE_ROWS])
    return (time.process_time() - begun - adapter.spent_s) / ORACLE_ROWS * 1e6


def snapshot(identities: int) -> dict[str, float]:
    """CPU milliseconds to dump and to load a partition that knows this many identities."""
    core = IngestCore(FEED.topic, 0, FEED, Settings((FEED,), Owners(8)), lambda: 1, JsonAdapter())
    for start in range(0, identities, 1_000):
        events = [
            {
                "sensor_id": "s",
                "event_time": rfc3339(START_US + number * 1_000),
                "position": [-80.0 + number / identities, 25.0],
                "identity": {"mmsi": 200_000_000 + number},
            }
            for number in range(start, start + 1_000)
        ]
        core.apply([Record(start, START_US + start * 1_000, b"s", json.dumps(events).encode())])
    dumps, loads, state = [], [], b""
    for _ in range(5):
        begun = time.process_time()
        state = core.dump()
        dumps.append(time.process_time() - begun)
        begun = time.process_time()
        core.load(state)
        loads.append(time.process_time() - begun)
    return {
        "identities": core.gauges()["identities"],
        "remembered": core.gauges()["remembered"],
        "dump_ms": round(min(dumps) * 1e3, 2),
        "load_ms": round(min(loads) * 1e3, 2),
        "state_bytes": len(state),
    }


def main() -> None:
    """Print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--repeat", type=int, default=3)
    chosen = parser.parse_args()
    found = []
    for sensors, owners in ((1, 1), (1, 8), (100, 8)):
        log = records(sensors)
        gc.freeze()  # a worker does not hold its whole log; collecting garbage must not walk it
        scalar = min(oracle(log, owners) for _ in range(chosen.repeat))
        for batch in BATCHES:
            best = min((measure(log, batch, owners) for _ in range(chosen.repeat)), key=lambda m: m["us_per_row"])
            best |= {"sensors": sensors, "oracle_us_per_row": round(scalar, 1)}
            best["speed_up"] = round(scalar / best["us_per_row"], 1)
            found.append(best)
            print(json.dumps(best), flush=True)
    state = snapshot(100_000)
    print(json.dumps(state))
    load = os.getloadavg()[0]
    print(f"load average {load:.1f} on {os.cpu_count()} cores")
    if chosen.json:
        chosen.json.write_text(json.dumps({"ingest": found, "snapshot": state, "load_average": load}, indent=1))


if __name__ == "__main__":
    main()
