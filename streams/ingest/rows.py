"""Rows of a batch in the order of the log, and parts of them."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sensors.columns import ObservationColumns, take


def in_order(rows: ObservationColumns) -> ObservationColumns:
    """The rows by (record, item): positions are numbered in this order, so it may not be the adapter's choice."""
    record, item = rows.record, rows.item
    rising = record[1:] > record[:-1]
    if np.count_nonzero(rising) == len(rising):  # one event a record
        return rows
    rising |= (record[1:] == record[:-1]) & (item[1:] > item[:-1])
    return rows if np.count_nonzero(rising) == len(rising) else take(rows, np.lexsort((item, record)))


def stretches(record: NDArray[np.int32], since: int, every: int) -> Iterator[tuple[int, int, bool]]:
    """Cut rows after the records at which ``every`` rows have come since the last time: ``(start, stop, due)``.

    ``since`` rows had come before. Where the cuts lie is a property of the log, not of the batch."""
    start, count = 0, len(record)
    if since + count < every:
        yield 0, count, False
        return
    ends = np.append(np.flatnonzero(record[1:] != record[:-1]) + 1, count)
    while start < count:
        at = int(np.searchsorted(ends, start + every - since))
        due = at < len(ends)
        stop = int(ends[at]) if due else count
        yield start, stop, due
        start, since = stop, 0
