"""The real day: 102,861 positions of 5,620 vessels on 2024-01-01 (NGA ATD 2025, dataset 1), and what is true of it."""

import csv
import gzip
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from pyproj import Geod
from shapely.geometry import Point, shape
from shapely.ops import nearest_points

from streams.config import IngestRules, SurveilRules
from tests.oracle.entries import Entry, Fix, entries

FILE = "ais/atd2025_dataset1_truth.csv.gz"
_GEOD = Geod(ellps="WGS84")


def fixes(path: Path) -> dict[str, list[Fix]]:
    """Every vessel's positions in order of time."""
    found: defaultdict[str, list[Fix]] = defaultdict(list)
    with gzip.open(path, "rt") as lines:
        for row in csv.DictReader(lines):
            time = datetime.fromisoformat(row["time"]).replace(tzinfo=UTC)
            found[row["track_id"]].append(Fix(round(time.timestamp() * 1e6), float(row["lon"]), float(row["lat"])))
    return {vessel: sorted(of_vessel) for vessel, of_vessel in found.items()}


def wanted(path: Path, zones: dict[str, Any]) -> list[Entry]:
    """Every entry by brute force."""
    geometries = {feature["properties"]["zone_id"]: shape(feature["geometry"]) for feature in zones["features"]}
    return list(entries(fixes(path), geometries))


class Explained(dict[str, list[Entry]]):
    """Entries that are not alerted, by the named rule that explains each."""


def explain(missing: list[Entry], path: Path, zones: dict[str, Any]) -> Explained:
    """Entries that were not alerted, by rule: ``gap`` (the object was lost meanwhile), ``teleport`` (a fix near it is
    beyond the gate), ``hysteresis`` (never outside by the margin, or not for the dwell); the rest ``unexplained``."""
    geometries = {feature["properties"]["zone_id"]: shape(feature["geometry"]) for feature in zones["features"]}
    of_vessel, found = fixes(path), Explained()
    for entry in missing:
        track = of_vessel[entry.vessel]
        index = next(i for i, fix in enumerate(track) if fix.time_us == entry.time_us)
        found.setdefault(_rule(track, index, geometries[entry.zone_id]), []).append(entry)
    return found


def _rule(track: list[Fix], index: int, zone: Any) -> str:
    rules = SurveilRules()
    if track[index].time_us - track[index - 1].time_us >= rules.lost_after_s * 1e6:
        return "gap"
    if any(_jumps(track, i) for i in range(max(1, index - 2), min(len(track), index + 2))):
        return "teleport"
    outside: list[Fix] = []
    for fix in reversed(track[:index]):
        if zone.covers(Point(fix.lon, fix.lat)):
            break
        outside.append(fix)
    short = bool(outside) and track[index].time_us - outside[-1].time_us < rules.exit_dwell_s * 1e6
    return "hysteresis" if short or _near(outside, zone) else "unexplained"


def _near(outside: list[Fix], zone: Any) -> bool:
    margin_m = SurveilRules().exit_margin_m
    for fix in outside:
        border, _ = nearest_points(zone, Point(fix.lon, fix.lat))
        if _GEOD.inv(fix.lon, fix.lat, border.x, border.y)[2] > margin_m * 1.01:
            return False
    return True


def _jumps(track: list[Fix], index: int) -> bool:
    rules, a, b = IngestRules(), track[index - 1], track[index]
    metres = _GEOD.inv(a.lon, a.lat, b.lon, b.lat)[2]
    return bool(metres - rules.teleport_slack_m > rules.teleport_mps * (b.time_us - a.time_us) / 1e6)


def alerted(lines: list[bytes]) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Alerts by (vessel, zone, time of the opening fix); asserts that there is one alert per entry."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for line in lines:
        alert = msgspec.json.decode(line)
        time_us = round(datetime.fromisoformat(alert["event_time"]).timestamp() * 1e6)
        identity = alert["subject"]["identity"]
        key = (str(identity.get("mmsi") or identity["track_id"]), alert["zone_id"], time_us)
        assert key not in found, f"two alerts for one entry into {alert['zone_id']}"
        found[key] = alert
    return found
