"""Small seas under a radar: fast boats that say no name and cross the sectors of several owners, and false plots."""

import json
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import numpy as np
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from geo.sectors import sectors
from streams import topology
from streams.config import Feed, Format, PlotSensor, Settings
from streams.messages import ZonesVersion
from streams.partitioning import Owners
from streams.zones import ZoneVersions
from tests.property.faulty_log import FaultyLog
from tests.property.worlds import feature_collection

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
WEST, EAST, SOUTH, NORTH = -82.7, -82.1, 24.7, 25.3  # about 60 by 66 km: a dozen sectors
ZONES: dict[str, BaseGeometry] = {
    "inner": box(-82.52, 24.86, -82.28, 25.14),
    "north": box(-82.6, 25.2, -82.2, 25.29),
    "east": box(-82.2, 24.72, -82.12, 25.1),
}
RADAR = PlotSensor("radar-1", "radar", revisit_s=2.0, sigma_m=15.0, detection_probability=0.95)
FEED = Feed("acme", "json", Format.JSON)
HISTORICAL = ("vedette-historical", b"1")
END = (b"", b"", (("vedette-end", b"1"),))
_EAST_M, _NORTH_M = 100_900.0, 110_773.0  # a degree at 25 N


class Plot(NamedTuple):
    """One echo; ``boat`` is whose, -1 for a false one."""

    time_s: float
    lon: float
    lat: float
    boat: int = -1


def plots(seed: int, boats: int = 6, seconds: int = 300, clutter: int = 2, radar_s: float = 2.0) -> list[Plot]:
    """Echoes in order of time. Boats begin anywhere and run at 25 to 45 m/s, more or less across the middle."""
    chance = np.random.default_rng(seed)
    lon, lat = chance.uniform(WEST, EAST, boats), chance.uniform(SOUTH, NORTH, boats)
    east_m, north_m = ((WEST + EAST) / 2 - lon) * _EAST_M, ((SOUTH + NORTH) / 2 - lat) * _NORTH_M
    speed, course = chance.uniform(25.0, 45.0, boats), np.arctan2(east_m, north_m) + chance.uniform(-0.8, 0.8, boats)
    found = []
    for scan in range(round(seconds / radar_s)):
        course = course + chance.normal(0.0, 0.01, boats)
        lon = lon + speed * radar_s * np.sin(course) / _EAST_M
        lat = lat + speed * radar_s * np.cos(course) / _NORTH_M
        seen = chance.uniform(size=boats) < 0.95
        east, north = chance.normal(0, 15.0, boats) / _EAST_M, chance.normal(0, 15.0, boats) / _NORTH_M
        who = np.flatnonzero(seen).tolist()
        found += [
            Plot(scan * radar_s, float(lon[boat] + east[boat]), float(lat[boat] + north[boat]), boat) for boat in who
        ]
        found += [
            Plot(scan * radar_s, float(chance.uniform(WEST, EAST)), float(chance.uniform(SOUTH, NORTH)))
            for _ in range(clutter)
        ]
    return found


def owners(partitions: int) -> Owners:
    """Every sector of the sea another owner's than its neighbours', as far as there are owners."""
    grid = np.array(
        [(x, y) for x in np.linspace(WEST - 0.2, EAST + 0.2, 60) for y in np.linspace(SOUTH - 0.2, NORTH + 0.2, 60)]
    )
    cells = sorted(set(sectors(grid).tolist()))
    return Owners(partitions, sectors={f"{cell:x}": (5 * number) % partitions for number, cell in enumerate(cells)})


def settings(partitions: int) -> Settings:
    """One radar feed; owners as :func:`owners`."""
    return Settings((FEED,), owners(partitions), sensors=(RADAR,))


def zones() -> ZoneVersions:
    """The one version."""
    versions = ZoneVersions()
    versions.add(ZonesVersion(version=1, in_force_from_us=None, zones=feature_collection(ZONES)))
    return versions


def event(plot: Plot, begin: datetime = BEGIN) -> bytes:
    """A plot as the radar's JSON event."""
    time = (begin + timedelta(seconds=plot.time_s)).isoformat()
    return json.dumps({"sensor_id": "radar-1", "event_time": time, "position": [plot.lon, plot.lat]}).encode()


def sea(partitions: int) -> FaultyLog:
    """A log with every partition open and one reader on each."""
    configuration, versions = settings(partitions), zones()
    log = FaultyLog(
        [topology.STAGES[name](configuration, versions) for name in ("ingest", "surveil", "alert", "dispatch")]
    )
    log.open(FEED.topic, 0)
    for topic in ("observations.v1", "detections.v1", "dispatches.v1"):
        for partition in range(partitions):
            log.open(topic, partition)
    return log


