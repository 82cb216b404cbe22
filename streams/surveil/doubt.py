"""How sure a visit is: from the errors of its fixes and of its zone's border to a chance and a word.

An entry is as sure as it is that the object is inside, by the best of its fixes inside; a passage as sure as it is that
the middle of its way through lay inside; a crossing of a line as sure as it is that its two fixes lay on two sides.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.chance import Label, crossed, label_of, shared, wander_m2
from geo.chance.inside import KEPT_WITHIN
from geo.chance.normal import phi
from streams.surveil.hours import open_gates
from streams.surveil.rows import Fix
from streams.surveil.visits import ENTRY, LINE, PASSED, Visit
from streams.zones import InForce

MOST = 0.99  # no single fix is believed more: a report may be plainly wrong
MOST_UNSEEN = 0.9  # nor a passage that rests on no fix inside
_ROAM_M2S3 = 0.05  # white acceleration over a gap, where courses are changed at will (tracking of vessels)
SELF_REPORTED_M, CONTACT_M = 10.0, 50.0  # where a row says nothing: GNSS as AIS promises it, and a sensor's own contact
_SELF_REPORTED = frozenset({"mmsi", "imo", "vessel", "icao24", "uas"})
_FIXED = frozenset({ENTRY, LINE, PASSED})
_POLAR_DEG = 89.9  # where east is no direction any more
_LEAST_STEP_M = 10.0  # of the look for a border's direction: distances are good to millimetres


class Sure(NamedTuple):
    """A chance, and what it rests on."""

    chance: float
    sigma_m: float
    accuracy_m: float

    @property
    def label(self) -> Label:
        """The word for it."""
        return label_of(self.chance)


def is_contact(key: str) -> bool:
    """Whether an object is what sensors make of it, and nobody says of himself where he is."""
    return key.partition(":")[0] not in _SELF_REPORTED


def sigma_of(fix: Fix, key: str) -> float:
    """The standard deviation of a fix on each axis, metres: its own, else what is usual for such an identity."""
    if fix.sigma_m > 0:  # False for NaN
        return fix.sigma_m
    return CONTACT_M if is_contact(key) else SELF_REPORTED_M


def error_of(fix: Fix, key: str) -> NDArray[np.float64]:
    """The covariance (2, 2) of a fix, east and north, m²: its own, else that of :func:`sigma_of` on both axes."""
    return fix.covariance_m2(sigma_of(fix, key))


def sure_of(visit: Visit, entry: InForce, key: str) -> Sure:
    """How sure a visit to a zone is by what opened it."""
    accuracy_m = entry.zones.by_id[visit.zone_id].accuracy_m
    if visit.nature == LINE:
        chance = _over_line(visit, entry, key, accuracy_m)
    elif visit.nature == PASSED:
        chance = min(_through(visit, entry, key), MOST_UNSEEN)
    else:
        chance = inside_of(visit.fix, visit.zone_id, entry, key).chance
    return Sure(min(chance, MOST), sigma_of(visit.fix, key), accuracy_m)


def inside_of(fix: Fix, zone_id: str, entry: InForce, key: str) -> Sure:
    """How sure it is that a fix lies inside an area."""
    sigma_m = sigma_of(fix, key)
    chance = _inside(entry, zone_id, fix.lon, fix.lat, error_of(fix, key), fix.event_time_us)
    return Sure(min(chance, MOST), sigma_m, entry.zones.by_id[zone_id].accuracy_m)


def _inside(
    entry: InForce, zone_id: str, lon: float, lat: float, covariance_m2: NDArray[np.float64], time_us: int
) -> float:
    gates = open_gates(entry, zone_id, time_us)
    return float(entry.fence.inside_chance(np.array([[lon, lat]]), covariance_m2[None], zone_id, gates)[0])


def _over_line(visit: Visit, entry: InForce, key: str, accuracy_m: float) -> float:
    """That the two fixes lie on the two sides; the line is taken as straight where it is nearest to each."""
    before = visit.before
    if before is None:
        return 0.0
    variance = [_towards(fix, key, entry, visit.zone_id) for fix in (before, visit.fix)]
    border = (accuracy_m / KEPT_WITHIN) ** 2
    side = [entry.fence.distance_m(fix.lon, fix.lat, visit.zone_id) for fix in (before, visit.fix)]
    left = [phi([metres / np.sqrt(own + border)]) for metres, own in zip(side, variance, strict=True)]
    both = crossed(left[0], left[1], shared(variance[0], variance[1], accuracy_m))
    return float((both.inbound if visit.direction == "inbound" else both.outbound)[0])


def _towards(fix: Fix, key: str, entry: InForce, zone_id: str) -> float:
    """The variance of a fix in the direction of a zone's border, m²: that in which the distance changes most."""
    sigma_m = sigma_of(fix, key)
    if (not fix.oblong and not fix.slant) or abs(fix.lat) > _POLAR_DEG:
        return sigma_m**2
    step_m = max(sigma_m, _LEAST_STEP_M)
    ways = _steps(fix.lat, step_m)
    here = entry.fence.distance_m(fix.lon, fix.lat, zone_id)
    slope = np.array([entry.fence.distance_m(_wrapped(fix.lon + e), fix.lat + n, zone_id) - here for e, n in ways])
    length = float(np.hypot(*slope))
    if not length:
        return sigma_m**2
    normal = slope / length
    return float(normal @ fix.covariance_m2(sigma_m) @ normal)


def _steps(lat: float, metres: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """So many metres east, and north, in degrees of longitude and latitude (on the mean sphere; not at the poles)."""
    degree_m = 111_195.0
    return (metres / (degree_m * max(float(np.cos(np.radians(lat))), 1e-6)), 0.0), (0.0, metres / degree_m)


def _through(visit: Visit, entry: InForce, key: str) -> float:
    """That the way between two fixes outside, in the middle of its part inside, is inside in spite of all errors."""
    before, fix = visit.before, visit.fix
    if before is None:
        return 0.0
    start, end = np.array([[before.lon, before.lat]]), np.array([[fix.lon, fix.lat]])
    rows = entry.fence.crossings(start, end)
    held = [visit.zone_id in entry.fence.zones_of(number) for number in rows["after"].tolist()]
    at = rows["u"].tolist()
    if True not in held:
        return 0.0
    first = held.index(True)
    last = next((n for n in range(first + 1, len(held)) if not held[n]), None)
    u = (at[first] + (1.0 if last is None else at[last])) / 2
    gap_s = max(fix.event_time_us - before.event_time_us, 0) / 1e6
    turn = np.rint((fix.lon - before.lon) / 360.0) * 360.0
    lon, lat = before.lon + u * (fix.lon - turn - before.lon), before.lat + u * (fix.lat - before.lat)
    error = (1 - u) ** 2 * error_of(before, key) + u**2 * error_of(fix, key)
    error += float(wander_m2(gap_s, u, _ROAM_M2S3)) * np.eye(2)
    return _inside(entry, visit.zone_id, _wrapped(lon), lat, error, fix.event_time_us)


def _wrapped(lon: float) -> float:
    return (lon + 180.0) % 360.0 - 180.0
