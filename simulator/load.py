"""Load: a stream of single-event JSON records, made fast enough to outrun what is measured with it.

Event ``k`` of a load is identity ``k % identities`` at ``start_us + k * 1e6 / rate``, so any slice can be made by
itself, in any process, and again. Every identity sails back and forth across the middle of the box on a straight
line of its own, so a zone over half of the box is entered and left at a known rate. Records are fixed-width: the
digits are written by numpy into one buffer and cut into bytes, which costs less than a microsecond each.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.plane import Plane

_DAY_US = 86_400_000_000
_BLANK, _ZERO, _MINUS, _POINT = b" 0-."
_TIME = b"0000-00-00T00:00:00.000000Z"
_LONLAT, _SPEED = (11, 6), (6, 2)  # width and decimals
_MID = 293  # allotted to no administration, see simulator.craft.Line


class Slice(NamedTuple):
    """Consecutive events: which sensor published each (``(n,)`` index into ``Load.sensors``) and the records."""

    sensor: NDArray[np.int64]
    values: list[bytes]


class Load:
    """``identities`` objects in a box about ``centre`` (lon, lat degrees), ``width_m`` east to west.

    ``turn_s`` is how long an object sails one way (its leg is ``speed * turn_s``, about the middle): with a zone over
    the eastern half, each object enters it once in ``2 * turn_s``."""

    def __init__(
        self,
        identities: int,
        *,
        rate: float,
        start_us: int,
        seed: int = 0,
        sensors: tuple[str, ...] = ("sim-load-0",),
        centre: tuple[float, float] = (-28.3, 46.2),
        width_m: float = 60_000.0,
        speed_mps: tuple[float, float] = (2.0, 15.0),
        turn_s: float = 900.0,
    ) -> None:
        if not 1 <= identities < 1_000_000:
            raise ValueError(f"identities: expected 1..999999, got {identities}")
        rng = np.random.default_rng([seed, 1_000_002])
        self.sensors, self.rate, self.identities = sensors, rate, identities
        self._start_us, self._turn_s = start_us, turn_s
        self._plane = Plane(*centre)
        self._speed = rng.uniform(*speed_mps, identities)
        self._phase = rng.uniform(0.0, 2.0 * turn_s, identities)
        self._y = rng.uniform(-width_m / 2.0, width_m / 2.0, identities)
        template, self._at = _template(sensors)
        self._rows = np.tile(np.frombuffer(template, np.uint8), (identities, 1))
        which = np.arange(identities)
        _number(self._rows, self._at["speed"], self._speed, _SPEED)
        _digits(self._rows, self._at["mmsi"], _MID * 1_000_000 + which, 9)
        at, width = self._at["sensor"], self._at["sensor_width"]
        for i, name in enumerate(sensors):
            quoted = f'{name}"'.encode().ljust(width)
            self._rows[i :: len(sensors), at : at + width] = np.frombuffer(quoted, np.uint8)

    def times_us(self, first: int, count: int) -> NDArray[np.int64]:
        """Event times of ``count`` events from number ``first`` on."""
        return self._start_us + np.round(np.arange(first, first + count) * (1e6 / self.rate)).astype(np.int64)

    def positions(self, which: NDArray[np.int64], time_us: NDArray[np.int64]) -> NDArray[np.float64]:
        """Where the identities are, ``(n, 2)`` lon, lat degrees."""
        age_s = (time_us - self._start_us) / 1e6 + self._phase[which]
        along = np.abs(age_s % (2.0 * self._turn_s) - self._turn_s) - self._turn_s / 2.0
        return self._plane.to_lonlat(np.column_stack([self._speed[which] * along, self._y[which]]))

    def slice(self, first: int, count: int, time_us: NDArray[np.int64] | None = None) -> Slice:
        """``count`` events from number ``first`` on; ``time_us`` ``(count,)`` overrides their event times."""
        which = np.arange(first, first + count) % self.identities
        time_us = self.times_us(first, count) if time_us is None else time_us
        lonlat = self.positions(which, time_us)
        rows = self._rows[which]
        _time(rows, self._at["time"], time_us)
        _number(rows, self._at["lon"], lonlat[:, 0], _LONLAT)
        _number(rows, self._at["lat"], lonlat[:, 1], _LONLAT)
        width, flat = rows.shape[1], rows.tobytes()
        return Slice(which % len(self.sensors), [flat[i : i + width] for i in range(0, len(flat), width)])


def _template(sensors: tuple[str, ...]) -> tuple[bytes, dict[str, int]]:
    """One record with blanks where numbers go (JSON allows white space there), and the place of each field.

    Names shorter than the longest are padded *after* their closing quote."""
    quoted = max(len(name.encode()) for name in sensors) + 1
    parts = [
        ("", b'{"sensor_id":"'), ("sensor", b" " * quoted), ("", b',"event_time":"'), ("time", _TIME),
        ("", b'","position":['), ("lon", b" " * _LONLAT[0]), ("", b","), ("lat", b" " * _LONLAT[0]),
        ("", b'],"sigma_m":10.0,"velocity":{"speed_mps":'), ("speed", b" " * _SPEED[0]),
        ("", b'},"identity":{"mmsi":'), ("mmsi", b"0" * 9), ("", b'},"simulated":true}'),
    ]  # fmt: skip
    at, text = {"sensor_width": quoted}, b""
    for name, part in parts:
        if name:
            at[name] = len(text)
        text += part
    return text, at


def _digits(rows: NDArray[np.uint8], at: int, number: NDArray[np.int64], width: int) -> None:
    """Write ``number`` with leading zeros into ``width`` columns from ``at`` on."""
    for column in range(at + width - 1, at - 1, -1):
        number, digit = np.divmod(number, 10)
        rows[:, column] = digit + _ZERO


def _number(rows: NDArray[np.uint8], at: int, number: NDArray[np.float64], shape: tuple[int, int]) -> None:
    """Write ``number`` into ``width`` columns with ``decimals``, blanks before it and a sign where it is negative."""
    width, decimals = shape
    scaled = np.round(np.abs(number) * 10**decimals).astype(np.int64)
    whole, part = np.divmod(scaled, 10**decimals)
    point = at + width - decimals - 1
    _digits(rows, point + 1, part, decimals)
    rows[:, point] = _POINT
    unsigned = number >= 0
    for column in range(point - 1, at - 1, -1):
        more = (whole > 0) | (column == point - 1)
        whole, digit = np.divmod(whole, 10)
        rows[:, column] = np.where(more, digit + _ZERO, np.where(unsigned, _BLANK, _MINUS))
        unsigned = unsigned | ~more


def _time(rows: NDArray[np.uint8], at: int, time_us: NDArray[np.int64]) -> None:
    """Write times as RFC 3339, UTC, with microseconds."""
    stamp = time_us.astype("datetime64[us]")
    year, month, day = stamp.astype("M8[Y]"), stamp.astype("M8[M]"), stamp.astype("M8[D]")
    of_day = time_us % _DAY_US
    fields = (
        (0, 4, year.astype(np.int64) + 1970),
        (5, 2, month.astype(np.int64) % 12 + 1),
        (8, 2, (day - month.astype("M8[D]")).astype(np.int64) + 1),
        (11, 2, of_day // 3_600_000_000),
        (14, 2, of_day // 60_000_000 % 60),
        (17, 2, of_day // 1_000_000 % 60),
        (20, 6, of_day % 1_000_000),
    )
    for offset, width, value in fields:
        _digits(rows, at + offset, value, width)
