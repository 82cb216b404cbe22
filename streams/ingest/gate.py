"""The rules of one object's fixes, one fix at a time: which fix came before, and whether this one can be true.

A fix is *implausible* beside another when the way between them is longer than the teleport speed allows, after a slack
that covers GNSS scatter and rounded times. One implausible fix is refused and remembered; where the next one agrees
with it, it is the memory that was wrong: that fix is accepted with no previous fix, so that no crossing is ever
judged through the jump.

The two newest accepted fixes are remembered. A fix older than the newest keeps flowing (it is late): its previous fix
is the one before the newest where that is not later than itself, otherwise it has none. It is held against the fix it
would stand beside, and never moves the newest.
"""

import math
from typing import NamedTuple

EARTH_RADIUS_M = 6_371_008.8  # IUGG mean radius
_RAD = math.pi / 180


class Fix(NamedTuple):
    """An object's position at a time, as the memory keeps it."""

    time_us: int
    lon: float
    lat: float
    sector: int
    sensor: int
    id: bytes


class Memory(NamedTuple):
    """What is remembered of one identity: the newest accepted fix, the one before it, and a refused one."""

    last: Fix | None = None
    before: Fix | None = None
    refused: Fix | None = None


class GateRules(NamedTuple):
    """Limits of plausible motion."""

    teleport_mps: float
    slack_m: float
    lost_us: int  # an older fix is no longer a previous fix, and nothing is held against it


class Step(NamedTuple):
    """What a fix does: whether it is accepted, the fix before it, and the memory after it."""

    accepted: bool
    previous: Fix | None
    memory: Memory


def gap_m(a: Fix, b: Fix) -> float:
    """Great-circle distance in metres (haversine on the mean sphere, within 0.6 % of the ellipsoid)."""
    rise = math.sin((b.lat - a.lat) * (_RAD / 2)) ** 2
    turn = math.sin((b.lon - a.lon) * (_RAD / 2)) ** 2
    share = rise + math.cos(a.lat * _RAD) * math.cos(b.lat * _RAD) * turn
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(share)))


def plausible(a: Fix, b: Fix, rules: GateRules) -> bool:
    """Whether one object can have been at both; always where they are further apart in time than the lost-time."""
    elapsed_us = abs(b.time_us - a.time_us)
    return elapsed_us > rules.lost_us or gap_m(a, b) <= rules.slack_m + rules.teleport_mps * elapsed_us * 1e-6


def recent(previous: Fix | None, time_us: int, rules: GateRules) -> Fix | None:
    """``previous`` where it may be the start of a segment that ends at ``time_us``."""
    return previous if previous is not None and 0 <= time_us - previous.time_us <= rules.lost_us else None


def step(memory: Memory, fix: Fix, rules: GateRules) -> Step:
    """Judge the next fix of an identity, in the order of the log."""
    last, before, refused = memory
    if last is None:
        return Step(True, None, Memory(fix))
    if fix.time_us < last.time_us:
        return _older(memory, fix, rules)
    if plausible(last, fix, rules):
        return Step(True, recent(last, fix.time_us, rules), Memory(fix, last))
    if refused is not None and plausible(refused, fix, rules):
        return Step(True, None, Memory(fix))
    return Step(False, None, Memory(last, before, fix))


def _older(memory: Memory, fix: Fix, rules: GateRules) -> Step:
    last, before, refused = memory
    assert last is not None
    if before is not None and fix.time_us >= before.time_us:
        if not plausible(before, fix, rules):
            return Step(False, None, memory)
        return Step(True, recent(before, fix.time_us, rules), Memory(last, fix, refused))
    if not plausible(last if before is None else before, fix, rules):
        return Step(False, None, memory)
    return Step(True, None, Memory(last, fix, refused) if before is None else memory)
