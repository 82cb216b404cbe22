"""The world: second by second, craft move, report, are heard, and cross lines; seeded, so the same again each time."""

import heapq
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from geo.zones import ZoneSet
from simulator.ais import interval_s
from simulator.chronicle import Chronicle
from simulator.craft import Arrival, Transponder
from simulator.fleet import Fleet
from simulator.plane import Array, Plane
from simulator.positions import Positions
from simulator.reception import Ether, Report
from simulator.scenario import Scenario
from simulator.sensing.lookout import Lookout, Sighting
from simulator.sensing.scene import Scene
from simulator.traffic import sources
from simulator.truth import Truth, Watch

TICK_S = 1.0
_WARM_UP_TICK_S = 10.0
_PROMPT_S = 30.0

Slots = NDArray[np.int64]


class Moment(NamedTuple):
    """One tick: what arrived by ``time_us``, each in order of arrival, and what became certain."""

    time_us: int
    reports: list[Report]
    truths: list[Truth]
    sightings: Sequence[Sighting] = ()


class World:
    """A scenario coming true, once. ``start_us`` moves the whole world in time (default: the scenario's own start)."""

    def __init__(
        self, scenario: Scenario, zones: ZoneSet, *, seed: int | None = None, start_us: int | None = None
    ) -> None:
        seed = scenario.seed if seed is None else seed
        self.start_us = round(scenario.start.timestamp() * 1e6) if start_us is None else start_us
        self._warm_up_s = scenario.warm_up_s
        self._plane = Plane(*scenario.origin)
        self._fleet, self._watch, self._chronicle = Fleet(), Watch(zones, self.start_us), Chronicle(self.start_us)
        self._ether = Ether(scenario.receivers, scenario.noise, self._plane, self.start_us, seed)
        self._lookout = Lookout(scenario, self._plane, self.start_us, seed)
        self._positions = Positions(scenario, self._plane, self.start_us)
        self._rng = np.random.default_rng([seed, 1_000_001])
        self._order = count()
        self._arrivals: list[tuple[float, int, Arrival, Iterator[Arrival]]] = []
        for source in sources(scenario, seed):
            self._expect(source)
        self._due: list[Report] = []
        self._sighted: list[Sighting] = []

    def run(self, seconds: float | None = None) -> Iterator[Moment]:
        """Every tick of ``seconds`` (for ever where None). The last moment brings all that was still on its way."""
        time_s = -self._warm_up_s
        while time_s < 0.0:
            dt_s = min(_WARM_UP_TICK_S, -time_s)
            self._enter(time_s)
            self._fleet.move(time_s, dt_s)
            time_s += dt_s
        yield Moment(self.start_us, [], self._begin())
        for tick in count():
            time_s = tick * TICK_S
            if seconds is not None and time_s >= seconds:
                break
            yield self._tick(time_s)
        moment = self._arrived(2**62)
        last_us = max(
            [self.start_us, *(arrived[-1].arrival_us for arrived in (moment.reports, moment.sightings) if arrived)]
        )
        yield moment._replace(time_us=last_us, truths=moment.truths + self._chronicle.rest())

    def _tick(self, time_s: float) -> Moment:
        truths = [truth for slot in self._enter(time_s) for truth in self._appear(slot, time_s)]
        slots = self._fleet.slots()
        crafts = [self._fleet.who(slot) for slot in slots.tolist()]
        before, before_m = self._places(slots), self._metres(slots)
        left = dict(self._fleet.move(time_s, TICK_S))
        for change in self._watch.step(slots, before, self._places(slots), time_s, TICK_S):
            truths += self._chronicle.changed(change, left.get(change.slot) or self._fleet.who(change.slot))
        now_s = time_s + TICK_S
        for craft in left.values():
            self._chronicle.gone(craft.label, now_s)
        scene = Scene(time_s, TICK_S, before_m, self._metres(slots), self._fleet.kind[slots], crafts)
        for sighting in self._lookout.look(scene):
            heapq.heappush(self._sighted, sighting)
        if self._positions.due(now_s, TICK_S):
            truths += self._positions.told(scene, self._lookout, self._ether.reach(self._fleet, slots))
        self._transmit(now_s)
        moment = self._arrived(self.start_us + round(now_s * 1e6))
        return moment._replace(truths=truths + moment.truths + self._chronicle.settled(now_s))

    def _arrived(self, by_us: int) -> Moment:
        """What arrives by then, and the truths it makes known."""
        reports, sightings = _until(self._due, by_us), _until(self._sighted, by_us)
        truths = [truth for report in reports for truth in self._hear(report)]
        seen = [(sighting.true_time_us, name) for sighting in sightings for name in sighting.mark.objects]
        truths += [truth for at_us, name in seen for truth in self._chronicle.seen(name, at_us)]
        return Moment(by_us, reports, truths, sightings)

    def _expect(self, source: Iterator[Arrival]) -> None:
        if (arrival := next(source, None)) is not None:
            heapq.heappush(self._arrivals, (arrival.time_s, next(self._order), arrival, source))

    def _enter(self, time_s: float) -> list[int]:
        slots = []
        while self._arrivals and self._arrivals[0][0] <= time_s:
            _, _, arrival, source = heapq.heappop(self._arrivals)
            self._expect(source)
            if (slot := self._fleet.enter(arrival)) is not None:
                slots.append(slot)
        return slots

    def _begin(self) -> list[Truth]:
        return [truth for slot in self._fleet.slots().tolist() for truth in self._appear(slot, 0.0)]

    def _appear(self, slot: int, time_s: float) -> list[Truth]:
        """A craft can be seen from now on: its first report comes at a random moment of one interval."""
        one = np.array([slot])
        self._fleet.next_report_s[slot] = time_s + self._rng.random() * float(self._intervals(one)[0])
        craft, place = self._fleet.who(slot), self._places(one)[0]
        if craft.distress is not None:
            self._chronicle.called(craft, time_s, *place.tolist())
        return [t for change in self._watch.begin(slot, time_s, place) for t in self._chronicle.changed(change, craft)]

    def _places(self, slots: Slots) -> Array:
        return self._plane.to_lonlat(self._metres(slots))

    def _metres(self, slots: Slots) -> Array:
        return np.column_stack([self._fleet.x[slots], self._fleet.y[slots]])

    def _intervals(self, slots: Slots) -> NDArray[np.float64]:
        fleet = self._fleet
        turning, at_rest = fleet.turning()[slots], fleet.at_rest[slots]
        return interval_s(fleet.transponder[slots], fleet.speed_mps[slots], turning, at_rest, fleet.sent[slots])

    def _transmit(self, now_s: float) -> None:
        """Every report due by ``now_s``."""
        fleet = self._fleet
        slots = fleet.slots()
        due = slots[fleet.next_report_s[slots] <= now_s]
        if len(due):
            self._report(due, now_s)
        # a craft that gets under way does not wait for the end of a three-minute interval
        long = fleet.next_report_s[slots] > now_s + _PROMPT_S
        slow = slots[long & (fleet.transponder[slots] != Transponder.BEACON)]
        if len(slow):
            fleet.next_report_s[slow] = np.minimum(fleet.next_report_s[slow], now_s + self._intervals(slow))

    def _report(self, due: Slots, now_s: float) -> None:
        """One report of each; one that falls into a silent stretch is not made up for later."""
        fleet = self._fleet
        sending = due[~fleet.silent[due]]
        for report in self._ether.carry(fleet, sending, fleet.next_report_s[sending], now_s):
            heapq.heappush(self._due, report)
        jitter = 1.0 + 0.2 * (self._rng.random(len(due)) - 0.5)  # a slot is chosen within ±10 % of the interval
        fleet.next_report_s[due] = np.maximum(fleet.next_report_s[due] + self._intervals(due) * jitter, now_s)
        fleet.sent[due] += 1

    def _hear(self, report: Report) -> list[Truth]:
        return self._chronicle.heard(report) if report.good else []


_T = TypeVar("_T", Report, Sighting)


def _until(waiting: list[_T], by_us: int) -> list[_T]:
    """Take from the heap what arrives by then, in order."""
    found = []
    while waiting and waiting[0].arrival_us <= by_us:
        found.append(heapq.heappop(waiting))
    return found
