"""Plots without a name: followed, fenced and alerted like named objects, and recovered bit for bit."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest

from sensors.adapters import make_adapter
from streams.config import Feed, Format, PlotSensor, Settings
from streams.ingest import IngestCore
from streams.inputs import parse_input, settings_for
from streams.log import Output, Record
from streams.messages import EdgeKind
from streams.partitioning import Owners
from streams.replay import Replay, replay
from streams.surveil import SurveilCore
from tests.streams.surveil.feeds import box, loaded, version, zone
from tests.streams.surveil.owner import edges_of

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
RADAR = PlotSensor("radar-1", "radar", revisit_s=2.0, sigma_m=20.0, detection_probability=0.9)
FEED = Feed("acme", "json", Format.JSON)
SETTINGS = Settings((FEED,), Owners(1), sensors=(RADAR,))
_EAST_M = 100_900.0  # a degree of longitude at 25 N


def scans(count: int = 150, clutter: int = 4) -> list[list[dict[str, object]]]:
    """Scans of a radar: a boat that sails west over the eastern border of the zone West at 10 m/s, and false plots."""
    chance = np.random.default_rng(3)
    found: list[list[dict[str, object]]] = []
    for scan in range(count):
        time = (BEGIN + timedelta(seconds=2 * scan)).isoformat()
        east = -82.4 + (1_000.0 - 20.0 * scan + chance.normal(0, 20)) / _EAST_M
        places = [(east, 25.0 + chance.normal(0, 20) / 110_773.0)] if chance.uniform() < 0.9 else []
        places += [(-82.4 + chance.uniform(-0.05, 0.05), 25.0 + chance.uniform(-0.05, 0.05)) for _ in range(clutter)]
        found.append([{"sensor_id": "radar-1", "event_time": time, "position": place} for place in places])
    return found


def replayed(tmp_path: Path, sensors: tuple[PlotSensor, ...]) -> Replay:
    """The scans through every stage."""
    path = tmp_path / "plots.jsonl"
    path.write_text("".join(json.dumps(plot) + "\n" for scan in scans() for plot in scan))
    parsed = [parse_input(f"{path}@acme/radar-1", "json")]
    return replay(parsed, loaded(), msgspec.structs.replace(settings_for(parsed, 1), sensors=sensors))


def test_a_nameless_boat_that_enters_is_one_alert(tmp_path: Path) -> None:
    """One incursion, of the track, near the border, with plots for evidence; every plot has a fate."""
    found = replayed(tmp_path, (RADAR,))
    (line,) = found.lines()
    alert = json.loads(line)
    assert (alert["kind"], alert["zone_id"], alert["state"]) == ("incursion", "west", "active-unack")
    assert not any(alert["subject"]["identity"].values())
    assert abs(alert["position"][0] + 82.4) * _EAST_M < 60.0
    assert len(alert["evidence"]) >= 2
    assert found.residual() == 0
    assert found.counts["row"] == sum(map(len, scans()))


@pytest.mark.parametrize("words, alerts", [(["fishing"], 0), (["tanker"], 1), (["radar"], 1), (["ais"], 0)])
def test_whom_a_zone_concerns_counts_for_tracks(tmp_path: Path, words: list[str], alerts: int) -> None:
    """A track whose plots are taken for a tanker, by a radar: zones for others of either sort are none of its
    business."""
    path = tmp_path / "plots.jsonl"
    said = {"classification": [{"label": "tanker", "confidence": 0.9}]}
    path.write_text("".join(json.dumps(plot | said) + "\n" for scan in scans(clutter=0) for plot in scan))
    parsed = [parse_input(f"{path}@acme/radar-1", "json")]
    zones = loaded(version([zone("west", box(-84.0, 24.0, -82.4, 26.0), applies_to=words)]))
    settings = msgspec.structs.replace(settings_for(parsed, 1), sensors=(RADAR,))
    assert sum(json.loads(line)["state"] != "retracted" for line in replay(parsed, zones, settings).lines()) == alerts


def test_plots_of_a_sensor_nobody_described_are_refused(tmp_path: Path) -> None:
    """Without a description nothing can be followed: each plot is counted under its reason."""
    found = replayed(tmp_path, ())
    assert found.lines() == []
    assert found.residual() == 0
    assert found.counts["row"] == 0


def log_of(batch: int) -> list[Record]:
    """``observations.v1`` as ingest writes it from the scans, so many records at a time."""
    core = IngestCore(FEED.topic, 0, FEED, SETTINGS, lambda: 1, make_adapter(Format.JSON, fragment_s=10.0))
    raw = [
        Record(offset, round(BEGIN.timestamp() * 1e6) + 2_000_000 * offset, b"radar-1", json.dumps(scan).encode())
        for offset, scan in enumerate(scans())
    ]
    outputs = [out for start in range(0, len(raw), batch) for out in core.apply(raw[start : start + batch])]
    log_us = raw[0].log_time_us
    return [
        Record(offset, log_us + offset, out.key, out.value, tuple(out.headers))
        for offset, out in enumerate(outputs)
        if out.topic == "observations.v1"
    ]


@pytest.mark.parametrize("stop", [1, 60, 100])
def test_a_restored_owner_goes_on_as_if_nothing_had_happened(stop: int) -> None:
    """State taken at any frame: the outputs after it, and the state in the end, are bit for bit the same."""
    log = log_of(1)
    whole, first, second = (SurveilCore(0, SETTINGS, loaded()) for _ in range(3))
    outputs: list[Output] = []
    for record in log:
        outputs += whole.apply([record])
    for record in log[:stop]:
        first.apply([record])
    second.load(first.dump())
    after = [out for record in log[stop:] for out in second.apply([record])]
    assert after == outputs[len(outputs) - len(after) :]
    assert second.dump() == whole.dump()
    assert [edge.kind for edge in edges_of(outputs)][:1] == [EdgeKind.OPENED]


def test_the_cut_of_frames_finds_the_same_entry() -> None:
    """One scan a frame or five: one entry into one zone, within two scans of each other."""
    opened = []
    for batch in (1, 5):
        core = SurveilCore(0, SETTINGS, loaded())
        outputs = [out for record in log_of(batch) for out in core.apply([record])]
        (edge,) = [edge for edge in edges_of(outputs) if edge.kind is EdgeKind.OPENED]
        opened.append((edge.incident.zone_id, edge.incident.opened_us))
    assert opened[0][0] == opened[1][0] == "west"
    assert abs(opened[0][1] - opened[1][1]) <= 10_000_000  # microseconds
