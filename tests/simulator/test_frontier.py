"""The land frontier: what walks, drives, flies and grazes there, and what its sensors make of it."""

from itertools import combinations

import msgspec
import numpy as np
import pytest

from geo.zones import read_zones
from sensors.observation import Observation
from simulator.json_wire import JsonWire
from simulator.nmea_wire import NmeaWire
from simulator.scenario import open_bundle
from simulator.spec import Kind
from simulator.truth import TruePosition, Truth, What
from simulator.world import Moment, World

SECONDS = 240.0


def moments(seed: int | None = None) -> list[Moment]:
    """The first minutes of the frontier."""
    bundle = open_bundle("frontier")
    return list(World(bundle.scenario, read_zones(bundle.zones), seed=seed).run(SECONDS))


@pytest.fixture(scope="module")
def world() -> list[Moment]:
    """The frontier with its own seed, once."""
    return moments()


def events(world: list[Moment]) -> list[bytes]:
    """Every event, as JSON."""
    wire = JsonWire()
    sighted = [record for moment in world for s in moment.sightings for record in wire.encode_sighting(s)]
    return sighted + [record for moment in world for report in moment.reports for record in wire.encode(report)]


def positions(world: list[Moment]) -> list[TruePosition]:
    """Every true position."""
    return [truth for moment in world for truth in moment.truths if isinstance(truth, TruePosition)]


def test_the_same_seed_gives_the_same_bytes(world: list[Moment]) -> None:
    """Events and truth are a function of scenario and seed; another seed is another world."""
    again, other = moments(), moments(seed=99)
    assert events(world) == events(again)
    assert [m.truths for m in world] == [m.truths for m in again]
    assert events(world) != events(other)


def test_every_event_keeps_the_contract_and_says_that_it_is_simulated(world: list[Moment]) -> None:
    """Each decodes strictly, is marked, and says in exactly one way where."""
    decoder = msgspec.json.Decoder(Observation)
    ways = set()
    for event in map(decoder.decode, events(world)):
        where = (event.position is not None, event.bearing is not None, event.zone_id is not None)
        assert sum(where) == 1
        assert event.simulated
        ways.add(where)
    assert len(ways) == 3


def test_truth_never_leaks_into_events(world: list[Moment]) -> None:
    """No event names an object or says whether it is real; what a sensor invents has the same fields as what is."""
    labels = {truth.object.encode() for truth in positions(world)}
    assert len(labels) > 40
    text = b"\n".join(events(world))
    assert not [label for label in labels if label in text]
    wire = JsonWire()
    keys: dict[tuple[str, bool], set[str]] = {}
    for moment in world:
        for sighting in moment.sightings:
            fields = msgspec.json.decode(wire.encode_sighting(sighting)[0])
            keys.setdefault((sighting.sensor_id, bool(sighting.mark.objects)), set()).update(fields)
    sensors = [name for name, real in keys if real and (name, False) in keys]
    assert len(sensors) >= 3
    assert all(keys[name, True] == keys[name, False] for name in sensors)


def test_all_kinds_are_there_and_every_sensor_works(world: list[Moment]) -> None:
    """Walkers, vehicles, animals and drones; each sensor and each receiver of the file reports something."""
    scenario = open_bundle("frontier").scenario
    assert {truth.object_kind for truth in positions(world)} == set(Kind) - {Kind.VESSEL}
    reported = {s.sensor_id for m in world for s in m.sightings} | {r.sensor_id for m in world for r in m.reports}
    ground = {sensor.name for sensor in scenario.ground_sensors}
    named = {s.name for s in (*scenario.radars, *scenario.cameras, *scenario.videos, *scenario.receivers)}
    assert named <= reported
    assert reported - named <= ground
    assert reported & ground


def test_groups_keep_together_and_animals_keep_to_their_area(world: list[Moment]) -> None:
    """Members of a group are never further apart than some times their spacing."""
    groups: dict[tuple[str, float], list[tuple[float, float]]] = {}
    for truth in positions(world):
        if truth.object_kind in (Kind.WALKER, Kind.ANIMAL):
            groups.setdefault((truth.object.rsplit("-", 1)[0], truth.time_s), []).append(truth.xy_m)
    spans = [
        max(float(np.hypot(a[0] - b[0], a[1] - b[1])) for a, b in combinations(members, 2))
        for members in groups.values()
        if len(members) > 1
    ]
    assert len(spans) > 500
    assert np.quantile(spans, 0.95) < 150.0


def test_only_drones_with_a_transponder_are_heard(world: list[Moment]) -> None:
    """Remote ID and ADS-B name their drones, each to its own receiver, with height; NMEA has no word for them."""
    heard = {(r.sensor_id, r.craft.label.rsplit("-", 1)[0]) for m in world for r in m.reports}
    assert heard == {("sim-remote-id", "patrol-drone"), ("sim-adsb", "survey")}
    reporting = {truth.object for truth in positions(world) if truth.reporting}
    assert reporting == {"patrol-drone-0", "survey-0"}
    report = next(r for m in world for r in m.reports)
    wire = NmeaWire()
    assert not wire.encode(report)
    assert not wire.encode_sighting(next(s for m in world for s in m.sightings))
    assert b'"altitude_m":' in JsonWire().encode(report)[0]


def test_what_covers_an_object_is_what_sees_it(world: list[Moment]) -> None:
    """Whatever was seen stood, about then, where its sensor says that it has a chance (at the edge one step later it
    may not), and truth calls no sensor a witness that never sees anything of its kind."""
    covered = {(t.object, round(t.time_s), name) for t in positions(world) for name in t.covered_by}
    seen = [(n, s.mark.time_s, s.sensor_id) for m in world for s in m.sightings for n in s.mark.objects]
    agreed = [
        (name, int(np.ceil(t)), sensor) in covered or (name, int(np.floor(t)), sensor) in covered
        for name, t, sensor in seen
        if t >= 1.0
    ]
    assert np.mean(agreed) > 0.995


def test_a_sighting_makes_a_crossing_known(world: list[Moment]) -> None:
    """Truth says when a sensor first saw an object after it crossed, never before it did."""
    told: list[Truth] = [t for m in world for t in m.truths if t.what is What.ENTRY and t.first_report is not None]
    assert told
    assert all(t.first_report is not None and t.first_report >= t.onset for t in told)
