"""One alert from its first edge to its end, command by command."""

import pytest

from streams.alerts.held import MOST_UPDATES, Held, public_alert
from streams.alerts.lifecycle import apply_command, apply_edge, open_alert
from streams.alerts.states import ON_COMMAND, ON_SIGNAL, TERMINAL, Signal
from streams.messages import AlertKind, AlertState, CommandKind, EdgeKind, Incident, Outcome, Severity
from streams.reasons import Refusal, Unused
from tests.streams.owner_log import DAY_US, SECOND_US, command, edge, incident

A = incident("a")


def opened(of: Incident = A) -> Held:
    """A fresh alert."""
    return open_alert(edge(EdgeKind.OPENED, 1, of), DAY_US)


def order(held: Held, kind: CommandKind, number: int = 1, **more: object) -> Unused | Refusal | None:
    """Give a command to an alert."""
    return apply_command(held, command(kind, "a", f"c{number}", **more), DAY_US + 5)  # type: ignore[arg-type]


def test_an_alert_opens_unacknowledged() -> None:
    """The first version of an entry is active and unacknowledged, with who, what, when and why."""
    alert = public_alert(opened())
    assert (alert.version, alert.state) == (1, AlertState.ACTIVE_UNACK)
    assert [(e.what, e.who, e.why) for e in alert.history] == [("opened", "surveil", "entered West")]


def test_the_end_of_an_unacknowledged_condition_stays_in_view() -> None:
    """What nobody has seen is not gone because it is over."""
    held = opened()
    assert apply_edge(held, edge(EdgeKind.ENDED, 2, A, DAY_US + 9), DAY_US) is None
    assert (held.version, held.state, held.over) == (2, AlertState.CLEARED_UNACK, True)


@pytest.mark.parametrize("order_of_events", [("ack", "end"), ("end", "ack")])
def test_acknowledged_and_over_meet_in_one_state(order_of_events: tuple[str, str]) -> None:
    """Whichever comes first, an alert that is acknowledged and over waits for its outcome."""
    held = opened()
    for event in order_of_events:
        if event == "ack":
            assert order(held, CommandKind.ACKNOWLEDGE) is None
        else:
            assert apply_edge(held, edge(EdgeKind.ENDED, 2, A), DAY_US) is None
    assert (held.version, held.state) == (3, AlertState.CLEARED_ACK)


def test_the_acknowledgement_survives_updates() -> None:
    """An update of the detection does not ask for another acknowledgement."""
    held = opened()
    order(held, CommandKind.ACKNOWLEDGE)
    apply_edge(held, edge(EdgeKind.UPDATED, 2, A), DAY_US)
    assert (held.version, held.state) == (3, AlertState.ACTIVE_ACK)


def test_an_end_taken_back_must_be_seen_again() -> None:
    """A condition that returns is unacknowledged, also where its end had been acknowledged."""
    held = opened()
    order(held, CommandKind.ACKNOWLEDGE)
    apply_edge(held, edge(EdgeKind.ENDED, 2, A), DAY_US)
    apply_edge(held, edge(EdgeKind.UPDATED, 3, A), DAY_US)
    assert (held.state, held.over) == (AlertState.ACTIVE_UNACK, False)


def test_any_edge_creates_the_alert() -> None:
    """An end or an update that arrives first carries the whole incident."""
    late = open_alert(edge(EdgeKind.ENDED, 4, A), DAY_US)
    assert (late.version, late.sequence, late.state) == (1, 4, AlertState.CLEARED_UNACK)
    assert [entry.what for entry in late.history] == ["opened", "ended"]
    assert open_alert(edge(EdgeKind.UPDATED, 2, A), DAY_US).state is AlertState.ACTIVE_UNACK


@pytest.mark.parametrize("sequence", [1, 2])
def test_a_lower_or_equal_sequence_changes_nothing(sequence: int) -> None:
    """Edges of one incident come over several sources; the highest sequence is the truth."""
    held = opened()
    apply_edge(held, edge(EdgeKind.ENDED, 2, A), DAY_US)
    assert apply_edge(held, edge(EdgeKind.UPDATED, sequence, A), DAY_US) is Unused.STALE
    assert (held.version, held.state) == (2, AlertState.CLEARED_UNACK)


def test_silencing_is_not_acknowledging() -> None:
    """A silence is an attribute with an end; the state stays unacknowledged."""
    held = opened()
    assert order(held, CommandKind.SILENCE, until_us=DAY_US + SECOND_US) is None
    assert (held.state, held.silenced_until_us) == (AlertState.ACTIVE_UNACK, DAY_US + SECOND_US)


def test_a_silence_ends_with_the_first_fix_at_its_time() -> None:
    """The time of the triggering fix decides, not the time anybody looks."""
    held = opened()
    order(held, CommandKind.SILENCE, until_us=DAY_US + 10)
    apply_edge(held, edge(EdgeKind.UPDATED, 2, A, DAY_US + 9), DAY_US + 3600 * SECOND_US)
    assert held.silenced_until_us == DAY_US + 10
    apply_edge(held, edge(EdgeKind.UPDATED, 3, A, DAY_US + 10), DAY_US)
    assert held.silenced_until_us is None


