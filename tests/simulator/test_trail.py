"""The frontier's watched trail: who crosses over ground sensors alone is alerted, and nobody is made up."""

import json
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from geo.zones import read_zones
from simulator.json_wire import JsonWire
from simulator.plots import sensors_toml
from simulator.scenario import Scenario, open_bundle
from simulator.truth import TruePosition, What
from simulator.world import World
from streams.cli.inputs import zones_from
from streams.inputs import parse_input, settings_for
from streams.registry import read_sensors
from streams.replay import replay

SECONDS = 1_800.0
LATE_S = 60.0  # groups string out, and a footprint is 50 m deep


def trail() -> Scenario:
    """The frontier with nothing but the trail, its walkers, and the herds and villagers about it."""
    scenario = open_bundle("frontier").scenario
    kept = tuple(walkers for walkers in scenario.walkers if walkers.name in ("trail", "villager"))
    return msgspec.structs.replace(
        scenario, radars=(), cameras=(), videos=(), receivers=(), walkers=kept, vehicles=(), drones=()
    )


@pytest.mark.parametrize("seed", [11, 12])
def test_who_crosses_over_ground_sensors_alone_is_alerted(tmp_path: Path, seed: int) -> None:
    """Law: every incursion alerted is a true entry within a minute; most groups are found, each once; and a replay
    with three owners tells the same."""
    bundle, scenario = open_bundle("frontier"), trail()
    events, entries = tmp_path / "events.jsonl", []
    with events.open("wb") as out:
        for moment in World(scenario, read_zones(bundle.zones), seed=seed).run(SECONDS):
            for sighting in moment.sightings:
                out.writelines(record + b"\n" for record in JsonWire().encode_sighting(sighting))
            for truth in moment.truths:
                if not isinstance(truth, TruePosition) and truth.what is What.ENTRY and truth.zone_id == "homeland":
                    entries.append((truth.object, truth.onset.timestamp() * 1e6))
    groups = {name.rpartition("-")[0] for name, _ in entries if name.startswith("trail")}
    assert len(groups) >= 3
    sensors = read_sensors(sensors_toml(scenario).decode())
    told = []
    for partitions in (1, 3):
        parsed = [parse_input(f"{events}@sim/x", "json")]
        settings = msgspec.structs.replace(settings_for(parsed, partitions), sensors=sensors)
        found = replay(parsed, zones_from(bundle.zones), settings)
        assert found.residual() == 0
        told.append([one for one in map(json.loads, found.lines()) if one["kind"] == "incursion"])
    assert [one["alert_id"] for one in told[0]] == [one["alert_id"] for one in told[1]]
    times_us = [datetime.fromisoformat(one["event_time"]).timestamp() * 1e6 for one in told[0]]
    for time_us in times_us:
        assert min(abs(time_us - entry_us) for _, entry_us in entries) < LATE_S * 1e6
    assert len(groups) / 2 <= len(times_us) <= len(groups)
