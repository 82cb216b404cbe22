"""The rig of the engine's tests on a real broker: topics, input, workers, and what must hold at the end."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from streams import health
from streams.engine import snapshot_log, snapshots
from streams.health import Health
from streams.log import Record
from streams.provenance import Applied, read
from streams.wire import decode_numbered
from tests.kafka.fold_core import State, folded

_ROOT = Path(__file__).parents[2]
PARTITIONS = 2


class Rig:
    """One run: its own topics, its own group, its own directory."""

    def __init__(self, broker: str, run: str, directory: Path) -> None:
        self.broker, self.run, self.directory = broker, run, directory
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self.sent: dict[int, list[bytes]] = {p: [] for p in range(PARTITIONS)}
        self._consumers = 0
        self._create()

    # -- input

    def produce(self, values: Sequence[bytes], partition: int | None = None) -> None:
        """Append values, in turn to the partitions or all to one, and wait until the broker has them."""
        asyncio.run(self._produce(values, partition, f"in.{self.run}"))

    def publish_version(self, version: int) -> None:
        """Publish a version to the side input."""
        asyncio.run(self._send(f"versions.{self.run}", [(0, str(version).encode(), b"v")]))

    async def _produce(self, values: Sequence[bytes], partition: int | None, topic: str) -> None:
        rows: list[tuple[int, bytes | None, bytes]] = []
        for n, value in enumerate(values):
            place = n % PARTITIONS if partition is None else partition
            self.sent[place].append(value)
            rows.append((place, None, value))
        await self._send(topic, rows)

    async def _send(self, topic: str, rows: Sequence[tuple[int, bytes | None, bytes]]) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.broker, enable_idempotence=True)
        await producer.start()
        try:
            for future in [await producer.send(topic, value, key=key, partition=p) for p, key, value in rows]:
                await future
        finally:
            await producer.stop()

    # -- workers

    def start(self, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a worker; its output goes to a file of its name."""
        with (self.directory / f"{name}.log").open("ab") as log:
            worker = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.kafka.fold_worker", "--broker", self.broker, "--instance", name),
                    *("--run", self.run, "--directory", str(self.directory), *arguments),
                ],
                cwd=_ROOT,
                stdout=log,
                stderr=log,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )
        self.workers[name] = worker
        return worker

    def end(self, name: str, number: int = signal.SIGTERM, timeout_s: float = 20.0) -> int:
        """Signal a worker and return its exit code."""
        worker = self.workers[name]
        worker.send_signal(number)
        code = worker.wait(timeout_s)
        del self.workers[name]
        return code

    def close(self) -> None:
        """Kill what is left."""
        for worker in self.workers.values():
            worker.send_signal(signal.SIGCONT)
            worker.kill()
            worker.wait()
        self.workers.clear()

    def log(self, name: str) -> str:
        """What a worker has written so far."""
        return (self.directory / f"{name}.log").read_text()

    # -- what holds

    def expected(self) -> dict[int, tuple[int, int]]:
        """Hash and number of values per partition, folded from what was sent."""
        found = {}
        for partition, values in self.sent.items():
            value, count = 0, 0
            for text in values:
                if not text.startswith(b"poison"):
                    value, count = folded(value, int(text.split(b":")[-1])), count + 1
            found[partition] = (value, count)
        return found

    def shelf(self) -> snapshots.Shelf:
        """Everything in the snapshots topic."""
        return asyncio.run(snapshot_log.read([self.broker], "snapshots.v1", None, None))

    def write(self, topic: str, partition: int, key: bytes, value: bytes) -> None:
        """Append one record to any topic."""
        asyncio.run(self._send(topic, [(partition, key, value)]))

    def states(self) -> dict[int, State]:
        """The newest complete snapshot of each partition."""
        shelf = self.shelf()
        found = {}
        for partition in range(PARTITIONS):
            if complete := shelf.complete(snapshots.subject("fold", f"in.{self.run}", partition, f"fold-{self.run}")):
                found[partition] = msgspec.msgpack.decode(complete[0].state, type=State)
        return found

    def rows(self) -> tuple[dict[int, list[int]], dict[int, int], int]:
        """Rows per partition after trimming, buried rows per partition, and repeats; raises Hole where rows miss."""
        numbers: dict[int, list[int]] = {p: [] for p in range(PARTITIONS)}
        buried: dict[int, int] = dict.fromkeys(range(PARTITIONS), 0)
        repeats = 0
        for partition, records in self.records(f"out.{self.run}").items():
            applied = Applied()
            for record in records:
                kind, provenance = read(record)
                applied.check(provenance)
                for position, number in decode_numbered(record.value or b"", int):
                    if applied.admit(provenance.source, position):
                        numbers[partition].append(number)
                        buried[partition] += kind == "handler-error"
            repeats += applied.repeats
        return numbers, buried, repeats

    def healths(self) -> list[Health]:
        """The health records of this run."""
        records = [r for records in self.records("health.v1").values() for r in records]
        return [h for r in records if (h := health.decode(r.value or b"{}")).topic == f"in.{self.run}"]

    def records(self, topic: str) -> dict[int, list[Record]]:
        """Everything a topic holds."""
        return asyncio.run(_records(self.broker, topic))

    def done(self) -> bool:
        """Whether every number sent has come out."""
        numbers, _, _ = self.rows()
        return all(len(numbers[p]) >= len(values) for p, values in self.sent.items())

    def check(self) -> None:
        """State equal to the fold, every row once after trimming, in order."""
        numbers, _, _ = self.rows()
        states = self.states()
        for partition, (value, count) in self.expected().items():
            wanted = [-1 if v.startswith(b"poison") else int(v.split(b":")[-1]) for v in self.sent[partition]]
            assert numbers[partition] == wanted
            if wanted:
                assert (states[partition].hash, states[partition].numbers) == (value, count)

    def _create(self) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.broker)
        try:
            wanted = {
                f"in.{self.run}": NewTopic(f"in.{self.run}", PARTITIONS, 1),
                f"out.{self.run}": NewTopic(f"out.{self.run}", PARTITIONS, 1),
                f"versions.{self.run}": NewTopic(f"versions.{self.run}", 1, 1),
                "dead-letters.v1": NewTopic("dead-letters.v1", 1, 1),
                "holes.v1": NewTopic("holes.v1", 1, 1),
                "health.v1": NewTopic("health.v1", 1, 1),
                "snapshots.v1": NewTopic("snapshots.v1", 4, 1, topic_configs={"cleanup.policy": "compact"}),
            }
            present = set(admin.list_topics())
            admin.create_topics([topic for name, topic in wanted.items() if name not in present])
        finally:
            admin.close()


