"""Finding the row of a frame that a fault of ours lies in, and burying it."""

import struct

import msgspec
import numpy as np

from streams import frames, provenance
from streams.dead_letters import Origin, dead_letter
from streams.frames import Frame, Purpose
from streams.intake import CUT_HEADER, Ledger
from streams.log import Output, Provenance, Record
from streams.messages import Kind

_UNREADABLE = (KeyError, ValueError, struct.error, UnicodeDecodeError, msgspec.MsgspecError)


def cut_frame(record: Record, rows: range) -> Record | None:
    """The record with only these rows of its frame. Only the cut that holds the last row carries the frame's tick."""
    try:
        _, origin = provenance.read(record)
        frame = frames.decode(record.value or b"")
    except _UNREADABLE:
        return None
    kept = [row for row in rows if 0 <= row < len(frame)]
    if not kept:
        return None
    after = frame.position(kept[0] - 1) if kept[0] > 0 else origin.after
    whole = kept[-1] == len(frame) - 1
    named = frame.tick
    tick = named if whole else msgspec.structs.replace(named, watermark_us=-1, idle=False, end=False)
    columns = {name: column[kept[0] : kept[-1] + 1] for name, column in frame.columns.items()}
    extras = {row - kept[0]: packed for row, packed in frame.extras.items() if kept[0] <= row <= kept[-1]}
    part = Frame(columns, frame.sensors, frame.identities, frame.keys, tick, extras)
    cut = Provenance(origin.source, max(after, origin.after), frame.position(kept[-1]))
    first = int(dict(record.headers).get(CUT_HEADER, b"0")) + kept[0]
    headers = (*provenance.headers(Kind.FRAME, cut), (CUT_HEADER, str(first).encode()))
    return record._replace(value=frames.encode(part), headers=headers)


def bury_frame(stage: str, topic: str, partition: int, record: Record, reason: str, ledger: Ledger) -> list[Output]:
    """Dead-letter a frame and advance over its rows; raises Hole. Rows that were applied before stay applied."""
    origin = Origin.of(topic, partition, record, int(dict(record.headers).get(CUT_HEADER, b"0")))
    letter = dead_letter(stage, reason, origin, record.value)
    try:
        _, came = provenance.read(record)
    except _UNREADABLE:
        ledger.count("unreadable")
        return [letter]
    if not ledger.applied.check(came):
        return []
    try:
        frame = frames.decode(record.value or b"")
    except _UNREADABLE:
        ledger.count("unreadable")
    else:
        seen = ledger.applied.seen(came.source)
        here = np.flatnonzero(frame.columns["purpose"] == Purpose.HERE).tolist()
        rows = sum(frame.position(row) > seen for row in here)
        ledger.count("in", rows)
        ledger.count(f"dead/{reason}", rows)
    ledger.applied.positions[came.source] = (came.last.offset, came.last.ordinal)
    return [letter]
