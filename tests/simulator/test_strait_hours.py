"""The strait with schedules, opening hours, zones for some only, and clearances: a correct system is scored as one."""

import json
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from geo.zones import read_zones
from sensors.observation import Identity
from simulator.play import play
from simulator.scenario import open_bundle
from simulator.score import read_alerts, read_truth, score
from simulator.truth import Truth, What
from simulator.wire import WireFormat, make_wire
from simulator.world import World
from streams.clearances import Clearance, ClearancesVersion
from streams.cli.inputs import zones_from
from streams.inputs import parse_input, settings_for
from streams.publisher.speed import Pace
from streams.replay import replay

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def every(minutes: int, hour: int) -> dict[str, object]:
    """In force for some minutes, then not for as many, for an hour."""
    spans = [(low, low + minutes) for low in range(0, 60 - minutes, 2 * minutes)]
    return {"weekly": [{"days": DAYS, "from": f"{hour:02d}:{a:02d}", "until": f"{hour:02d}:{b:02d}"} for a, b in spans]}


def changed(zones: dict[str, Any], hour: int) -> dict[str, Any]:
    """The strait's zones: land and ports come and go, the platform is for fishing vessels, one line for aircraft."""
    more: dict[str, dict[str, object]] = {
        "south-territory": {"schedule": every(4, hour)},
        "norhaven": {"schedule": every(6, hour)},
        "platform": {"applies_to": ["fishing"]},
        "north-west-line": {"applies_to": ["aircraft"]},
    }
    for feature in zones["features"]:
        feature["properties"] |= more.get(feature["properties"]["zone_id"], {})
    return zones


@pytest.mark.slow
def test_a_correct_system_is_scored_as_one(tmp_path: Path) -> None:
    """Law: nothing missed and nothing invented, where each of these rules takes away alerts that position alone would
    ask for."""
    events, truth, alerts, drawn = (tmp_path / name for name in ("events.nmea", "truth", "alerts", "zones.geojson"))
    bundle = open_bundle("strait")
    drawn.write_text(json.dumps(changed(json.loads(bundle.zones.read_bytes()), bundle.scenario.start.hour)))
    world = World(bundle.scenario, read_zones(drawn), seed=9)
    with events.open("wb") as out, truth.open("wb") as told:
        play(
            world.run(1_800.0), make_wire(WireFormat.NMEA), lambda _, event: _line(out, event),
            lambda line: _line(told, line), Pace(None),
        )  # fmt: skip
    truths = read_truth(truth)
    granted = clearances(truths)
    inputs = [parse_input(str(events))]
    versions = zones_from(drawn)
    versions.clearances.add(ClearancesVersion(version=1, in_force_from_us=None, clearances=granted))
    found = replay(inputs, versions, settings_for(inputs, 2))
    alerts.write_bytes(b"".join(line + b"\n" for line in found.lines()))
    result = score(read_alerts(alerts), truths, clearances=granted)
    assert (result.missed, result.phantoms) == ([], [])
    assert result.found >= 4
    assert {one.what for one in truths} >= {What.OVER, What.ENTRY, What.EXIT}
    assert sum(one.what is What.PRESENT and one.onset > world_start(truths) for one in truths) > 0
    assert any(one.zone_id == "north-west-line" and one.kind is None for one in truths)
    without = score(read_alerts(alerts), truths)
    assert len(without.missed) == len(granted)


def clearances(truths: list[Truth]) -> list[Clearance]:
    """For every fifth of the entries and crossings that can be seen, and no other."""
    seen = [one for one in truths if one.kind is not None and one.heard_before and one.excused is None]
    chosen = [one for one in seen if one.zone_id and one.first_report is not None][::5]
    keys = [(one.identity.mmsi, one.zone_id) for one in seen]
    found = []
    for number, one in enumerate(chosen):
        if keys.count((one.identity.mmsi, one.zone_id)) == 1:
            day = one.onset.replace(hour=0), one.onset.replace(hour=23)
            found.append(
                Clearance(
                    clearance_id=str(number),
                    identity=Identity(mmsi=one.identity.mmsi),
                    zone_ids=(one.zone_id or "",),
                    valid_from=day[0],
                    valid_until=day[1],
                )
            )
    assert found
    return found


def world_start(truths: list[Truth]) -> Any:
    """The moment of the first truth."""
    return min(one.onset for one in truths)


def _line(out: BinaryIO, line: bytes) -> None:
    out.write(line + b"\n")
