"""What puts objects into the world, one file a kind: each gives its arrivals in the order of time."""

from collections.abc import Iterator

from simulator.craft import Arrival, Line
from simulator.land_spec import Animals, Drones, Vehicles, Walkers
from simulator.plane import Plane
from simulator.scenario import Anchored, Beacon, Crossing, Ferry, Fishing, Lane, Scenario, traffic
from simulator.traffic import (
    anchorages,
    animals,
    beacons,
    crossings,
    drones,
    ferries,
    fishing,
    lanes,
    vehicles,
    walkers,
)
from simulator.traffic.place import Source

__all__ = ["sources"]

_HOME, _AWAY, _FOREIGN = 290, 291, 292  # see simulator.craft.Line


def sources(scenario: Scenario, seed: int) -> list[Iterator[Arrival]]:
    """The arrivals of every traffic of a scenario, each from ``-warm_up_s`` on."""
    plane = Plane(*scenario.origin)
    begin = -scenario.warm_up_s
    found: list[Iterator[Arrival]] = []
    for index, spec in enumerate(traffic(scenario)):
        source = Source(spec.name, seed, index, begin, plane)
        match spec:
            case Lane():
                found.append(lanes.arrivals(spec, source, Line(_FOREIGN, index)))
            case Ferry():
                found.append(ferries.arrivals(spec, source, Line(_HOME, index)))
            case Fishing():
                found.append(fishing.arrivals(spec, source, Line(_HOME, index)))
            case Anchored():
                found.append(anchorages.arrivals(spec, source, Line(_FOREIGN, index)))
            case Crossing():
                found.append(crossings.arrivals(spec, source, Line(_AWAY, index)))
            case Beacon():
                found.append(beacons.arrivals(spec, source, Line(_FOREIGN, index)))
            case Walkers():
                found.append(walkers.arrivals(spec, source))
            case Vehicles():
                found.append(vehicles.arrivals(spec, source))
            case Animals():
                found.append(animals.arrivals(spec, source))
            case Drones():
                found.append(drones.arrivals(spec, source))
    return found
