"""Which zones one object is in, decided segment by segment: pure, one object at a time.

The state is a mapping from zone to :class:`Stay`; a zone that is absent is one the object is outside of. Leaving has
hysteresis: a fix outside only makes the object a *candidate* to leave, and the stay ends when it has been outside for
``dwell_us`` **and** one fix since was at least ``margin_m`` outside. A return before that continues the same stay.

Timers only anticipate: :func:`expire` ends exactly the stays that the next :func:`step` at or after the same time
would end, so it does not matter whether a clock or the next fix comes first.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import NamedTuple

import msgspec

NEVER = -1


class Hysteresis(NamedTuple):
    """How reluctantly a stay ends: time in microseconds, distance in metres."""

    dwell_us: int
    margin_m: float


class Stay(msgspec.Struct, array_like=True, frozen=True):
    """An object's stay in one zone. ``found`` is one that began before the object was first seen."""

    visit: str  # the observation that opened it
    found: bool
    since_us: int
    out_us: int = NEVER  # event time of the first fix outside since the last one inside
    far_us: int = NEVER  # event time of the first fix since then that lay beyond the margin

    @property
    def leaving(self) -> bool:
        """Whether the last fix was outside."""
        return self.out_us != NEVER


class Event(Enum):
    """What a segment did to a stay."""

    ENTERED = "entered"
    FOUND = "found"
    LEFT = "left"
    RETURNED = "returned"  # hysteresis: back before the stay had ended
    PASSED = "passed"  # both fixes outside, the line between them inside


class Change(NamedTuple):
    """One event; ``time_us`` is the event time it is dated to (an exit: the first fix outside)."""

    event: Event
    zone_id: str
    stay: Stay
    time_us: int


Stays = Mapping[str, Stay]
EMPTY: Stays = {}


def begin(inside: Iterable[str], observation: str, time_us: int) -> tuple[Stays, list[Change]]:
    """The state after the first fix of an object: what contains it already is found, not entered."""
    stays = {zone_id: Stay(observation, True, time_us) for zone_id in inside}
    return stays, [Change(Event.FOUND, zone_id, stay, time_us) for zone_id, stay in stays.items()]


def due(stays: Stays, rules: Hysteresis) -> int | None:
    """The earliest time (us) at which a stay ends by itself, if nothing more is heard."""
    times = [max(stay.out_us + rules.dwell_us, stay.far_us) for stay in stays.values() if stay.far_us != NEVER]
    return min(times) if times else None


def expire(stays: Stays, until_us: int, rules: Hysteresis) -> tuple[Stays, list[Change]]:
    """End the stays that are over at ``until_us`` (us), earliest first."""
    over = [zone_id for zone_id, stay in stays.items() if _over(stay, until_us, rules)]
    if not over:
        return stays, []
    over.sort(key=lambda zone_id: (max(stays[zone_id].out_us + rules.dwell_us, stays[zone_id].far_us), zone_id))
    left = [Change(Event.LEFT, zone_id, stays[zone_id], stays[zone_id].out_us) for zone_id in over]
    return {zone_id: stay for zone_id, stay in stays.items() if zone_id not in over}, left


def step(
    stays: Stays,
    inside: Iterable[str],
    passed: Iterable[str],
    observation: str,
    time_us: int,
    outside_m: Callable[[str], float],
    rules: Hysteresis,
) -> tuple[Stays, list[Change]]:
    """The state after one more fix, and what changed, in the order of the zones' ids.

    ``inside`` are the zones that contain the fix, ``passed`` those the segment from the fix before went through,
    ``outside_m`` tells how far outside a zone the fix lies (metres). ``time_us`` is not below the fix before.
    """
    stays, changes = expire(stays, time_us, rules)
    now = set(inside)
    through = set(passed)
    found = dict(stays)
    for zone_id in sorted(now.union(stays, through)):
        stay = stays.get(zone_id)
        if stay is None:
            fresh = Stay(observation, False, time_us)
            if zone_id in now:
                found[zone_id] = fresh
                changes.append(Change(Event.ENTERED, zone_id, fresh, time_us))
            else:
                changes.append(Change(Event.PASSED, zone_id, fresh, time_us))
        elif zone_id in now:
            if stay.leaving:
                found[zone_id] = Stay(stay.visit, stay.found, stay.since_us)
                changes.append(Change(Event.RETURNED, zone_id, found[zone_id], time_us))
        else:
            if stay.leaving and zone_id in through:
                changes.append(Change(Event.RETURNED, zone_id, stay, time_us))
                stay = Stay(stay.visit, stay.found, stay.since_us)
            out_us = stay.out_us if stay.leaving else time_us
            far_us = stay.far_us
            if far_us == NEVER and outside_m(zone_id) >= rules.margin_m:
                far_us = time_us
            found[zone_id] = stay = Stay(stay.visit, stay.found, stay.since_us, out_us, far_us)
            if _over(stay, time_us, rules):
                del found[zone_id]
                changes.append(Change(Event.LEFT, zone_id, stay, out_us))
    return found, changes


def rebase(
    stays: Stays, inside: Iterable[str], known: Iterable[str], observation: str, time_us: int
) -> tuple[Stays, list[Change]]:
    """The state under a new version of the zones, at the last fix: no event for what now contains it (found), and an
    end, dated ``time_us``, for what does not any more. A candidate to leave stays one where its zone still exists."""
    now, exists = set(inside), set(known)
    kept: dict[str, Stay] = {}
    changes = []
    for zone_id, stay in stays.items():
        if zone_id in now:
            kept[zone_id] = Stay(stay.visit, stay.found, stay.since_us)
        elif stay.leaving and zone_id in exists:
            kept[zone_id] = stay
        else:
            changes.append(Change(Event.LEFT, zone_id, stay, time_us))
    for zone_id in sorted(now - kept.keys()):
        kept[zone_id] = Stay(observation, True, time_us)
        changes.append(Change(Event.FOUND, zone_id, kept[zone_id], time_us))
    return kept, changes


def _over(stay: Stay, time_us: int, rules: Hysteresis) -> bool:
    return stay.far_us != NEVER and time_us >= max(stay.out_us + rules.dwell_us, stay.far_us)
