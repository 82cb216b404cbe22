"""The versions of the zones a worker has loaded, and which one judges a moment.

Versions are immutable and numbered 1, 2, 3, …; each is in force from an event time on, the first since ever. A core
only uses the versions announced in its own log, so two readings of one log judge alike whenever they happen.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from geo.concern import Concern
from geo.fence import Fence
from geo.zones import Schedule, ZoneKind, ZoneSet, read_zones
from streams.clearances import ClearanceVersions, Roll
from streams.config import SurveilRules
from streams.core import NeedsVersion
from streams.messages import ZonesVersion
from streams.rules import Rulebook, RuleVersions
from streams.versions import EVER
from streams.who import Who


@dataclass(frozen=True, slots=True)
class InForce:
    """One loaded version; ``from_us`` is event time."""

    version: int
    from_us: int
    zones: ZoneSet
    fence: Fence
    scheduled: dict[str, Schedule] = field(init=False, compare=False)  # by zone id; mostly empty
    gates: tuple[str, ...] = field(init=False, compare=False)  # the ports of entry among them
    concerns: dict[str, Concern] = field(init=False, compare=False)  # of the zones that do not concern everybody
    disputed: bool = field(init=False, compare=False)  # whether any zone names claimants

    def __post_init__(self) -> None:
        scheduled = {str(zone.zone_id): zone.schedule for zone in self.zones if zone.schedule is not None}
        gates = (zone_id for zone_id in scheduled if self.zones.by_id[zone_id].kind is ZoneKind.PORT_OF_ENTRY)
        object.__setattr__(self, "scheduled", scheduled)
        object.__setattr__(self, "gates", tuple(gates))
        concerns = {str(zone.zone_id): Concern(zone.applies_to) for zone in self.zones if zone.applies_to}
        object.__setattr__(self, "concerns", concerns)
        object.__setattr__(self, "disputed", any(zone.claimants for zone in self.zones))


class ZoneVersions:
    """The table of loaded versions; grows only."""

    def __init__(self, make_fence: Callable[[ZoneSet], Fence] = Fence) -> None:
        self._make_fence = make_fence
        self._entries: dict[int, InForce] = {}
        self._void: set[int] = set()  # numbers that a version was refused under; its number is not given again
        self.clearances = ClearanceVersions()  # who may enter them
        self.rules = RuleVersions()  # how they are judged

    def add(self, message: ZonesVersion) -> None:
        """Load a version; one that is already loaded is left alone. Raises geo.problems.ZoneErrors, and ValueError
        where a version other than the first says no time, or comes behind a higher one."""
        if message.version in self._entries or message.version in self._void:
            return
        self._void.add(message.version)  # unless it turns out to be good; whoever announces a later one passes it over
        if message.version < max(self.newest, 1):  # what was judged without it would be judged otherwise later
            raise ValueError(f"zones version {message.version}: expected a number above {self.newest}")
        if message.in_force_from_us is None and message.version != 1:
            raise ValueError(f"zones version {message.version}: in_force_from_us is missing; only version 1 has none")
        zones = read_zones(message.zones)
        self._void.remove(message.version)
        start_us = EVER if message.version == 1 else int(message.in_force_from_us or 0)
        self._entries[message.version] = InForce(message.version, start_us, zones, self._make_fence(zones))

    def begin(self, zones: ZoneSet) -> None:
        """Take zones that are read already as the first version, in force since ever."""
        self._entries[1] = InForce(1, EVER, zones, self._make_fence(zones))

    @property
    def newest(self) -> int:
        """The highest loaded version; 0 where there is none."""
        return max(self._entries, default=0)

    def get(self, version: int) -> InForce:
        """A loaded version; raises :class:`streams.core.NeedsVersion` where it is not."""
        found = self._entries.get(version)
        if found is None:
            raise NeedsVersion("zones", version)
        return found

    def in_force(
        self, announced: int, clearances: int = 0, rules: int = 0, configured: SurveilRules | None = None
    ) -> "Calendar":
        """What judges when, among zones, clearances and rules up to the versions announced; raises NeedsVersion where
        one is not loaded. ``configured`` is what is the rule where no version says otherwise.

        Versions stand in their log in order, so one below a loaded one that is missing was refused, whether or not its
        number could be read, and is passed over. What nobody announced yet is the first one that could be used."""
        if not self._entries or (announced > self.newest and announced not in self._void):
            raise NeedsVersion("zones", announced)
        last = max(announced, min(self._entries))
        entries = [self._entries[version] for version in sorted(self._entries) if version <= last]
        book = self.rules.in_force(rules, configured or SurveilRules())
        return Calendar(entries, self.clearances.in_force(clearances), book)


class Calendar:
    """Which of some versions is in force at an event time: the highest version that has begun."""

    def __init__(self, entries: list[InForce], clearances: Roll | None = None, rules: Rulebook | None = None) -> None:
        self.clearances = clearances or Roll([])
        self.rules = rules or Rulebook(SurveilRules())
        kept: list[InForce] = []
        for entry in entries:  # a higher version replaces all that would begin later
            kept = [earlier for earlier in kept if earlier.from_us < entry.from_us]
            kept.append(entry)
        self._entries = kept
        self.by_version = {entry.version: entry for entry in entries}

    @property
    def single(self) -> InForce | None:
        """The only version there is to choose, or None."""
        return self._entries[0] if len(self._entries) == 1 else None

    def turns(self, before: Who, now: Who) -> bool:
        """Whether some zone concerns an object by what is known of it now, and not by what was known before, or the
        other way round."""
        return any(
            concern.rules_out(before.modalities, before.classes) != concern.rules_out(now.modalities, now.classes)
            for entry in self.by_version.values()
            for concern in entry.concerns.values()
        )

    def until_us(self, version: int) -> int:
        """The event time from which another version judges, microseconds; far beyond all time where none does."""
        starts = [entry.from_us for entry in self._entries if entry.version > version]
        return min(starts, default=2**62)

    def at(self, time_us: int) -> InForce:
        """The version that judges a moment, event time in microseconds."""
        for entry in reversed(self._entries):
            if entry.from_us <= time_us:
                return entry
        return self._entries[0]
