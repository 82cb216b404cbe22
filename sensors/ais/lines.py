"""Raw records of a receiver's log to their lines."""

from collections.abc import Sequence
from typing import NamedTuple

from sensors.adapter import RawRecord
from sensors.raw import MAX_BYTES, MAX_ITEMS, RECEIVED, refusal, sensor_of
from sensors.reasons import RejectReason


class Line(NamedTuple):
    """One item: a line that is not blank, stripped."""

    record: int  # index within the batch
    item: int
    sensor: str
    received_us: int  # when the publisher received it, else the record's log time
    text: bytes


class Unusable(NamedTuple):
    """A record without a usable line, which is one item."""

    record: int
    reason: RejectReason
    detail: str


def read_lines(records: Sequence[RawRecord]) -> list[Line | Unusable]:
    """The items of a batch, in order."""
    found: list[Line | Unusable] = []
    sensors: dict[bytes, str] = {}
    for index, record in enumerate(records):
        sensor = sensors.get(record.key)
        if sensor is None or not record.value or len(record.value) > MAX_BYTES:
            refused = refusal(record)
            if refused is not None:
                found.append(Unusable(index, *refused))
                continue
            sensor = sensors[record.key] = sensor_of(record.key) or ""
        received_us = _received_us(record) if record.headers else record.log_time_us
        text = record.value.strip()
        if text and b"\n" not in text and b"\r" not in text:
            found.append(Line(index, 0, sensor, received_us, text))
            continue
        lines = [line for line in (line.strip() for line in text.splitlines()) if line]
        if not 1 <= len(lines) <= MAX_ITEMS:
            reason = RejectReason.TOO_LARGE if lines else RejectReason.EMPTY
            found.append(Unusable(index, reason, f"value: expected 1 to {MAX_ITEMS} lines"))
            continue
        found.extend(Line(index, item, sensor, received_us, line) for item, line in enumerate(lines))
    return found


def _received_us(record: RawRecord) -> int:
    said = record.headers.get(RECEIVED)
    return int(said) if said and len(said) <= 16 and said.isdigit() else record.log_time_us
