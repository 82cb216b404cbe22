"""Vehicles on a road."""

from collections.abc import Iterator
from itertools import count

import numpy as np

from simulator.craft import Arrival, Leg
from simulator.land_spec import Vehicles
from simulator.spec import Kind
from simulator.traffic.body import body
from simulator.traffic.place import Source, beside

_LANE_M = 3.0  # to the right of the middle of the road


def arrivals(spec: Vehicles, source: Source) -> Iterator[Arrival]:
    """Vehicles for ever, or ``spec.count`` of them, at random after ``first_s``."""
    clock = source.draws()
    path = source.metres(spec.path)
    time_s = spec.first_s
    for number in range(spec.count) if spec.count else count():
        rng = source.draws(number)
        back = spec.both_ways and bool(rng.random() < 0.5)
        way = beside(path[::-1] if back else path, -_LANE_M)
        speeds = np.full(len(way) - 1, rng.uniform(*spec.speed_mps)) * rng.uniform(0.8, 1.0, len(way) - 1)
        legs = [Leg(x, y, speed) for (x, y), speed in zip(way[1:].tolist(), speeds.tolist(), strict=True)]
        craft = body(f"{spec.name}-{number}", Kind.VEHICLE)
        yield Arrival(time_s, craft, float(way[0, 0]), float(way[0, 1]), iter(legs))
        time_s += float(clock.exponential(spec.interval_s))
