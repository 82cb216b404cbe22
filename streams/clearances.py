"""Who may enter what, and when: clearances, in immutable versions like the zones.

An entry that is cleared is known to the officers and opens no incident. It is judged when it happens: what the object
does inside, and whether it stays beyond the hour, is not a clearance's business. A clearance names an object by one of
its numbers; it holds nothing about a person.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sensors.observation import Identity, IdentityKey, ShortText
from streams.public import to_us
from streams.versions import Versions

_EXPECTED = "identity: expected one of mmsi, icao24, imo and vessel_id"


class Clearance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One object may enter some zones within a time. ``reference`` is the number of the paper it stands on."""

    clearance_id: ShortText
    identity: Identity
    zone_ids: Annotated[tuple[ShortText, ...], Meta(min_length=1)]
    valid_from: Annotated[datetime, Meta(tz=True)]
    valid_until: Annotated[datetime, Meta(tz=True)]
    reference: ShortText | None = None


class ClearancesVersion(msgspec.Struct, kw_only=True):
    """One immutable version of the clearances (public, ``clearances.v1``)."""

    schema: str = "vedette.clearances.v1"
    version: int  # 1, 2, 3, …
    in_force_from_us: int | None  # event time; None is since ever, allowed for the first version only
    clearances: list[Clearance]


class ClearanceErrors(ValueError):
    """What is wrong with a file of clearances, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_clearances(path: Path) -> list[Clearance]:
    """The clearances of a JSON file ``{"clearances": […]}``; raises OSError and :class:`ClearanceErrors`, which names
    the entry, the field and what is expected of it."""
    try:
        document: Any = json.loads(path.read_bytes())
    except ValueError as problem:
        raise ClearanceErrors([f"{path.name}: not JSON: {problem}"]) from problem
    entries = document.get("clearances") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ClearanceErrors([f'{path.name}: expected an object with a list "clearances"'])
    found: list[Clearance] = []
    problems: list[str] = []
    for number, entry in enumerate(entries):
        try:
            found.append(msgspec.convert(entry, Clearance))
        except msgspec.ValidationError as problem:
            problems.append(f"clearances[{number}]: {problem}")
    problems += check(found)
    if problems:
        raise ClearanceErrors(problems)
    return found


def check(clearances: Iterable[Clearance]) -> list[str]:
    """What no type can say: one line for every clearance that cannot be used."""
    problems, seen = [], set()
    for clearance in clearances:
        name = clearance.clearance_id
        if name in seen:
            problems.append(f"{name}: clearance_id: expected each only once")
        seen.add(name)
        key = clearance.identity.key("")
        if key is None or key.startswith("track:"):
            problems.append(f"{name}: {_EXPECTED}")
        if clearance.valid_until <= clearance.valid_from:
            problems.append(f"{name}: valid_until: expected a time after valid_from")
    return problems


class Permits:
    """The clearances of one version, by object and zone."""

    def __init__(self, clearances: Iterable[Clearance] = ()) -> None:
        self._spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for clearance in clearances:
            key = clearance.identity.key("") or IdentityKey("")
            span = (to_us(clearance.valid_from), to_us(clearance.valid_until))
            for zone_id in clearance.zone_ids:
                self._spans.setdefault((key, zone_id), []).append(span)

    def cleared(self, key: str, zone_id: str, time_us: int) -> bool:
        """Whether an object may enter a zone at an event time; the last moment is excluded."""
        return any(start <= time_us < stop for start, stop in self._spans.get((key, zone_id), ()))


class ClearanceVersions:
    """The loaded versions; see :class:`streams.versions.Versions`."""

    def __init__(self) -> None:
        self._table: Versions[Permits] = Versions("clearances")

    def add(self, message: ClearancesVersion) -> None:
        """Load a version; one that is already loaded is left alone. Raises ValueError where it cannot be used."""
        if (from_us := self._table.begins_us(message)) is None:
            return
        if problems := check(message.clearances):
            raise ClearanceErrors(problems)
        self._table.put(message.version, from_us, Permits(message.clearances))

    @property
    def newest(self) -> int:
        """The highest loaded version; 0 where there is none."""
        return self._table.newest

    def in_force(self, announced: int) -> "Roll":
        """What is cleared when, by versions up to ``announced``; raises NeedsVersion where that one is not loaded."""
        return Roll(self._table.until(announced))


class Roll:
    """Which version's clearances count at an event time: those of the highest version that has begun."""

    def __init__(self, entries: list[tuple[int, Permits]]) -> None:
        self._entries = entries

    def cleared(self, key: str, zone_id: str, time_us: int) -> bool:
        """Whether an object may enter a zone at an event time."""
        for from_us, permits in reversed(self._entries):
            if from_us <= time_us:
                return permits.cleared(key, zone_id, time_us)
        return False
