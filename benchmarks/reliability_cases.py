"""Cases for the reliability of predicted crossings: reports of craft, the borders ahead, and when each really crossed.

Three sources. The strait of :mod:`simulator.scenarios` with more of what crosses its limits (boats that stray over it
while fishing, fast boats from shore to shore): positions and speeds as reported, crossings from the truth. And real
AIS of the Solent (``../shared/data``, 91 vessels at full rate) under a chequerboard of drawn zones 1.5 km wide:
crossings from the reports themselves. And the walkers of the frontier: their true state once in thirty seconds with the
error that a tracker behind ground radars leaves (:data:`TRACKED`), crossings from the truth.
"""

import csv
import gzip
import os
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo import ZoneIndex
from geo.chance import MOVERS, Mover
from geo.chance.ahead import Ahead, nearby, on_course
from geo.zones import Zone, ZoneId, ZoneKind, ZoneSet, read_zones
from simulator.plane import Plane
from simulator.scenario import Scenario, open_bundle
from simulator.spec import Kind
from simulator.truth import TruePosition, What
from simulator.world import World

EVERY_S = 30.0  # of one craft, one report in so many seconds is a case
LONGEST_S = 900.0
SLOWEST_MPS = 0.3
TRACKED = (8.0, 0.2)  # metres and m/s on each axis
_SMALL = (30, 37)  # types of ship (ITU-R M.1371-5, table 53): fishing, pleasure craft
_NO_SENSORS: dict[str, Any] = {
    name: () for name in ("radars", "cameras", "ground_sensors", "videos", "drones", "vehicles", "animals")
}
_MORE = 4
_REACH_M = 25_000.0
_KNOT_MPS = 1852 / 3600
DATA = Path(os.environ.get("VEDETTE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
SOLENT = DATA / "ais" / "stonesoup_SolentAIS_20160112.csv.gz"

Floats = NDArray[np.float64]


class Cases(NamedTuple):
    """``n`` cases, each craft outside of what it may enter."""

    velocity_mps: Floats  # (n, 2) east, north
    course: Ahead
    near: Ahead
    accuracy_m: float
    crossed_after_s: Floats  # (n,) inf where it never did
    mover: NDArray[np.int8]  # (n,) the class, an index of geo.chance.MOVERS; -1 where only the speed tells
    sigma_m: float = 10.0  # of the position on each axis …
    speed_sigma_mps: float | None = None  # … and of the velocity; None as the model says


class _Report(NamedTuple):
    who: str
    time_s: float
    lon: float
    lat: float
    speed_mps: float
    course_deg: float
    mover: int = -1


def simulated(seed: int, seconds: float) -> Cases:
    """The cases of one world; only reports that could be followed for the longest horizon."""
    bundle = open_bundle("strait")
    zones = read_zones(bundle.zones)
    world = World(_busier(bundle.scenario), zones, seed=seed)
    reports: dict[tuple[str, int], _Report] = {}
    entries: dict[str, list[float]] = {}
    for moment in world.run(seconds):
        for r in moment.reports:
            if r.good and r.course_deg is not None and r.speed_mps > SLOWEST_MPS:
                small = MOVERS.index(Mover.SMALL_BOAT) if r.craft.ship_type in _SMALL else -1
                found = _Report(r.craft.label, r.true_time_us / 1e6, r.lon, r.lat, r.speed_mps, r.course_deg, small)
                reports.setdefault((found.who, int(found.time_s // EVERY_S)), found)
        for truth in moment.truths:
            if truth.what is What.ENTRY and truth.zone_kind == ZoneKind.TERRITORY:
                entries.setdefault(truth.object, []).append(truth.onset.timestamp())
    end_s = world.start_us / 1e6 + seconds - LONGEST_S
    kept = [report for report in reports.values() if report.time_s < end_s]
    after = [min((e - r.time_s for e in entries.get(r.who, []) if e >= r.time_s), default=np.inf) for r in kept]
    watched = [zone for zone in zones if zone.kind in (ZoneKind.TERRITORY, ZoneKind.PORT_OF_ENTRY)]
    accuracy = max(zone.accuracy_m for zone in watched)
    return _cases(kept, np.array(after), ZoneSet(tuple(watched)), accuracy)


def walking(seed: int, seconds: float) -> Cases:
    """The walkers of one world of the frontier."""
    bundle = open_bundle("frontier")
    zones = read_zones(bundle.zones)
    scenario = msgspec.structs.replace(bundle.scenario, truth_every_s=EVERY_S, **_NO_SENSORS)
    walkers = tuple(msgspec.structs.replace(walker, interval_s=walker.interval_s / 3.0) for walker in scenario.walkers)
    world = World(msgspec.structs.replace(scenario, walkers=walkers), zones, seed=seed)
    tracks: dict[str, list[TruePosition]] = {}
    entries: dict[str, list[float]] = {}
    for moment in world.run(seconds):
        for truth in moment.truths:
            if isinstance(truth, TruePosition) and truth.object_kind is Kind.WALKER:
                tracks.setdefault(truth.object, []).append(truth)
            elif truth.what is What.ENTRY and truth.zone_kind == ZoneKind.TERRITORY:
                entries.setdefault(truth.object, []).append(truth.onset.timestamp())
    rng, start_s = np.random.default_rng(seed), world.start_us / 1e6
    east, north = Plane(*scenario.origin).metres_per_degree
    kept = []
    for who, track in tracks.items():
        for before, here in pairwise(track):
            if here.time_s >= seconds - LONGEST_S or here.time_s - before.time_s > EVERY_S + 1:
                continue
            velocity = (np.array(here.xy_m) - np.array(before.xy_m)) / EVERY_S + rng.normal(0, TRACKED[1], 2)
            error_m = rng.normal(0, TRACKED[0], 2)
            speed, course = float(np.hypot(*velocity)), float(np.degrees(np.arctan2(*velocity)) % 360)
            lon, lat = here.position[0] + error_m[0] / east, here.position[1] + error_m[1] / north
            if speed > SLOWEST_MPS:
                kept.append(_Report(who, start_s + here.time_s, lon, lat, speed, course, MOVERS.index(Mover.WALKER)))
    after = [min((e - r.time_s for e in entries.get(r.who, []) if e >= r.time_s), default=np.inf) for r in kept]
    watched = ZoneSet(tuple(zone for zone in zones if zone.kind is ZoneKind.TERRITORY))
    found = _cases(kept, np.array(after), watched, max(zone.accuracy_m for zone in watched))
    return found._replace(sigma_m=TRACKED[0], speed_sigma_mps=TRACKED[1])


def solent() -> Cases | None:
    """The cases of the real log, None where it is not there."""
    if not SOLENT.exists():
        return None
    reports: dict[tuple[str, int], _Report] = {}
    tracks: dict[str, list[_Report]] = {}
    with gzip.open(SOLENT, "rt", newline="") as lines:
        for row in csv.DictReader(lines):
            found = _solent_report(row)
            if found is not None:
                tracks.setdefault(found.who, []).append(found)
                reports.setdefault((found.who, int(found.time_s // EVERY_S)), found)
    zones = _chequers(list(reports.values()))
    index = ZoneIndex.from_zones(zones)
    entries: dict[str, list[float]] = {}
    end_s = max(track[-1].time_s for track in tracks.values())
    for who, track in tracks.items():
        track.sort(key=lambda report: report.time_s)
        xy = np.array([(report.lon, report.lat) for report in track])
        rows = index.crossings(xy[:-1], xy[1:])
        rows = rows[rows["after"] != 0]
        times = np.array([report.time_s for report in track])
        entries[who] = (times[rows["segment"]] + rows["u"] * np.diff(times)[rows["segment"]]).tolist()
    kept = [r for r in reports.values() if r.time_s < end_s - LONGEST_S and r.speed_mps > SLOWEST_MPS]
    kept = [r for r in kept if tracks[r.who][-1].time_s > r.time_s + LONGEST_S]
    after = [min((e - r.time_s for e in entries[r.who] if e >= r.time_s), default=np.inf) for r in kept]
    return _cases(kept, np.array(after), zones, 0.0)


def _cases(reports: list[_Report], after: Floats, zones: ZoneSet, accuracy_m: float) -> Cases:
    index = ZoneIndex.from_zones(zones)
    entered = {zone.zone_id for zone in zones if zone.kind is ZoneKind.TERRITORY}

    ports = {zone.zone_id for zone in zones if zone.kind is ZoneKind.PORT_OF_ENTRY}

    def gains(here: int, beyond: int) -> bool:
        return ports.isdisjoint(index.zones_of(here)) and bool(
            entered & set(index.zones_of(beyond)) - set(index.zones_of(here))
        )

    lonlat = np.array([(report.lon, report.lat) for report in reports])
    course = np.radians([report.course_deg for report in reports])
    speed = np.array([report.speed_mps for report in reports])
    velocity = np.column_stack([speed * np.sin(course), speed * np.cos(course)])
    outside = np.array([not entered & set(index.zones_of(number)) for number in index.sets(lonlat).tolist()])
    mover = np.array([report.mover for report in reports], np.int8)[outside]
    lonlat, velocity, after = lonlat[outside], velocity[outside], after[outside]
    ahead = on_course(index, lonlat, velocity, LONGEST_S, gains)
    return Cases(velocity, ahead, nearby(index, lonlat, _REACH_M, gains), accuracy_m, after, mover)


def _busier(scenario: Scenario) -> Scenario:
    replace = msgspec.structs.replace
    return replace(
        scenario,
        lanes=tuple(replace(lane, interval_s=lane.interval_s * _MORE) for lane in scenario.lanes),
        fishing=tuple(
            replace(boats, count=boats.count * _MORE) for boats in scenario.fishing if boats.name == "line-fleet"
        ),
        crossings=tuple(replace(boats, interval_s=boats.interval_s / _MORE) for boats in scenario.crossings),
    )


def _solent_report(row: dict[str, str]) -> _Report | None:
    when = datetime.fromisoformat(row["Time"])
    speed, course = float(row["SOG_knots"]) * _KNOT_MPS, float(row["COG_degrees"])
    if speed > 50 or course >= 360:
        return None
    lon, lat = float(row["Longitude_degrees"]), float(row["Latitude_degrees"])
    return _Report(row["MMSI"], when.timestamp(), lon, lat, speed, course)


def _chequers(reports: Iterable[_Report]) -> ZoneSet:
    """Every second square of a grid over the reports."""
    xy = np.array([(report.lon, report.lat) for report in reports])
    (west, south), (east, north) = np.percentile(xy, 1, axis=0), np.percentile(xy, 99, axis=0)
    wide, high = 0.0214, 0.0135  # 1.5 km at 51 degrees of latitude
    zones = []
    for column in range(int((east - west) / wide) + 1):
        for row in range(int((north - south) / high) + 1):
            if (column + row) % 2:
                box = shapely.box(west + column * wide, south + row * high, west + (column + 1) * wide,
                                  south + (row + 1) * high)  # fmt: skip
                name = f"square-{column}-{row}"
                zones.append(Zone(ZoneId(name), ZoneKind.TERRITORY, name, box))
    return ZoneSet(tuple(zones))
