"""The model behind the live view."""

import msgspec
import pytest

from streams.console.view import View, alert_line, task_line
from streams.messages import AlertKind, AlertState, TaskState
from tests.streams.console.sample import NOW, alert, health, sample_view, task


def view() -> View:
    """A view that nothing has been told yet."""
    return View("vedette up", NOW)


def test_a_version_that_is_not_newer_changes_nothing() -> None:
    """Public consumers ignore a version at or below one they have seen: a zombie's old one must not come back."""
    shown = view()
    shown.apply_alert(alert(1, version=3, state=AlertState.ACTIVE_ACK))
    assert shown.apply_alert(alert(1, version=2, state=AlertState.ACTIVE_UNACK)) is None
    assert shown.alerts[f"{1:032x}"].state is AlertState.ACTIVE_ACK
    assert shown.opened.total() == 1


def test_only_a_change_of_state_is_told() -> None:
    """An update of an open alert is no news; its clearing is."""
    shown = view()
    opened = shown.apply_alert(alert(1))
    assert opened is not None
    assert "incursion" in opened.text
    assert shown.apply_alert(alert(1, version=2)) is None
    cleared = shown.apply_alert(alert(1, version=3, state=AlertState.CLEARED_UNACK))
    assert cleared is not None
    assert "cleared-unack" in cleared.text


def test_a_call_for_help_stands_first_while_it_is_active() -> None:
    """Safety of life outranks every other alert, however new that is; a closed one takes its place in time again."""
    shown = view()
    shown.apply_alert(alert(1, kind=AlertKind.DISTRESS))
    shown.apply_alert(alert(2))
    assert [a.kind for a in shown.latest_alerts(2)] == [AlertKind.DISTRESS, AlertKind.INCURSION]
    shown.apply_alert(alert(1, kind=AlertKind.DISTRESS, version=2, state=AlertState.CLOSED))
    assert [a.kind for a in shown.latest_alerts(2)] == [AlertKind.INCURSION, AlertKind.DISTRESS]


def test_the_rate_is_of_items_not_of_records() -> None:
    """A frame is one record and many observations: what a person wants to know is how many events come in."""
    shown = view()
    shown.apply_health(health("surveil", "observations.v1", at=NOW, counts={"in": 1_000}, rates={"records": 3.0}))
    shown.apply_health(health("surveil", "observations.v1", at=NOW + 2.0, counts={"in": 5_000}, rates={"records": 3.0}))
    assert shown.stages(NOW + 2.0)[0].rate == pytest.approx(2_000.0)


def test_partitions_of_a_stage_add_up() -> None:
    """A stage's row is the sum of its partitions: lag, rejects by any reason, repeats."""
    shown = view()
    for partition in range(3):
        counts = {"in": 10, "dead/bad-checksum": 1, "dead/no-time": 2, "repeat": 4}
        shown.apply_health(health("ingest", "raw.sim.json", partition, lag=5, counts=counts, repeats=1))
    row = shown.stages(NOW)[0]
    assert (row.partitions, row.lag, row.rejected, row.repeats) == (3, 15, 9, 15)


@pytest.mark.parametrize(
    "state, age_s, final, expected",
    [
        ("running", 0.5, False, "running"),
        ("running", 30.0, False, "silent"),
        ("retrying", 0.5, False, "retrying"),
        ("stopped", 30.0, True, "stopped"),
    ],
)
def test_a_stage_that_says_nothing_is_silent_unless_it_said_goodbye(
    state: str, age_s: float, final: bool, expected: str
) -> None:
    """Silence of a worker must show within seconds; one that ended on purpose is not a fault."""
    shown = view()
    shown.apply_health(health("alert", "detections.v1", 0, at=NOW - 0.1))
    shown.apply_health(health("alert", "detections.v1", 1, at=NOW - age_s, state=state, final=final))
    assert shown.stages(NOW)[0].state == expected


def test_a_feed_was_last_heard_when_its_count_last_rose() -> None:
    """Health goes on while a feed is silent; the time since the last event is what shows a dead sensor."""
    shown = view()
    for second, items in enumerate((10, 20, 20, 20)):
        shown.apply_health(health("ingest", "raw.sim.json", at=NOW + second, counts={"in": items}))
    row = shown.feeds(NOW + 3.0)[0]
    assert (row.topic, row.events) == ("raw.sim.json", 20)
    assert row.heard_s == pytest.approx(2.0)


def test_the_age_of_a_recording_is_not_shown() -> None:
    """A recording's event clock is years off; an age would be nonsense."""
    shown = view()
    shown.apply_health(health("surveil", "observations.v1", gauges={"clock_us": (NOW - 3e7) * 1e6}))
    assert shown.stages(NOW)[0].age_p50_s is None
    shown.apply_health(health("surveil", "observations.v1", at=NOW, gauges={"clock_us": (NOW - 1.5) * 1e6}))
    assert shown.stages(NOW)[0].age_p50_s == pytest.approx(1.5, abs=1e-5)


def test_the_view_keeps_a_bounded_number_of_alerts_and_counts_all() -> None:
    """A view that runs for weeks does not grow; the count of alerts ever opened does."""
    shown = view()
    for number in range(1_200):
        shown.apply_alert(alert(number))
        shown.apply_task(task(number))
    assert len(shown.alerts) == len(shown.tasks) <= 500
    assert shown.opened[AlertKind.INCURSION] == 1_200


def test_tasks_that_are_over_come_last() -> None:
    """A dispatcher looks for what is still to be done."""
    shown = view()
    shown.apply_task(task(1))
    shown.apply_task(task(2, state=TaskState.DONE))
    assert [t.state for t in shown.latest_tasks(5)] == [TaskState.OFFERED, TaskState.DONE]


def test_lines_say_who_where_which_way_and_why() -> None:
    """The plain line holds what the picture holds, and says that it is simulated."""
    line = alert_line(alert(3))
    for part in ("HIGH", "incursion", "inbound", "Northland", "FAST-BOAT 3", "active-unack", "simulated", "16 m/s"):
        assert part in line
    assert task_line(task(3)).endswith("there in 11 min")


def test_a_later_schema_with_more_fields_is_still_read() -> None:
    """Readers of public records ignore fields they do not know."""
    encoded = msgspec.json.encode({**msgspec.to_builtins(alert(1)), "risk": 0.9})
    assert msgspec.json.decode(encoded, type=type(alert(1))).alert_id == f"{1:032x}"


def test_the_sample_is_whole() -> None:
    """The sample that pictures are made from shows all parts of a running system."""
    shown = sample_view()
    assert [row.stage for row in shown.stages(NOW)] == ["ingest", "surveil", "alert"]
    assert shown.latency().p50 is not None
