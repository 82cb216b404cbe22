"""A worker process that hosts :class:`FoldCore`: ``python -m tests.kafka.fold_worker --broker … --instance …``."""

import argparse
import asyncio
import logging
from pathlib import Path

from streams.config import Settings
from streams.engine.settings import EngineSettings
from streams.engine.stage import StageSpec
from streams.engine.worker import run, stop_on_signals
from streams.log import Record
from streams.partitioning import Owners
from tests.kafka.fold_core import FoldCore


def main() -> None:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser()
    for name in ("broker", "instance", "run", "directory"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--snapshot-every", type=float, default=0.5)
    parser.add_argument("--slow-s", type=float, default=0.0)
    parser.add_argument("--session-s", type=float, default=6.0)
    parser.add_argument("--batch-records", type=int, default=100)
    parser.add_argument("--static", action="store_true")
    a = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname).1s %(name)s %(message)s")
    asyncio.run(_run(a))


async def _run(a: argparse.Namespace) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    versions: dict[int, bytes] = {}

    def take(record: Record) -> None:
        versions[int(record.key or b"0")] = record.value or b""

    def core(topic: str, partition: int) -> FoldCore:
        return FoldCore(topic, partition, f"out.{a.run}", versions, a.slow_s, Path(a.directory))

    settings = EngineSettings(
        broker=a.broker, instance=a.instance, group=f"fold-{a.run}", static_member=a.static,
        session_timeout_s=a.session_s, heartbeat_s=min(0.5, a.session_s / 6), batch_records=a.batch_records,
        retry_after_s=0.05, snapshot_every_s=a.snapshot_every, lock_directory=a.directory,
    )  # fmt: skip
    product = Settings(feeds=(), owners=Owners(1))
    spec = StageSpec("fold", (f"in.{a.run}",), core, product)
    await run([spec], settings, stop, side_inputs={f"versions.{a.run}": take}, version="test")


if __name__ == "__main__":
    main()
