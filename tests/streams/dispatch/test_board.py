"""Who is offered what, and what becomes of an offer."""

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.config import DispatchRules
from streams.dispatch.board import KEPT_US, Board
from streams.dispatch.choice import nearest
from streams.messages import AlertKind, AlertState, CommandKind, Outcome, Request, Task, TaskState, Unit
from streams.reasons import Refusal, Unused
from tests.streams.owner_log import DAY_US, SECOND_US, command, request

OFFER_US = 120 * SECOND_US
S = TaskState


def unit(unit_id: str, lon: float = 10.0, *, speed_mps: float = 10.0, exercise: bool = False, **more: object) -> Unit:
    """A patrol at 54 degrees north."""
    return Unit(unit_id=unit_id, position=(lon, 54.0), speed_mps=speed_mps, exercise=exercise, **more)  # type: ignore[arg-type]


def board(*units: Unit, attempts: int = 10) -> Board:
    """A board with these units and no alert."""
    made = Board(DispatchRules(offer_s=120, attempts=attempts))
    for one in units:
        made.unit(one)
    return made


def moves(found: object) -> list[tuple[str, str, TaskState]]:
    """(alert, unit, state) of every task version."""
    assert isinstance(found, list), found
    return [(task.alert_id, task.unit_id, task.state) for task in found]


def only(found: object) -> Task:
    """The one task version made."""
    assert isinstance(found, list), found
    [task] = found
    assert isinstance(task, Task)
    return task


def answer(on: Board, task: Task, kind: CommandKind, outcome: Outcome | None = None) -> object:
    """A unit's answer, each with an id of its own."""
    return on.command(command(kind, task.task_id, f"{kind}-{task.task_id}", outcome=outcome))


def test_the_unit_that_gets_there_first_is_asked() -> None:
    """Time decides, not distance: a fast boat far away beats a slow one nearby."""
    desk = board(unit("near", 10.1, speed_mps=1.0), unit("far", 10.5, speed_mps=20.0))
    task = only(desk.request(request("a")))
    assert (task.unit_id, task.state, task.alert_version, task.attempt) == ("far", S.OFFERED, 1, 1)
    assert task.distance_m == pytest.approx(32_800, rel=0.01)
    assert task.eta_s == pytest.approx(task.distance_m / 20.0 if task.distance_m else 0, abs=0.1)
    assert (task.expires_time - task.offered_time).total_seconds() == 120


def test_equal_times_are_settled_by_unit_id() -> None:
    """The answer does not depend on the order units reported in."""
    for order in (("b", "a"), ("a", "b")):
        assert only(board(*(unit(name) for name in order)).request(request("x"))).unit_id == "a"


@given(
    places=st.lists(st.tuples(st.floats(-30, 30), st.floats(-60, 60), st.floats(0.5, 30)), min_size=1, max_size=8),
    at=st.tuples(st.floats(-30, 30), st.floats(-60, 60)),
)
def test_the_choice_agrees_with_the_geodesic(places: list[tuple[float, float, float]], at: tuple[float, float]) -> None:
    """Against pyproj's geodesic, unit by unit, the chosen one is the fastest but for the formula's 0.5 %."""
    geodesic = pyproj.Geod(ellps="WGS84")
    units = [Unit(unit_id=f"u{n}", position=(lon, lat), speed_mps=v) for n, (lon, lat, v) in enumerate(places)]
    times = {u.unit_id: geodesic.inv(*u.position, *at)[2] / u.speed_mps for u in units}
    choice = nearest(units, *at)
    assert choice is not None
    assert times[choice.unit_id] <= min(times.values()) * 1.011 + 1e-6
    assert choice.eta_s == pytest.approx(times[choice.unit_id], rel=0.006, abs=1e-3)


def test_a_unit_that_cannot_move_is_never_asked() -> None:
    """Speed zero reaches nothing; the alert waits."""
    desk = board(unit("moored", speed_mps=0.0))
    assert desk.request(request("a")) == []
    assert len(desk.pools[False].waiting) == 1


def test_one_unit_one_task() -> None:
    """The oldest alert has the unit, the next waits until it is free."""
    desk = board(unit("u"))
    first = only(desk.request(request("a")))
    assert desk.request(request("b", event_time_us=DAY_US + 2)) == []
    assert desk.request(request("c", event_time_us=DAY_US + 1)) == []
    assert moves(answer(desk, first, CommandKind.ACCEPT)) == [("a", "u", S.ACCEPTED)]
    done = answer(desk, first, CommandKind.OUTCOME, Outcome.TRUE)
    assert moves(done) == [("a", "u", S.DONE), ("c", "u", S.OFFERED)]


