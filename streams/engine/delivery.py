"""What travels inside one Faust event: consecutive records of one partition."""

from collections.abc import Sequence
from typing import NamedTuple

from streams.log import Record


class TopicPartition(NamedTuple):
    """A partition of an input topic."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"


class Delivery(NamedTuple):
    """Records of one partition, oldest first, complete from ``start`` on: nothing lies between ``start`` and the first
    record but what the log no longer holds. ``epoch`` tells deliveries made before a rewind from those after it."""

    source: TopicPartition
    start: int
    records: Sequence[Record]
    epoch: int
