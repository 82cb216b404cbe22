"""Files to the records a publisher sends: each row, line, feature or event of a file, unchanged."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple

import msgspec

from sensors.ais.clock import stamp
from sensors.cells import NO_TIME, read_time
from sensors.csv_adapter import Plan, read_header, split_row
from sensors.json_problem import JSON_ERRORS
from sensors.opening import BadInput
from sensors.raw import COLUMNS, ELEMENT, LINE, MAX_BYTES, RECEIVED
from sensors.rows import Refusal
from sensors.units import END_US, FIRST_US, to_us


class Cut(NamedTuple):
    """One record to be: its value, its own time where it says one, its sensor where it says one, its headers."""

    value: bytes
    time_us: int | None
    sensor_id: str | None
    headers: dict[str, bytes]


class _Head(msgspec.Struct):
    """As much of an event as its record must repeat."""

    sensor_id: str | None = None
    event_time: datetime | None = None


class _Dated(msgspec.Struct):
    properties: dict[str, Any] | None = None


class _Collection(msgspec.Struct):
    type: str
    features: list[msgspec.Raw] | None = None


_head = msgspec.json.Decoder(_Head).decode
_heads = msgspec.json.Decoder(list[_Head]).decode
_dated = msgspec.json.Decoder(_Dated).decode
_collection = msgspec.json.Decoder(_Collection).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_any = msgspec.json.Decoder(msgspec.Raw).decode


def cut_nmea(stream: BinaryIO) -> Iterator[Cut]:
    """One record a line that is not blank; each says when it was received, so that no broker's clock enters."""
    for number, line, time_us in stamp(_lines(stream)):
        yield Cut(line, time_us, None, {LINE: b"%d" % number, RECEIVED: b"%d" % time_us})


def cut_csv(stream: BinaryIO) -> Iterator[Cut]:
    """One record a row; each carries the file's header line."""
    rows = _rows(stream)
    for _, header in rows:
        plan = read_header(header)
        for number, row in rows:
            yield Cut(row, _row_time(row, plan), None, {LINE: b"%d" % number, COLUMNS: header})


def cut_json(stream: BinaryIO) -> Iterator[Cut]:
    """One record a line (an event or a list of them), an element of a file that is one list, or a file that is one
    event written over several lines. Raises BadInput where a list does not end as JSON."""
    for number, line in _lines(stream):
        if line.startswith(b"[") or line == b"{":
            yield from _whole(number, line + b"\n" + stream.read(), line)
        else:
            yield _event(line, {LINE: b"%d" % number})


def _whole(number: int, content: bytes, first: bytes) -> Iterator[Cut]:
    """The records of the rest of a file, which ``first`` opens as a list, or as an object over several lines."""
    if _is_json(content):
        values = [bytes(value) for value in _elements(content)] if first.startswith(b"[") else [content.strip()]
        for place, value in enumerate(values, 1):
            yield _event(value, {ELEMENT: b"%d" % place})
    elif first.startswith(b"[") and not _is_json(first):
        raise BadInput("expected a list of events, or one event a line")
    else:
        for place, line in enumerate(content.splitlines(), number):
            if stripped := line.strip():
                yield _event(stripped, {LINE: b"%d" % place})


def cut_geojson(stream: BinaryIO) -> Iterator[Cut]:
    """One record a feature of a collection, or of a file with one feature a line (RFC 8142)."""
    content = stream.read()
    try:
        found = _collection(content)
    except JSON_ERRORS:
        lines = (line.strip(b"\x1e \t\r\n") for line in content.splitlines())
        for number, line in enumerate(lines, 1):
            if line:
                yield Cut(line, _feature_time(line), None, {LINE: b"%d" % number})
        return
    features = [content.strip()] if found.features is None else [bytes(feature) for feature in found.features]
    for place, feature in enumerate(features, 1):
        yield Cut(feature, _feature_time(feature), None, {ELEMENT: b"%d" % place})


CUTS = {"nmea": cut_nmea, "csv": cut_csv, "json": cut_json, "geojson": cut_geojson}


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, stripped, with their numbers; an endless line comes in pieces too large to use."""
    number = 0
    while line := stream.readline(MAX_BYTES + 1):
        number += 1
        if stripped := line.strip():
            yield number, stripped


def _rows(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Rows that are not blank, without the line end, with the number of their first line: a quoted cell may hold
    line ends."""
    lines: list[bytes] = []
    start = size = quotes = number = 0
    while line := stream.readline(MAX_BYTES + 1):
        number += 1
        start = start if lines else number
        lines.append(line)
        size += len(line)
        quotes += line.count(b'"')
        if quotes % 2 and size <= MAX_BYTES:
            continue
        row = b"".join(lines).rstrip(b"\r\n")
        lines, size, quotes = [], 0, 0
        if row.strip():
            yield start, row
    if lines:
        yield start, b"".join(lines)


def _row_time(row: bytes, plan: Plan | Refusal) -> int | None:
    if not isinstance(plan, Plan):
        return None
    cells = split_row(row)
    if not isinstance(cells, list) or len(cells) != plan.width:
        return None
    return _known(read_time(plan.pick([*cells, ""])[0]))


def _known(time_us: int) -> int | None:
    return time_us if time_us != NO_TIME and FIRST_US <= time_us < END_US else None


def _event(value: bytes, headers: dict[str, bytes]) -> Cut:
    try:
        heads = _heads(value) if value.startswith(b"[") else [_head(value)]
    except JSON_ERRORS:
        heads = []
    if not heads:
        return Cut(value, None, None, headers)
    time, sensor_id = heads[0].event_time, heads[0].sensor_id
    known = None if time is None or time.tzinfo is None else _known(to_us(time))
    return Cut(value, known, sensor_id or None, headers)


def _feature_time(feature: bytes) -> int | None:
    try:
        properties = _dated(feature).properties or {}
    except JSON_ERRORS:
        return None
    times = [value for name, value in properties.items() if name.strip().lower() == "time"]
    return _known(read_time(times[-1])) if times and isinstance(times[-1], str) else None


def _is_json(content: bytes) -> bool:
    try:
        _any(content)
    except JSON_ERRORS:
        return False
    return True
