"""The states of an alert and what moves it between them (docs/reference/alert-states.md).

After IEC 62682:2014 (alarm states A normal, B unacknowledged, C acknowledged, D returned to normal unacknowledged) and
IEC 62923-1:2018 (silencing is not acknowledging). What the standard calls *normal* is kept in view as ``cleared-ack``,
because closing needs an outcome.
"""

from enum import StrEnum

from streams.messages import AlertState, CommandKind, Edge, EdgeKind

TERMINAL = frozenset({AlertState.CLOSED, AlertState.RETRACTED})
OVER = frozenset({AlertState.CLEARED_UNACK, AlertState.CLEARED_ACK, *TERMINAL})


class Signal(StrEnum):
    """What an edge says about the condition."""

    ACTIVE = "active"
    CLEARED = "cleared"
    RETRACTED = "retracted"


_S = AlertState
ON_SIGNAL: dict[AlertState | None, dict[Signal, AlertState]] = {
    None: {
        Signal.ACTIVE: _S.ACTIVE_UNACK,
        Signal.CLEARED: _S.CLEARED_UNACK,
        Signal.RETRACTED: _S.RETRACTED,
    },
    _S.ACTIVE_UNACK: {
        Signal.ACTIVE: _S.ACTIVE_UNACK,
        Signal.CLEARED: _S.CLEARED_UNACK,
        Signal.RETRACTED: _S.RETRACTED,
    },
    _S.ACTIVE_ACK: {  # the acknowledgement survives updates
        Signal.ACTIVE: _S.ACTIVE_ACK,
        Signal.CLEARED: _S.CLEARED_ACK,
        Signal.RETRACTED: _S.RETRACTED,
    },
    _S.CLEARED_UNACK: {
        Signal.ACTIVE: _S.ACTIVE_UNACK,
        Signal.CLEARED: _S.CLEARED_UNACK,
        Signal.RETRACTED: _S.RETRACTED,
    },
    _S.CLEARED_ACK: {  # an end that is taken back must be seen again
        Signal.ACTIVE: _S.ACTIVE_UNACK,
        Signal.CLEARED: _S.CLEARED_ACK,
        Signal.RETRACTED: _S.RETRACTED,
    },
    _S.CLOSED: {},
    _S.RETRACTED: {},
}

ON_COMMAND: dict[AlertState, dict[CommandKind, AlertState]] = {
    _S.ACTIVE_UNACK: {
        CommandKind.ACKNOWLEDGE: _S.ACTIVE_ACK,
        CommandKind.SILENCE: _S.ACTIVE_UNACK,
        CommandKind.CLOSE: _S.CLOSED,
    },
    _S.ACTIVE_ACK: {
        CommandKind.ACKNOWLEDGE: _S.ACTIVE_ACK,
        CommandKind.SILENCE: _S.ACTIVE_ACK,
        CommandKind.CLOSE: _S.CLOSED,
    },
    _S.CLEARED_UNACK: {
        CommandKind.ACKNOWLEDGE: _S.CLEARED_ACK,
        CommandKind.SILENCE: _S.CLEARED_UNACK,
        CommandKind.CLOSE: _S.CLOSED,
    },
    _S.CLEARED_ACK: {
        CommandKind.ACKNOWLEDGE: _S.CLEARED_ACK,
        CommandKind.SILENCE: _S.CLEARED_ACK,
        CommandKind.CLOSE: _S.CLOSED,
    },
    _S.CLOSED: {},
    _S.RETRACTED: {},
}


def signal_of(edge: Edge) -> Signal:
    """What an edge says about the condition; a revision of an ended incident does not re-open it."""
    if edge.kind is EdgeKind.RETRACTED:
        return Signal.RETRACTED
    if edge.kind is EdgeKind.ENDED or edge.incident.ended_us is not None:
        return Signal.CLEARED
    return Signal.ACTIVE
