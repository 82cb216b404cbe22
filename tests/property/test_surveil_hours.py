"""Zones with schedules: the visits of a brute-force oracle, whatever happens on the way; time alone tells them too."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from streams.zones import ZoneVersions
from tests.property.test_surveil import SHAPES, World, sightings, summary, told
from tests.streams.surveil import feeds, oracle
from tests.streams.surveil.feeds import BEGIN_S, BOX, SECOND_US, Sighting
from tests.streams.surveil.oracle import Phase

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
PORT = (-80.600003, 25.000007, -80.100001, 25.800009)  # in the east, where no rounded position lies on its border
NOTHING = Polygon()
Hours = list[tuple[int, int]]  # minutes after midnight UTC, each day


def clock(minutes: int) -> str:
    """Wall-clock time in New York, where it is five hours earlier all January."""
    local = (minutes - 300) % 1440
    return f"{local // 60:02d}:{local % 60:02d}"


def schedule(hours: Hours) -> dict[str, object]:
    """The hours as a zone's schedule."""
    items = [{"days": DAYS, "from": clock(low), "until": clock(high)} for low, high in hours]
    return {"time_zone": "America/New_York", "weekly": items}


def phases(hours: Hours, inside: BaseGeometry, outside: BaseGeometry) -> list[Phase]:
    """The shape of a zone over eight days: ``inside`` within the hours."""
    found = [Phase(0, outside)]
    for day in range(-1, 8):
        for low, high in hours:
            for minutes, shape in ((low, inside), (high, outside)):
                found.append(Phase((BEGIN_S + day * 86_400 + minutes * 60) * SECOND_US, shape))
    return found


class Timetable:
    """Two territories with hours, one with a port that has hours; ``chance`` draws them."""

    def __init__(self, chance: random.Random) -> None:
        def draw() -> Hours:
            cuts = sorted(chance.sample(range(1, 96), 2 * chance.choice((1, 3, 6))))
            return [(15 * low, 15 * high) for low, high in zip(cuts[::2], cuts[1::2], strict=True)]

        self.hours = {"west": draw(), "north": draw(), "port": draw()}
        self.zones = self.loaded()
        self.port = box(*PORT)
        self.phases = {name: phases(self.hours[name], SHAPES[name], NOTHING) for name in ("west", "north")}
        self.phases["east"] = phases(self.hours["port"], SHAPES["east"].difference(self.port), SHAPES["east"])

    def loaded(self) -> ZoneVersions:
        """The version of the zones."""
        features = [
            feeds.zone(name, feeds.box(*sides), schedule=None if name == "east" else schedule(self.hours[name]))
            for name, sides in BOX.items()
        ]
        port = feeds.zone("port", feeds.box(*PORT), "port_of_entry", schedule=schedule(self.hours["port"]))
        return feeds.loaded(feeds.version([*features, port]))

    def told(self, seen: list[Sighting]) -> list[oracle.Told]:
        """What the oracle tells."""
        horizon_us = max(s.time_us for s in seen)
        return oracle.visits(seen, SHAPES, horizon_us, phases=self.phases, port=self.port)


def undisturbed(seen: list[Sighting], zones: ZoneVersions, partitions: int = 1, size: int = 1000) -> World:
    """One feed in frames of ``size`` rows."""
    world = World(partitions, zones=zones)
    for start in range(0, len(seen), size):
        world.send(world.feeds[0], seen[start : start + size])
        world.log.drain()
    world.end()
    return world


@pytest.mark.parametrize("seed", range(16))
def test_every_visit_is_told_as_brute_force_tells_it(seed: int) -> None:
    """Law: entries, ends by exit and ends by schedule are those of the scalar oracle; found inside is no entry."""
    seen, table = sightings(seed, vessels=6, reports=40), Timetable(random.Random(seed))
    world = undisturbed(seen, table.zones)
    assert told(world.incidents()) == table.told(seen)
    world.balance()


@given(seed=st.integers(0, 10_000), partitions=st.sampled_from((1, 2, 8)), size=st.sampled_from((1, 3, 40)))
@settings(max_examples=10)
def test_neither_cuts_nor_owners_nor_the_clock_matter(seed: int, partitions: int, size: int) -> None:
    """Law: any cut of the frames, read at once or one by one with the clock after each, gives the same alerts."""
    seen, table = sightings(seed), Timetable(random.Random(seed))
    world = undisturbed(seen, table.zones, partitions, size)
    assert summary(world.incidents()) == summary(undisturbed(seen, table.zones).incidents())
    world.balance()


@given(seed=st.integers(0, 10_000), partitions=st.sampled_from((1, 2, 8)))
@settings(max_examples=10)
def test_accidents_do_not_matter(seed: int, partitions: int) -> None:
    """Law: crashes, re-reads, zombies, freezes, repeats and ticks at any time: the same outcome."""
    chance = random.Random(seed)
    seen, table = sightings(seed), Timetable(random.Random(seed))
    world = World(partitions, zones=table.zones)
    while seen_now := seen[world.feeds[0].offset : world.feeds[0].offset + chance.choice((1, 5, 20))]:
        world.send(world.feeds[0], seen_now, chance)
        world.storm(chance, 12)
    world.end()
    world.balance()
    assert summary(world.incidents()) == summary(undisturbed(seen, table.zones).incidents())


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10)
def test_two_receivers_tell_one_story(seed: int) -> None:
    """Law: fixes out of step, and behind the clock of the other receiver: the visits of the oracle."""
    chance = random.Random(seed)
    seen, table = sightings(seed), Timetable(random.Random(seed))
    world = World(1, ("acme", "bolt"), table.zones)
    for start in range(0, len(seen), 8):
        part = [(s, chance.choice(("acme", "bolt", "both"))) for s in seen[start : start + 8]]
        for feed in world.feeds:
            world.send(feed, [s for s, where in part if where in (feed.vendor, "both")], chance)
        world.log.drain()
    world.end()
    world.balance()
    assert told(world.incidents()) == table.told(seen)
