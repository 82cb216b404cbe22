"""A log in memory and the pipeline over it: the shell of ``vedette replay`` and of the tests without a broker.

Records are handed on in the order of their append, stage by stage, until nothing is left to read. A partition that a
stage of the pipeline reads is forgotten as soon as it is read; every other record goes to ``sink``.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence

from streams.core import Core
from streams.log import Output, Record
from streams.topology import Stage

Sink = Callable[[Output, int], None]


class MemoryPipeline:
    """Stages over an in-memory log, one core per (stage, topic, partition), made when first needed."""

    def __init__(self, stages: Sequence[Stage], sink: Sink, batch: int = 1000) -> None:
        self._readers = {topic: stage for stage in stages for topic in stage.topics}
        self._order = [topic for stage in stages for topic in stage.topics]
        self._sink = sink
        self._batch = batch
        self._queues: dict[tuple[str, int], deque[Record]] = {}
        self._next: defaultdict[tuple[str, int], int] = defaultdict(int)
        self.cores: dict[tuple[str, str, int], Core] = {}

    def open(self, topic: str, partition: int) -> None:
        """Make a partition and its core, also where nothing is ever written to it."""
        stage = self._readers[topic]
        self._queues[topic, partition] = deque()
        self.cores[stage.name, topic, partition] = stage.make_core(topic, partition)

    def append(self, topic: str, partition: int, records: Iterable[Record]) -> None:
        """Append to an open partition; offsets are given here."""
        queue = self._queues[topic, partition]
        for record in records:
            queue.append(record._replace(offset=self._next[topic, partition]))
            self._next[topic, partition] += 1

    def run(self) -> None:
        """Apply everything appended so far, and everything that follows from it."""
        moved = True
        while moved:
            moved = False
            for topic in self._order:
                for tp in [tp for tp in self._queues if tp[0] == topic]:
                    while queue := self._queues[tp]:
                        moved = True
                        taken = [queue.popleft() for _ in range(min(self._batch, len(queue)))]
                        core = self.cores[self._readers[topic].name, *tp]
                        self._write(core.apply(taken), taken[-1].log_time_us)

    def tick(self, log_time_us: int, *, idle: bool) -> None:
        """Let time pass in every partition, in the order of the stages, and apply what follows."""
        for stage_topic in self._order:
            for (_, topic, _), core in list(self.cores.items()):
                if topic == stage_topic:
                    self._write(core.tick(log_time_us, idle=idle), log_time_us)
            self.run()

    def _write(self, outputs: Sequence[Output], log_time_us: int) -> None:
        for output in outputs:
            tp = (output.topic, output.partition)
            if tp in self._queues:
                self.append(*tp, [Record(0, log_time_us, output.key, output.value, output.headers)])
            else:
                self._sink(output, log_time_us)
