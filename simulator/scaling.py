"""More of the same: a scenario with so much more traffic and clutter that its sensors make a wanted rate of plots."""

import msgspec

from geo.zones import ZoneSet
from simulator.scenario import BadScenario, Scenario
from simulator.world import World

_SAMPLES_S = (5.0, 3.0, 3.0)  # the later ones correct for plots that merge where it is crowded


def scaled(scenario: Scenario, factor: float) -> Scenario:
    """``factor`` times as many of everything that is counted, arrivals so much more often, clutter so much denser."""

    def count(number: int) -> int:
        return max(1, round(number * factor)) if number else 0

    replace = msgspec.structs.replace
    return replace(
        scenario,
        lanes=tuple(replace(lane, interval_s=lane.interval_s / factor) for lane in scenario.lanes),
        fishing=tuple(replace(fleet, count=count(fleet.count)) for fleet in scenario.fishing),
        anchored=tuple(replace(road, count=count(road.count)) for road in scenario.anchored),
        crossings=tuple(
            replace(boats, interval_s=boats.interval_s / factor, count=count(boats.count))
            for boats in scenario.crossings
        ),
        walkers=tuple(
            replace(group, interval_s=group.interval_s / factor, count=count(group.count)) for group in scenario.walkers
        ),
        vehicles=tuple(
            replace(road, interval_s=road.interval_s / factor, count=count(road.count)) for road in scenario.vehicles
        ),
        animals=tuple(replace(herd, count=count(herd.count)) for herd in scenario.animals),
        radars=tuple(
            replace(
                radar,
                false_plots_per_km2=radar.false_plots_per_km2 * factor,
                clutter=tuple(
                    replace(patch, false_plots_per_km2=patch.false_plots_per_km2 * factor) for patch in radar.clutter
                ),
            )
            for radar in scenario.radars
        ),
    )


def plot_rate(scenario: Scenario, zones: ZoneSet, seconds: float) -> float:
    """Sightings a second in the first ``seconds`` of the scenario, measured."""
    world = World(msgspec.structs.replace(scenario, truth_every_s=0.0), zones)
    return sum(len(moment.sightings) for moment in world.run(seconds)) / seconds


def at_rate(scenario: Scenario, zones: ZoneSet, plots_per_s: float) -> Scenario:
    """The scenario scaled to ``plots_per_s``; raises :class:`BadScenario` where nothing in it makes plots."""
    factor = 1.0
    for seconds in _SAMPLES_S:
        found = plot_rate(scaled(scenario, factor), zones, seconds)
        if not found:
            raise BadScenario(f"{scenario.name}: no sensor sees anything; expected radars for a rate of plots")
        factor *= plots_per_s / found
    return scaled(scenario, factor)
