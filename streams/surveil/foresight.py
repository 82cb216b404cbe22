"""Whether objects on their course will enter a territory soon: many at once, and one with the words for it."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.chance import MOVERS, Approach, Mover, approach, eta, motion_of, nearby, on_course, predicted
from geo.chance.predicted import FITTED
from geo.concern import CLASSES
from geo.zones import ZoneKind
from streams.rules import Ruling
from streams.surveil.doubt import CONTACT_M, SELF_REPORTED_M, error_of, is_contact
from streams.surveil.rows import Fix, lonlat_of
from streams.surveil.segments import in_force, watched, zones_at
from streams.who import Who
from streams.zones import InForce

_SLOWEST_MPS = 0.3  # below it a course means nothing
_DRIFT_M = 5_000.0  # borders that are not on the course are looked for so far around
TRACKED_MPS = 0.5  # standard deviation of a track's velocity on each axis, where the fix does not hold it
_MOVES = tuple((MOVERS.index(mover), CLASSES[mover.value]) for mover in (Mover.WALKER, Mover.SMALL_BOAT))
_ROUNDING = 0.01  # more than the chance of one row differs by between a frame and by itself

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]


class Warned(NamedTuple):
    """A predicted entry: within which horizon, and how likely."""

    zone_id: str
    horizon_s: float
    chance: float
    ahead: Approach

    def times_s(self) -> tuple[float | None, float | None, float | None]:
        """The early, the middle and the late time (10, 50, 90 %), seconds from the fix; None is later than all."""
        times = [float(when[0]) for when in eta(self.ahead)]
        early, middle, late = (None if math.isinf(time_s) else time_s for time_s in (times[1], times[0], times[2]))
        return early, middle, late


class Outlook(NamedTuple):
    """The borders ahead of one fix, each with the zone behind it; above ``warn`` one is a warning."""

    horizons_s: tuple[float, ...]
    warn: float
    borders: list[tuple[Approach, str]]

    def warning(self) -> Warned | None:
        """The entry it warns of, within the shortest horizon that does."""
        for horizon_s in self.horizons_s:
            told = [Warned(zone_id, horizon_s, _chance(ahead, horizon_s), ahead) for ahead, zone_id in self.borders]
            likely = max(told, key=lambda one: one.chance, default=None)
            if likely is not None and likely.chance > self.warn:
                return likely
        return None

    def chance(self, zone_id: str, horizon_s: float) -> float:
        """The chance to enter one zone within a horizon."""
        return max((_chance(ahead, horizon_s) for ahead, known in self.borders if known == zone_id), default=0.0)


class Foresight:
    """What the rules of a time ask for: horizons, rising seconds, and from which chance on to warn."""

    def __init__(self, ruling: Ruling) -> None:
        self.horizons_s, self.warn = ruling.horizons_s, ruling.warn

    def warns(self, entry: InForce, fixes: NDArray[np.void], mover: NDArray[np.int8], contact: Bits) -> Bits:
        """Which fixes ``(n,)`` may be a warning by themselves; ``mover`` is each object's class by :func:`mover_of`,
        ``contact`` whether a sensor's own contact is followed and not what somebody says of himself."""
        found = np.zeros(len(fixes), bool)
        moving = np.flatnonzero((fixes["speed_mps"] > _SLOWEST_MPS) & np.isfinite(fixes["course_deg"]))
        if moving.size:
            some, seen = fixes[moving], contact[moving]
            usual = np.where(seen, CONTACT_M, SELF_REPORTED_M)
            error = _errors(np.where(some["sigma_m"] > 0, some["sigma_m"], usual).astype(np.float64), some)
            velocity = _velocity(some["speed_mps"].astype(np.float64), some["course_deg"].astype(np.float64))
            for ahead, *_ in self._ahead(entry, lonlat_of(some), velocity, error, mover[moving], seen):
                for horizon_s in self.horizons_s:
                    found[moving] |= predicted(ahead, horizon_s) > self.warn - _ROUNDING
        return found

    def judge(self, entry: InForce, fix: Fix, who: Who) -> "Outlook":
        """What lies ahead of one fix."""
        if not self.horizons_s or not (fix.speed_mps > _SLOWEST_MPS and np.isfinite(fix.course_deg)):
            return Outlook(self.horizons_s, self.warn, [])
        here, time_us = np.array([[fix.lon, fix.lat]]), fix.event_time_us
        velocity = _velocity(np.array([fix.speed_mps]), np.array([fix.course_deg]))
        stands = in_force(entry, zones_at(entry, fix.lon, fix.lat), time_us)
        if any(entry.zones.by_id[zone_id].kind is ZoneKind.PORT_OF_ENTRY for zone_id in stands):
            return Outlook(self.horizons_s, self.warn, [])  # the way out of a port of entry is no incursion
        found = []
        mover, contact = np.array([mover_of(who)], np.int8), np.array([is_contact(who.key)])
        error = error_of(fix, who.key)[None]
        for ahead, zone_ids, beyond in self._ahead(entry, here, velocity, error, mover, contact):
            zone_id = zone_ids[0]
            # asked of the whole place beyond: an open port there takes the territory away
            if zone_id is not None and zone_id in watched(entry, beyond[0], who, time_us):
                found.append((ahead, zone_id))
        return Outlook(self.horizons_s, self.warn, found)

    def _ahead(
        self,
        entry: InForce,
        lonlat: Floats,
        velocity: Floats,
        error_m2: Floats,
        mover: NDArray[np.int8],
        contact: Bits,
    ) -> list[tuple[Approach, list[str | None], list[tuple[str, ...]]]]:
        """The border on the course and the nearest one, each with the zone that is entered by crossing it, and with
        all zones of the place beyond."""
        fence = entry.fence

        def entered(here: int, beyond: int) -> str | None:
            left, kinds = set(fence.zones_of(here)), entry.zones.by_id
            if any(z not in entry.gates and kinds[z].kind is ZoneKind.PORT_OF_ENTRY for z in left):
                return None  # out of a port of entry one enters nothing
            fresh = (z for z in fence.zones_of(beyond) if z not in left and kinds[z].kind is ZoneKind.TERRITORY)
            return next(fresh, None)

        def gains(here: int, beyond: int) -> bool:
            return entered(here, beyond) is not None

        sets = fence.sets(lonlat).tolist()
        covariance = np.zeros((len(lonlat), 4, 4))
        covariance[:, :2, :2] = error_m2
        covariance[:, [2, 3], [2, 3]] = np.where(contact, TRACKED_MPS, FITTED.speed_sigma_mps)[:, None] ** 2
        motion = motion_of(np.hypot(velocity[:, 0], velocity[:, 1]), mover)
        found = []
        for ahead in (
            on_course(fence.index, lonlat, velocity, self.horizons_s[-1], gains),
            nearby(fence.index, lonlat, _DRIFT_M, gains),
        ):
            zone_ids = [
                entered(here, beyond) if known else None
                for here, beyond, known in zip(sets, ahead.beyond.tolist(), np.isfinite(ahead.distance_m), strict=True)
            ]
            accuracy = np.array([0.0 if z is None else entry.zones.by_id[z].accuracy_m for z in zone_ids])
            normal = np.nan_to_num(ahead.normal)
            beyond = [fence.zones_of(number) for number in ahead.beyond.tolist()]
            found.append((approach(ahead.distance_m, normal, velocity, covariance, accuracy, motion), zone_ids, beyond))
        return found


def mover_of(who: Who) -> int:
    """How an object moves by what it may be, an index of :data:`geo.chance.MOVERS`; -1 where its speed has to tell."""
    for mover, classes in _MOVES:
        if who.classes and who.classes <= classes:
            return mover
    return -1


def _errors(sigma_m: Floats, fixes: NDArray[np.void]) -> Floats:
    """Covariances ``(n, 2, 2)`` of fixes, as :meth:`streams.surveil.rows.Fix.covariance_m2` makes one."""
    shape = np.empty((len(fixes), 2, 2))
    shape[:, 0, 0], shape[:, 1, 1] = 1.0 + fixes["oblong"], 1.0 - fixes["oblong"]
    shape[:, 0, 1] = shape[:, 1, 0] = fixes["slant"]
    return np.square(sigma_m)[:, None, None] * shape


def _chance(ahead: Approach, horizon_s: float) -> float:
    return float(predicted(ahead, horizon_s)[0])


def _velocity(speed_mps: Floats, course_deg: Floats) -> Floats:
    course = np.radians(course_deg)
    return np.column_stack([speed_mps * np.sin(course), speed_mps * np.cos(course)])
