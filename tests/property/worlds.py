"""Small random worlds: a few vessels wandering between box zones that lie in several sectors and owners."""

import json
import math
import random
from dataclasses import dataclass

from shapely.geometry import box, mapping
from shapely.geometry.base import BaseGeometry

START_S = 1_704_067_200  # 2024-01-01T00:00:00Z
ZONES = {
    "west": box(-84.0, 24.0, -82.4, 26.0),
    "east": box(-80.9, 24.5, -79.5, 26.2),
    "north": box(-83.5, 27.0, -80.0, 28.3),
}


@dataclass(frozen=True)
class Report:
    """One position report of one vessel."""

    mmsi: int
    time_s: int
    lon: float
    lat: float


def feature_collection(zones: dict[str, BaseGeometry] | None = None) -> dict[str, object]:
    """The zones as GeoJSON."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"zone_id": zone_id, "kind": "territory", "name": zone_id.title()},
                "geometry": json.loads(json.dumps(mapping(geometry))),
            }
            for zone_id, geometry in (zones or ZONES).items()
        ],
    }


def wander(seed: int, vessels: int = 4, reports: int = 25) -> list[Report]:
    """Reports of all vessels in order of time; speeds stay below the teleport gate, gaps below the lost time."""
    chance = random.Random(seed)
    found = []
    for number in range(vessels):
        lon, lat = chance.uniform(-84.5, -79.0), chance.uniform(23.6, 28.6)
        time_s = START_S + chance.randrange(600)
        for _ in range(reports):
            found.append(Report(366_000_001 + number, time_s, round(lon, 5), round(lat, 5)))
            gap_s = chance.choice((20, 45, 90, 600, 1800, 5400))
            reach_m = gap_s * chance.uniform(0.0, 25.0)
            course = chance.uniform(0.0, 2 * math.pi)
            lon = min(-79.0, max(-84.5, lon + reach_m * math.sin(course) / 101_000.0))
            lat = min(28.6, max(23.6, lat + reach_m * math.cos(course) / 111_200.0))
            time_s += gap_s
    return sorted(found, key=lambda report: (report.time_s, report.mmsi))


def event(report: Report, sensor_id: str) -> bytes:
    """A report as a vendor's JSON event."""
    hours, rest = divmod(report.time_s - START_S, 3600)
    time = f"2024-01-{1 + hours // 24:02d}T{hours % 24:02d}:{rest // 60:02d}:{rest % 60:02d}Z"
    return json.dumps(
        {
            "sensor_id": sensor_id,
            "event_time": time,
            "position": [report.lon, report.lat],
            "identity": {"mmsi": report.mmsi},
        }
    ).encode()
