"""The properties of a zone beside its id, kind and name: read one by one, with what was expected."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from geo.concern import wrong_words
from geo.schedule import BadSchedule, Schedule

SEVERITIES = ("info", "low", "medium", "high", "critical")
MOST_ACCURACY_M = 1e6


class Edges(StrEnum):
    """What an edge between two positions of a zone means."""

    PLANAR = "planar"  # straight in longitude and latitude
    GEODESIC = "geodesic"  # the shortest line on the ellipsoid


class Properties(NamedTuple):
    """The optional properties, in the order they are documented and written in."""

    source: str | None = None
    date: str | None = None
    accuracy_m: float = 0.0
    schedule: Schedule | None = None
    applies_to: tuple[str, ...] = ()
    severity: str | None = None
    claimants: tuple[str, ...] = ()
    edges: Edges = Edges.PLANAR
    indicative: bool = False


OPTIONAL = Properties._fields


def read_properties(given: Mapping[str, object], refuse: Callable[[str], None]) -> Properties:
    """The optional properties of a feature; ``refuse`` hears of each that is wrong, which is left at its default."""
    found: dict[str, object] = {}
    for name in OPTIONAL:
        value = given.get(name)
        if value is None:
            continue
        try:
            found[name] = _READ[name](value)
        except BadSchedule as problem:
            refuse(f"schedule.{problem}")
        except _Wrong as problem:
            refuse(f"{name}: expected {problem}, got {repr(value)[:60]}")
    return Properties(**found)  # type: ignore[arg-type]


def written(properties: Properties) -> dict[str, object]:
    """The optional properties as JSON, those at their defaults left out."""
    found: dict[str, object] = {}
    for name, value, default in zip(OPTIONAL, properties, Properties(), strict=True):
        if value != default:
            if isinstance(value, Schedule):
                found[name] = value.document
            else:
                found[name] = list(value) if isinstance(value, tuple) else value
    return found


class _Wrong(ValueError):
    """What was expected."""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong("a text")
    return value


def _date(value: object) -> str:
    try:
        datetime.fromisoformat(_text(value))
    except ValueError as problem:
        raise _Wrong("an ISO 8601 date such as 2026-01-31") from problem
    return str(value)


def _accuracy(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_ACCURACY_M:
        raise _Wrong(f"metres, 0 to {MOST_ACCURACY_M:.0f}")
    return float(value)


def _schedule(value: object) -> Schedule:
    if not isinstance(value, Mapping):
        raise _Wrong("an object with from, until, weekly or rrule")
    return Schedule(value)


def _texts(value: object) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) and item.strip() for item in items):
        raise _Wrong("a list of texts")
    return tuple(items)


def _whom(value: object) -> tuple[str, ...]:
    found = _texts(value)
    if (expected := wrong_words(found)) is not None:
        raise _Wrong(expected)
    return found


def _claimants(value: object) -> tuple[str, ...]:
    found = _texts(value)
    if len(set(found)) < 2:
        raise _Wrong("a list of at least two names")
    return found


def _severity(value: object) -> str:
    if value not in SEVERITIES:
        raise _Wrong("one of " + ", ".join(SEVERITIES))
    return str(value)


def _edges(value: object) -> Edges:
    if not isinstance(value, str) or value not in list(Edges):
        raise _Wrong("one of " + ", ".join(Edges))
    return Edges(value)


def _indicative(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true or false")
    return value


_READ: dict[str, Callable[[object], object]] = {
    "source": _text,
    "date": _date,
    "accuracy_m": _accuracy,
    "schedule": _schedule,
    "applies_to": _whom,
    "severity": _severity,
    "claimants": _claimants,
    "edges": _edges,
    "indicative": _indicative,
}
