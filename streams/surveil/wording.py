"""Reasons in plain language. They depend on the observations alone, never on when they were processed."""

import math
from collections.abc import Sequence

from geo.chance import Label
from geo.zones import ZoneKind
from streams.messages import EndReason

_KINDS = {
    ZoneKind.TERRITORY: "territory",
    ZoneKind.EXCLUSION: "exclusion zone",
    ZoneKind.PROTECTED: "protected area",
    ZoneKind.BORDER_LINE: "border line",
}

_CERTAIN = tuple(f"{label.word}: a chance of " for label in Label)


def zone_words(name: str, kind: ZoneKind) -> str:
    """``Cuba (territory)``."""
    return f"{name} ({_KINDS.get(kind, kind.value.replace('_', ' '))})"


def distance_words(metres: float) -> str:
    """Metres as a person says them.

    >>> distance_words(420.4), distance_words(4200.0)
    ('420 m', '4.2 km')
    """
    return f"{metres:.0f} m" if metres < 1000 else f"{metres / 1000:.1f} km"


def span_words(microseconds: int) -> str:
    """A span of time as a person says it.

    >>> span_words(40_000_000), span_words(1_860_000_000), span_words(11_160_000_000)
    ('40 s', '31 min', '3.1 h')
    """
    seconds = microseconds / 1e6
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def entered(zone: str, depth_m: float, gap_us: int) -> str:
    """An entry."""
    return f"entered {zone}: {distance_words(depth_m)} inside, {span_words(gap_us)} after the last fix outside"


def found(zone: str, depth_m: float) -> str:
    """One that was first seen inside, where a rule asks for it."""
    return f"first seen inside {zone}, {distance_words(depth_m)} from its border; where it came in is not known"


def passed(zone: str, gap_us: int) -> str:
    """A passage."""
    return f"the straight line between two fixes {span_words(gap_us)} apart, both outside, passes through {zone}"


def crossed(zone: str, direction: str, gap_us: int) -> str:
    """A border crossing."""
    return f"crossed {zone} {direction}, between two fixes {span_words(gap_us)} apart"


def near_border(depth_m: float, accuracy_m: float) -> str:
    """Why an entry is not certain."""
    return f"{distance_words(depth_m)} inside is within the border's accuracy of {distance_words(accuracy_m)}"


def certain(label: Label, chance: float, sigma_m: float, accuracy_m: float) -> str:
    """The word for a chance, and what it rests on."""
    percent = min(math.floor(chance * 100), 99)
    border = f", the border to {distance_words(accuracy_m)}" if accuracy_m > 0 else ""
    return f"{label.word}: a chance of {percent} %, by a position good to {distance_words(sigma_m)}{border}"


def is_certain(reason: str) -> bool:
    """Whether a reason is one of :func:`certain`."""
    return reason.startswith(_CERTAIN)


def long_gap(gap_us: int) -> str:
    """Why an entry is not certain."""
    return f"nothing was heard for {span_words(gap_us)} before it"


def disputed(zone: str, claimants: tuple[str, ...]) -> str:
    """Who claims a strip.

    >>> disputed("The reef", ("A", "B", "C"))
    'The reef is disputed: claimed by A, B and C'
    """
    return f"{zone} is disputed: claimed by {', '.join(claimants[:-1])} and {claimants[-1]}"


def ended(zone: str | None, reason: EndReason, out_after_us: int | None) -> str:
    """An end."""
    where = zone or "the signal"
    if reason is EndReason.EXITED:
        return f"left {where}" + ("" if out_after_us is None else f" {span_words(out_after_us)} after entering")
    if reason is EndReason.LOST:
        return f"not heard from any more; last known inside {where}" if zone else "not heard from any more"
    if reason is EndReason.NOT_IN_FORCE:
        return f"by its schedule, {where} is not in force there any more"
    if reason is EndReason.ZONE_CHANGED:
        return f"the new version of the zones no longer has it inside {where}"
    if reason is EndReason.HAPPENED:
        return f"it has entered {where}"
    if reason is EndReason.REFUTED:
        return f"it no longer heads for {where}, or did not come there in time"
    return f"outside {where} again"


def foreseen(zone: str, chance: float, horizon_s: float, times_s: Sequence[float | None]) -> str:
    """A predicted entry; ``times_s`` are the early, the middle and the late one, None where that is far off.

    >>> foreseen("Cuba (territory)", 0.824, 300.0, (200.0, 240.0, None))
    'on its course it enters Cuba (territory) in about 4 min (from 3 min on): a chance of 82 % within 5 min'
    """
    early, middle, late = (None if t is None else span_words(round(t * 1e6)) for t in times_s)
    spread = f"{early} to {late}" if late is not None else f"from {early} on"
    when = f"in about {middle} ({spread})" if middle is not None else "by drifting"
    within = span_words(round(horizon_s * 1e6))
    return f"on its course it enters {zone} {when}: a chance of {math.floor(chance * 100)} % within {within}"


DISTRESS = "sends a distress signal"
PROVISIONAL = "judged from its feed's previous fix alone, before its state arrived from the neighbouring owner"
LATE = "shown by a fix that came late"
REVISED = "a fix that came late changed what is known of it"
OTHERWISE = "what is known of the object since says that the zone does not concern it"
CONTRADICTED = "contradicted by a fix that came late"
UNFOUNDED = "contradicted by what the neighbouring owner knew"
TWICE = "the same object was followed twice; this is the same entry"
CLEARED = "the object has shown a name, which is cleared there"
