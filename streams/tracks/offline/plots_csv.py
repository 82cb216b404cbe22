"""Plots from CSV: ``time_s,sensor_id,x_m,y_m[,var_m2]`` on a local plane, rows in order of arrival."""

import csv
import math
from collections.abc import Collection, Iterable
from typing import Final

from streams.tracks.offline.recording import Collected, Recording, Refused

REQUIRED: Final = ("time_s", "sensor_id", "x_m", "y_m")
_NUMBERS: Final = {"time_s": "a finite number of seconds", "x_m": "a finite number of metres",
                   "y_m": "a finite number of metres"}  # fmt: skip
_VARIANCE: Final = "a positive number of square metres, or nothing"


class BadHeader(ValueError):
    """The first line does not name the columns; nothing can be read."""


def read_plots(
    lines: Iterable[str], only: Collection[str] | None = None, known: Collection[str] | None = None
) -> Recording:
    """Read every row that is a plot; the others are :class:`Refused` by line and field.

    ``only`` keeps these sensors; ``known`` are the described sensors, where there is a description: a row of another
    one is refused, not guessed. Raises BadHeader."""
    rows = csv.reader(lines)
    header = [name.strip().lstrip("\ufeff") for name in next(rows, [])]
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise BadHeader(f"line 1: expected the header {','.join(REQUIRED)}[,var_m2], missing {', '.join(missing)}")
    at: dict[str, int] = {name: header.index(name) for name in (*REQUIRED, "var_m2") if name in header}
    found = Collected()
    try:
        for row in rows:
            if row and any(row):
                _row(row, rows.line_num, at, len(header), found, only, known)
    except csv.Error as broken:
        found.refused.append(Refused(rows.line_num, "row", "a CSV row", str(broken)))
    return found.recording()


def _row(
    row: list[str],
    line: int,
    at: dict[str, int],
    width: int,
    found: Collected,
    only: Collection[str] | None,
    known: Collection[str] | None,
) -> None:
    if len(row) != width:
        found.refused.append(Refused(line, "row", f"{width} fields", str(len(row))))
        return
    sensor = row[at["sensor_id"]].strip()
    if only is not None and sensor not in only:
        return
    if not sensor or (known is not None and sensor not in known):
        expected = "a sensor of --sensors" if sensor else "the name of a sensor"
        found.refused.append(Refused(line, "sensor_id", expected, repr(sensor)))
        return
    numbers: list[float] = []
    for name, expected in _NUMBERS.items():
        value = _finite(row[at[name]])
        if value is None:
            found.refused.append(Refused(line, name, expected, repr(row[at[name]])))
            return
        numbers.append(value)
    variance = math.nan
    text = row[at["var_m2"]].strip() if "var_m2" in at else ""
    if text:
        given = _finite(text)
        if given is None or given <= 0.0:
            found.refused.append(Refused(line, "var_m2", _VARIANCE, repr(text)))
            return
        variance = given
    found.add(numbers[0], sensor, numbers[1], numbers[2], variance)


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
