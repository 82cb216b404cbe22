"""Radar and AIS together over an in-memory log: one alert per true entry, whoever says its name and when; the same
again from any re-read, any snapshot and other cuts of the frames."""

import math
import random
from collections.abc import Sequence
from functools import cache

import msgspec
import pytest

from geo.sectors import sector
from streams import blocks, topology
from streams.log import Output, Record
from streams.messages import EdgeKind, Incident
from streams.partitioning import Owners
from streams.surveil import SurveilCore
from streams.surveil.follow import Follower
from streams.surveil.objects import Objects
from streams.surveil.visits import Case
from tests.property.faulty_log import FaultyLog
from tests.streams.surveil import feeds
from tests.streams.surveil.owner import edges_of
from tests.streams.surveil.strait import (
    AIS,
    BEGIN,
    RADAR,
    RADARS,
    Bias,
    Boat,
    Strait,
    log_of,
    place,
    published,
    settings,
)

SECONDS = 270
HERE = settings()
NEAR_S = 12.0  # a track is told by its plots, an entry is theirs within some scans


def sea(seed: int) -> list[Boat]:
    """Boats a kilometre apart, most of which enter: named all along, never, from some time, or until some time."""
    chance = random.Random(seed)
    boats = []
    for number in range(7):
        low = chance.choice((0.0, 0.0, chance.uniform(80, 250)))
        high = chance.choice((math.inf, math.inf, low + chance.uniform(60, 150)))
        named = 201 + number if chance.random() < 0.7 else None
        x_m, speed_mps = chance.uniform(700, 2800), chance.choice((-1, -1, -1, 1)) * chance.uniform(6, 14)
        boats.append(Boat(x_m, -3500 + 1000 * number, speed_mps, 0.0, named, (low, high), chance.choice((2, 4, 10))))
    return boats


@cache
def sailed(seed: int) -> list[Record]:
    """The log of a sea."""
    return log_of(Strait(sea(seed), seed=seed), SECONDS, HERE)


def owner(records: Sequence[Record], batch: int = 1) -> tuple[SurveilCore, list[Output]]:
    """An owner that has read the log, so many records at once, and what it said."""
    core, outputs = SurveilCore(0, HERE, feeds.loaded()), []
    for start in range(0, len(records), batch):
        outputs += core.apply(records[start : start + batch])
    return core, outputs


def held(core: SurveilCore) -> tuple[object, ...]:
    """All state; objects by their keys, because slots are an accident of what was freed before."""
    rest, *dumped = blocks.split(core.dump())
    objects = Objects.load(dumped)
    by_key = {
        key: (
            objects.fixes(slot),
            objects.identities[slot],
            objects.tracks[slot],
            _told(objects.cases[slot]),
            objects.heard_us[slot],
            objects.pictured_us[slot],
            objects.anchored[slot],
            objects.due_us[slot],
        )
        for key, slot in sorted(objects.slots.items())
    }
    return by_key, msgspec.msgpack.decode(rest)


def _told(case: Case | None) -> Case | None:
    """A case without marks that mark no change of where the object stands."""
    if case is None:
        return None
    return msgspec.structs.replace(case, marks=[mark for mark in case.marks if mark.standing != case.base])


def entries(outputs: Sequence[Output]) -> dict[str, Incident]:
    """The incidents that stand."""
    return {
        alert: incident for alert, incident in feeds.standing(edges_of(outputs)).items() if incident.zone_id == "west"
    }


def wrong(boats: Sequence[Boat], found: dict[str, Incident]) -> list[str]:
    """What does not fit the truth: entries without their one incident, incidents without an entry."""
    left, out = dict(found), []
    for boat in boats:
        at_s = boat.enters_s()
        if at_s > SECONDS - NEAR_S:
            continue
        lat = boat.at(at_s)[1]
        mine = [
            alert
            for alert, incident in left.items()
            if abs(incident.opened_us / 1e6 - BEGIN.timestamp() - at_s) < NEAR_S
            and incident.lat is not None
            and abs(incident.lat - lat) < 0.003
        ]
        if len(mine) != 1:
            out.append(f"{len(mine)} incidents of the entry at {at_s:.0f} s, {lat}")
        for alert in mine:
            del left[alert]
    near = [boat.enters_s() for boat in boats if SECONDS - NEAR_S <= boat.enters_s() <= SECONDS + NEAR_S]
    out += [f"invented: {one.subject_key} {one.opened_us}" for one in list(left.values())[len(near) :]]
    return out


@pytest.mark.parametrize("seed", range(4))
def test_every_entry_is_one_alert(seed: int) -> None:
    """Dark boats are alerted by radar, named ones once, and one that gets or loses its name in between is no second."""
    boats = sea(seed)
    _, outputs = owner(sailed(seed))
    assert wrong(boats, entries(outputs)) == []


def test_a_biased_radar_invents_no_second_boat() -> None:
    """Half a degree off, every named boat is two at first; from registration on each entry is one alert."""
    boats = [boat for boat in sea(3) if boat.enters_s() > 120]
    _, outputs = owner(log_of(Strait(boats, biases=[Bias(30.0, 0.5)], seed=3), SECONDS, HERE))
    assert wrong(boats, entries(outputs)) == []


def test_a_re_read_says_the_same() -> None:
    """However many records are applied at once: the same edges in the same order, and the same state in the end."""
    log = sailed(1)
    one, outputs = owner(log)
    for batch in (40,):
        other, again = owner(log, batch)
        assert edges_of(again) == edges_of(outputs)
        assert [out for out in again if out.topic == "tracks.v1"] == [
            out for out in outputs if out.topic == "tracks.v1"
        ]
        assert other.dump() == one.dump()


