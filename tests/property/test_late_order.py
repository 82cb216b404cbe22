"""Fixes of one object that come in any order tell the story they tell in order, schedules included."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.messages import EdgeKind
from tests.streams.surveil import feeds
from tests.streams.surveil.feeds import Sighting, box, zone
from tests.streams.surveil.owner import Owner

PLACES = ((-83.0, 25.0), (-82.39, 25.0), (-81.9, 25.0), (-83.9, 24.1), (-84.1, 24.1))
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
HOURS = [{"days": DAYS, "from": "00:20", "until": "00:50"}, {"days": DAYS, "from": "01:05", "until": "03:00"}]
PLAIN = feeds.version([zone("west", box(-84, 24, -82.4, 26))])
TIMED = feeds.version([zone("west", box(-84, 24, -82.4, 26), schedule={"weekly": HOURS})])

Told = list[tuple[int, int | None, str | None]]


def told(seen: list[Sighting], *, timed: bool) -> Told:
    """Openings and ends of what stands at the end, after the sightings came one by one."""
    owner = Owner(TIMED if timed else PLAIN)
    for one in seen:
        owner.see(one)
    owner.tick(4 * 3600.0)
    last = feeds.final(owner.edges()).values()
    kept = [incident for kind, incident in last if kind is not EdgeKind.RETRACTED]
    return sorted((i.opened_us, i.ended_us, str(i.end_reason or "")) for i in kept)


@given(
    times=st.lists(st.integers(0, 7000), min_size=3, max_size=9, unique=True).map(sorted),
    seed=st.integers(0, 10_000),
    timed=st.booleans(),
)
@settings(max_examples=40)
def test_the_order_of_arrival_does_not_matter(times: list[int], seed: int, timed: bool) -> None:
    """Law: any order in which the fixes of an object come gives the openings, ends and reasons of their own order."""
    chance = random.Random(seed)
    seen = [Sighting(201, time_s, *chance.choice(PLACES)) for time_s in times]
    late = seen[:]
    chance.shuffle(late)
    assert told(late, timed=timed) == told(seen, timed=timed)
