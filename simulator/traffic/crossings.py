"""Small fast boats that cross from shore to shore without leave, some with their transponder off on part of the way."""

from collections.abc import Iterator
from itertools import count, pairwise

import numpy as np

from simulator.craft import Arrival, Craft, Leg, Line, Status
from simulator.scenario import Crossing
from simulator.traffic.place import Patch, Source

_PLEASURE = 37
_WANDER = 0.02  # sideways deviation as a share of the distance covered
_PIECES = 10  # straight pieces between two places, so that the course wanders


def arrivals(spec: Crossing, source: Source, line: Line) -> Iterator[Arrival]:
    """Boats for ever, or ``spec.count`` of them; the first at ``first_s``, the others at random after it."""
    clock = source.draws()
    start, end = Patch(source.metres(spec.start)), Patch(source.metres(spec.end))
    via = [(float(x), float(y)) for x, y in source.metres([spec.via])] if spec.via else []
    time_s = spec.first_s
    for number in range(spec.count) if spec.count else count():
        rng = source.draws(number)
        craft = Craft(
            label=f"{spec.name}-{number}",
            identity=line.identity(number, spec.name, spec.transponder),
            transponder=spec.transponder,
            status=Status.UNDEFINED,
            rest_status=Status.UNDEFINED,
            accel_mps2=0.6,
            turn_deg_s=8.0,
            ship_type=_PLEASURE,
            length_m=int(rng.integers(6, 12)),
        )
        places = [start.point(rng), *via, end.point(rng)]
        speed_mps = float(rng.uniform(*spec.speed_mps))
        silent = spec.silent if rng.random() < spec.silent_share else (1.0, 1.0)
        legs = _way(places, speed_mps, silent, spec.stay_s, rng)
        if rng.random() < spec.return_share:
            legs += _way(places[::-1], speed_mps, silent, 60.0, rng)
        yield Arrival(time_s, craft, *places[0], iter(legs))
        time_s += float(clock.exponential(spec.interval_s))


def _way(
    places: list[tuple[float, float]],
    speed_mps: float,
    silent: tuple[float, float],
    stay_s: float,
    rng: np.random.Generator,
) -> list[Leg]:
    corners = np.array(places)
    pieces = [np.linspace(a, b, _PIECES + 1)[1:] for a, b in pairwise(corners)]
    points = np.vstack([corners[:1], *pieces])
    step_m = np.hypot(*np.diff(points, axis=0).T)
    points[1:-1] += rng.normal(0.0, _WANDER * np.cumsum(step_m)[:-1, None].clip(max=5000.0), (len(points) - 2, 2))
    share = np.arange(1, len(points)) / (len(points) - 1)
    quiet = (share > silent[0]) & (share <= silent[1])
    legs = [Leg(float(x), float(y), speed_mps, silent=bool(q)) for (x, y), q in zip(points[1:], quiet, strict=True)]
    return [*legs[:-1], legs[-1]._replace(rest_s=stay_s)]
