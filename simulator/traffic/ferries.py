"""Ferries on a timetable between two ports: each ship sails there, lies until its next departure, and sails back."""

from collections.abc import Iterator

import numpy as np

from sensors.observation import Identity
from simulator.craft import Arrival, Craft, Leg, Line, Status, Transponder
from simulator.plane import Array
from simulator.scenario import Ferry
from simulator.traffic.place import Source

_PASSENGER = 60


def arrivals(spec: Ferry, source: Source, line: Line) -> Iterator[Arrival]:
    """The ships of the line, all there from the beginning, every second one in the far port."""
    path = source.metres(spec.path)
    for number in range(spec.ships):
        there = path if number % 2 == 0 else path[::-1]
        craft = Craft(
            label=f"{spec.name}-{number}",
            identity=Identity(mmsi=line.mmsi(number), name=f"SIM {spec.name.upper()} {number}"),
            transponder=Transponder.A,
            status=Status.UNDER_WAY,
            rest_status=Status.MOORED,
            accel_mps2=0.08,
            turn_deg_s=1.0,
            ship_type=_PASSENGER,
            length_m=140,
        )
        first_s = source.begin_s + spec.every_s * (number // 2)
        legs = _timetable(spec, there, first_s)
        yield Arrival(source.begin_s, craft, float(there[0, 0]), float(there[0, 1]), legs)


def _timetable(spec: Ferry, there: Array, departure_s: float) -> Iterator[Leg]:
    """Legs for ever. A ship leaves again at the line's first departure after it has lain for 10 minutes."""
    x, y = (float(v) for v in there[0])
    yield Leg(x, y, spec.speed_mps, rest_until_s=departure_s)
    sailing = there
    while True:
        length_m = float(np.hypot(*np.diff(sailing, axis=0).T).sum())
        for x, y in sailing[1:-1].tolist():
            yield Leg(x, y, spec.speed_mps)
        ready_s = departure_s + length_m / spec.speed_mps + 600.0
        departure_s += spec.every_s * -(-(ready_s - departure_s) // spec.every_s)
        x, y = (float(v) for v in sailing[-1])
        yield Leg(x, y, spec.speed_mps, rest_until_s=departure_s)
        sailing = sailing[::-1]
