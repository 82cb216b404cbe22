"""Herds that graze: real objects, seen by every sensor, that nobody wants an alarm for."""

from collections.abc import Iterator

import numpy as np

from simulator.craft import Arrival, Leg
from simulator.land_spec import Animals
from simulator.plane import Array
from simulator.spec import Kind
from simulator.traffic.body import body
from simulator.traffic.place import Patch, Source

_STROLL_M = 150.0


def arrivals(spec: Animals, source: Source) -> Iterator[Arrival]:
    """The herds, all there from the beginning."""
    patch = Patch(source.metres(spec.area))
    for number in range(spec.count):
        rng = source.draws(number)
        middle = np.array(patch.point(rng))
        size = int(rng.integers(spec.group[0], spec.group[1] + 1))
        for member in range(size):
            # Each member draws the herd's strolls from the same numbers, so they stay together without knowing it.
            own = np.random.default_rng([source.seed, source.traffic, number + 1, member + 1])
            place = middle + own.normal(0.0, spec.spacing_m, 2)
            craft = body(f"{spec.name}-{number}-{member}", Kind.ANIMAL)
            legs = _strolls(spec, patch, middle, source.begin_s, source.draws(number), own)
            yield Arrival(source.begin_s, craft, float(place[0]), float(place[1]), legs)


def _strolls(
    spec: Animals, patch: Patch, middle: Array, time_s: float, herd: np.random.Generator, own: np.random.Generator
) -> Iterator[Leg]:
    while True:
        towards = np.array(patch.point(herd)) - middle
        far_m = float(np.hypot(*towards))
        middle = middle + towards * min(1.0, _STROLL_M / max(far_m, 1.0))
        speed_mps = float(herd.uniform(*spec.speed_mps))
        rest_s = float(herd.exponential(spec.rest_s)) if spec.rest_s else 0.0
        # all of them set out again together: who walks further would fall behind for ever
        time_s += min(far_m, _STROLL_M) / speed_mps + rest_s
        x, y = (middle + own.normal(0.0, spec.spacing_m, 2)).tolist()
        yield Leg(x, y, speed_mps, rest_until_s=time_s)
