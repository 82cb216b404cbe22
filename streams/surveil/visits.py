"""What is remembered of an object beyond its fixes: where it stands, its visits to zones, and what was said of them."""

import msgspec

from geo.chance import Label
from geo.membership import Stay
from streams.messages import EndReason, Incident
from streams.surveil.rows import Fix

ENTRY, PASSED, LINE, DISTRESS, PREDICTED = "entry", "passed", "line", "distress", "predicted"
NEVER = 2**62  # microseconds: no timer is set
_WEIGH_EVERY_US = 1_000_000
APART = frozenset({DISTRESS, PREDICTED})  # what no fold of fixes tells: kept as it is, whatever comes late


class Standing(msgspec.Struct, array_like=True, frozen=True):
    """An object's stays after a fix, and the version of the zones they are told by; 0 before the first fix.

    ``turned_us`` is the boundary of a schedule that has passed since that fix; -1 is none."""

    stays: dict[str, Stay] = {}
    version: int = 0
    turned_us: int = -1


NOWHERE = Standing()


class Visit(msgspec.Struct, array_like=True):
    """One entry, passage, crossing or call for help: what opened it, what ended it, and what was published of it."""

    visit: str  # names the alert; kept when late fixes move the opening
    zone_id: str  # "" for distress
    nature: str  # ENTRY, PASSED, LINE, DISTRESS, PREDICTED
    direction: str | None
    version: int  # of the zones
    before: Fix | None  # the fix before the opening one
    fix: Fix  # the opening one
    lon: float  # where; NaN where that is not known
    lat: float
    ended_us: int | None = None
    end_reason: EndReason | None = None
    incident: Incident | None = None  # as last published
    sequence: int = 0
    chance: float = -1.0  # how sure it is by the best of its fixes; below 0 while not asked
    label: int = -1  # geo.chance.Label as last published; of a predicted one the horizon, seconds
    until_us: int = -1  # event time by which a predicted one should have happened
    weighed_us: int = -1  # event time of the newest fix that was asked how sure it is, after the opening one

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.ended_us is None

    @property
    def weigh_us(self) -> int:
        """Event time from which a fix is asked how sure an entry is; NEVER where there is nothing to ask."""
        if self.nature != ENTRY or not self.open or self.label >= Label.CONFIRMED:
            return NEVER
        return max(self.fix.event_time_us, self.weighed_us) + _WEIGH_EVERY_US

    @property
    def opening(self) -> tuple[str, bytes | None, bytes]:
        """What the opening rests on."""
        return self.nature, self.before.observation if self.before else None, self.fix.observation

    @property
    def span_us(self) -> tuple[int, int]:
        """The time it may have taken: from the fix before the opening to its end (for ever while open)."""
        start = self.before.event_time_us if self.before else self.fix.event_time_us
        return start, 2**63 if self.ended_us is None else max(self.ended_us, self.fix.event_time_us)


class Ending(msgspec.Struct, frozen=True):
    """The end of a visit, as the fold of an object's fixes tells it."""

    zone_id: str
    visit: str
    ended_us: int
    reason: EndReason


class Mark(msgspec.Struct, array_like=True, frozen=True):
    """The standing after a fix that changed it, or that something was said of."""

    observation: bytes
    event_time_us: int
    standing: Standing


class Case(msgspec.Struct, array_like=True):
    """Everything thought about one object. Most objects far from any zone have none."""

    base: Standing = NOWHERE  # after the anchor, the oldest remembered fix
    now: Standing = NOWHERE
    marks: list[Mark] = []  # of the remembered fixes after the anchor, oldest first
    visits: list[Visit] = []  # open, or opened or ended within the remembered fixes
    past: list[tuple[str, str, int, int]] = []  # zone, visit, from, to of older visits
    retracted: list[tuple[str, str]] = []  # zone, visit of incidents that were taken back: that is final
    fired_us: int = -1  # its timers have fired up to here
    dirty: bool = False  # a timer changed the standing since the last fix
    pending: str = ""  # the zone whose entry the newest fix warned of, for the first time

    @property
    def leaving(self) -> bool:
        """Whether a stay is ending: the last fix was outside of its zone."""
        return any(stay.leaving for stay in self.now.stays.values())

    def another_name(self, visit: Visit) -> str:
        """The visit's id, or a further one where the alert of that id was taken back, which is final."""
        name, number = visit.visit, 0
        while (visit.zone_id, name) in self.retracted:
            number += 1
            name = f"{visit.visit}~{number}"
        return name
