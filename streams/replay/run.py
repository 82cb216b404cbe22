"""Replay: files merged by time through every stage in one process, over a log in memory."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from math import inf
from typing import Any

import msgspec

from sensors.adapter import RawRecord
from sensors.files import raw_records
from streams import topology
from streams.config import Settings
from streams.inputs import Input
from streams.log import Output, Record
from streams.memory_log import MemoryPipeline
from streams.zones import ZoneVersions

_BATCH = 1000
_decode = msgspec.json.Decoder().decode


@dataclass(slots=True)
class Replay:
    """What a replay found. ``alerts`` holds each alert's latest version, as JSON bytes, by alert id."""

    alerts: dict[str, bytes] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    dead_letters: list[Output] = field(default_factory=list)

    def lines(self) -> list[bytes]:
        """The alerts' latest versions in the order of their opening evidence."""
        return sorted(self.alerts.values(), key=_opening)

    def residual(self) -> int:
        """Items without a fate, over every ingest partition; 0 unless something is wrong with us."""
        fates = sum(
            n
            for key, n in self.counts.items()
            if key.partition("/")[0] in {"row", "merged", "filtered", "dead", "held"}
        )
        return self.counts["in"] - fates


def replay(
    inputs: Sequence[Input],
    zones: ZoneVersions,
    settings: Settings,
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> Replay:
    """Run the inputs through every stage; ``progress`` is told the number of rows read so far.

    Several inputs are merged by (time, input, row). Each ends with an end of input, so timers fire up to the newest
    event time and not beyond."""
    found = Replay()
    settings = msgspec.structs.replace(settings, surveil=msgspec.structs.replace(settings.surveil, stalled_s=inf))
    stages = [topology.STAGES[name](settings, zones) for name in ("ingest", "surveil", "alert", "dispatch")]
    pipeline = MemoryPipeline(stages, lambda output, _: _collect(found, output), _BATCH)
    for feed in settings.feeds:
        for partition in range(feed.partitions):
            pipeline.open(feed.topic, partition)
    for topic in ("observations.v1", "detections.v1", "dispatches.v1"):
        for partition in range(settings.owners.partitions):
            pipeline.open(topic, partition)
    rows, newest = 0, 0
    for topic, records in _merged(inputs):
        pipeline.append(topic, 0, records)
        pipeline.run()
        rows, newest = rows + len(records), records[-1].log_time_us
        progress(rows)
    for feed in settings.feeds:
        pipeline.append(feed.topic, 0, [Record(0, newest, b"", b"", (("vedette-end", b"1"),))])
    pipeline.run()
    pipeline.tick(newest, idle=True)
    for (stage, _, _), core in pipeline.cores.items():
        if stage == "ingest":
            found.counts.update(core.counts())
    return found


def _merged(inputs: Sequence[Input]) -> Iterator[tuple[str, list[Record]]]:
    """Runs of rows of one raw topic, merged over the inputs by (time, input, row)."""
    streams = [_numbered(number, item) for number, item in enumerate(inputs)]
    merged = heapq.merge(*streams, key=lambda entry: entry[:3]) if len(streams) > 1 else streams[0]
    for topic, run in groupby(merged, key=lambda entry: inputs[entry[1]].feed.topic):
        while records := [_record(entry[3]) for entry in islice(run, _BATCH)]:
            yield topic, records


def _numbered(number: int, item: Input) -> Iterator[tuple[int, int, int, RawRecord]]:
    for row, raw in enumerate(raw_records(item.path, item.format, item.sensor_id, units=item.units, historical=True)):
        yield raw.log_time_us, number, row, raw


def _record(raw: RawRecord) -> Record:
    headers = tuple(raw.headers.items())
    return Record(raw.offset, raw.log_time_us, raw.key, raw.value, headers)


def _collect(found: Replay, output: Output) -> None:
    if output.topic == "alerts.v1" and output.key is not None and output.value is not None:
        found.alerts[output.key.decode()] = output.value
    elif output.topic == "dead-letters.v1":
        found.dead_letters.append(output)


def _opening(alert: bytes) -> tuple[str, str]:
    decoded: dict[str, Any] = _decode(alert)
    return decoded["event_time"], decoded["alert_id"]
