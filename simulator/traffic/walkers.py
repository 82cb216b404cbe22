"""People on foot, alone or in groups that keep together and rest together."""

from collections.abc import Iterator
from itertools import count

import numpy as np

from simulator.craft import Arrival, Leg
from simulator.land_spec import Walkers
from simulator.spec import Kind
from simulator.traffic.body import body
from simulator.traffic.place import Patch, Source, wandering

_REST_CHANCE = 0.15  # at each turn of the way
_JITTER = 0.3  # of the spacing: nobody keeps exactly to his place in the group


def arrivals(spec: Walkers, source: Source) -> Iterator[Arrival]:
    """Groups for ever, or ``spec.count`` of them; the members of one enter together."""
    clock = source.draws()
    start, end = Patch(source.metres(spec.start)), Patch(source.metres(spec.end))
    via = [(float(x), float(y)) for x, y in source.metres(spec.via)] if spec.via else []
    time_s = spec.first_s
    for number in range(spec.count) if spec.count else count():
        rng = source.draws(number)
        way = wandering(np.array([start.point(rng), *via, end.point(rng)]), rng, pieces=8, share=0.15)
        speed_mps = float(rng.uniform(*spec.speed_mps))
        resting = rng.random(len(way) - 1) < _REST_CHANCE
        rest_s = np.where(resting, rng.exponential(spec.rest_s, len(way) - 1) if spec.rest_s else 0.0, 0.0)
        for member in range(int(rng.integers(spec.group[0], spec.group[1] + 1))):
            mine = way + rng.normal(0.0, spec.spacing_m, 2) + rng.normal(0.0, _JITTER * spec.spacing_m, way.shape)
            legs = [Leg(x, y, speed_mps, rest) for (x, y), rest in zip(mine[1:].tolist(), rest_s.tolist(), strict=True)]
            craft = body(f"{spec.name}-{number}-{member}", Kind.WALKER)
            yield Arrival(time_s, craft, float(mine[0, 0]), float(mine[0, 1]), iter(legs))
        time_s += float(clock.exponential(spec.interval_s))
