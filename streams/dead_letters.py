"""The dead letter: the original bytes of what could not be used, why, and where they came from.

``dead-letters.v1`` is keyed by ``topic/partition/offset/item``, so a re-read
writes the same key again and distinct keys are distinct items. The original headers are kept with a prefix: a replay
gives the original topic back exactly what it had.
"""

from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from streams.log import Output, Record
from streams.messages import Command
from streams.partitioning import stable_partition
from streams.public import encode
from streams.wire import Numbered

TOPIC = "dead-letters.v1"
PARTITIONS = 1
SCHEMA = "vedette.dead-letter.v1"
REPLAYED_HEADER = "x-replayed-from"
_ORIGINAL = "original-"

try:
    _APP = version("vedette").encode()
except PackageNotFoundError:  # run from a source tree that was never installed
    _APP = b"unknown"


class Origin(NamedTuple):
    """Where an item came from; ``item`` is its number within the record, ``time_us`` the record's broker time."""

    topic: str
    partition: int
    offset: int
    item: int
    time_us: int
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()

    @classmethod
    def of(cls, topic: str, partition: int, record: Record, item: int = 0) -> "Origin":
        """The origin of an item of a record in hand."""
        return cls(topic, partition, record.offset, item, record.log_time_us, record.key, record.headers)


class DeadLetter(NamedTuple):
    """A dead letter as read back; ``value`` None was a record without a value."""

    origin: Origin
    stage: str
    reason: str
    detail: str
    value: bytes | None


def dead_letter(stage: str, reason: str, origin: Origin, value: bytes | None, detail: str = "") -> Output:
    """The record that keeps an item; ``detail`` names field and expectation, never an identifier or a position."""
    key = f"{origin.topic}/{origin.partition}/{origin.offset}/{origin.item}"
    headers: list[tuple[str, bytes]] = [
        ("vedette-reason", reason.encode()),
        ("vedette-stage", stage.encode()),
        ("vedette-detail", detail.encode()),
        ("vedette-topic", origin.topic.encode()),
        ("vedette-partition", str(origin.partition).encode()),
        ("vedette-offset", str(origin.offset).encode()),
        ("vedette-index", str(origin.item).encode()),
        ("vedette-timestamp", str(origin.time_us).encode()),
        ("vedette-schema", SCHEMA.encode()),
        ("vedette-app", _APP),
    ]
    if origin.key is not None:
        headers.append(("vedette-key", origin.key))
    if value is None:
        headers.append(("vedette-null", b"1"))
    headers.extend((_ORIGINAL + name, content) for name, content in origin.headers)
    partition = stable_partition(f"{origin.topic}/{origin.partition}", PARTITIONS)
    return Output(TOPIC, partition, key.encode(), value or b"", tuple(headers))


def read(record: Record) -> DeadLetter:
    """The dead letter a record holds; raises KeyError or ValueError where it is not one."""
    found = dict(record.headers)
    origin = Origin(
        found["vedette-topic"].decode(),
        int(found["vedette-partition"]),
        int(found["vedette-offset"]),
        int(found["vedette-index"]),
        int(found["vedette-timestamp"]),
        found.get("vedette-key"),
        tuple(
            (name.removeprefix(_ORIGINAL), content) for name, content in record.headers if name.startswith(_ORIGINAL)
        ),
    )
    value = None if "vedette-null" in found else record.value
    stage, reason, detail = (found[f"vedette-{name}"].decode() for name in ("stage", "reason", "detail"))
    return DeadLetter(origin, stage, reason, detail, value)


def refused_command(stage: str, reason: str, source: str, command: Numbered[Command], time_us: int) -> Output:
    """A command that could not be done, as its sender wrote it; ``source`` is the ``topic/partition`` it came from."""
    topic, _, partition = source.rpartition("/")
    origin = Origin(topic, int(partition), command.position.offset, 0, time_us)
    return dead_letter(stage, reason, origin, encode(command.message), str(command.message.kind))
