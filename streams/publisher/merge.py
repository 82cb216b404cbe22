"""Several recordings as one, in the order of time, so that no feed runs ahead of another."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from sensors.adapter import RawRecord
from streams.inputs import Input

_JUMP_US = 3_600_000_000


class Row(NamedTuple):
    """One row of one input, due when the recording has reached ``due_us``."""

    due_us: int
    source: int  # index of the input
    number: int
    record: RawRecord


def merged(inputs: Sequence[Input], read: Callable[[Input], Iterator[RawRecord]]) -> Iterator[Row]:
    """The rows of all inputs by (time, input, row). The rows of one input keep their order: one that is older than its
    predecessor is due with it."""
    streams = [_dated(source, read(item)) for source, item in enumerate(inputs)]
    return streams[0] if len(streams) == 1 else heapq.merge(*streams)


def _dated(source: int, records: Iterator[RawRecord]) -> Iterator[Row]:
    """A jump ahead of more than an hour counts only where the next row confirms it: one wrong clock would hold back
    all that follows it until every other input has passed that time."""
    due_us = 0
    for number, (record, after) in enumerate(pairwise(chain(records, (None,)))):
        assert record is not None
        time_us = record.log_time_us
        next_us = time_us if after is None else after.log_time_us
        if due_us == 0:
            due_us = min(time_us, next_us)
        elif due_us < time_us and (time_us - due_us <= _JUMP_US or next_us >= time_us - _JUMP_US):
            due_us = time_us
        yield Row(due_us, source, number, record)
