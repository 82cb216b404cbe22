"""Records of the raw log as the adapters take them, without what was read before and without the end markers."""

from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sensors.adapter import RawRecord
from streams.log import Record

END_HEADER = "vedette-end"
_NOTHING: NDArray[np.int64] = np.empty(0, np.int64)


class Intake(NamedTuple):
    """What a batch holds that is new. ``raws[i]`` is ``records[i]`` in the adapters' form."""

    records: Sequence[Record]
    raws: list[RawRecord]
    offset: NDArray[np.int64]  # of each of them
    log_us: NDArray[np.int64]
    ends: int  # end-of-input markers
    ended: bool  # whether the newest record is one
    repeats: int  # records at or below the last offset applied
    newest: Record | None  # the newest new record, marker or not


def take(batch: Sequence[Record], applied: int) -> Intake:
    """Split a batch of consecutive records; ``applied`` is the last offset already in the state."""
    repeats = 0
    if batch and batch[0].offset <= applied:
        fresh = [record for record in batch if record.offset > applied]
        repeats, batch = len(batch) - len(fresh), fresh
    if not batch:
        return Intake((), [], _NOTHING, _NOTHING, 0, False, repeats, None)
    newest, ends, ended = batch[-1], 0, False
    # Column by column, in C: a call per record would cost as much as the checks do.
    offsets, logs, keys, values, headers = zip(*batch, strict=True)
    if any(headers):
        kept = [record for record in batch if not is_end(record)]
        if len(kept) < len(batch):
            ends, ended = len(batch) - len(kept), is_end(newest)
            if not kept:
                return Intake((), [], _NOTHING, _NOTHING, ends, ended, repeats, newest)
            batch = kept
            offsets, logs, keys, values, headers = zip(*kept, strict=True)
    same = headers.count(headers[0]) == len(headers)
    found = repeat(dict(headers[0]), len(headers)) if same else map(dict, headers)
    filled = ([part or b"" for part in column] if None in column else column for column in (keys, values))
    raws = list(map(tuple.__new__, repeat(RawRecord), zip(offsets, logs, *filled, found, strict=True)))
    return Intake(batch, raws, np.array(offsets, np.int64), np.array(logs, np.int64), ends, ended, repeats, newest)


def is_end(record: Record) -> bool:
    """Whether a record marks the end of a finite input."""
    return bool(record.headers) and (END_HEADER, b"1") in record.headers
