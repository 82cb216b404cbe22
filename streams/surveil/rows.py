"""One observation as the surveil stage handles it: a fix (what is remembered of it) and a row (what came in).

The same facts exist as columns (:data:`FIX`, one structured element a fix) for the many, and as tuples for the few
that need thought. Absent is NaN; times are microseconds since 1970 UTC; positions are WGS-84 degrees.
"""

import math
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from geo.sectors import sector
from sensors.columns import Flag
from sensors.observation import Identity
from streams.partitioning import area_of
from streams.surveil.arrival import Arrival
from streams.who import NOT_SAID, said_in

FIX = np.dtype(
    [
        ("event_time_us", "i8"),
        ("ingest_time_us", "i8"),
        ("lon", "f8"),
        ("lat", "f8"),
        ("speed_mps", "f4"),
        ("course_deg", "f4"),
        ("area", "i4"),
        ("sensor", "i4"),
        ("observation", "V16"),
        ("flags", "i4"),
        ("sigma_m", "f4"),  # not above 0, or NaN: not said
        ("oblong", "f4"),  # the shape of the error, see Fix.covariance_m2
        ("slant", "f4"),
    ]
)

_ALIKE = ("event_time_us", "ingest_time_us", "lon", "lat", "speed_mps", "course_deg", "area", "flags", "sigma_m")
_DISTRESS = int(Flag.DISTRESS)  # a plain number: enum arithmetic costs 2 µs
RAW = np.dtype(f"V{FIX.itemsize}")  # a fix as so many bytes: numpy copies those ten times faster than fields


class Fix(NamedTuple):
    """One accepted position; ``observation`` is the raw id, ``sensor`` a name."""

    event_time_us: int
    ingest_time_us: int
    lon: float
    lat: float
    speed_mps: float
    course_deg: float
    area: int
    sensor: str
    observation: bytes
    flags: int
    sigma_m: float = math.nan  # standard deviation on each axis (root mean square of both); NaN: not said
    oblong: float = 0.0  # (east - north) / (east + north) of the two variances; 0: the same on both axes
    slant: float = 0.0  # twice the covariance over the sum of the variances

    def covariance_m2(self, sigma_m: float) -> NDArray[np.float64]:
        """The covariance (2, 2) east, north, for a standard deviation on each axis."""
        return sigma_m**2 * np.array([[1.0 + self.oblong, self.slant], [self.slant, 1.0 - self.oblong]])


class Row(msgspec.Struct, array_like=True):
    """One row of a frame, by itself: it can wait, and be sent to another owner."""

    key: str
    identity: Identity
    fix: Fix
    owner: int
    prev_event_time_us: int
    prev_lon: float
    prev_lat: float
    prev_owner: int
    prev_observation: bytes
    said: tuple[str, float] = NOT_SAID  # what its sensor takes the object for, and how surely

    @property
    def has_position(self) -> bool:
        """Whether it says where; a distress signal may not."""
        return not math.isnan(self.fix.lon)

    @property
    def has_previous(self) -> bool:
        """Whether its feed had accepted a fix of the same identity before."""
        return self.prev_event_time_us >= 0


def fixes_of(frame: Arrival, sensor_index: NDArray[np.int32]) -> NDArray[np.void]:
    """The fixes of a frame's rows, dtype :data:`FIX`; ``sensor_index`` maps the frame's sensors to the owner's."""
    columns = frame.columns
    fixes = np.empty(len(frame), FIX)
    for name in _ALIKE:
        fixes[name] = columns[name]
    fixes["observation"] = columns["observation_id"]
    fixes["sensor"] = sensor_index[columns["sensor"]]
    fixes["oblong"] = fixes["slant"] = 0.0
    if "xx_m2" in columns:
        _shape(fixes, columns)
    return fixes


