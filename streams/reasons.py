"""Why a message between stages, or from a person, was not acted on: closed lists, beside those of ``sensors.reasons``.

Like those, a reason is at once a dead-letter header, a metric label and a key of the ledger.
"""

from enum import StrEnum


class Refusal(StrEnum):
    """What a person asked for and cannot have; kept in ``dead-letters.v1`` with this reason."""

    UNKNOWN_TARGET = "unknown-target"  # no such alert or task here
    NOT_ALLOWED = "not-allowed"  # its state, or the law it is under, forbids it


class Unused(StrEnum):
    """Understood, and deliberately without effect; counted as ``filtered/<reason>``."""

    STALE = "stale"  # an edge no newer than one already applied
    FOREIGN = "foreign"  # an incident whose home is another owner's
    AFTER_TERMINAL = "after-terminal"  # an edge of an alert that is closed or retracted
    REPEATED_COMMAND = "repeated-command"  # a command id seen before
    NO_CHANGE = "no-change"  # already so
    NO_POSITION = "no-position"  # nobody can be sent there
