"""Membership of one object as a state machine: fixes, time, edits of the zones, boundaries of schedules.

The machine keeps a plain history of what happened, and checks after every step that what was told could only have been
told because of it."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from geo import membership
from geo.membership import Change, Event, Hysteresis, Stay

RULES = Hysteresis(60, 500.0)
ZONES = ("a", "b", "c")
MARGINS = (100.0, 499.0, 500.0, 2000.0)
PLACES = st.fixed_dictionaries({zone: st.one_of(st.just(0.0), st.sampled_from(MARGINS)) for zone in ZONES})
OPENINGS = (Event.FOUND, Event.ENTERED)


class Membership(RuleBasedStateMachine):
    """One object among three zones. A place is how far outside of each zone it lies, in metres; 0 is inside."""

    @initialize(place=PLACES)
    def first(self, place: dict[str, float]) -> None:
        """The first fix."""
        self.now, self.fixes, self.exists = 0, 1, set(ZONES)
        self.place = place
        self.stays, changes = membership.begin(self._inside(place), "o0", 0)
        self.told: list[Change] = []
        assert {change.zone_id for change in changes} == set(self._inside(place))
        assert all(change.event is Event.FOUND for change in changes)
        self.told += changes

    @rule(gap=st.integers(0, 90), place=PLACES, through=st.sets(st.sampled_from(ZONES)))
    def fix(self, gap: int, place: dict[str, float], through: set[str]) -> None:
        """One more fix; what it passes through it may pass, enter or come back to."""
        self.now += gap
        inside, passed = self._inside(place), sorted(through & self.exists)
        before = dict(self.stays)
        observation = f"o{self.fixes}"
        self.stays, changes = membership.step(
            self.stays, inside, passed, observation, self.now, place.__getitem__, RULES
        )
        self.fixes += 1
        self.place = place
        for change in changes:
            zone = change.zone_id
            if change.event is Event.ENTERED:
                assert zone in inside
                assert change.stay.visit == observation
            elif change.event is Event.PASSED:
                assert zone in passed
                assert zone not in inside
            elif change.event is Event.RETURNED:
                assert zone in before
                assert before[zone].leaving
                assert zone in inside or zone in passed
            elif change.event is Event.LEFT:
                assert zone in before
                assert zone not in inside or change.time_us < self.now
            else:
                raise AssertionError("a fix finds nothing: it enters")
        assert set(inside) <= self.stays.keys()
        self.told += changes

    @rule(gap=st.integers(0, 200))
    def time(self, gap: int) -> None:
        """The clock: it ends what is over and nothing else, and in as many steps as one likes."""
        until = self.now + gap
        half, first = membership.expire(self.stays, self.now + gap // 2, RULES)
        twice, second = membership.expire(half, until, RULES)
        once, changes = membership.expire(self.stays, until, RULES)
        assert twice == once
        assert sorted([*first, *second], key=str) == sorted(changes, key=str)
        assert all(change.event is Event.LEFT and change.stay.leaving for change in changes)
        self.stays = once
        self.told += changes

    @rule(kept=st.sets(st.sampled_from(ZONES)))
    def edit(self, kept: set[str]) -> None:
        """Another version of the zones, or the boundary of a schedule: no entry; the same again does nothing."""
        self.exists = kept
        inside = self._inside(self.place)
        before = dict(self.stays)
        moment = self.now
        self.stays, changes = membership.rebase(self.stays, inside, sorted(kept), f"e{self.fixes}/{moment}", moment)
        for change in changes:
            if change.event is Event.FOUND:
                assert change.zone_id in inside
                assert change.zone_id not in before
                assert change.stay.found
            else:
                assert change.event is Event.LEFT
                assert change.zone_id not in inside
                assert change.time_us == moment
        assert len({change.zone_id for change in changes}) == len(changes)
        again, nothing = membership.rebase(self.stays, inside, sorted(kept), "again", moment)
        assert (again, nothing) == (self.stays, [])
        self.told += changes

    @precondition(lambda self: any(stay.leaving for stay in self.stays.values()))
    @rule()
    def silence(self) -> None:
        """For ever: exactly what lay beyond the margin ends."""
        far = {zone for zone, stay in self.stays.items() if stay.far_us != membership.NEVER}
        rest, changes = membership.expire(self.stays, 2**60, RULES)
        assert {change.zone_id for change in changes} == far
        assert rest.keys() == self.stays.keys() - far

    @invariant()
    def openings_and_ends_alternate(self) -> None:
        """Per zone: opened, ended, opened, …; the last word agrees with the state; a visit is never told twice."""
        for zone in ZONES:
            words = [change for change in self.told if change.zone_id == zone and change.event is not Event.PASSED]
            words = [change for change in words if change.event is not Event.RETURNED]
            opened: Stay | None = None
            for change in words:
                if change.event in OPENINGS:
                    assert opened is None
                    opened = change.stay
                else:
                    assert opened is not None
                    assert (change.stay.visit, change.stay.since_us) == (opened.visit, opened.since_us)
                    assert change.time_us >= opened.since_us
                    opened = None
            stay = self.stays.get(zone)
            assert (opened is None) == (stay is None)
            if opened is not None and stay is not None:
                assert (stay.visit, stay.found, stay.since_us) == (opened.visit, opened.found, opened.since_us)

    @invariant()
    def what_is_inside_stays(self) -> None:
        """A zone that holds the newest fix has a stay that does not end; one that does not, none or one that may."""
        for zone in ZONES:
            if zone in self.exists and self.place[zone] == 0:
                assert not self.stays[zone].leaving
            elif zone in self.stays:
                assert self.stays[zone].leaving

    def _inside(self, place: dict[str, float]) -> list[str]:
        return [zone for zone in ZONES if zone in self.exists and place[zone] == 0]


Membership.TestCase.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
TestMembership = Membership.TestCase
