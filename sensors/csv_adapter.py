"""CSV: a record holds one row of a file, unchanged; the file's header line stands in the header ``vedette-columns``.

Columns are ``time,lat,lon`` and any of ``mmsi, track_id, vessel_id, name, speed, course, heading``, in any order and
case; others are passed over. ``vedette-units`` is ``nautical`` (default) or ``si``. See :mod:`sensors.rows`.
"""

import csv
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple

from sensors.adapter import Decoded, RawRecord
from sensors.fixes import Fixes
from sensors.ids import Ids
from sensors.observation import Identity
from sensors.raw import COLUMNS, MAX_BYTES, refusal, sensor_of
from sensors.reasons import RejectReason
from sensors.rows import FIELDS, REQUIRED, Cells, Refusal


class Plan(NamedTuple):
    """How to read the rows under one header line."""

    width: int  # number of columns
    pick: Callable[[list[str]], Cells]  # from cells with one "" after the last


def read_header(line: bytes | None) -> Plan | Refusal:
    """The plan of a header line, or why it has none."""
    if line is None:
        return RejectReason.MISSING_FIELD, f"{COLUMNS}: expected the file's header line in this header"
    cells = split_row(line.removeprefix(b"\xef\xbb\xbf"))
    if not isinstance(cells, list):
        return cells
    names = [cell.strip().lower() for cell in cells]
    for field in REQUIRED:
        if field not in names:
            return RejectReason.MISSING_FIELD, f"{field}: expected a column of this name"
    for field in FIELDS:
        if names.count(field) > 1:
            return RejectReason.BAD_FIELD, f"{field}: expected one column of this name"
    width = len(names)
    return Plan(width, itemgetter(*(names.index(field) if field in names else width for field in FIELDS)))


def split_row(line: bytes) -> list[str] | Refusal:
    """The cells of one row (RFC 4180), or why it has none."""
    try:
        text = line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return RejectReason.UNDECODABLE, "row: expected UTF-8"
    if '"' not in text and "\n" not in text and "\r" not in text:
        return text.split(",")
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), strict=True))
    except csv.Error:
        rows = []
    if len(rows) != 1:
        return RejectReason.UNDECODABLE, "row: expected one row of CSV (RFC 4180)"
    return rows[0]


class CsvAdapter:
    """The CSV format; it remembers nothing between records."""

    def __init__(self) -> None:
        self._ids = Ids()
        self._plans: dict[bytes | None, Plan | Refusal] = {}
        self._sensors: dict[bytes, str] = {}
        self._names: dict[Cells, Identity | str | None] = {}

    def decode(self, records: Sequence[RawRecord]) -> Decoded:
        """See :class:`sensors.adapter.Adapter`."""
        fixes = Fixes(records, self._names)
        for index, record in enumerate(records):
            sensor = self._sensors.get(record.key)
            if sensor is None or not record.value or len(record.value) > MAX_BYTES:
                refused = refusal(record)
                if refused is not None:
                    fixes.refuse(index, refused)
                    continue
                sensor = self._sensor(record.key)
            plan = self._plan(record.headers.get(COLUMNS))
            if not isinstance(plan, Plan):
                fixes.refuse(index, plan)
                continue
            cells = split_row(record.value)
            if not isinstance(cells, list):
                fixes.refuse(index, cells)
            elif len(cells) != plan.width:
                fixes.refuse(index, _ragged(cells, plan))
            else:
                cells.append("")
                fixes.add(index, sensor, plan.pick(cells))
        return fixes.decoded(self._ids)

    def dump(self) -> bytes:
        """Nothing."""
        return b""

    def load(self, memory: bytes) -> None:
        """Nothing."""

    def _plan(self, line: bytes | None) -> Plan | Refusal:
        plan = self._plans.get(line)
        if plan is None:
            if len(self._plans) >= 100:
                self._plans.clear()
            plan = self._plans[line] = read_header(line)
        return plan

    def _sensor(self, key: bytes) -> str:
        if len(self._sensors) >= 10_000:
            self._sensors.clear()
        sensor = self._sensors[key] = sensor_of(key) or ""
        return sensor


def _ragged(cells: list[str], plan: Plan) -> Refusal:
    if not any(cell.strip() for cell in cells):
        return RejectReason.EMPTY, "row: expected cells"
    return RejectReason.BAD_FIELD, f"row: expected {plan.width} cells"
