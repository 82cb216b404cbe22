"""The engine as it runs in production: batch transport, boundary, snapshots, ticks, health; a core that only decodes.

Best settings: the product's own.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence

import uvloop

from benchmarks.peers.event import decode
from benchmarks.peers.meter import Meter
from streams.config import Settings
from streams.engine.settings import EngineSettings
from streams.engine.stage import StageSpec
from streams.engine.worker import run
from streams.garbage import collect_seldom
from streams.log import Output, Record
from streams.partitioning import Owners


class DecodingCore:
    """Decodes every value and remembers how many."""

    def __init__(self, meter: Meter) -> None:
        self._meter, self._count = meter, 0

    def apply(self, records: Sequence[Record]) -> list[Output]:
        for record in records:
            decode(record.value or b"")
        self._count += len(records)
        self._meter.seen(len(records))
        return []

    def tick(self, log_time_us: int, *, idle: bool) -> list[Output]:
        return []

    def cut(self, record: Record, rows: range) -> Record | None:
        return None

    def bury(self, record: Record, reason: str) -> list[Output]:
        return []

    def dump(self) -> bytes:
        return b"%d" % self._count

    def load(self, state: bytes) -> None:
        self._count = int(state)

    def counts(self) -> dict[str, int]:
        return {"in": self._count}

    def gauges(self) -> dict[str, float]:
        return {}


def main() -> None:
    """Read until the meter ends the process."""
    broker, topic, count, group = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    meter = Meter(count)
    with tempfile.TemporaryDirectory() as directory:
        engine = EngineSettings(broker=broker, instance="bench", group=group, lock_directory=directory)
        spec = StageSpec(group, (topic,), lambda *_: DecodingCore(meter), Settings(feeds=(), owners=Owners(1)))
        collect_seldom()
        uvloop.install()  # for the consumer's thread
        uvloop.run(run([spec], engine, asyncio.Event()))


if __name__ == "__main__":
    main()
