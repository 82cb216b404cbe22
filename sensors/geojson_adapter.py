"""GeoJSON points: a record holds one Feature whose geometry is a Point (RFC 7946).

Properties are named like the columns of CSV (:mod:`sensors.csv_adapter`), without ``lat`` and ``lon``; a third
coordinate is the altitude in metres.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from sensors.adapter import Decoded, RawRecord
from sensors.cells import read_number
from sensors.fixes import Fixes
from sensors.ids import Ids
from sensors.json_problem import JSON_ERRORS, explain
from sensors.observation import Identity
from sensors.raw import refusal, sensor_of
from sensors.reasons import RejectReason
from sensors.rows import FIELDS, Cells, Refusal

_NOT_A_CELL = "[]"  # neither a number nor a time, so that it is refused by the field it stands in
_EXACT = 10**15  # whole numbers below it are exact as float, and their digits are few
_MAX_ALTITUDE_M = 1e7


class _Geometry(msgspec.Struct):
    type: str
    coordinates: Any = None


class _Feature(msgspec.Struct):
    type: Literal["Feature"]
    geometry: _Geometry | None = None
    properties: dict[str, Any] | None = None


class _Point(NamedTuple):
    lon: str
    lat: str
    altitude_m: float | None


_decode = msgspec.json.Decoder(_Feature).decode


class GeoJsonAdapter:
    """The GeoJSON format; it remembers nothing between records."""

    def __init__(self) -> None:
        self._ids = Ids()
        self._names: dict[Cells, Identity | str | None] = {}

    def decode(self, records: Sequence[RawRecord]) -> Decoded:
        """See :class:`sensors.adapter.Adapter`."""
        fixes = Fixes(records, self._names)
        for index, record in enumerate(records):
            refused = refusal(record)
            if refused is not None:
                fixes.refuse(index, refused)
                continue
            try:
                feature = _decode(record.value)
            except JSON_ERRORS as problem:
                fixes.refuse(index, explain(problem))
                continue
            point = _read_point(feature.geometry)
            if isinstance(point, _Point):
                sensor = sensor_of(record.key) or ""
                fixes.add(index, sensor, _cells(feature.properties or {}, point), point.altitude_m)
            else:
                fixes.refuse(index, point)
        return fixes.decoded(self._ids)

    def dump(self) -> bytes:
        """Nothing."""
        return b""

    def load(self, memory: bytes) -> None:
        """Nothing."""


def _read_point(geometry: _Geometry | None) -> _Point | Refusal:
    if geometry is None:
        return RejectReason.MISSING_FIELD, "geometry: expected a Point"
    if geometry.type != "Point":
        return RejectReason.BAD_FIELD, "geometry.type: expected Point"
    coordinates = geometry.coordinates
    if not isinstance(coordinates, list) or not 2 <= len(coordinates) <= 3:
        return RejectReason.BAD_FIELD, "geometry.coordinates: expected lon, lat and perhaps an altitude"
    altitude_m = None
    if len(coordinates) == 3:
        altitude_m = read_number(_cell(coordinates[2]))
        if not abs(altitude_m) <= _MAX_ALTITUDE_M:
            return RejectReason.OUT_OF_RANGE, f"geometry.coordinates[2]: expected at most {_MAX_ALTITUDE_M:g} m"
    return _Point(_cell(coordinates[0]), _cell(coordinates[1]), altitude_m)


def _cells(properties: dict[str, Any], point: _Point) -> Cells:
    """The row a feature would be in a table."""
    cells = {name.strip().lower(): _cell(value) for name, value in properties.items()}
    cells["lon"], cells["lat"] = point.lon, point.lat
    return tuple(cells.get(field, "") for field in FIELDS)


def _cell(value: object) -> str:
    """A JSON value as text: a whole number without a point, so that an MMSI may be a number."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _NOT_A_CELL
    if not -_EXACT < value < _EXACT:
        return _NOT_A_CELL
    return str(int(value)) if value == int(value) else repr(value)
