"""Small worlds for tests: one square of territory, one line, receivers that hear everything or almost nothing."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from geo.zones import ZoneSet, read_zones
from simulator.plane import Plane
from simulator.scenario import Scenario

ORIGIN = (-28.3, 46.2)
PLANE = Plane(*ORIGIN)
START = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)

# A territory north of y = 5 km with a port at x 20..24 km, a platform in it, and a line 1 km inside it.
_SHAPES: list[tuple[str, str, str, list[tuple[float, float]]]] = [
    ("north", "territory", "Polygon", [(-60, 5), (60, 5), (60, 40), (-60, 40)]),
    ("port", "port_of_entry", "Polygon", [(20, 4), (24, 4), (24, 30), (20, 30)]),
    ("platform", "exclusion", "Polygon", [(-2, 10), (2, 10), (2, 14), (-2, 14)]),
    ("lane", "lane", "Polygon", [(-60, -4), (60, -4), (60, -1), (-60, -1)]),
    ("line", "border_line", "LineString", [(-60, 6), (60, 6)]),
]


def place(x_km: float, y_km: float) -> tuple[float, float]:
    """Lon, lat of kilometres east and north of the origin."""
    lon, lat = ORIGIN
    east, north = PLANE.metres_per_degree
    return (lon + x_km * 1000.0 / east, lat + y_km * 1000.0 / north)


def zones() -> ZoneSet:
    """The zones of the small world."""
    features = []
    for zone_id, kind, shape, corners in _SHAPES:
        points = [place(*corner) for corner in corners]
        coordinates: Any = points if shape == "LineString" else [[*points, points[0]]]
        properties = {"zone_id": zone_id, "kind": kind, "name": zone_id}
        geometry = {"type": shape, "coordinates": coordinates}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return read_zones({"type": "FeatureCollection", "features": features})


def box(x_km: float, y_km: float, half_km: float = 0.5) -> tuple[tuple[float, float], ...]:
    """A square area."""
    corners = ((-half_km, -half_km), (half_km, -half_km), (half_km, half_km), (-half_km, half_km))
    return tuple(place(x_km + dx, y_km + dy) for dx, dy in corners)


def scenario(**changes: Any) -> Scenario:
    """Three boats that cross from south to north, a fishing boat and a ferry; every report is heard and is exact."""
    fields: dict[str, Any] = {
        "name": "small",
        "seed": 3,
        "start": START,
        "seconds": 1500.0,
        "origin": ORIGIN,
        "zones": "none.geojson",
        "noise": {"gnss_sigma_m": 0.0},
        "receivers": [{"name": "all", "position": place(0, 0), "range_m": 1e6, "latency_s": 0.01, "loss": 0.0}],
        "crossings": [
            {"name": "boat", "start": box(-10, 1), "end": box(-10, 20), "interval_s": 60.0, "count": 3,
             "speed_mps": [14.0, 18.0]},
        ],
        "fishing": [{"name": "fisher", "area": box(5, 5, 1.0), "count": 2, "speed_mps": [2.0, 4.0], "rest_s": 10.0}],
        "ferries": [{"name": "ferry", "path": [place(22, 25), place(22, -5)], "speed_mps": 11.0, "every_s": 600.0}],
    }  # fmt: skip
    return msgspec.convert({**fields, **changes}, Scenario)
