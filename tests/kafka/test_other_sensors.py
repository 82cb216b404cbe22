"""Ground sensors, cameras and another tracker through Kafka and Faust: the alerts of the files, id for id."""

import json
import threading
from pathlib import Path
from typing import cast

import pytest

from streams.embedded import EmbeddedBroker
from streams.inputs import parse_input
from streams.public import encode
from streams.up.run import run
from streams.up.sources import FileSource
from tests.streams.surveil.feeds import boxes
from tests.streams.surveil.others_world import (
    CAMERAS,
    GROUND,
    TRACKER,
    Event,
    alerts,
    looks,
    replayed,
    reports,
    walk,
)

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(180)]


def moved(events: list[Event], south: float) -> list[Event]:
    """Another tracker's reports, so many degrees to the south."""
    for one in events:
        lon, lat = cast(tuple[float, float], one["position"])
        one["position"] = (lon, lat - south)
    return events


def test_kafka_gives_the_alerts_of_the_files_id_for_id(tmp_path: Path) -> None:
    """Law: bearings, triggers and foreign tracks through a broker and two owners: the same incursions under the same
    alert ids as a replay of the file, and a ledger that balances."""
    sensors = (GROUND, TRACKER, *CAMERAS)
    minutes_later = 600.0
    events = [*walk(at_s=minutes_later), *looks(90), *moved(reports(100), 0.05)]
    told = {alert["alert_id"]: alert["evidence"] for alert in alerts(replayed(tmp_path, events, sensors, 2))}
    assert len(told) >= 2
    file = tmp_path / "events.jsonl"
    source = FileSource([parse_input(f"{file}@acme/x", "json")], boxes().zones, [], None, (), sensors)
    with EmbeddedBroker() as broker:
        found, _ = run(source, broker.bootstrap, tmp_path / "run", 2, None, stop=threading.Event())
        assert found.summary(1.0, broker.bootstrap).ledger_residual == 0
    lines = [json.loads(alert) for alert in map(encode, found.alerts_in_order())]
    assert {alert["alert_id"]: alert["evidence"] for alert in lines} == told