def test_distress_comes_first() -> None:
    """However long the others have waited."""
    desk = board(unit("u"))
    first = only(desk.request(request("a")))
    desk.request(request("b", event_time_us=DAY_US + 1))
    desk.request(request("sos", event_time_us=DAY_US + 9, kind=AlertKind.DISTRESS))
    assert moves(answer(desk, first, CommandKind.DECLINE))[1] == ("sos", "u", S.OFFERED)


def test_a_decline_goes_to_the_next_unit_not_yet_asked() -> None:
    """Nobody is asked twice; when all have declined the alert waits for a unit that comes."""
    desk = board(unit("u1", 10.0), unit("u2", 10.5))
    first = only(desk.request(request("a")))
    assert moves(answer(desk, first, CommandKind.DECLINE)) == [("a", "u1", S.DECLINED), ("a", "u2", S.OFFERED)]
    second = desk.tasks[desk.busy["u2"]]
    desk.command(command(CommandKind.DECLINE, second.task_id, "d2"))
    assert (desk.busy, len(desk.pools[False].waiting)) == ({}, 1)
    assert moves(desk.unit(unit("u3"))) == [("a", "u3", S.OFFERED)]


def test_attempts_are_limited() -> None:
    """After so many offers the alert is left to the dispatcher."""
    desk = board(*(unit(f"u{n}") for n in range(5)), attempts=2)
    first = only(desk.request(request("a")))
    second = answer(desk, first, CommandKind.DECLINE)
    assert isinstance(second, list)
    assert moves(answer(desk, second[1], CommandKind.DECLINE)) == [("a", "u1", S.DECLINED)]
    assert desk.pools[False].waiting == []


def test_an_offer_expires_by_the_event_clock() -> None:
    """At its own time: what follows is stamped with when it was due, not with when it was noticed."""
    desk = board(unit("u1", 10.0), unit("u2", 10.5))
    desk.request(request("a"))
    assert desk.advance(DAY_US + OFFER_US - 1) == []
    found = desk.advance(DAY_US + 2 * OFFER_US - 1)
    assert moves(found) == [("a", "u1", S.EXPIRED), ("a", "u2", S.OFFERED)]
    assert found[1].offered_time == found[0].expires_time


def test_a_clock_that_jumps_leaves_what_small_steps_leave() -> None:
    """Timers fire in the order they were due, however far the clock got at once."""
    jumped, stepped = (board(*(unit(f"u{n}") for n in range(4))) for _ in range(2))
    for desk in (jumped, stepped):
        for name in ("a", "b"):
            desk.request(request(name))
    at_once = jumped.advance(DAY_US + 10 * OFFER_US)
    in_steps = [task for step in range(1, 301) for task in stepped.advance(DAY_US + step * 4 * SECOND_US)]
    assert at_once == in_steps
    assert len(at_once) > 6


def test_offers_due_expire_before_a_later_alert_is_taken() -> None:
    """Also where the clock has not got there: the unit is free for the new alert."""
    desk = board(unit("u"))
    desk.request(request("a"))
    found = desk.request(request("b", event_time_us=DAY_US + OFFER_US))
    assert moves(found) == [("a", "u", S.EXPIRED), ("b", "u", S.OFFERED)]


def test_an_answer_after_expiry_is_refused() -> None:
    """The unit may already have been asked for another."""
    desk = board(unit("u"))
    task = only(desk.request(request("a")))
    desk.advance(DAY_US + OFFER_US)
    assert answer(desk, task, CommandKind.ACCEPT) is Refusal.NOT_ALLOWED


@pytest.mark.parametrize("state", [AlertState.CLEARED_UNACK, AlertState.CLOSED, AlertState.RETRACTED])
def test_an_alert_that_is_over_withdraws_its_offer(state: AlertState) -> None:
    """Nobody is kept waiting for an answer that is no longer needed; an accepted task goes on."""
    desk = board(unit("u1"), unit("u2"))
    only(desk.request(request("a")))
    found = desk.request(request("a", 2, state=state))
    assert moves(found) == [("a", "u1", S.ABORTED)]
    assert only(found).reason == f"alert is {state}"
    accepted = only(desk.request(request("b")))
    answer(desk, accepted, CommandKind.ACCEPT)
    assert desk.request(request("b", 2, state=state)) == []
    assert desk.tasks[accepted.task_id].state is S.ACCEPTED


def test_an_alert_already_over_is_offered_to_nobody() -> None:
    """A first version may already say that the condition has ended."""
    assert board(unit("u")).request(request("a", state=AlertState.CLEARED_UNACK)) == []


