"""What a scenario needs before it begins: its zones and its exercise units, published."""

import json
from pathlib import Path

import msgspec

from simulator.scenario import BadScenario, Bundle
from streams.messages import Unit, ZonesVersion
from streams.publisher.zones import publish_units, publish_zones

_units = msgspec.json.Decoder(list[Unit])


def publish_bundle(bundle: Bundle, bootstrap: str) -> ZonesVersion:
    """Publish a scenario's zones (as the next version, unless they are the newest already) and its units."""
    version = publish_zones(json.loads(bundle.zones.read_bytes()), bootstrap)
    if bundle.units is not None:
        publish_units(read_units(bundle.units), bootstrap)
    return version


def read_units(path: Path) -> list[Unit]:
    """The units of a file; raises :class:`BadScenario` where one would serve operations: these are simulated."""
    try:
        units = _units.decode(path.read_bytes())
    except msgspec.MsgspecError as problem:
        raise BadScenario(f"{path}: {problem}") from problem
    if any(not unit.exercise for unit in units):
        raise BadScenario(f'{path}: a unit is not for exercises; expected "exercise": true for every unit')
    return units
