"""A recorded radar through Kafka with several owners: the same alert ids as from the file with one."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from shapely.affinity import translate

from tests.property import boats, worlds

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(150)]
EAST_DEG = 1.42  # there the sea lies across a border of the owners by default
SENSORS = """[[sensor]]
sensor_id = "radar-1"
modality = "radar"
revisit_s = 2.0
sigma_m = 15.0
detection_probability = 0.95
"""


def vedette(*arguments: str) -> str:
    """What a verb prints."""
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli.main", *arguments], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


def ids(lines: str) -> set[str]:
    """The ids of alerts, one JSON object a line."""
    return {json.loads(line)["alert_id"] for line in lines.splitlines()}


def test_a_recording_of_plots_gives_the_same_ids_through_kafka_and_from_the_file(tmp_path: Path) -> None:
    """Law: `vedette up --sensors` with four owners = `vedette replay --sensors` with one and with four, id for id;
    tracks cross the owners' border on the way and the ledger balances."""
    seen = [plot._replace(lon=plot.lon + EAST_DEG) for plot in boats.plots(8, boats=14, seconds=400)]
    plots, zones, sensors = tmp_path / "plots.jsonl", tmp_path / "zones.geojson", tmp_path / "sensors.toml"
    plots.write_bytes(b"".join(boats.event(plot) + b"\n" for plot in seen))
    moved = {name: translate(zone, EAST_DEG, 0.0) for name, zone in boats.ZONES.items()}
    zones.write_bytes(msgspec.json.encode(worlds.feature_collection(moved)))
    sensors.write_text(SENSORS)
    common = (f"{plots}@acme/radar-1", "--zones", str(zones), "--sensors", str(sensors), "--partitions")
    alone, four = ids(vedette("replay", *common, "1")), ids(vedette("replay", *common, "4"))
    out = tmp_path / "alerts.jsonl"
    summary = json.loads(
        vedette("up", "--input", *common, "4", "--speed", "max", "--json", "--out", str(out)).splitlines()[-1]
    )
    assert len(alone) >= 8
    assert alone == four == ids(out.read_text())
    assert summary["ledger_residual"] == 0
