"""What an edge or a command does to one alert. Every accepted change is one version; nothing else is.

The functions change the alert in hand and say what became of the message; the caller publishes.
"""

import msgspec

from streams.alerts.held import Held, write_history
from streams.alerts.states import ON_COMMAND, ON_SIGNAL, TERMINAL, Signal, signal_of
from streams.messages import AlertKind, Command, CommandKind, Edge, Incident
from streams.public import to_us
from streams.reasons import Refusal, Unused

MOST_COMMANDS = 1000  # ids remembered for one alert; a client repeats within seconds
_WHO = "surveil"
_DONE = {
    CommandKind.ACKNOWLEDGE: "acknowledged",
    CommandKind.SILENCE: "silenced",
    CommandKind.CLOSE: "closed",
}
ALERT_COMMANDS = frozenset(_DONE)


def open_alert(edge: Edge, at_us: int) -> Held:
    """A new alert from any edge of its incident: an edge carries the whole of it."""
    signal = signal_of(edge)
    state = ON_SIGNAL[None][signal]
    incident = edge.incident
    held = Held(incident, edge.sequence, edge.event_time_us, 1, state, [], [], over=signal is not Signal.ACTIVE)
    write_history(held, "opened", _WHO, at_us, "; ".join(incident.reasons) or None)
    if signal is not Signal.ACTIVE:
        write_history(held, *_change(signal), at_us, _why(signal, incident))
    return held


def apply_edge(held: Held, edge: Edge, at_us: int) -> Unused | None:
    """Take a further edge, written at ``at_us`` of log time; None where it made a version.

    Edges of one incident come over several sources: the highest sequence is the truth, whatever the order."""
    if edge.sequence <= held.sequence:
        return Unused.STALE
    signal = signal_of(edge)
    held.sequence = edge.sequence
    held.over = signal is not Signal.ACTIVE
    if held.state in TERMINAL:
        return Unused.AFTER_TERMINAL
    held.newest_us = max(held.newest_us, edge.event_time_us)
    if held.silenced_until_us is not None and held.newest_us >= held.silenced_until_us:
        held.silenced_until_us = None  # judged by the fix that triggered, not by when anybody looks
    held.incident = _joined(held.incident, edge.incident)
    held.state = ON_SIGNAL[held.state][signal]
    held.version += 1
    write_history(held, *_change(signal), at_us, _why(signal, edge.incident))
    return None


def apply_command(held: Held, command: Command, at_us: int) -> Unused | Refusal | None:
    """Do what a person asked, written at ``at_us`` of log time; None where it made a version."""
    if command.command_id in held.commands:
        return Unused.REPEATED_COMMAND
    state = ON_COMMAND[held.state].get(command.kind)
    until_us = None if command.until is None else to_us(command.until)
    if state is None or not _lawful(held, command.kind, until_us, command):
        return Refusal.NOT_ALLOWED
    held.commands.append(command.command_id)
    del held.commands[:-MOST_COMMANDS]
    if command.kind is CommandKind.ACKNOWLEDGE and state is held.state:
        return Unused.NO_CHANGE
    if command.kind is CommandKind.SILENCE:
        if until_us == held.silenced_until_us:
            return Unused.NO_CHANGE
        held.silenced_until_us = until_us
    if command.kind is CommandKind.CLOSE:
        held.outcome = command.outcome
    held.state = state
    held.version += 1
    write_history(held, _DONE[command.kind], command.actor, at_us, command.note)
    return None


def _lawful(held: Held, kind: CommandKind, until_us: int | None, command: Command) -> bool:
    """Distress is never silenced; a silence must reach beyond the fix that triggered; closing needs an outcome."""
    if kind is CommandKind.SILENCE:
        return held.incident.kind is not AlertKind.DISTRESS and until_us is not None and until_us > held.newest_us
    return kind is not CommandKind.CLOSE or command.outcome is not None


def _joined(old: Incident, new: Incident) -> Incident:
    """The newer incident with all evidence there ever was, each observation once; a provisional one is superseded."""
    if old.provisional:
        return new
    return msgspec.structs.replace(
        new,
        evidence=list(dict.fromkeys([*old.evidence, *new.evidence])),
        sensors=list(dict.fromkeys([*old.sensors, *new.sensors])),
        track_ids=list(dict.fromkeys([*old.track_ids, *new.track_ids])),
    )


def _change(signal: Signal) -> tuple[str, str]:
    return {Signal.ACTIVE: "updated", Signal.CLEARED: "ended", Signal.RETRACTED: "retracted"}[signal], _WHO


def _why(signal: Signal, incident: Incident) -> str | None:
    if signal is Signal.CLEARED:
        return None if incident.end_reason is None else str(incident.end_reason)
    return (incident.reasons[-1] if incident.reasons else None) if signal is Signal.RETRACTED else None
