"""From a transmission to what arrives: GNSS noise, range, lost slots, latency, copies, damage and wrong clocks."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.ais import KNOT_MPS
from simulator.craft import Craft, Status, Transponder
from simulator.fleet import Fleet
from simulator.plane import Array, Plane
from simulator.scenario import Hears, Noise, Receiver

_HEARS = {Transponder.REMOTE_ID: Hears.REMOTE_ID, Transponder.ADSB: Hears.ADSB}  # all others: AIS
_CLASS_B_RANGE = 0.6  # of class A's: 2-5 W instead of 12.5 W, and a lower antenna
_BEACON_RANGE = 0.4  # 1 W, an antenna in the water
_SURE_TO = 0.7  # of the range, then falling to nothing at the range
_MINUTE = 600_000  # AIS positions are multiples of 1/10,000 minute
_HEADING_TURN_MPS = 0.5  # below this the course over ground means nothing
# A receiver that has lost its leap of GPS weeks stamps 1,024 weeks early; one set by hand stamps days ahead.
WRONG_CLOCKS_US = (-1024 * 7 * 86_400_000_000, 3 * 86_400_000_000)


class Flaw(StrEnum):
    """How a report was damaged on its way."""

    TRUNCATED = "truncated"  # cut off
    GARBLED = "garbled"  # one byte changed
    OUT_OF_RANGE = "out-of-range"  # a sentinel for "not available" left in a field
    NO_TIME = "no-time"


class Report(NamedTuple):
    """One transmission as one receiver passed it on. Sorts by arrival."""

    arrival_us: int
    sequence: int
    event_time_us: int  # by the receiver's clock
    true_time_us: int
    sensor_id: str
    craft: Craft
    status: Status
    lon: float
    lat: float
    speed_mps: float
    course_deg: float | None
    heading_deg: float | None
    sent: int  # number of this transmission among its craft's
    flaw: Flaw | None

    @property
    def good(self) -> bool:
        """Whether a reader can use it and place it in time."""
        return self.flaw is None and self.event_time_us == self.true_time_us


class Ether:
    """The air between transponders and receivers."""

    def __init__(self, receivers: tuple[Receiver, ...], noise: Noise, plane: Plane, start_us: int, seed: int) -> None:
        self._plane, self._noise, self._start_us = plane, noise, start_us
        self._names = [receiver.name for receiver in receivers]
        self._places = plane.to_metres(np.array([receiver.position for receiver in receivers]).reshape(-1, 2))
        self._range_m = np.array([receiver.range_m for receiver in receivers])
        self._loss = np.array([receiver.loss for receiver in receivers])
        self._latency_s = np.array([receiver.latency_s for receiver in receivers])
        media = [[_HEARS.get(kind, Hears.AIS) is r.hears for r in receivers] for kind in Transponder]
        self._media = np.array(media, np.bool_).reshape(len(Transponder), len(receivers))
        self._rng = np.random.default_rng([seed, 1_000_003])
        self._sequence = 0

    def carry(
        self, fleet: Fleet, slots: NDArray[np.int64], times_s: NDArray[np.float64], now_s: float
    ) -> Iterator[Report]:
        """What becomes of the reports that ``slots`` make at ``times_s``; the fleet stands where it is at ``now_s``."""
        if not len(slots):
            return
        noise, rng, shape = self._noise, self._rng, (len(slots), len(self._names))
        self._drift(fleet, slots, times_s)
        back_m = (times_s - now_s) * fleet.speed_mps[slots]
        course = np.radians(fleet.course_deg[slots])
        true = np.column_stack([fleet.x[slots] + back_m * np.sin(course), fleet.y[slots] + back_m * np.cos(course)])
        errors = np.column_stack([fleet.error_east[slots], fleet.error_north[slots]])
        lonlat = np.round(np.round(self._plane.to_lonlat(true + errors) * _MINUTE) / _MINUTE, 6)
        chance = self._chance(fleet.transponder[slots], true) * (1.0 - self._loss)
        heard = rng.random(shape) < chance
        latency_s = self._latency_s * np.exp(rng.normal(0.0, 0.5, shape))
        late, lateness = rng.random(shape) < noise.late_share, rng.uniform(*noise.late_s, shape)
        twice, flawed, wrong = (rng.random(shape) for _ in range(3))
        flaw, clock = rng.integers(len(Flaw), size=shape), rng.integers(len(WRONG_CLOCKS_US), size=shape)
        speed = np.round(np.maximum(fleet.speed_mps[slots] + rng.normal(0.0, 0.05, len(slots)), 0.0) / KNOT_MPS, 1)
        arrival_s = times_s[:, None] + latency_s + np.where(late, lateness, 0.0)
        flaws = list(Flaw)
        for row, receiver in np.argwhere(heard).tolist():
            slot = int(slots[row])
            craft = fleet.who(slot)
            true_us = self._start_us + round(float(times_s[row]) * 1e6)
            is_wrong = bool(wrong[row, receiver] < noise.wrong_clock_share)
            moving = speed[row] * KNOT_MPS > _HEADING_TURN_MPS
            course_deg = round(float(fleet.course_deg[slot]), 1) % 360.0
            report = Report(
                arrival_us=self._start_us + round(float(arrival_s[row, receiver]) * 1e6),
                sequence=self._sequence,
                event_time_us=true_us + (WRONG_CLOCKS_US[int(clock[row, receiver])] if is_wrong else 0),
                true_time_us=true_us,
                sensor_id=self._names[receiver],
                craft=craft,
                status=fleet.status(slot),
                lon=float(lonlat[row, 0]),
                lat=float(lonlat[row, 1]),
                speed_mps=round(float(speed[row]) * KNOT_MPS, 3),
                course_deg=course_deg if moving else None,
                heading_deg=round(course_deg) % 360.0 if craft.transponder is Transponder.A else None,
                sent=int(fleet.sent[slot]),
                flaw=flaws[int(flaw[row, receiver])] if flawed[row, receiver] < noise.flawed_share else None,
            )
            self._sequence += 2
            yield report
            if twice[row, receiver] < noise.duplicate_share:
                yield report._replace(arrival_us=report.arrival_us + 50_000, sequence=report.sequence + 1)

    def reach(self, fleet: Fleet, slots: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each receiver could hear each slot's next report, shape ``(n, receivers)``."""
        places = np.column_stack([fleet.x[slots], fleet.y[slots]])
        return (self._chance(fleet.transponder[slots], places) > 0.0) & ~fleet.silent[slots][:, None]

    def _chance(self, transponder: NDArray[np.int8], places: Array) -> Array:
        """The chance by distance, ``(n, receivers)``."""
        power = np.select(
            [(transponder == Transponder.B_SO) | (transponder == Transponder.B_CS), transponder == Transponder.BEACON],
            [_CLASS_B_RANGE, _BEACON_RANGE],
            1.0,
        )
        distance = np.hypot(*np.moveaxis(places[:, None] - self._places, 2, 0)) / (self._range_m * power[:, None])
        chance: Array = np.clip((1.0 - distance) / (1.0 - _SURE_TO), 0.0, 1.0) * self._media[transponder]
        chance[transponder == Transponder.NONE] = 0.0
        return chance

    def _drift(self, fleet: Fleet, slots: NDArray[np.int64], times_s: NDArray[np.float64]) -> None:
        """Advance the GNSS error of each craft to its report: exact solution of a Gauss-Markov process."""
        age_s = np.minimum(times_s - fleet.error_s[slots], 1e9)
        kept = np.exp(-age_s / self._noise.gnss_tau_s)
        fresh = self._noise.gnss_sigma_m * np.sqrt(1.0 - kept * kept)
        draws = self._rng.normal(0.0, 1.0, (2, len(slots)))
        fleet.error_east[slots] = kept * fleet.error_east[slots] + fresh * draws[0]
        fleet.error_north[slots] = kept * fleet.error_north[slots] + fresh * draws[1]
        fleet.error_s[slots] = times_s
