"""A raw log for tests: events as a vendor writes them, and what ingest sent, row by row, whatever the frames."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from sensors.json_adapter import JsonAdapter
from streams import dead_letters, frames, provenance
from streams.config import Feed, Format, IngestRules, Settings
from streams.frames import COLUMNS, SourceTick
from streams.ingest import IngestCore
from streams.log import Output, Record
from streams.messages import Kind
from streams.partitioning import Owners
from streams.public import rfc3339

BASE_US = 1_700_000_000_000_000
SECOND_US = 1_000_000
FEED = Feed("acme", "json", Format.JSON, sensors=("s1", "s2", "s3"))
HISTORICAL = ("vedette-historical", b"1")
END = ("vedette-end", b"1")
TOPIC, SOURCE = FEED.topic, f"{FEED.topic}/0"

RowKey = tuple[int, int, int]  # destination partition, offset, ordinal


def settings(partitions: int = 3, feed: Feed = FEED, rules: IngestRules | None = None) -> Settings:
    """Settings of one feed."""
    return Settings((feed,), Owners(partitions), rules or IngestRules())


def core(partitions: int = 3, feed: Feed = FEED, rules: IngestRules | None = None, zones: int = 7) -> IngestCore:
    """The core of the feed's partition 0, with the JSON adapter."""
    return IngestCore(feed.topic, 0, feed, settings(partitions, feed, rules), lambda: zones, JsonAdapter())


def event(
    time_s: float = 0.0,
    lon: float | None = -80.0,
    lat: float = 25.0,
    mmsi: int | None = 366_000_001,
    sensor: str = "s1",
    **more: Any,
) -> dict[str, Any]:
    """An event ``time_s`` after :data:`BASE_US`; ``lon`` None leaves the position out."""
    found: dict[str, Any] = {"sensor_id": sensor, "event_time": rfc3339(BASE_US + round(time_s * SECOND_US)), **more}
    if lon is not None:
        found["position"] = [lon, lat]
    if mmsi is not None:
        found["identity"] = {"mmsi": mmsi}
    return found


def record(
    offset: int,
    *events: dict[str, Any],
    log_s: float | None = None,
    historical: bool = False,
    value: bytes | None = None,
) -> Record:
    """A raw record of one event, or of a batch; received ``log_s`` seconds after BASE, by default ``offset``."""
    sensor = events[0]["sensor_id"] if events else "s1"
    if value is None:
        value = json.dumps(events[0] if len(events) == 1 else list(events)).encode()
    return Record(
        offset,
        BASE_US + round((log_s if log_s is not None else offset) * SECOND_US),
        sensor.encode(),
        value,
        (HISTORICAL,) if historical else (),
    )


def end(offset: int, log_s: float) -> Record:
    """The mark at the end of a finite input."""
    return Record(offset, BASE_US + round(log_s * SECOND_US), b"", b"", (END,))


@dataclass
class Sent:
    """Outputs taken apart."""

    rows: dict[RowKey, dict[str, Any]] = field(default_factory=dict)
    dead: list[Output] = field(default_factory=list)
    ticks: list[tuple[int, SourceTick]] = field(default_factory=list)  # partition, tick; frames' ticks too
    frames: list[Output] = field(default_factory=list)

    def by_offset(self, *names: str) -> list[tuple[Any, ...]]:
        """The named columns of the rows sent where they are, in the order of the log."""
        here = [(key[1:], row) for key, row in self.rows.items() if row["purpose"] == frames.Purpose.HERE]
        return [tuple(row[name] for name in names) for _, row in sorted(here, key=lambda entry: entry[0])]

    def reasons(self) -> list[str]:
        """The reasons of the dead letters, in order."""
        return [dict(letter.headers)["vedette-reason"].decode() for letter in self.dead]

    def letters(self) -> list[dead_letters.DeadLetter]:
        """The dead letters as they are read back."""
        return [dead_letters.read(Record(0, 0, letter.key, letter.value, letter.headers)) for letter in self.dead]


def read(outputs: Iterable[Output], sent: Sent | None = None) -> Sent:
    """Take outputs apart; the provenance of each is checked against its rows. A row sent again must be the same."""
    sent = sent or Sent()
    for output in outputs:
        if output.topic == dead_letters.TOPIC:
            sent.dead.append(output)
            continue
        assert output.topic == "observations.v1"
        kind, origin = provenance.read(Record(0, 0, None, output.value, output.headers))
        assert origin.source == SOURCE
        assert output.value is not None
        if kind == Kind.TICK:
            assert origin.after == origin.last
            sent.ticks.append((output.partition, msgspec.msgpack.decode(output.value, type=SourceTick)))
            continue
        frame = frames.decode(output.value)
        positions = [frame.position(row) for row in range(len(frame))]
        assert origin.after < positions[0]
        assert positions == sorted(set(positions))
        assert positions[-1] == origin.last
        sent.frames.append(output)
        sent.ticks.append((output.partition, frame.tick))
        assert set(frame.columns["sensor"].tolist()) == set(range(len(frame.sensors)))
        assert (
            set(frame.columns["identity"].tolist()) == set(range(len(frame.keys))) == set(range(len(frame.identities)))
        )
        for at, position in enumerate(positions):
            key = (output.partition, *position)
            row = _row(frame, at)
            assert sent.rows.setdefault(key, row) == row
    return sent


def _row(frame: frames.Frame, at: int) -> dict[str, Any]:
    row = {name: plain(name, frame.columns[name][at]) for name in COLUMNS}
    row["sensor"] = frame.sensors[row["sensor"]]
    row["key"], row["identity"] = frame.keys[row["identity"]], frame.identities[row["identity"]]
    row["extras"] = frame.extras.get(at)
    return row


def plain(name: str, value: Any) -> Any:
    """A column's value as one that can be compared: absent is None, whatever its bits."""
    found = np.array(value, COLUMNS[name])
    if COLUMNS[name] == "V16":
        return found.tobytes()
    return None if found != found else found.item()


def run(made: IngestCore, *records: Record) -> Sent:
    """Apply records in one batch."""
    return read(made.apply(records))


def residual(counts: dict[str, int]) -> int:
    """Items without a fate."""
    fates = ("row", "merged", "filtered", "dead", "held")
    return counts.get("in", 0) - sum(n for name, n in counts.items() if name.partition("/")[0] in fates)


def cut(records: Sequence[Record], sizes: Sequence[int]) -> list[Sequence[Record]]:
    """Consecutive batches of these sizes, again and again until the records end."""
    batches, start, index = [], 0, 0
    while start < len(records):
        stop = start + sizes[index % len(sizes)]
        batches.append(records[start:stop])
        start, index = stop, index + 1
    return batches
