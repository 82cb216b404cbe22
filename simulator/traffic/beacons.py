"""Distress beacons: a locating device that starts to send and drifts with the sea."""

from collections.abc import Iterator
from math import cos, radians, sin

from sensors.observation import Distress, Identity
from simulator.craft import Arrival, Craft, Leg, Line, Status, Transponder
from simulator.scenario import Beacon
from simulator.traffic.place import Source

# The first three digits of a locating device's identity (ITU-R M.585-9, annex 2)
_DIGITS = {Distress.SART: 970, Distress.MOB: 972, Distress.EPIRB: 974, Distress.OTHER: 970}
_FOR_EVER_M = 1e6


def arrivals(spec: Beacon, source: Source, line: Line) -> Iterator[Arrival]:
    """The one beacon. The manufacturer digits of its identity are 00, which no manufacturer has."""
    x, y = (float(v) for v in source.metres([spec.position])[0])
    course = radians(spec.drift_deg)
    craft = Craft(
        label=f"{spec.name}-0",
        identity=Identity(mmsi=_DIGITS[spec.kind] * 1_000_000 + line.traffic),
        transponder=Transponder.BEACON,
        status=Status.BEACON,
        rest_status=Status.BEACON,
        accel_mps2=0.1,
        turn_deg_s=10.0,
        ship_type=0,
        length_m=1,
        distress=spec.kind,
    )
    away = Leg(x + sin(course) * _FOR_EVER_M, y + cos(course) * _FOR_EVER_M, max(spec.drift_mps, 0.01))
    yield Arrival(max(spec.at_s, source.begin_s), craft, x, y, iter([away]))
