"""A load of plots: four rotating radars that all see one crowded stretch of sea, and AIS of a part of its vessels.

The vessels are those of :class:`simulator.load.Load`: each sails to and fro across the middle of the box on a line of
its own. A radar publishes what its beam swept since the last slice as one record, a list of nameless events; AIS is
one event a record. Cheap enough to be made beside what it loads: some 4 us a plot.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.load import Load
from simulator.plane import Plane

Array = NDArray[np.float64]

CENTRE: Final = (-28.3, 46.2)
RADAR_TOPIC: Final = "raw.load.plots"
AIS_TOPIC: Final = "raw.load.ais"
AIS_SENSOR: Final = "sim-ais-0"
DETECTION: Final = 0.9
REVISIT_S: Final = 2.5
SIGMA_RANGE_M: Final = 8.0
SIGMA_AZIMUTH_DEG: Final = 0.05
_SIDE_M: Final = 80_000.0  # north to south; with these turns some five vessels per km² at 10,000 plots/s
_FALSE: Final = 0.1  # false plots per true one
_FALSE_REACH_M: Final = 40_000.0
_AIS_SHARE: Final = 0.6
_AIS_EVERY_S: Final = 10.0
_TURN_S: Final = 1_800.0  # a vessel sails one way for so long: it enters the eastern half once in twice that


class Site(NamedTuple):
    """A radar: metres east and north of the centre."""

    name: str
    x_m: float
    y_m: float


SITES: Final = tuple(
    Site(f"sim-radar-{name}", x_m, y_m)
    for name, x_m, y_m in (
        ("nw", -12_000.0, 12_000.0),
        ("ne", 12_000.0, 12_000.0),
        ("sw", -12_000.0, -12_000.0),
        ("se", 12_000.0, -12_000.0),
    )
)


class Made(NamedTuple):
    """A record to publish, and how many events it holds."""

    topic: str
    key: bytes
    value: bytes
    events: int


@dataclass
class PlotLoad:
    """``rate`` plots a second of all radars together, from ``start_us`` on; slices are asked for in order."""

    rate: float
    start_us: int
    seed: int = 0
    _until_s: float = 0.0
    _ais_sent: int = 0
    _turn: dict[str, tuple[int, Array]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        vessels = max(1, round(self.rate * REVISIT_S / (len(SITES) * DETECTION * (1.0 + _FALSE))))
        self._rng = np.random.default_rng([self.seed, 7])
        self._plane = Plane(*CENTRE)
        self._ais_rate = vessels / _AIS_EVERY_S
        self._ais = Load(
            vessels,
            rate=self._ais_rate,
            start_us=self.start_us,
            seed=self.seed,
            sensors=(AIS_SENSOR,),
            centre=CENTRE,
            width_m=_SIDE_M,
            turn_s=_TURN_S,
        )
        self.vessels = vessels

    def slice(self, until_s: float) -> list[Made]:
        """Everything measured since the last slice, up to ``until_s`` after the start."""
        since_s, self._until_s = self._until_s, until_s
        made = [record for site in SITES for record in self._swept(site, since_s, until_s)]
        return made + self._reports(until_s)

    def _swept(self, site: Site, since_s: float, until_s: float) -> list[Made]:
        """One record per turn of the antenna that the slice touches."""
        found = []
        for turn in range(int(since_s // REVISIT_S), int(until_s // REVISIT_S) + 1):
            low, high = max(since_s - turn * REVISIT_S, 0.0), min(until_s - turn * REVISIT_S, REVISIT_S)
            when_s = self._beam(site, turn)
            which = ((when_s >= low) & (when_s < high)).nonzero()[0]
            seen = which[self._rng.random(which.size) < DETECTION]
            time_us = self.start_us + ((turn * REVISIT_S + when_s[seen]) * 1e6).astype(np.int64)
            place = self._plane.to_metres(self._ais.positions(seen, time_us)) - (site.x_m, site.y_m)
            range_m = np.hypot(place[:, 0], place[:, 1]) + SIGMA_RANGE_M * self._rng.standard_normal(seen.size)
            azimuth = np.arctan2(place[:, 0], place[:, 1])
            azimuth += np.deg2rad(SIGMA_AZIMUTH_DEG) * self._rng.standard_normal(seen.size)
            false = self._rng.poisson(_FALSE * seen.size)
            range_m = np.concatenate([range_m, _FALSE_REACH_M * np.sqrt(self._rng.uniform(0.0, 1.0, false))])
            after_s = self._rng.uniform(low, high, false)
            azimuth = np.concatenate([azimuth, 2.0 * np.pi * after_s / REVISIT_S])
            false_us = self.start_us + ((turn * REVISIT_S + after_s) * 1e6).astype(np.int64)
            if range_m.size:
                found.append(self._record(site, np.concatenate([time_us, false_us]), range_m, azimuth))
        return found

    def _beam(self, site: Site, turn: int) -> Array:
        """When the beam passes each vessel, seconds after the turn began (by where it is at the beginning)."""
        known = self._turn.get(site.name)
        if known is None or known[0] != turn:
            every = np.arange(self.vessels)
            begins_us = np.full(self.vessels, self.start_us + round(turn * REVISIT_S * 1e6))
            place = self._plane.to_metres(self._ais.positions(every, begins_us)) - (site.x_m, site.y_m)
            azimuth = np.arctan2(place[:, 0], place[:, 1]) % (2.0 * np.pi)
            known = self._turn[site.name] = (turn, azimuth * (REVISIT_S / (2.0 * np.pi)))
        return known[1]

    def _record(self, site: Site, time_us: NDArray[np.int64], range_m: Array, azimuth: Array) -> Made:
        order = np.argsort(time_us, kind="stable")
        place = np.column_stack([range_m * np.sin(azimuth), range_m * np.cos(azimuth)])[order] + (site.x_m, site.y_m)
        stamps = np.datetime_as_string(time_us[order].astype("datetime64[us]")).tolist()
        sigma_m = np.hypot(SIGMA_RANGE_M, range_m[order] * np.deg2rad(SIGMA_AZIMUTH_DEG)) / np.sqrt(2.0)
        rows = zip(stamps, self._plane.to_lonlat(place).tolist(), sigma_m.tolist(), strict=True)
        events = ",".join(
            f'{{"sensor_id":"{site.name}","event_time":"{stamp}Z","position":[{lon:.6f},{lat:.6f}],'
            f'"sigma_m":{sigma:.1f},"simulated":true}}'
            for stamp, (lon, lat), sigma in rows
        )
        return Made(RADAR_TOPIC, site.name.encode(), f"[{events}]".encode(), len(stamps))

    def _reports(self, until_s: float) -> list[Made]:
        """AIS of those that carry it."""
        count = int(until_s * self._ais_rate) - self._ais_sent
        if count <= 0:
            return []
        first, self._ais_sent = self._ais_sent, self._ais_sent + count
        carries = (np.arange(first, first + count) % self.vessels) < _AIS_SHARE * self.vessels
        values = self._ais.slice(first, count).values
        return [
            Made(AIS_TOPIC, AIS_SENSOR.encode(), value, 1)
            for value, sends in zip(values, carries, strict=True)
            if sends
        ]
