"""Fishing boats that work an area: haul to a point, rest, haul to the next."""

from collections.abc import Iterator

import numpy as np

from simulator.craft import Arrival, Craft, Leg, Line, Status
from simulator.scenario import Fishing
from simulator.traffic.place import Patch, Source

_FISHING = 30


def arrivals(spec: Fishing, source: Source, line: Line) -> Iterator[Arrival]:
    """The boats, all there from the beginning."""
    patch = Patch(source.metres(spec.area))
    for number in range(spec.count):
        rng = source.draws(number)
        craft = Craft(
            label=f"{spec.name}-{number}",
            identity=line.identity(number, spec.name, spec.transponder),
            transponder=spec.transponder,
            status=Status.FISHING,
            rest_status=Status.FISHING,
            accel_mps2=0.1,
            turn_deg_s=3.0,
            ship_type=_FISHING,
            length_m=int(rng.integers(9, 24)),
        )
        x, y = patch.point(rng)
        yield Arrival(source.begin_s, craft, x, y, _hauls(spec, patch, rng))


def _hauls(spec: Fishing, patch: Patch, rng: np.random.Generator) -> Iterator[Leg]:
    while True:
        x, y = patch.point(rng)
        rest_s = float(rng.exponential(spec.rest_s)) if spec.rest_s else 0.0
        yield Leg(x, y, float(rng.uniform(*spec.speed_mps)), rest_s)
