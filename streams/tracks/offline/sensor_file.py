"""Sensor descriptions from TOML: ``[[sensor]]`` tables, and what is wrong with one by its key."""

import tomllib
from collections.abc import Callable
from math import isfinite
from typing import Final

from streams.tracks.sensor import Area, Coverage, Disc, Sensor


class BadSensors(ValueError):
    """The description cannot be used; the message names the sensor, the key and the value expected there."""


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and _number(value) and value > 0


def _chance(value: object) -> bool:
    return isinstance(value, int | float) and _number(value) and 0 < value < 1


_Check = tuple[Callable[[object], bool], str]
_KEYS: Final[dict[str, _Check]] = {
    "sensor_id": (_text, "a name"),
    "modality": (_text, "a word, such as radar or lidar"),
    "revisit_s": (_positive, "a positive number of seconds"),
    "sigma_m": (_positive, "a positive number of metres"),
    "detection_probability": (_chance, "a number between 0 and 1, exclusive"),
    "false_plots_per_km2": (_positive, "a positive number"),
    "coverage": (lambda value: True, ""),
}
# Said for the pipeline, where sensors have a place on the earth (streams.registry); of no use on a file's plane.
_ELSEWHERE: Final = ("site", "sigma_deg", "max_range_m", "footprints", "false_per_hour")
_NO_PLOTS: Final = ("camera", "ground", "external")
_REQUIRED: Final = ("sensor_id", "modality", "revisit_s", "sigma_m", "detection_probability")
_COVERAGE: Final = "three or more corners [x_m, y_m], or {x_m, y_m, max_range_m, min_range_m}"


def read_sensors(text: str) -> tuple[Sensor, ...]:
    """The described sensors, in the order of the file. Raises BadSensors."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise BadSensors(f"expected TOML: {wrong}") from wrong
    tables = document.get("sensor")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise BadSensors("expected one or more [[sensor]] tables")
    unknown = sorted(set(document) - {"sensor"})
    if unknown:
        raise BadSensors(f"{unknown[0]}: expected only [[sensor]] tables")
    sensors = tuple(
        _sensor(number, {key: value for key, value in table.items() if key not in _ELSEWHERE})
        for number, table in enumerate(tables, 1)
        if table.get("modality") not in _NO_PLOTS
    )
    names = [sensor.sensor_id for sensor in sensors]
    twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise BadSensors(f"sensor_id: expected a name of its own for each sensor, got {twice!r} twice")
    return sensors


def _sensor(number: int, table: dict[str, object]) -> Sensor:
    for key in table:
        if key not in _KEYS:
            raise BadSensors(f"sensor {number}: {key}: expected one of {', '.join(_KEYS)}")
    for key in _REQUIRED:
        if key not in table:
            raise BadSensors(f"sensor {number}: {key}: expected {_KEYS[key][1]}, got nothing")
    for key, value in table.items():
        good, expected = _KEYS[key]
        if not good(value):
            raise BadSensors(f"sensor {number}: {key}: expected {expected}, got {value!r}")
    density = table.get("false_plots_per_km2")
    return Sensor(
        sensor_id=str(table["sensor_id"]),
        modality=str(table["modality"]),
        revisit_s=_float(table["revisit_s"]),
        sigma_m=_float(table["sigma_m"]),
        detection_probability=_float(table["detection_probability"]),
        false_plots_per_km2=None if density is None else _float(density),
        coverage=_coverage(number, table["coverage"]) if "coverage" in table else None,
    )


def _float(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)


def _coverage(number: int, value: object) -> Coverage:
    if isinstance(value, list) and len(value) >= 3 and all(_corner(corner) for corner in value):
        return Area(tuple((float(x), float(y)) for x, y in value))
    if isinstance(value, dict) and {"x_m", "y_m", "max_range_m"} <= set(value) <= {
        "x_m",
        "y_m",
        "max_range_m",
        "min_range_m",
    }:
        numbers = {key: _float(entry) for key, entry in value.items() if _number(entry)}
        if len(numbers) == len(value) and 0.0 <= numbers.get("min_range_m", 0.0) < numbers["max_range_m"]:
            return Disc(**numbers)
    raise BadSensors(f"sensor {number}: coverage: expected {_COVERAGE}, got {value!r}")


def _corner(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_number(entry) for entry in value)
