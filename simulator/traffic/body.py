"""Objects of the land frontier: how each kind handles, without a transponder unless it is a drone that has one."""

from sensors.observation import Identity
from simulator.craft import Craft, Status, Transponder
from simulator.spec import Kind

_HANDLING = {  # m/s², degrees/s, length m
    Kind.WALKER: (1.0, 60.0, 1),
    Kind.ANIMAL: (2.0, 90.0, 1),
    Kind.VEHICLE: (1.5, 30.0, 5),
    Kind.DRONE: (3.0, 45.0, 1),
}


def body(
    label: str,
    kind: Kind,
    *,
    identity: Identity | None = None,
    transponder: Transponder = Transponder.NONE,
    altitude_m: float | None = None,
) -> Craft:
    """An object of ``kind`` that ground truth knows as ``label``."""
    accel_mps2, turn_deg_s, length_m = _HANDLING[kind]
    return Craft(
        label=label,
        identity=identity or Identity(),
        transponder=transponder,
        status=Status.UNDEFINED,
        rest_status=Status.UNDEFINED,
        accel_mps2=accel_mps2,
        turn_deg_s=turn_deg_s,
        ship_type=0,
        length_m=length_m,
        kind=kind,
        altitude_m=altitude_m,
    )
