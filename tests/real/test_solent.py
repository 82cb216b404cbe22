"""A full-rate log of 91 vessels in the Solent, over borders laid through the traffic: no border makes a storm."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import shapely

from streams.inputs import parse_input, settings_for
from streams.messages import ZonesVersion
from streams.replay import replay
from streams.zones import ZoneVersions
from tests.real import solent

pytestmark = [pytest.mark.data, pytest.mark.slow]
QUIET = timedelta(seconds=60)
WEST, SOUTH, EAST, NORTH = -1.60, 50.68, -0.98, 50.92  # all of the traffic


class Visit(NamedTuple):
    """When an alerted visit began and ended, and why it did."""

    begin: datetime
    end: datetime | None
    reason: str | None


Visits = dict[tuple[str, str], list[Visit]]


def checkerboard() -> dict[str, Any]:
    """Sixteen columns and ten rows of exclusion zones, border to border, over the whole traffic."""
    wide, high = (EAST - WEST) / 16, (NORTH - SOUTH) / 10
    cells = {
        f"{column}-{row}": shapely.box(
            WEST + column * wide, SOUTH + row * high, WEST + column * wide + wide, SOUTH + row * high + high
        )
        for column in range(16)
        for row in range(10)
    }
    return exclusions(cells)


def combs() -> dict[str, Any]:
    """Twelve zones, each of stripes 300 m wide with 1.1 km between them, over the whole traffic: six with stripes that
    run north and six east, each moved on a little. A ferry is in and out of each every minute or two, and between two
    stripes it is only just so far outside (500 m) that a visit ends at all."""
    stripe_m, apart_m = 300.0, 1_400.0
    found = {}
    for nth in range(6):
        start_m = nth * apart_m / 6
        for way, low, high, metres in (("north", WEST, EAST, 70_400.0), ("east", SOUTH, NORTH, 111_250.0)):
            count = int((high - low) * metres / apart_m)
            edges = [low + (start_m + tooth * apart_m) / metres for tooth in range(count)]
            stripes = [
                shapely.box(edge, SOUTH, edge + stripe_m / metres, NORTH)
                if way == "north"
                else shapely.box(WEST, edge, EAST, edge + stripe_m / metres)
                for edge in edges
            ]
            found[f"{way}-{nth}"] = shapely.MultiPolygon(stripes)
    return exclusions(found)


def exclusions(shapes: Mapping[str, shapely.Geometry]) -> dict[str, Any]:
    """A zones file of exclusion zones."""
    features = [
        {
            "type": "Feature",
            "properties": {"zone_id": zone_id, "kind": "exclusion", "name": f"cell {zone_id}"},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for zone_id, shape in shapes.items()
    ]
    return {"type": "FeatureCollection", "features": features}


def visits_of(log: Path, zones: dict[str, Any]) -> Visits:
    """Each vessel's visits to each zone, by vessel and zone, as alerted by the pipeline, in order."""
    versions, inputs = ZoneVersions(), [parse_input(str(log))]
    versions.add(ZonesVersion(version=1, in_force_from_us=None, zones=zones))
    visits: Visits = {}
    for line in replay(inputs, versions, settings_for(inputs)).lines():
        alert = json.loads(line)
        ended = alert["ended_time"] and datetime.fromisoformat(alert["ended_time"])
        visit = Visit(datetime.fromisoformat(alert["event_time"]), ended, alert["end_reason"])
        visits.setdefault((str(alert["subject"]["identity"]["mmsi"]), alert["zone_id"]), []).append(visit)
    return {key: sorted(found, key=lambda visit: visit.begin) for key, found in visits.items()}


def returns(visits: Visits, reason: str = "exited") -> list[timedelta]:
    """The time from each end for a reason to the next entry of the same vessel into the same zone."""
    return [
        later.begin - visit.end
        for found in visits.values()
        for visit, later in pairwise(found)
        if visit.end is not None and visit.reason == reason
    ]


def test_nobody_enters_within_a_minute_of_leaving(data_dir: Path, tmp_path: Path) -> None:
    """Law: between an exit and the next enter of one vessel and zone lie more than 60 s, also where the bare geometry
    flickers (and it does, so the law is put to the test)."""
    log = solent.as_csv(data_dir / solent.FILE, tmp_path / "solent.csv")
    visits = visits_of(log, checkerboard())
    again = returns(visits)
    flickers = solent.flickers(log, checkerboard(), QUIET)
    total = sum(map(len, visits.values()))
    print(f"\nSolent: {total} entries, {len(again)} of them again, the soonest {min(again)} after the exit")
    print(f"Solent: the bare geometry flickers {flickers} times")
    assert total > 50
    assert flickers > 0
    assert [gap for gap in again if gap <= QUIET] == []


def test_hundreds_of_exits_and_no_entry_within_a_minute_of_one(data_dir: Path, tmp_path: Path) -> None:
    """Law: as above, over zones that vessels leave and enter all the time. There are hundreds of exits, the bare
    geometry breaks the law tens of times, and many entries come within two minutes: the edge of the law is tried.

    A line through a zone between two fixes outside of it is a passage, not a visit: it is alerted as one, ended at
    once, and an entry soon after it is an alert of its own. They are few."""
    log = solent.as_csv(data_dir / solent.FILE, tmp_path / "solent.csv")
    visits = visits_of(log, combs())
    again, passages = returns(visits), returns(visits, "passed-through")
    exits = sum(visit.reason == "exited" for found in visits.values() for visit in found)
    flickers = solent.flickers(log, combs(), QUIET)
    soon, passed = (sum(gap <= limit for gap in gaps) for gaps, limit in ((again, 2 * QUIET), (passages, QUIET)))
    print(f"\nSolent, combs: {exits} exits, {len(again)} entries after one, {soon} of them within two minutes")
    print(f"Solent, combs: the soonest {min(again)} after the exit; the bare geometry flickers {flickers} times")
    print(f"Solent, combs: {passed} entries within a minute of a passage, of {len(passages)} after one")
    assert exits > 300
    assert soon > 50
    assert flickers > 50
    assert [gap for gap in again if gap <= QUIET] == []
    assert passed < 10
