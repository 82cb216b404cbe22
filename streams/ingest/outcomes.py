"""What the checks may say of a row: one small number a row, and what each number means in the ledger.

The codes are ordered as the checks are, and the first check that objects decides. A distress row is never given one:
safety of life outranks every doubt about the message.
"""

from enum import IntEnum
from typing import NamedTuple

from sensors.reasons import Fate, FilterReason, RejectReason


class Code(IntEnum):
    """The verdict on one row; it fits a ``u1`` column."""

    ACCEPTED = 0
    UNKNOWN_SENSOR = 1
    TOO_LARGE = 2
    CLOCK_AHEAD = 3
    CLOCK_BEHIND = 4
    CLOCK_JUMP = 5
    NO_POSITION = 6
    DUPLICATE = 7
    NO_IDENTITY = 8
    TELEPORT = 9


class Meaning(NamedTuple):
    """A code in the words of the ledger; ``detail`` names field and expectation, never a value."""

    fate: Fate
    reason: FilterReason | RejectReason
    detail: str = ""


MEANINGS: dict[int, Meaning] = {
    Code.UNKNOWN_SENSOR: Meaning(
        Fate.DEAD, RejectReason.UNKNOWN_SENSOR, "sensor_id: expected a sensor registered for this feed"
    ),
    Code.TOO_LARGE: Meaning(Fate.DEAD, RejectReason.TOO_LARGE, "event: expected at most 600 kB beside its position"),
    Code.CLOCK_AHEAD: Meaning(
        Fate.DEAD, RejectReason.CLOCK_AHEAD, "event_time: expected not this far ahead of the time of arrival"
    ),
    Code.CLOCK_BEHIND: Meaning(
        Fate.DEAD, RejectReason.CLOCK_BEHIND, "event_time: expected not this far behind the time of arrival"
    ),
    Code.CLOCK_JUMP: Meaning(
        Fate.DEAD, RejectReason.CLOCK_JUMP, "event_time: expected not this far ahead of the sensor's newest"
    ),
    Code.NO_POSITION: Meaning(Fate.FILTERED, FilterReason.NO_POSITION),
    Code.DUPLICATE: Meaning(Fate.FILTERED, FilterReason.DUPLICATE),
    Code.NO_IDENTITY: Meaning(Fate.FILTERED, FilterReason.NO_IDENTITY),
    Code.TELEPORT: Meaning(Fate.FILTERED, FilterReason.TELEPORT),
}
