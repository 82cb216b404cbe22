"""A full-rate log of 91 vessels in the Solent, over borders laid through the traffic: no border makes a storm."""

import json
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely

from streams.inputs import parse_input, settings_for
from streams.messages import ZonesVersion
from streams.replay import replay
from streams.zones import ZoneVersions
from tests.real import solent

pytestmark = [pytest.mark.data, pytest.mark.slow]
QUIET = timedelta(seconds=60)


def checkerboard() -> dict[str, Any]:
    """Sixteen columns and ten rows of exclusion zones, border to border, over the whole traffic."""
    west, south, east, north = -1.60, 50.68, -0.98, 50.92
    features = []
    for column in range(16):
        for row in range(10):
            x, y = west + column * (east - west) / 16, south + row * (north - south) / 10
            cell = shapely.box(x, y, x + (east - west) / 16, y + (north - south) / 10)
            properties = {"zone_id": f"{column}-{row}", "kind": "exclusion", "name": f"cell {column} {row}"}
            geometry = json.loads(shapely.to_geojson(cell))
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


def test_nobody_enters_within_a_minute_of_leaving(data_dir: Path, tmp_path: Path) -> None:
    """Law: between an exit and the next enter of one vessel and zone lie more than 60 s, also where the bare geometry
    flickers (and it does, so the law is put to the test)."""
    log = solent.as_csv(data_dir / solent.FILE, tmp_path / "solent.csv")
    versions, inputs = ZoneVersions(), [parse_input(str(log))]
    versions.add(ZonesVersion(version=1, in_force_from_us=None, zones=checkerboard()))
    visits: dict[tuple[str, str], list[tuple[datetime, datetime | None]]] = {}
    for line in replay(inputs, versions, settings_for(inputs)).lines():
        alert = json.loads(line)
        ended = alert["ended_time"]
        visit = datetime.fromisoformat(alert["event_time"]), ended and datetime.fromisoformat(ended)
        visits.setdefault((str(alert["subject"]["identity"]["mmsi"]), alert["zone_id"]), []).append(visit)
    again = [
        (key, begin - end)
        for key, found in visits.items()
        for (_, end), (begin, _) in pairwise(sorted(found, key=lambda visit: visit[0]))
        if end is not None
    ]
    flickers = solent.flickers(log, checkerboard(), QUIET)
    total = sum(len(found) for found in visits.values())
    soonest = min((gap for _, gap in again), default=None)
    print(f"\nSolent: {total} entries, {len(again)} of them again, the soonest {soonest} after the exit")
    print(f"Solent: the bare geometry flickers {flickers} times")
    assert total > 50
    assert flickers > 0
    assert [key for key, gap in again if gap <= QUIET] == []
