"""A log in memory that keeps everything, and stages over it that crash, freeze, re-read and write twice.

What real Kafka does to a worker, without Kafka: every step is chosen by the caller, so Hypothesis can search schedules
and shrink the one that breaks an invariant.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from streams.core import Core
from streams.log import Output, Record
from streams.topology import Stage

Partition = tuple[str, int]


@dataclass
class Runner:
    """One stage over one partition: its core, where it has read to, and its last snapshot."""

    stage: Stage
    tp: Partition
    core: Core
    read: int = 0
    snapshot: bytes = b""
    snapshot_read: int = 0
    frozen: bool = False


@dataclass
class FaultyLog:
    """All partitions, all runners, and the moves a schedule is made of."""

    stages: Sequence[Stage]
    log_time_us: int = 1_700_000_000_000_000
    partitions: defaultdict[Partition, list[Record]] = field(default_factory=lambda: defaultdict(list))
    runners: list[Runner] = field(default_factory=list)

    def open(self, topic: str, partition: int) -> None:
        """A partition with its reader, in the state every reader starts in."""
        stage = next(stage for stage in self.stages if topic in stage.topics)
        core = stage.make_core(topic, partition)
        self.runners.append(Runner(stage, (topic, partition), core, snapshot=core.dump()))

    def append(
        self, topic: str, partition: int, records: Iterable[tuple[bytes, bytes, tuple[tuple[str, bytes], ...]]]
    ) -> None:
        """Append as a producer would."""
        log = self.partitions[topic, partition]
        for key, value, headers in records:
            self.log_time_us += 1_000
            log.append(Record(len(log), self.log_time_us, key, value, headers))

    def step(self, runner: Runner, count: int) -> int:
        """Let a runner read up to ``count`` records; how many it read."""
        taken = self.partitions[runner.tp][runner.read : runner.read + count]
        if taken and not runner.frozen:
            self._write(runner.core.apply(taken))
            runner.read += len(taken)
            return len(taken)
        return 0

    def tick(self, runner: Runner) -> None:
        """A second passes for a runner."""
        self.log_time_us += 1_000_000
        idle = runner.read == len(self.partitions[runner.tp])
        if not runner.frozen:
            self._write(runner.core.tick(self.log_time_us, idle=idle))

    def snap(self, runner: Runner) -> None:
        """Write a runner's snapshot."""
        runner.snapshot, runner.snapshot_read = runner.core.dump(), runner.read

    def crash(self, runner: Runner) -> None:
        """Kill -9: everything since the last snapshot is forgotten, what was written stays written."""
        runner.core = runner.stage.make_core(*runner.tp)
        runner.core.load(runner.snapshot)
        runner.read = runner.snapshot_read

    def zombie(self, runner: Runner, count: int) -> None:
        """A worker that was replaced wakes up and writes what it still believes it must."""
        old = runner.stage.make_core(*runner.tp)
        old.load(runner.snapshot)
        taken = self.partitions[runner.tp][runner.snapshot_read : runner.snapshot_read + count]
        if taken:
            self._write(old.apply(taken))

    def duplicate(self, tp: Partition, index: int) -> None:
        """A producer's record is stored a second time, as a retry without idempotence would."""
        log = self.partitions[tp]
        if log:
            log.append(log[index % len(log)]._replace(offset=len(log), log_time_us=self.log_time_us))

    def drain(self) -> None:
        """Heal, and let everybody read to the end and tick until nothing is written any more."""
        for runner in self.runners:
            runner.frozen = False
        for _ in range(4):
            moved = True
            while moved:
                moved = sum(self.step(runner, 1000) for runner in self.runners) > 0
            for runner in self.runners:
                self.tick(runner)

    def latest(self, topic: str) -> dict[str, dict[str, object]]:
        """The highest version of every key of a public topic; asserts that each writer's versions only rise."""
        newest: dict[str, dict[str, object]] = {}
        for (name, _), log in sorted(self.partitions.items()):
            for record in log if name == topic else ():
                assert record.key is not None
                assert record.value is not None
                value = msgspec.json.decode(record.value)
                known = newest.get(record.key.decode())
                if known is None or value["version"] > known["version"]:
                    newest[record.key.decode()] = value
        return newest

    def _write(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            log = self.partitions[output.topic, output.partition]
            self.log_time_us += 1
            log.append(Record(len(log), self.log_time_us, output.key, output.value, output.headers))


def scramble(log: FaultyLog, seed: int, moves: int) -> None:
    """A random schedule of reads of random length, snapshots, crashes, zombies, freezes and ticks."""
    chance = random.Random(seed)
    for _ in range(moves):
        runner = chance.choice(log.runners)
        move = chance.random()
        if move < 0.70:
            log.step(runner, chance.choice((1, 2, 3, 7, 50)))
        elif move < 0.78:
            log.snap(runner)
        elif move < 0.86:
            log.crash(runner)
        elif move < 0.90:
            log.zombie(runner, chance.choice((1, 5, 50)))
        elif move < 0.94:
            runner.frozen = not runner.frozen
        else:
            log.tick(runner)