def test_a_silence_must_reach_beyond_the_fix() -> None:
    """A silence that is already over when it is asked for is refused, not ignored."""
    held = opened()
    assert order(held, CommandKind.SILENCE, until_us=DAY_US) is Refusal.NOT_ALLOWED
    assert order(held, CommandKind.SILENCE, 2) is Refusal.NOT_ALLOWED
    assert held.version == 1


def test_distress_is_critical_and_never_silenced() -> None:
    """Safety of life outranks every other alert, whatever the detection says and whoever asks."""
    held = opened(incident("a", kind=AlertKind.DISTRESS, severity=Severity.LOW))
    assert public_alert(held).severity is Severity.CRITICAL
    assert order(held, CommandKind.SILENCE, until_us=DAY_US + SECOND_US) is Refusal.NOT_ALLOWED
    assert held.silenced_until_us is None


def test_closing_needs_an_outcome() -> None:
    """No alert leaves the desk without a judgement."""
    held = opened()
    assert order(held, CommandKind.CLOSE) is Refusal.NOT_ALLOWED
    assert order(held, CommandKind.CLOSE, 2, outcome=Outcome.NUISANCE) is None
    assert (held.state, held.outcome, held.version) == (AlertState.CLOSED, Outcome.NUISANCE, 2)


@pytest.mark.parametrize("kind", [CommandKind.ACKNOWLEDGE, CommandKind.SILENCE, CommandKind.CLOSE])
@pytest.mark.parametrize("end", ["closed", "retracted"])
def test_nothing_follows_a_terminal_state(kind: CommandKind, end: str) -> None:
    """A closed or retracted alert takes neither commands nor edges, and keeps its version."""
    held = opened()
    if end == "closed":
        order(held, CommandKind.CLOSE, outcome=Outcome.TRUE)
    else:
        apply_edge(held, edge(EdgeKind.RETRACTED, 2, A), DAY_US)
    assert order(held, kind, 9, outcome=Outcome.FALSE, until_us=DAY_US + SECOND_US) is Refusal.NOT_ALLOWED
    assert apply_edge(held, edge(EdgeKind.UPDATED, 8, A), DAY_US) is Unused.AFTER_TERMINAL
    assert held.version == 2


def test_a_closed_alert_still_learns_that_its_condition_ended() -> None:
    """So that it can be forgotten; no version says so."""
    held = opened()
    order(held, CommandKind.CLOSE, outcome=Outcome.TRUE)
    apply_edge(held, edge(EdgeKind.ENDED, 2, A), DAY_US)
    assert (held.over, held.version, held.state) == (True, 2, AlertState.CLOSED)


def test_a_command_given_twice_counts_once() -> None:
    """The command id decides, not the content; another person's same wish changes nothing either."""
    held = opened()
    assert order(held, CommandKind.ACKNOWLEDGE, 1) is None
    assert order(held, CommandKind.ACKNOWLEDGE, 1) is Unused.REPEATED_COMMAND
    assert order(held, CommandKind.ACKNOWLEDGE, 2) is Unused.NO_CHANGE
    assert held.version == 2


def test_evidence_of_opening_and_ending_is_kept() -> None:
    """Every observation id stays, once, in order; only a provisional edge's is superseded."""
    held = opened(incident("a", evidence=["o1", "o2"]))
    apply_edge(held, edge(EdgeKind.ENDED, 2, incident("a", evidence=["o2", "o9"])), DAY_US)
    assert held.incident.evidence == ["o1", "o2", "o9"]
    guess = opened(incident("a", evidence=["guess"], provisional=True))
    apply_edge(guess, edge(EdgeKind.UPDATED, 2, A), DAY_US)
    assert guess.incident.evidence == ["o1"]


def test_the_history_of_a_long_detection_is_bounded() -> None:
    """Old updates go; the opening and what people did stay."""
    held = opened()
    order(held, CommandKind.ACKNOWLEDGE)
    for sequence in range(2, 3 * MOST_UPDATES):
        apply_edge(held, edge(EdgeKind.UPDATED, sequence, A), DAY_US)
    whats = [entry.what for entry in held.history]
    assert whats[:2] == ["opened", "acknowledged"]
    assert len(whats) == MOST_UPDATES + 2
    assert [entry.version for entry in held.history] == sorted({entry.version for entry in held.history})


def test_the_table_is_total() -> None:
    """Every state says what every signal does, terminal ones that nothing does, and every command is decided."""
    assert set(ON_SIGNAL) == {None, *AlertState}
    assert set(ON_COMMAND) == set(AlertState)
    for state, moves in ON_SIGNAL.items():
        assert set(moves) == (set() if state in TERMINAL else set(Signal))
    for state, orders in ON_COMMAND.items():
        assert len(orders) == (0 if state in TERMINAL else 3)
