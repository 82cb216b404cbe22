"""Rules in versions: the visits of a brute-force oracle, whatever happens on the way; an edit makes no storm."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.messages import Incident
from streams.rules import Rules, RulesVersion
from streams.zones import ZoneVersions
from tests.property.test_surveil import SHAPES, World, sightings, summary, told
from tests.streams.surveil import feeds, oracle
from tests.streams.surveil.feeds import BEGIN_S, BOX, SECOND_US, Sighting
from tests.streams.surveil.oracle import Rule

Edits = list[tuple[int, Rule]]  # from when on (event time, microseconds); the first since ever
FIRST_US = -(2**63)


def edits(chance: random.Random, seen: list[Sighting]) -> Edits:
    """Some versions at times between the sightings."""

    def draw() -> Rule:
        lost_s = chance.choice((3_600.0, 14_400.0, 43_200.0))
        return Rule(chance.choice((30.0, 60.0, 1_800.0)), chance.choice((50.0, 500.0, 5_000.0)), lost_s)

    times = sorted(chance.sample(sorted({s.time_us for s in seen}), 3))
    return [(from_us, draw()) for from_us in (FIRST_US, *times)]


def loaded(versions: Edits) -> ZoneVersions:
    """Three territories, and the versions."""
    zones = feeds.loaded()
    for number, (from_us, rule) in enumerate(versions, 1):
        rules = Rules(
            exit_dwell_s=rule.dwell_s,
            exit_margin_m=rule.margin_m,
            lost_after_s=rule.lost_s,
            found_inside=tuple(BOX) if rule.found else (),
        )
        zones.rules.add(RulesVersion(version=number, in_force_from_us=from_us if number > 1 else None, rules=rules))
    return zones


def world_of(versions: Edits, partitions: int = 1) -> World:
    """Owners whose feeds name all versions."""
    world = World(partitions, zones=loaded(versions))
    for feed in world.feeds:
        feed.rules_version = len(versions)
    return world


def undisturbed(seen: list[Sighting], versions: Edits, partitions: int = 1, size: int = 1000) -> World:
    """One feed in frames of ``size`` rows."""
    world = world_of(versions, partitions)
    for start in range(0, len(seen), size):
        world.send(world.feeds[0], seen[start : start + size])
        world.log.drain()
    world.end()
    return world


@given(seed=st.integers(0, 10_000), found=st.booleans())
@settings(max_examples=12)
def test_every_visit_is_told_as_brute_force_tells_it(seed: int, found: bool) -> None:
    """Law: entries and ends are those of the scalar oracle that judges each fix by the rules of its time."""
    seen = sightings(seed, vessels=5, reports=30)
    versions = [(from_us, rule._replace(found=found)) for from_us, rule in edits(random.Random(seed), seen)]

    def rules(time_us: int) -> Rule:
        return [rule for from_us, rule in versions if from_us <= time_us][-1]

    world = undisturbed(seen, versions)
    assert told(world.incidents()) == oracle.visits(seen, SHAPES, max(s.time_us for s in seen), rules=rules)
    world.balance()


@given(seed=st.integers(0, 10_000), partitions=st.sampled_from((1, 2, 8)), size=st.sampled_from((1, 3, 40)))
@settings(max_examples=8)
def test_neither_cuts_nor_owners_nor_the_clock_matter(seed: int, partitions: int, size: int) -> None:
    """Law: any cut of the frames and any number of owners, with the clock after each, gives the same alerts."""
    seen = sightings(seed)
    versions = edits(random.Random(seed), seen)
    world = undisturbed(seen, versions, partitions, size)
    assert summary(world.incidents()) == summary(undisturbed(seen, versions).incidents())
    world.balance()


@given(seed=st.integers(0, 10_000), partitions=st.sampled_from((1, 2, 8)))
@settings(max_examples=8)
def test_accidents_do_not_matter(seed: int, partitions: int) -> None:
    """Law: crashes, re-reads, zombies, freezes, repeats and ticks at any time: the same outcome."""
    chance = random.Random(seed)
    seen = sightings(seed)
    versions = edits(random.Random(seed), seen)
    world = world_of(versions, partitions)
    while seen_now := seen[world.feeds[0].offset : world.feeds[0].offset + chance.choice((1, 5, 20))]:
        world.send(world.feeds[0], seen_now, chance)
        world.storm(chance, 12)
    world.end()
    world.balance()
    assert summary(world.incidents()) == summary(undisturbed(seen, versions).incidents())


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12)
def test_an_edit_makes_no_storm(seed: int) -> None:
    """Law: an edit opens and ends nothing by itself: until an object's next fix all is as if there had been none."""
    chance = random.Random(seed)
    seen = sightings(seed)
    first, *_, (_, other) = edits(chance, seen)
    at_us = seen[-1].time_us + 1

    def after(versions: Edits) -> dict[str, Incident]:
        world = world_of(versions)
        world.send(world.feeds[0], seen)
        clock_us = (BEGIN_S + 30 * 86_400) * SECOND_US
        world.log.append("observations.v1", 0, [world.feeds[0].tick(0, clock_us, end=True)])
        world.log.drain()
        return world.incidents()

    assert summary(after([first, (at_us, other._replace(found=True))])) == summary(after([first]))