def test_an_aborted_task_sends_the_alert_to_the_next_unit() -> None:
    """The intrusion goes on although the boat has broken down."""
    desk = board(unit("u1", 10.0), unit("u2", 10.5))
    first = only(desk.request(request("a")))
    answer(desk, first, CommandKind.ACCEPT)
    assert moves(answer(desk, first, CommandKind.ABORT)) == [("a", "u1", S.ABORTED), ("a", "u2", S.OFFERED)]


def test_a_handled_alert_is_offered_to_nobody_else() -> None:
    """An outcome ends the search, also where the alert stays open for judgement."""
    desk = board(unit("u1"), unit("u2"))
    first = only(desk.request(request("a")))
    answer(desk, first, CommandKind.ACCEPT)
    answer(desk, first, CommandKind.OUTCOME, Outcome.ASSISTANCE)
    assert desk.request(request("a", 2)) == []
    assert desk.tasks[first.task_id].outcome is Outcome.ASSISTANCE


def test_a_task_goes_only_forward() -> None:
    """Steps may be left out, never taken back; an outcome needs saying which."""
    desk = board(unit("u"))
    task = only(desk.request(request("a")))
    assert answer(desk, task, CommandKind.ON_SCENE) is Refusal.NOT_ALLOWED
    answer(desk, task, CommandKind.ACCEPT)
    assert only(answer(desk, task, CommandKind.ON_SCENE)).version == 3
    assert answer(desk, task, CommandKind.EN_ROUTE) is Refusal.NOT_ALLOWED
    assert answer(desk, task, CommandKind.OUTCOME) is Refusal.NOT_ALLOWED
    assert only(answer(desk, task, CommandKind.OUTCOME, Outcome.FALSE)).state is S.DONE
    assert answer(desk, task, CommandKind.ABORT) is Refusal.NOT_ALLOWED


@pytest.mark.parametrize("flag", ["simulated", "historical"])
def test_exercises_and_operations_never_meet(flag: str) -> None:
    """A simulated or historical alert goes to exercise units only, a live one never does."""
    for units, live_goes, other_goes in (
        ((unit("real"),), True, False),
        ((unit("play", exercise=True),), False, True),
    ):
        desk = board(*units)
        assert bool(moves(desk.request(request("live")))) is live_goes
        assert bool(moves(desk.request(request("other", **{flag: True})))) is other_goes


def test_a_replayed_history_expires_no_live_offer() -> None:
    """The two pools do not even share the time."""
    desk = board(unit("real"), unit("play", exercise=True))
    desk.request(request("live"))
    desk.request(request("old", historical=True, event_time_us=DAY_US + KEPT_US))
    assert desk.tasks[desk.busy["real"]].state is S.OFFERED


def test_a_unit_serves_its_areas() -> None:
    """One that names areas is asked for no other."""
    desk = board(unit("u", areas=(3,)))
    assert desk.request(request("a")) == []
    assert moves(desk.request(request("b", area=3))) == [("b", "u", S.OFFERED)]


def test_an_unavailable_unit_is_not_asked() -> None:
    """Until it says otherwise."""
    desk = board(unit("u", available=False))
    assert desk.request(request("a")) == []
    assert moves(desk.unit(unit("u"))) == [("a", "u", S.OFFERED)]


def test_what_changes_nothing_is_said() -> None:
    """Older versions, alerts without a place, unknown tasks and repeated commands have a name each."""
    desk = board(unit("u"))
    nowhere: Request = request("n", lon=None, lat=None)
    assert desk.request(nowhere) is Unused.NO_POSITION
    task = only(desk.request(request("a", 2)))
    assert desk.request(request("a", 2)) is Unused.STALE
    accept = command(CommandKind.ACCEPT, task.task_id, "c1")
    assert moves(desk.command(accept)) == [("a", "u", S.ACCEPTED)]
    assert desk.command(accept) is Unused.REPEATED_COMMAND
    assert desk.command(command(CommandKind.ACCEPT, "none", "c2")) is Refusal.UNKNOWN_TARGET


def test_finished_cases_are_forgotten_after_a_day() -> None:
    """But never while a unit is still out."""
    desk = board(unit("u1"), unit("u2"))
    first = only(desk.request(request("a")))
    answer(desk, first, CommandKind.ACCEPT)
    only(desk.request(request("b")))
    for name in ("a", "b"):
        desk.request(request(name, 2, state=AlertState.CLOSED))
    desk.advance(DAY_US + KEPT_US + 1)
    assert list(desk.cases) == ["a"]
    answer(desk, first, CommandKind.OUTCOME, Outcome.TRUE)
    desk.advance(DAY_US + KEPT_US + 2)
    assert (desk.cases, desk.tasks, desk.finished) == ({}, {}, {})
