"""The log as the pure core sees it: records in, outputs out, and the position that makes a repeat harmless."""

from collections.abc import Sequence
from typing import NamedTuple


class Position(NamedTuple):
    """Where an output came from: the offset of the input record, and its number among that record's outputs to one
    partition. Compared lexicographically; every row, edge and alert carries one."""

    offset: int
    ordinal: int


START = Position(-1, -1)  # before everything


class Record(NamedTuple):
    """One record of an input partition."""

    offset: int
    log_time_us: int  # broker append time, microseconds since 1970 UTC
    key: bytes | None
    value: bytes | None  # None is a tombstone
    headers: tuple[tuple[str, bytes], ...] = ()


class Output(NamedTuple):
    """One record to be written. The partition is always explicit."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Provenance(NamedTuple):
    """Which outputs of which source a record holds: rows in ``(after, last]`` of ``source``.

    ``source`` is ``topic/partition`` of the log the outputs were computed from. A record that carries no numbered
    row (a tick) has ``last == after``.
    """

    source: str
    after: Position
    last: Position


class Batch(NamedTuple):
    """Consecutive records of one partition, oldest first."""

    records: Sequence[Record]
