"""Drones: with Remote ID, with ADS-B, or silent."""

from collections.abc import Iterator

from sensors.observation import Identity
from simulator.craft import Arrival, Leg, Transponder
from simulator.land_spec import Broadcast, Drones
from simulator.plane import Array
from simulator.spec import Kind
from simulator.traffic.body import body
from simulator.traffic.place import Source

_ICAO24 = 0xF00000  # a block that ICAO keeps for temporary use: no registered aircraft is named
_TRANSPONDERS = {
    Broadcast.NONE: Transponder.NONE,
    Broadcast.REMOTE_ID: Transponder.REMOTE_ID,
    Broadcast.ADSB: Transponder.ADSB,
}


def arrivals(spec: Drones, source: Source) -> Iterator[Arrival]:
    """The drones, one every ``interval_s``."""
    path = source.metres(spec.path)
    for number in range(spec.count):
        speed_mps = float(source.draws(number).uniform(*spec.speed_mps))
        craft = body(
            f"{spec.name}-{number}",
            Kind.DRONE,
            identity=_identity(spec.broadcast, source.traffic, number),
            transponder=_TRANSPONDERS[spec.broadcast],
            altitude_m=spec.altitude_m,
        )
        time_s, (x, y) = spec.first_s + number * spec.interval_s, path[0].tolist()
        yield Arrival(time_s, craft, x, y, _flight(path, speed_mps, loop=spec.loop))


def _identity(broadcast: Broadcast, traffic: int, number: int) -> Identity:
    match broadcast:
        case Broadcast.REMOTE_ID:
            return Identity(uas_id=f"SIM-RID-{traffic:02d}-{number:04d}")
        case Broadcast.ADSB:
            return Identity(icao24=f"{_ICAO24 + traffic * 1000 + number:06x}")
        case Broadcast.NONE:
            return Identity()


def _flight(path: Array, speed_mps: float, *, loop: bool) -> Iterator[Leg]:
    while True:
        for x, y in path[1:].tolist():
            yield Leg(x, y, speed_mps)
        if not loop:
            return
        yield Leg(float(path[0, 0]), float(path[0, 1]), speed_mps)
