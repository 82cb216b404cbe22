"""Why an item was not turned into an observation: the closed list of reasons.

A reason is at once the value of a dead-letter header, the value of a metric label and a key of the ledger, so the
list is closed and its words never change meaning. Every item (one event of one raw record) has exactly one *fate*:

``row``       became an observation and was sent on
``merged``    carried no position of its own and was folded into another item (a fragment, a static report, a repeat)
``filtered``  was understood and deliberately not used, with a :class:`FilterReason`
``dead``      could not be used and is kept in ``dead-letters.v1``, with a :class:`RejectReason`
``held``      waits for the rest of itself (a fragment whose message is not complete)
"""

from enum import StrEnum


class Fate(StrEnum):
    """The one primary fate of an item; the ledger proves ``in = sum of fates``."""

    ROW = "row"
    MERGED = "merged"
    FILTERED = "filtered"
    DEAD = "dead"
    HELD = "held"


class FilterReason(StrEnum):
    """Understood, and deliberately not turned into an observation."""

    NOT_A_REPORT = "not-a-report"
    NO_POSITION = "no-position"
    NO_IDENTITY = "no-identity"
    DUPLICATE = "duplicate"
    TELEPORT = "teleport"
    TEST_SIGNAL = "test-signal"
    END_OF_INPUT = "end-of-input"


class RejectReason(StrEnum):
    """Could not be used; the original bytes are kept with this reason."""

    UNDECODABLE = "undecodable"
    BAD_CHECKSUM = "bad-checksum"
    BAD_SENTENCE = "bad-sentence"
    BAD_PAYLOAD = "bad-payload"
    FRAGMENT_LOST = "fragment-lost"
    MISSING_FIELD = "missing-field"
    BAD_FIELD = "bad-field"
    UNKNOWN_FIELD = "unknown-field"
    OUT_OF_RANGE = "out-of-range"
    NO_TIME = "no-time"
    BAD_TIME = "bad-time"
    CLOCK_AHEAD = "clock-ahead"
    CLOCK_BEHIND = "clock-behind"
    CLOCK_JUMP = "clock-jump"
    SENSOR_MISMATCH = "sensor-mismatch"
    UNKNOWN_SENSOR = "unknown-sensor"
    TOO_LARGE = "too-large"
    EMPTY = "empty"
    HANDLER_ERROR = "handler-error"