def _shape(fixes: NDArray[np.void], columns: dict[str, NDArray[np.generic]]) -> None:
    """Take over the covariances that rows say."""
    told = np.flatnonzero(columns["xx_m2"] + columns["yy_m2"] > 0)  # type: ignore[operator]  # False for NaN
    for row in told.tolist():
        fixes["sigma_m"][row], fixes["oblong"][row], fixes["slant"][row] = error_of(columns, row)


def error_of(columns: dict[str, NDArray[np.generic]], row: int) -> tuple[float, float, float]:
    """``sigma_m``, ``oblong`` and ``slant`` of a row as float32 numbers: its covariance, else its sigma."""
    if "xx_m2" in columns:
        xx, xy, yy = (columns[name][row].item() for name in ("xx_m2", "xy_m2", "yy_m2"))
        if xx > 0 and yy > 0 and xy * xy <= xx * yy:  # False for NaN
            return _as_float32(math.sqrt((xx + yy) / 2), (xx - yy) / (xx + yy), 2 * xy / (xx + yy))
    return columns["sigma_m"][row].item(), 0.0, 0.0


def _as_float32(sigma_m: float, oblong: float, slant: float) -> tuple[float, float, float]:
    """As they come back from :data:`FIX`: a fix is the same whichever way it came here."""
    return np.float32(sigma_m).item(), np.float32(oblong).item(), np.float32(slant).item()


def take(fixes: NDArray[np.void], index: NDArray[np.intp]) -> NDArray[np.void]:
    """``fixes[index]``, dtype :data:`FIX`."""
    return fixes.view(RAW)[index].view(FIX)


def lonlat_of(fixes: NDArray[np.void]) -> NDArray[np.float64]:
    """Positions, shape ``(n, 2)``."""
    lonlat = np.empty((len(fixes), 2))
    lonlat[:, 0], lonlat[:, 1] = fixes["lon"], fixes["lat"]
    return lonlat


def row_of(frame: Arrival, index: int) -> Row:
    """One row of a frame."""
    c = frame.columns
    identity = c["identity"][index].item()
    sensor = frame.sensors[c["sensor"][index].item()]
    fix = Fix(
        c["event_time_us"][index].item(),
        c["ingest_time_us"][index].item(),
        c["lon"][index].item(),
        c["lat"][index].item(),
        c["speed_mps"][index].item(),
        c["course_deg"][index].item(),
        c["area"][index].item(),
        sensor,
        c["observation_id"][index].tobytes(),
        c["flags"][index].item(),
        *error_of(c, index),
    )
    return Row(
        frame.keys[identity] if identity >= 0 else f"sensor:{sensor}",
        frame.identity(identity) if identity >= 0 else Identity(),
        fix,
        c["owner"][index].item(),
        c["prev_event_time_us"][index].item(),
        c["prev_lon"][index].item(),
        c["prev_lat"][index].item(),
        c["prev_owner"][index].item(),
        c["prev_observation_id"][index].tobytes(),
        said_in(frame.extras.get(index)),
    )


def is_live(flags: int) -> bool:
    """Whether it happens now, and is not from a recording."""
    return not flags & Flag.HISTORICAL


def previous(row: Row) -> Fix | None:
    """The fix before a row's own, by its own feed, as far as the row tells it; None where it has none that is older."""
    fix = row.fix
    if not row.has_previous or not row.has_position or row.prev_event_time_us >= fix.event_time_us:
        return None
    cell = np.array([sector(row.prev_lon, row.prev_lat)], np.uint64)
    unknown, kept = float("nan"), fix.flags & ~(Flag.DISTRESS | Flag.LATE)
    return Fix(
        row.prev_event_time_us,
        fix.ingest_time_us,
        row.prev_lon,
        row.prev_lat,
        unknown,
        unknown,
        int(area_of(cell)[0]),
        fix.sensor,
        row.prev_observation,
        int(kept),
    )


def is_distress(flags: int) -> bool:
    """Whether the row asks for help."""
    return bool(flags & _DISTRESS)
