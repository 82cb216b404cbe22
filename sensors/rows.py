"""The cells of a row: time, place, and perhaps motion and names, a whole batch at once.

Units are ``nautical`` (speed in knots) or ``si`` (speed in m/s); angles are degrees in both. AIS's "not available" is
absent: 102.3 kn, 360 and 511 degrees. A row is refused as a whole, with the first field that is wrong.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sensors.cells import NO_TIME, read_number, read_numbers, read_time
from sensors.names import read_names
from sensors.reasons import RejectReason
from sensors.units import END_US, FIRST_US, KNOT_MPS, TIME_EXPECTED

FIELDS = ("time", "lat", "lon", "mmsi", "track_id", "vessel_id", "name", "speed", "course", "heading")
REQUIRED = FIELDS[:3]
NAMES = slice(3, 7)
_NO_SPEED_KN = 102.3
_MAX_MPS = 1e7  # as in sensors.observation

Refusal = tuple[RejectReason, str]
Cells = tuple[str, ...]  # as many as FIELDS, in their order; "" is absent


class Numbers(NamedTuple):
    """The numbers of ``n`` rows; each array ``(n,)``, NaN is absent; ``good`` says which rows can be used."""

    good: NDArray[np.bool_]
    time_us: NDArray[np.int64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    speed_mps: NDArray[np.float64]
    course_deg: NDArray[np.float64]
    heading_deg: NDArray[np.float64]


def read_rows(cells: Sequence[Cells], mps: NDArray[np.float64]) -> Numbers:
    """The numbers of ``n`` rows whose columns are ``cells``, in the order of :data:`FIELDS`; ``mps`` is ``(n,)``."""
    time_us = np.array([read_time(text) for text in cells[0]], np.int64)
    lat, lon = read_numbers(cells[1]), read_numbers(cells[2])
    speed = read_numbers(cells[7])
    speed[(speed == _NO_SPEED_KN) & (mps == KNOT_MPS)] = np.nan
    course, heading = _angles(cells[8]), _angles(cells[9])
    speed_mps = speed * mps
    good = (time_us >= FIRST_US) & (time_us < END_US) & (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0)
    good &= np.isnan(speed) | ((speed >= 0.0) & (speed_mps <= _MAX_MPS))
    for angle in (course, heading):
        good &= np.isnan(angle) | ((angle >= 0.0) & (angle < 360.0))
    return Numbers(good, time_us, lat, lon, speed_mps, course, heading)


def explain(cells: Cells, mps: float) -> Refusal:
    """What is wrong with a row that :func:`read_rows` or its names do not accept."""
    row = dict(zip(FIELDS, cells, strict=True))
    wrong = _about_time(row["time"]) or _about_place("lat", row["lat"], 90.0) or _about_place("lon", row["lon"], 180.0)
    wrong = wrong or _about_speed(row["speed"], mps)
    wrong = wrong or _about_angle("course", row["course"]) or _about_angle("heading", row["heading"])
    if wrong is not None:
        return wrong
    names = read_names(*cells[NAMES])
    return RejectReason.BAD_FIELD, names if isinstance(names, str) else "row: expected what the header says"


def _about_time(text: str) -> Refusal | None:
    time_us = read_time(text)
    if time_us == NO_TIME:
        reason = RejectReason.BAD_TIME if text.strip() else RejectReason.NO_TIME
        return reason, "time: expected an ISO 8601 date and time"
    return None if FIRST_US <= time_us < END_US else (RejectReason.BAD_TIME, f"time: {TIME_EXPECTED}")


def _about_place(field: str, text: str, bound: float) -> Refusal | None:
    value = read_number(text)
    if not text.strip():
        return RejectReason.MISSING_FIELD, f"{field}: expected degrees"
    if not np.isfinite(value):
        return RejectReason.BAD_FIELD, f"{field}: expected a number of degrees"
    return None if abs(value) <= bound else (RejectReason.OUT_OF_RANGE, f"{field}: expected -{bound:g} to {bound:g}")


def _about_speed(text: str, mps: float) -> Refusal | None:
    value = read_number(text)
    if np.isinf(value):
        return RejectReason.BAD_FIELD, "speed: expected a number, or nothing"
    if np.isnan(value) or (value >= 0.0 and value * mps <= _MAX_MPS):
        return None
    return RejectReason.OUT_OF_RANGE, f"speed: expected 0 to {_MAX_MPS:g} m/s"


def _about_angle(field: str, text: str) -> Refusal | None:
    value = read_number(text)
    if np.isinf(value):
        return RejectReason.BAD_FIELD, f"{field}: expected a number, or nothing"
    if np.isnan(value) or value == 511.0 or 0.0 <= value <= 360.0:
        return None
    return RejectReason.OUT_OF_RANGE, f"{field}: expected 0 or more and less than 360"


def _angles(cells: Cells) -> NDArray[np.float64]:
    """Degrees; 360 and 511 are "not available"."""
    degrees = read_numbers(cells)
    degrees[(degrees == 360.0) | (degrees == 511.0)] = np.nan
    return degrees
