"""Tracks and true positions from files, brought to the moments and the plane of the truth.

Tracks are the CSV of ``vedette track`` (``time_s,track_id,x_m,y_m,confirmed``, perhaps ``dark``) or JSON lines of
``tracks.v1``. Only confirmed tracks count. Between two of its rows a track is where the straight line says, unless
they are further apart than ``gap_s``: then it was not there.
"""

import csv
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from sensors.observation import Identity
from simulator.plane import Plane
from simulator.truth import What

Floats = NDArray[np.float64]
_COLUMNS = ("time_s", "track_id", "x_m", "y_m", "confirmed")


class BadTracks(ValueError):
    """A file that holds no tracks, or no truth to compare them with; the message says what was expected."""


class Standing(NamedTuple):
    """One object at one moment."""

    name: str
    xy_m: tuple[float, float]
    covered_by: tuple[str, ...]
    reporting: bool


class TrackPoint(NamedTuple):
    """One track at one moment; ``dark`` is None where the file does not say who it thinks it is."""

    track_id: str
    xy_m: tuple[float, float]
    dark: bool | None


class TruthFrames(NamedTuple):
    """Moments (``time_s`` from the start, rising) with everything that was there, and what places them on the map."""

    moments: dict[float, list[Standing]]
    plane: Plane
    start: datetime


class _Line(msgspec.Struct):
    what: What
    object: str
    onset: datetime
    position: tuple[float, float]
    time_s: float = 0.0
    xy_m: tuple[float, float] = (0.0, 0.0)
    covered_by: tuple[str, ...] = ()
    reporting: bool = False


class _Picture(msgspec.Struct):
    track_id: str
    event_time: datetime
    position: tuple[float, float]
    identity: Identity
    state: str = "live"


def read_positions(path: Path) -> TruthFrames:
    """The true positions in a truth file; raises :class:`BadTracks`, msgspec.MsgspecError or OSError."""
    lines = [line for line in msgspec.json.Decoder(_Line).decode_lines(path.read_bytes()) if line.what is What.POSITION]
    if not lines:
        raise BadTracks(f"{path}: no positions; expected the truth of a scenario with truth_every_s above 0")
    moments: defaultdict[float, list[Standing]] = defaultdict(list)
    for line in lines:
        moments[line.time_s].append(Standing(line.object, line.xy_m, line.covered_by, line.reporting))
    first = lines[0]
    start = datetime.fromtimestamp(first.onset.timestamp() - first.time_s, first.onset.tzinfo)
    return TruthFrames(dict(sorted(moments.items())), _plane(first.position, first.xy_m), start)


def _plane(lonlat: tuple[float, float], xy_m: tuple[float, float]) -> Plane:
    """The plane on which a place has these coordinates."""
    plane = Plane(*lonlat)
    for _ in range(6):
        east, north = plane.metres_per_degree
        plane = Plane(lonlat[0] - xy_m[0] / east, lonlat[1] - xy_m[1] / north)
    return plane


def read_tracks(path: Path, truth: TruthFrames, *, gap_s: float = 10.0) -> dict[float, list[TrackPoint]]:
    """The tracks at the moments of the truth; raises :class:`BadTracks`, msgspec.MsgspecError or OSError."""
    data = path.read_bytes()
    rows = _pictures(data, truth) if data.lstrip()[:1] == b"{" else _table(path)
    grid = np.array(list(truth.moments))
    moments: dict[float, list[TrackPoint]] = {time_s: [] for time_s in truth.moments}
    for track_id, points in sorted(rows.items()):
        for time_s, point in _at(grid, track_id, sorted(points, key=lambda p: p[0]), gap_s):
            moments[time_s].append(point)
    return moments


_Row = tuple[float, float, float, bool | None]  # time_s, x_m, y_m, dark


def _table(path: Path) -> dict[str, list[_Row]]:
    rows: defaultdict[str, list[_Row]] = defaultdict(list)
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or [])]
        if missing:
            raise BadTracks(f"{path}: no column {missing[0]}; expected the header {','.join(_COLUMNS)}")
        for number, row in enumerate(reader, 2):
            try:
                dark = bool(int(row["dark"])) if row.get("dark") else None
                place = float(row["time_s"]), float(row["x_m"]), float(row["y_m"]), dark
                confirmed = int(row["confirmed"])
            except (TypeError, ValueError) as problem:
                raise BadTracks(f"{path}: line {number}: {problem}") from problem
            if confirmed:
                rows[row["track_id"]].append(place)
    return rows


def _pictures(data: bytes, truth: TruthFrames) -> dict[str, list[_Row]]:
    rows: defaultdict[str, list[_Row]] = defaultdict(list)
    for picture in msgspec.json.Decoder(_Picture).decode_lines(data):
        if picture.state != "lost":
            x_m, y_m = truth.plane.to_metres(np.array(picture.position)).tolist()
            time_s = (picture.event_time - truth.start).total_seconds()
            rows[picture.track_id].append((time_s, x_m, y_m, picture.identity.key("") is None))
    return rows


def _at(grid: Floats, track_id: str, points: list[_Row], gap_s: float) -> list[tuple[float, TrackPoint]]:
    """Where one track is at the moments of ``grid`` within its life."""
    times = np.array([point[0] for point in points])
    columns = np.array([point[1:3] for point in points])
    after = np.searchsorted(times, grid - 1e-6)
    found = []
    for time_s, i in zip(grid.tolist(), after.tolist(), strict=True):
        if i == len(times) or (i == 0 and times[0] - time_s > 1e-6):
            continue
        source = i
        if times[i] - time_s <= 1e-6:
            x_m, y_m = columns[i].tolist()
        elif times[i] - times[i - 1] <= gap_s:
            source = i - 1
            share = (time_s - times[i - 1]) / (times[i] - times[i - 1])
            x_m, y_m = (columns[i - 1] + share * (columns[i] - columns[i - 1])).tolist()
        else:
            continue
        found.append((time_s, TrackPoint(track_id, (x_m, y_m), points[source][3])))
    return found
