"""Ships under way along a traffic lane: Poisson arrivals, each on a track of its own beside the middle of the lane."""

from collections.abc import Iterator
from itertools import count

import numpy as np

from sensors.observation import Identity
from simulator.craft import Arrival, Craft, Leg, Line, Status, Transponder
from simulator.scenario import Lane
from simulator.traffic.place import Source, beside

_CARGO, _TANKER = 70, 80


def arrivals(spec: Lane, source: Source, line: Line) -> Iterator[Arrival]:
    """Ships from one end of the lane to the other, for ever."""
    clock, time_s = source.draws(), source.begin_s
    path = source.metres(spec.path)
    for number in count():
        time_s += clock.exponential(spec.interval_s)
        rng = source.draws(number)
        aside_m = np.clip(rng.normal(0.0, spec.width_m / 4.0), -spec.width_m / 2.0, spec.width_m / 2.0)
        track = beside(path, float(aside_m))
        speed_mps = float(rng.uniform(*spec.speed_mps))
        craft = Craft(
            label=f"{spec.name}-{number}",
            identity=Identity(mmsi=line.mmsi(number), name=f"SIM {spec.name.upper()} {number}"),
            transponder=Transponder.A,
            status=Status.UNDER_WAY,
            rest_status=Status.ANCHORED,
            accel_mps2=0.03,
            turn_deg_s=0.5,
            ship_type=int(rng.choice([_CARGO, _TANKER])),
            length_m=int(rng.integers(90, 330)),
        )
        legs = iter([Leg(float(x), float(y), speed_mps) for x, y in track[1:]])
        yield Arrival(float(time_s), craft, float(track[0, 0]), float(track[0, 1]), legs)