def publish(log: FaultyLog, seen: Sequence[Plot]) -> None:
    """Echoes of a recording, one event a record."""
    log.append(FEED.topic, 0, [(b"radar-1", event(plot), (HISTORICAL,)) for plot in seen])


def live(
    seen: Sequence[Plot], partitions: int, victim: int | None = None, dead_s: tuple[float, float] = (0.0, 0.0)
) -> FaultyLog:
    """The echoes as they happen, log time with event time; the owner ``victim`` is dead meanwhile, then restored."""
    log, begin_us = sea(partitions), round(BEGIN.timestamp() * 1e6)
    victims = [runner for runner in log.runners if runner.tp == ("observations.v1", victim)]
    scans: dict[float, list[Plot]] = {}
    for plot in seen:
        scans.setdefault(plot.time_s, []).append(plot)
    for time_s, scan in sorted(scans.items()):
        log.log_time_us = max(log.log_time_us, begin_us + round(time_s * 1e6) + 100_000)
        for runner in victims:
            if not runner.frozen and dead_s[0] <= time_s < dead_s[1]:
                runner.frozen = True
            elif runner.frozen and time_s >= dead_s[1]:
                runner.frozen = False
                log.crash(runner)
            elif not runner.frozen and round(time_s) % 10 == 0:
                log.snap(runner)
        log.append(FEED.topic, 0, [(b"radar-1", event(plot), ()) for plot in scan])
        while sum(log.step(runner, 1000) for runner in log.runners):
            pass
    log.append(FEED.topic, 0, [END])
    log.drain()
    return log


def straight(seconds: int, speed_mps: float = 40.0, lat: float = 25.24) -> list[Plot]:
    """One boat that runs east into the zone "north" and on in it, seen in every look."""
    chance = np.random.default_rng(5)
    found = []
    for scan in range(seconds // 2):
        east = -82.64 + speed_mps * 2.0 * scan / _EAST_M
        lon, north = east + float(chance.normal(0, 10.0)) / _EAST_M, lat + float(chance.normal(0, 10.0)) / _NORTH_M
        found.append(Plot(scan * 2.0, lon, north, 0))
    return found


class Entry(NamedTuple):
    """One alert that stands."""

    zone_id: str
    time_s: float
    subject: str


def entries(log: FaultyLog) -> list[Entry]:
    """The incursions that were not taken back, in order of time."""
    return standing(log.latest("alerts.v1").values())


def standing(alerts: Iterable[dict[str, Any]]) -> list[Entry]:
    """Likewise, of the newest version of every alert."""
    found = []
    for alert in alerts:
        if alert["kind"] == "incursion" and alert["state"] != "retracted":
            time_s = (datetime.fromisoformat(alert["event_time"]) - BEGIN).total_seconds()
            found.append(Entry(alert["zone_id"], time_s, alert["subject"]["track_ids"][0]))
    return sorted(found, key=lambda entry: (entry.time_s, entry.zone_id))


def counts(log: FaultyLog, stage: str, name: str) -> int:
    """A counter summed over the partitions of a stage."""
    return sum(runner.core.counts().get(name, 0) for runner in log.runners if runner.stage.name == stage)


def tracks_of(log: FaultyLog, seen: Sequence[Plot]) -> list[int]:
    """Under how many public ids each boat was told, boat by boat: one, unless the tracker itself lost it."""
    echoes: dict[int, list[Plot]] = {}
    for plot in seen:
        if plot.boat >= 0:
            echoes.setdefault(round(plot.time_s), []).append(plot)
    ids: dict[int, dict[str, None]] = {plot.boat: {} for plot in seen if plot.boat >= 0}
    for (topic, _), records in sorted(log.partitions.items()):
        for record in records if topic == "tracks.v1" else ():
            if record.value is None:
                continue
            picture = msgspec.json.decode(record.value)
            time_s = (datetime.fromisoformat(picture["event_time"]) - BEGIN).total_seconds()
            boat = nearest(echoes.get(round(time_s), []), *picture["position"])
            if boat >= 0:
                ids[boat][picture["track_id"]] = None
    return [len(found) for _, found in sorted(ids.items())]


def nearest(scan: Sequence[Plot], lon: float, lat: float) -> int:
    """The boat whose echo of a scan is nearest to a place, -1 where none is within 200 m."""
    near = [(math.hypot((plot.lon - lon) * _EAST_M, (plot.lat - lat) * _NORTH_M), plot.boat) for plot in scan]
    away_m, boat = min(near, default=(math.inf, -1))
    return boat if away_m < 200.0 else -1
