"""Membership of one object in zones, as a pure fold."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from geo import membership
from geo.membership import Change, Event, Hysteresis, Stay, Stays

RULES = Hysteresis(60, 500.0)


def walk(fixes: list[tuple[int, bool, float]], *, clock: list[int] | None = None) -> tuple[Stays, list[Change]]:
    """Fold (time, inside, metres outside) over one zone; ``clock`` lets time pass beside the fixes."""
    (time, inside, _), *rest = fixes
    stays, found = membership.begin(["z"] if inside else [], "o0", time)
    changes = list(found)
    for number, (time, inside, outside_m) in enumerate(rest, 1):
        for now in clock or []:
            if now < time:
                stays, over = membership.expire(stays, now, RULES)
                changes += over
        outside = {"z": outside_m}
        stays, more = membership.step(
            stays, ["z"] if inside else [], [], f"o{number}", time, outside.__getitem__, RULES
        )
        changes += more
    return stays, changes


def events(changes: list[Change]) -> list[tuple[Event, int]]:
    """What happened and when it is dated."""
    return [(change.event, change.time_us) for change in changes]


def test_first_fix_inside_is_found_not_entered() -> None:
    """An object first seen inside is found there; leaving and coming back is an entry."""
    stays, changes = walk([(0, True, 0), (10, False, 900.0), (80, False, 900.0), (90, True, 0)])
    assert events(changes) == [(Event.FOUND, 0), (Event.LEFT, 10), (Event.ENTERED, 90)]
    assert stays["z"] == Stay("o3", False, 90)


def test_exit_is_dated_to_the_first_fix_outside() -> None:
    """An exit needs dwell and margin, and is dated to when it began."""
    _, changes = walk([(0, False, 9e9), (10, True, 0), (20, False, 100.0), (50, False, 600.0), (80, False, 600.0)])
    assert events(changes) == [(Event.ENTERED, 10), (Event.LEFT, 20)]


def test_near_the_border_nothing_ends() -> None:
    """Without a fix beyond the margin a stay goes on however long it takes."""
    stays, changes = walk([(0, False, 9e9), (10, True, 0), (20, False, 499.0), (10_000, False, 499.0)])
    assert events(changes) == [(Event.ENTERED, 10)]
    assert stays["z"].leaving


def test_return_before_the_dwell_continues_the_visit() -> None:
    """Hysteresis: back inside before the exit is confirmed, the same visit goes on."""
    stays, changes = walk([(0, False, 9e9), (10, True, 0), (20, False, 900.0), (79, True, 0)])
    assert events(changes) == [(Event.ENTERED, 10), (Event.RETURNED, 79)]
    assert stays["z"] == Stay("o1", False, 10)


def test_exit_at_the_very_moment_of_the_dwell_comes_before_the_fix() -> None:
    """A fix at the time a timer is due finds it fired: coming back then is a new entry."""
    stays, changes = walk([(0, False, 9e9), (10, True, 0), (20, False, 900.0), (80, True, 0)])
    assert events(changes) == [(Event.ENTERED, 10), (Event.LEFT, 20), (Event.ENTERED, 80)]
    assert stays["z"].visit == "o3"


def test_passing_through_leaves_no_stay() -> None:
    """Both fixes outside with the zone between them is a passage."""
    stays, changes = membership.step({}, [], ["z"], "o", 5, lambda _: 900.0, RULES)
    assert events(changes) == [(Event.PASSED, 5)]
    assert not stays


def test_passing_through_while_leaving_continues_the_visit() -> None:
    """A segment back through the zone before the exit is confirmed starts the dwell anew."""
    leaving = {"z": Stay("o", False, 0, 10, 10)}
    stays, changes = membership.step(leaving, [], ["z"], "p", 40, lambda _: 900.0, RULES)
    assert events(changes) == [(Event.RETURNED, 40)]
    assert stays["z"] == Stay("o", False, 0, 40, 40)


def test_new_zones_make_no_storm() -> None:
    """Under a new version what contains the last fix is found, what does not ends, a candidate to leave stays one."""
    stays = {"kept": Stay("a", False, 0), "gone": Stay("b", False, 0), "leaving": Stay("c", False, 0, 5, 5)}
    rebased, changes = membership.rebase(stays, ["kept", "new"], ["kept", "new", "leaving"], "d", 9)
    assert rebased == {"kept": stays["kept"], "leaving": stays["leaving"], "new": Stay("d", True, 9)}
    assert [(c.event, c.zone_id) for c in changes] == [(Event.LEFT, "gone"), (Event.FOUND, "new")]


FIXES = st.lists(
    st.tuples(st.integers(1, 70), st.booleans(), st.sampled_from((100.0, 499.0, 500.0, 2000.0))),
    min_size=2,
    max_size=30,
)


@given(FIXES, st.lists(st.integers(0, 2500), max_size=20).map(sorted))
def test_timers_only_anticipate(steps: list[tuple[int, bool, float]], clock: list[int]) -> None:
    """Whenever the clock fires, stays and changes end up the same, and the changes are the same ones."""
    time, fixes = 0, []
    for gap, inside, outside_m in steps:
        time += gap
        fixes.append((time, inside, outside_m))
    quiet, told = walk(fixes)
    fired, said = walk(fixes, clock=clock)
    assert fired == quiet
    assert [c for c in said if c.event is not Event.RETURNED] == [c for c in told if c.event is not Event.RETURNED]


@given(FIXES)
def test_entries_and_exits_alternate(steps: list[tuple[int, bool, float]]) -> None:
    """Per zone: an opening, then its end, then the next; never two of a kind, and times never go back."""
    time, fixes = 0, []
    for gap, inside, outside_m in steps:
        time += gap
        fixes.append((time, inside, outside_m))
    _, changes = walk(fixes)
    told = [c for c in changes if c.event in (Event.FOUND, Event.ENTERED, Event.LEFT)]
    for before, after in pairwise(told):
        assert (before.event is Event.LEFT) != (after.event is Event.LEFT)
        assert before.time_us <= after.time_us


@given(FIXES)
def test_due_is_when_expire_first_does_something(steps: list[tuple[int, bool, float]]) -> None:
    """``due`` is the first moment at which ``expire`` ends a stay."""
    time, fixes = 0, []
    for gap, inside, outside_m in steps:
        time += gap
        fixes.append((time, inside, outside_m))
    stays, _ = walk(fixes)
    moment = membership.due(stays, RULES)
    if moment is None:
        assert membership.expire(stays, 2**60, RULES) == (stays, [])
    else:
        assert membership.expire(stays, moment - 1, RULES)[1] == []
        assert membership.expire(stays, moment, RULES)[1] != []
