"""The Solent log (Dstl Stone Soup, 2016-01-12): 18,623 positions of 91 vessels at full rate, 84 minutes."""

import csv
import gzip
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import shapely

FILE = "ais/stonesoup_SolentAIS_20160112.csv.gz"
_HEADER = ("time", "mmsi", "lat", "lon", "course", "speed")


def as_csv(source: Path, target: Path) -> Path:
    """The log with the columns that ``vedette check`` knows, times with their zone, in the order of the log."""
    with gzip.open(source, "rt") as lines, target.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_HEADER)
        for row in csv.DictReader(lines):
            time = datetime.fromisoformat(row["Time"]).replace(tzinfo=UTC).isoformat()
            place = (row["Latitude_degrees"], row["Longitude_degrees"])
            writer.writerow((time, row["MMSI"], *place, row["COG_degrees"], row["SOG_knots"]))
    return target


def flickers(log: Path, zones: dict[str, Any], quiet: timedelta) -> int:
    """How often a vessel is inside a zone again so soon after it was outside, by the positions alone."""
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in zones["features"]]
    tree = shapely.STRtree(shapes)
    tracks: defaultdict[str, list[tuple[datetime, float, float]]] = defaultdict(list)
    with log.open() as lines:
        for row in csv.DictReader(lines):
            tracks[row["mmsi"]].append((datetime.fromisoformat(row["time"]), float(row["lon"]), float(row["lat"])))
    found = 0
    for track in tracks.values():
        left: dict[int, datetime] = {}
        inside: set[int] = set()
        for time, lon, lat in sorted(track):
            now = set(tree.query(shapely.Point(lon, lat), predicate="covered_by").tolist())
            found += sum(zone in left and time - left[zone] <= quiet for zone in now - inside)
            left.update(dict.fromkeys(inside - now, time))
            inside = now
    return found
