"""The registry of sensors as a file: TOML with a ``[[sensor]]`` table each. What is wrong is said by line and key."""

import re
import tomllib
from typing import Any, Final

import msgspec

from sensors.json_problem import explain
from streams.config import PlotSensor

# of `vedette track`, which works on a plane of its own: passed over here
_ELSEWHERE: Final = frozenset({"coverage"})
_TABLE = re.compile(r"^\s*\[\[\s*sensor\s*\]\]")
_KEY = re.compile(r"^([A-Za-z_]+)")


class BadSensors(ValueError):
    """The registry cannot be used; one line for every problem: the line of the file, the key, what is expected."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_sensors(text: str) -> tuple[PlotSensor, ...]:
    """The sensors that a file describes, in its order. Raises BadSensors."""
    try:
        document: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise BadSensors([f"expected TOML: {wrong}"]) from wrong
    tables = document.get("sensor")
    if not isinstance(tables, list) or not tables or set(document) != {"sensor"}:
        raise BadSensors(["expected [[sensor]] tables, and nothing else"])
    found: list[PlotSensor] = []
    problems: list[str] = []
    for number, table in enumerate(tables):
        try:
            known = {key: value for key, value in table.items() if key not in _ELSEWHERE}
            found.append(msgspec.convert(known, PlotSensor))
        except msgspec.ValidationError as wrong:
            said = _said(wrong)
            problems.append(f"line {_line(text, number, said)}: {said}")
    problems += check(found)
    if problems:
        raise BadSensors(problems)
    return tuple(found)


def check(sensors: list[PlotSensor]) -> list[str]:
    """What no description can say alone: names that stand twice."""
    names = [sensor.sensor_id for sensor in sensors]
    zones = [zone_id for sensor in sensors for zone_id in sensor.footprints]
    problems = [
        f"sensor {number}: sensor_id: expected a name of its own"
        for number, name in enumerate(names, 1)
        if name in names[: number - 1]
    ]
    return problems + [f"footprints.{name}: expected each only once" for name in sorted(_twice(zones))]


def _twice(names: list[str]) -> list[str]:
    return [name for number, name in enumerate(names) if name in names[:number]]


def _said(wrong: msgspec.ValidationError) -> str:
    """``key: expected …``."""
    text = str(wrong)
    if ": expected beside modality" in text or text.startswith("footprints."):
        return text
    return explain(wrong)[1].replace("vedette.observation.v1", "a sensor's description")


def _line(text: str, number: int, said: str) -> int:
    """The line of the key in the file's table of this number, or that of the table where the key is missing."""
    lines = text.splitlines()
    tables = [at for at, line in enumerate(lines) if _TABLE.match(line)]
    if number >= len(tables):  # written as an inline list
        return 1
    start = tables[number]
    end = tables[number + 1] if number + 1 < len(tables) else len(lines)
    key = _KEY.match(said)
    named = [at for at in range(start, end) if key and re.match(rf"\s*(\[sensor\.)?{key[1]}\b", lines[at])]
    return (named[0] if named else start) + 1