def wait_until(condition: Callable[[], bool], timeout_s: float, what: str) -> float:
    """Poll until it holds; returns the seconds it took, fails after ``timeout_s``."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > timeout_s:
            raise AssertionError(f"not within {timeout_s} s: {what}")
        time.sleep(0.1)
    return time.monotonic() - began


@contextmanager
def rig(broker: str, run: str, directory: Path) -> Iterator[Rig]:
    """A rig whose workers are gone afterwards; what they wrote is printed, for pytest to show where the test fails."""
    made = Rig(broker, run, directory)
    try:
        yield made
    finally:
        made.close()
        for path in sorted(directory.glob("*.log")):
            print(f"=== {path.name}\n{path.read_text()[-6000:]}")


async def _records(broker: str, topic: str) -> dict[int, list[Record]]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=broker, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        tps: list[TopicPartition] = sorted(consumer.assignment())
        ends: dict[Any, int] = await consumer.end_offsets(tps)
        found: dict[int, list[Record]] = {tp.partition: [] for tp in tps}
        await consumer.seek_to_beginning(*tps)
        while any([await consumer.position(tp) < ends[tp] for tp in tps]):
            for tp, records in (await consumer.getmany(timeout_ms=200)).items():
                found[tp.partition] += [
                    Record(r.offset, r.timestamp * 1000, r.key, r.value, r.headers) for r in records
                ]
        return found
    finally:
        await consumer.stop()
