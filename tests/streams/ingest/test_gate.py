"""One object's fixes one by one: what came before, what cannot be true, and how a wrong memory is corrected."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from geo.distance import distance_m
from streams.ingest.gate import Fix, GateRules, Memory, Step, gap_m, step

RULES = GateRules(teleport_mps=30.0, slack_m=500.0, lost_us=3_600_000_000)
S = 1_000_000


def fix(time_s: float, lon: float = 0.0, name: str = "") -> Fix:
    """A fix on the equator, where 0.01 degrees are 1.1 km."""
    return Fix(round(time_s * S), lon, 0.0, 0, 0, (name or str(time_s)).encode())


def follow(*fixes: Fix) -> list[Step]:
    """All steps of an object."""
    memory, steps = Memory(), []
    for one in fixes:
        steps.append(step(memory, one, RULES))
        memory = steps[-1].memory
    return steps


def previous(*fixes: Fix) -> list[float | str | None]:
    """Seconds of each fix's previous one, None where it has none, ``x`` where it is refused."""
    steps = follow(*fixes)
    return [(s.previous.time_us / S if s.previous else None) if s.accepted else "x" for s in steps]


def test_fixes_in_order_follow_each_other() -> None:
    """Each fix's previous one is the one before it; two at one time are no step back."""
    assert previous(fix(0), fix(10), fix(10, 0.001), fix(30)) == [None, 0, 10, 10]


def test_a_lost_object_has_no_previous_fix() -> None:
    """After the lost-time a fix stands alone, however far away it is."""
    assert previous(fix(0), fix(3600), fix(7200.1, 40.0)) == [None, 0, None]


def test_a_lone_jump_is_refused_and_forgotten() -> None:
    """One impossible fix is refused; the next one where the object was follows the last accepted one."""
    assert previous(fix(0), fix(10, 5.0), fix(20), fix(30, 5.0), fix(40)) == [None, "x", 0, "x", 20]


def test_a_jump_that_goes_on_is_believed_without_a_crossing() -> None:
    """The second fix that agrees with a refused one is accepted, with no previous fix: nothing is judged through the
    jump; from there on fixes follow it."""
    assert previous(fix(0), fix(10, 5.0), fix(20, 5.001), fix(30, 5.002)) == [None, "x", None, 20]


def test_two_that_share_an_identity_are_not_both_believed() -> None:
    """Of two objects that report in turn under one identity the one that was there first stays."""
    fixes = [fix(t, 5.0 if t % 20 else 0.0) for t in range(0, 80, 10)]
    assert previous(*fixes) == [None, "x", 0, "x", 20, "x", 40, "x"]


def test_a_late_fix_follows_the_one_before_the_newest() -> None:
    """An older fix gets the fix it comes after where that is remembered, otherwise none, and moves the newest not."""
    assert previous(fix(0), fix(20), fix(10), fix(15), fix(30)) == [None, 0, 0, 10, 20]
    assert previous(fix(0), fix(20), fix(-5), fix(30)) == [None, 0, None, 20]
    assert previous(fix(20), fix(10), fix(15), fix(30)) == [None, None, 10, 20]


def test_a_late_fix_that_cannot_be_true_is_refused() -> None:
    """A late fix is held against the fix it would stand beside, and is no candidate for a new beginning."""
    assert previous(fix(0), fix(20), fix(10, 5.0), fix(11, 5.0), fix(-5, 5.0), fix(30)) == [None, 0, "x", "x", "x", 20]
    assert previous(fix(20), fix(10, 5.0), fix(30)) == [None, "x", 20]


def test_the_gate_is_speed_after_slack() -> None:
    """500 m and 30 m/s for 10 s are 800 m: a little less passes, a little more does not."""
    degree_m = gap_m(fix(0), fix(0, 1.0))
    assert previous(fix(0), fix(10, 799.9 / degree_m)) == [None, 0]
    assert previous(fix(0), fix(10, 800.1 / degree_m)) == [None, "x"]


@given(*(st.floats(-limit, limit) for limit in (180, 89.9, 180, 89.9)))
def test_the_distance_is_within_the_sphere_s_error(lon0: float, lat0: float, lon1: float, lat1: float) -> None:
    """The haversine is within 0.6 % of the ellipsoidal distance, wherever."""
    here = gap_m(Fix(0, lon0, lat0, 0, 0, b""), Fix(0, lon1, lat1, 0, 0, b""))
    exact = float(distance_m(lon0, lat0, lon1, lat1))
    assert abs(here - exact) <= 0.011 * exact + 1e-3  # geo.distance itself is 0.5 % off across the world


@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from((0.0, 0.001, 5.0))), max_size=30))
def test_a_previous_fix_is_an_accepted_one_and_never_later(given_fixes: list[tuple[int, float]]) -> None:
    """What is attached was accepted before, is not later than the fix, and was not skipped by a jump."""
    fixes = [fix(t, lon, str(at)) for at, (t, lon) in enumerate(given_fixes)]
    accepted: set[bytes] = set()
    for one, taken in zip(fixes, follow(*fixes), strict=True):
        if taken.previous is not None:
            assert taken.accepted
            assert taken.previous.id in accepted
            assert taken.previous.time_us <= one.time_us
            assert gap_m(taken.previous, one) <= 500 + 30 * (one.time_us - taken.previous.time_us) / S
        if taken.accepted:
            accepted.add(one.id)


@given(st.lists(st.floats(0, 0.002), min_size=2, max_size=20))
def test_a_plausible_track_is_a_chain(lons: list[float]) -> None:
    """Without jumps and in order, every fix but the first follows the one before it."""
    fixes = [fix(10 * at, lon) for at, lon in enumerate(lons)]
    steps = follow(*fixes)
    assert [taken.previous for taken in steps[1:]] == [before for before, _ in pairwise(fixes)]
