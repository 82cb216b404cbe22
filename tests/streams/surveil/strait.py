"""A strait with radars and AIS, as ingest would write it: what sails, what is seen, and the owner's log of it."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from sensors.adapters import make_adapter
from streams.config import Feed, Format, PlotSensor, Settings
from streams.ingest import IngestCore
from streams.log import Record
from streams.partitioning import Owners

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
SITE = (-82.3, 24.95)  # east of the zone West, whose border runs along 82.4 W
RADAR = PlotSensor("radar-1", "radar", revisit_s=2.0, sigma_m=12.0, detection_probability=0.9, site=SITE, sigma_deg=0.1)
RADARS = Feed("acme", "radar", Format.JSON)
AIS = Feed("coast", "ais", Format.JSON)
LAT = 25.0
_EAST_M, _NORTH_M = 100_950.0, 110_770.0  # of a degree at 25 N


def settings(*radars: PlotSensor) -> Settings:
    """One owner, a radar feed and an AIS feed."""
    return Settings((RADARS, AIS), Owners(1), sensors=radars or (RADAR,))


@dataclass(frozen=True)
class Boat:
    """Sails straight from metres east and north of the border's point at 25 N; named only within ``named_s``."""

    x_m: float
    y_m: float
    vx_mps: float
    vy_mps: float = 0.0
    mmsi: int | None = None
    named_s: tuple[float, float] = (0.0, math.inf)
    every_s: int = 4
    seen: bool = True  # by radar

    def at(self, time_s: float) -> tuple[float, float]:
        """Lon, lat."""
        return place(self.x_m + self.vx_mps * time_s, self.y_m + self.vy_mps * time_s)

    def enters_s(self) -> float:
        """When it crosses the border westward; infinite where it does not."""
        return -self.x_m / self.vx_mps if self.vx_mps < 0 < self.x_m else math.inf


@dataclass(frozen=True)
class Bias:
    """What a radar measures too much."""

    range_m: float = 0.0
    azimuth_deg: float = 0.0


@dataclass
class Strait:
    """Scans and reports, in the order of time: for each second what each feed publishes."""

    boats: Sequence[Boat]
    radars: Sequence[PlotSensor] = (RADAR,)
    biases: Sequence[Bias] = ()
    clutter: int = 3
    seed: int = 1

    def __post_init__(self) -> None:
        """Fresh chances."""
        self.chance = np.random.default_rng(self.seed)

    def scan(self, number: int, time_s: float) -> list[dict[str, object]]:
        """The plots of one radar."""
        radar, chance = self.radars[number], self.chance
        bias = self.biases[number] if self.biases else Bias()
        found = []
        for boat in self.boats:
            if boat.seen and chance.uniform() < radar.detection_probability:
                found.append(self._plot(radar, bias, boat.at(time_s)))
        for _ in range(self.clutter):
            found.append(place(chance.uniform(-8_000, 8_000), chance.uniform(-8_000, 8_000)))
        return [plot(radar.sensor_id, time_s, where) for where in found]

    def reports(self, time_s: int) -> list[dict[str, object]]:
        """What AIS says in a second."""
        found = []
        for index, boat in enumerate(self.boats):
            low, high = boat.named_s
            if boat.mmsi is None or not low <= time_s < high or (time_s + index) % boat.every_s:
                continue
            lon, lat = boat.at(time_s)
            lon, lat = lon + self.chance.normal(0, 6) / _EAST_M, lat + self.chance.normal(0, 6) / _NORTH_M
            course = math.degrees(math.atan2(boat.vx_mps, boat.vy_mps)) % 360.0
            speed = math.hypot(boat.vx_mps, boat.vy_mps)
            found.append(
                plot("ais-1", time_s, (lon, lat))
                | {"identity": {"mmsi": boat.mmsi}, "velocity": {"speed_mps": speed, "course_deg": course}}
            )
        return found

    def _plot(self, radar: PlotSensor, bias: Bias, where: tuple[float, float]) -> tuple[float, float]:
        assert radar.site is not None
        east, north = (where[0] - radar.site[0]) * _EAST_M, (where[1] - radar.site[1]) * _NORTH_M
        range_m = math.hypot(east, north) + bias.range_m + self.chance.normal(0, radar.sigma_m / 2)
        sigma_deg = radar.sigma_deg or 0.1
        azimuth = math.atan2(east, north) + math.radians(bias.azimuth_deg + self.chance.normal(0, sigma_deg))
        lon = radar.site[0] + range_m * math.sin(azimuth) / _EAST_M
        return lon, radar.site[1] + range_m * math.cos(azimuth) / _NORTH_M


def place(x_m: float, y_m: float) -> tuple[float, float]:
    """Lon, lat of metres east and north of the border's point."""
    return -82.4 + x_m / _EAST_M, LAT + y_m / _NORTH_M


def plot(sensor: str, time_s: float, where: tuple[float, float]) -> dict[str, object]:
    """An event of a position."""
    return {"sensor_id": sensor, "event_time": (BEGIN + timedelta(seconds=time_s)).isoformat(), "position": where}


def published(strait: Strait, second: int) -> list[tuple[str, list[dict[str, object]]]]:
    """What is published in a second: raw topic and events of one sensor each."""
    said = [(AIS.topic, strait.reports(second))]
    for number, radar in enumerate(strait.radars):
        if second % round(radar.revisit_s) == 0:
            said.append((RADARS.topic, strait.scan(number, second + 0.5)))
    return [(topic, events) for topic, events in said if events]


def log_of(strait: Strait, seconds: int, chosen: Settings, batch: int = 1) -> list[Record]:
    """``observations.v1`` as ingest writes it, ``batch`` raw records of a feed at a time."""
    cores = [
        IngestCore(feed.topic, 0, feed, chosen, lambda: 1, make_adapter(Format.JSON, fragment_s=10.0))
        for feed in (RADARS, AIS)
    ]
    log: list[Record] = []
    waiting: list[list[Record]] = [[], []]
    begin_us = round(BEGIN.timestamp() * 1e6)
    offsets = [0, 0]
    for second in range(seconds):
        log_us = begin_us + second * 1_000_000
        for topic, events in published(strait, second):
            feed = (RADARS.topic, AIS.topic).index(topic)
            sensor = str(events[0]["sensor_id"]).encode()
            waiting[feed].append(Record(offsets[feed], log_us, sensor, json.dumps(events).encode()))
            offsets[feed] += 1
        for feed in (0, 1):
            outputs = []
            if len(waiting[feed]) >= batch or second == seconds - 1:
                outputs, waiting[feed] = [*cores[feed].apply(waiting[feed])], []
            if not waiting[feed]:
                outputs += cores[feed].tick(log_us, idle=False)
            for out in outputs:
                if out.topic == "observations.v1":
                    log.append(Record(len(log), log_us + len(log), out.key, out.value, tuple(out.headers)))
    return log