@pytest.mark.parametrize("share", [0.15, 0.5, 0.85])
def test_a_restored_owner_goes_on_bit_for_bit(share: float) -> None:
    """From a snapshot anywhere: evidence, bonds, registration, dark tests and reports that wait are all in it."""
    log = sailed(2)
    whole, outputs = owner(log)
    stop = round(share * len(log))
    first, _ = owner(log[:stop])
    second = SurveilCore(0, HERE, feeds.loaded())
    second.load(first.dump())
    after = [out for record in log[stop:] for out in second.apply([record])]
    assert after == outputs[len(outputs) - len(after) :]
    assert repr(held(second)) == repr(held(whole))  # not ==: what is not said is NaN


@pytest.mark.parametrize("seed", [0, 4])
def test_other_cuts_of_the_frames_find_the_same_entries(seed: int) -> None:
    """Five scans a frame: every entry is one alert, matched by zone, time and place."""
    boats = sea(seed)
    _, outputs = owner(log_of(Strait(boats, seed=seed), SECONDS, HERE, batch=5))
    assert wrong(boats, entries(outputs)) == []


def test_no_two_bonds_share_a_name_or_a_track() -> None:
    """At the end of a busy sea every named boat that still reports is told under its name by one track."""
    boats = [Boat(3000, -3500 + 900 * n, -5.0, 0.0, 201 + n, every_s=4) for n in range(8)]
    _, outputs = owner(log_of(Strait(boats), 120, HERE))
    opened = [edge.incident.subject_key for edge in edges_of(outputs) if edge.kind is EdgeKind.OPENED]
    assert len(opened) == len(dict.fromkeys(opened))


@pytest.mark.parametrize("seed", [0, 2])
def test_a_late_report_that_changes_nothing_need_not_be_told_again(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports come later than the plots they stand between: the short way leaves what telling the story again does."""
    short, outputs = owner(sailed(seed))
    asked: list[bool] = []
    quiet = Follower._tells_nothing

    def counted(*arguments: object) -> bool:
        asked.append(quiet(*arguments))  # type: ignore[arg-type]
        return False

    monkeypatch.setattr(Follower, "_tells_nothing", counted)
    long, again = owner(sailed(seed))
    assert sum(asked) > 10
    assert again == outputs
    assert repr(held(long)) == repr(held(short))


BORDER_M = 22_200.0  # so far north, and 1.8 km on, a border of sectors runs 2.7 to 0.2 km east of the zone's


def through(partitions: int, strait: Strait) -> tuple[FaultyLog, dict[str, Incident]]:
    """The same sea through ingest and so many owners, second by second; the incidents that stand in the end."""
    cell = [f"{sector(*place(x_m, BORDER_M)):x}" for x_m in (-3000.0, 4000.0)]
    assert cell[0] != cell[1]
    owners = Owners(partitions, sectors=dict(zip(cell, (0, partitions - 1), strict=True)))
    chosen = msgspec.structs.replace(settings(*strait.radars), owners=owners)
    log = FaultyLog([topology.STAGES[name](chosen, feeds.loaded()) for name in ("ingest", "surveil")])
    for topic in (RADARS.topic, AIS.topic):
        log.open(topic, 0)
    for partition in range(partitions):
        log.open("observations.v1", partition)
    for second in range(SECONDS):
        log.log_time_us = max(log.log_time_us, round((BEGIN.timestamp() + second) * 1e6))
        for topic, events in published(strait, second):
            log.append(topic, 0, [(str(events[0]["sensor_id"]).encode(), msgspec.json.encode(events), ())])
        for runner in log.runners:
            log.step(runner, 1000)
        for runner in log.runners:
            if runner.stage.name == "ingest":
                log._write(runner.core.tick(log.log_time_us, idle=False))
        for runner in log.runners:
            log.step(runner, 1000)
    edges = feeds.edges_of(log.partitions["detections.v1", number] for number in range(partitions))
    return log, {alert: one for alert, one in feeds.standing(edges).items() if one.zone_id == "west"}


@pytest.mark.parametrize("partitions", [1, 2])
def test_owners_next_door_tell_one_story(partitions: int) -> None:
    """Boats cross from one owner's sector into another's on their way to the border: named ones, dark ones, one that
    falls silent on the way. Every entry is one alert, of the name where there is one, with one owner and with two."""
    boats = [
        Boat(3300, BORDER_M, -14, 0, 201),
        Boat(3300, BORDER_M + 450, -14, 0, None),
        Boat(3300, BORDER_M + 900, -14, 0, 203, (0, 80)),
        Boat(3300, BORDER_M + 1350, -14, 0, 204, every_s=10),
        Boat(3300, BORDER_M + 1800, -14, 0, 205, (200, 999)),
    ]
    radar = msgspec.structs.replace(RADAR, site=(-82.33, 25.19))
    log, found = through(partitions, Strait(boats, radars=(radar,), clutter=1))
    assert wrong(boats, found) == []
    assert {one.identity.mmsi for one in found.values()} == {201, None, 203, 204, 205}
    crossed = sum(
        runner.core.counts().get("neighbours/said/release", 0)
        for runner in log.runners
        if runner.stage.name != "ingest"
    )
    assert crossed >= 5 * (partitions - 1)
