"""Ships lying at anchor, swinging on a cable's length."""

from collections.abc import Iterator

from sensors.observation import Identity
from simulator.craft import Arrival, Craft, Leg, Line, Status, Transponder
from simulator.scenario import Anchored
from simulator.traffic.place import Patch, Source

_CARGO = 70
_SWING_M, _SWING_MPS, _SWING_S = 60.0, 0.1, 1800.0


def arrivals(spec: Anchored, source: Source, line: Line) -> Iterator[Arrival]:
    """The ships, all there from the beginning."""
    patch = Patch(source.metres(spec.area))
    for number in range(spec.count):
        rng = source.draws(number)
        craft = Craft(
            label=f"{spec.name}-{number}",
            identity=Identity(mmsi=line.mmsi(number), name=f"SIM {spec.name.upper()} {number}"),
            transponder=Transponder.A,
            status=Status.ANCHORED,
            rest_status=Status.ANCHORED,
            accel_mps2=0.01,
            turn_deg_s=0.2,
            ship_type=_CARGO,
            length_m=int(rng.integers(90, 250)),
        )
        x, y = patch.point(rng)
        yield Arrival(source.begin_s, craft, x, y, _swing(x, y))


def _swing(x: float, y: float) -> Iterator[Leg]:
    while True:
        yield Leg(x + _SWING_M, y, _SWING_MPS, _SWING_S)
        yield Leg(x, y, _SWING_MPS, _SWING_S)
