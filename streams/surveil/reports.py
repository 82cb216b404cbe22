"""What is thought and said about one object: its case, and the edges of its incidents."""

from collections.abc import Mapping
from types import MappingProxyType

from geo.chance import label_of
from geo.membership import due
from sensors.observation import Identity
from streams.messages import EdgeKind, EndReason
from streams.surveil import wording
from streams.surveil.doubt import inside_of
from streams.surveil.edges import Edges
from streams.surveil.fold import Happening
from streams.surveil.hours import next_turn_us
from streams.surveil.incidents import Subject, ended, incident_of, replace, surer
from streams.surveil.late import close
from streams.surveil.objects import AMPLE, RING, Objects
from streams.surveil.pictures import Pictures
from streams.surveil.rows import Fix, Row
from streams.surveil.visits import DISTRESS, ENTRY, NEVER, PASSED, PREDICTED, Case, Mark, Standing, Visit
from streams.who import Who, who_of
from streams.zones import Calendar

MOST_PAST = 16  # older visits of one object that are still told apart


class Reports:
    """The objects this owner holds, and their incidents. ``calendar`` is that of the record in hand."""

    calendar: Calendar
    kinds: Mapping[str, str] = MappingProxyType({})  # of the sensors whose kind the configuration tells

    def __init__(self, objects: Objects, edges: Edges, pictures: Pictures) -> None:
        self.objects, self.edges, self.pictures = objects, edges, pictures
        self.provisional: dict[str, Visit] = {}  # by alert id: published before the object's state was here

    @property
    def lost_us(self) -> int:
        """How long any object may be silent at most before it is lost."""
        return self.calendar.rules.longest_lost_us

    def lost_after_us(self, heard_us: int) -> int:
        """How long an object last heard at an event time may be silent."""
        return self.calendar.rules.at(heard_us).lost_us

    def foresees(self, time_us: int) -> bool:
        """Whether incursions are predicted at an event time."""
        return bool(self.calendar.rules.at(time_us).horizons_s)

    def who_of(self, row: Row) -> Who:
        """Who a row is about, by the row alone."""
        return who_of(row.key, row.identity, row.said[0], self.objects.bits.get(row.fix.sensor, 0))

    def subject(self, slot: int) -> Subject:
        """Whom the incidents of an object are about."""
        return Subject(self.objects.keys[slot], self.objects.identities[slot], self.objects.tracks[slot])

    def retract(self, slot: int, visit: Visit, area: int, reason: str) -> None:
        """Take an incident back. That is final: should it prove true after all, it is opened under another id."""
        if visit.incident is not None:
            case = self.case(slot)
            case.retracted = [*case.retracted, (visit.zone_id, visit.visit)][-MOST_PAST:]
            visit.incident = replace(visit.incident, reasons=[*visit.incident.reasons, reason], provisional=False)
            self.edges.write(EdgeKind.RETRACTED, visit, visit.fix.event_time_us, area)

    def confirm(self, slot: int, early: Visit, area: int) -> bool:
        """Whether what was published provisionally was opened by another road already; it is said to be no more so."""
        case = self.case(slot)
        for visit in case.visits:
            if (visit.zone_id, visit.visit) == (early.zone_id, early.visit) and visit.incident is not None:
                visit.sequence = max(visit.sequence, early.sequence)
                kind = EdgeKind.UPDATED if visit.open else EdgeKind.ENDED
                self.edges.write(kind, visit, visit.ended_us or visit.fix.event_time_us, area)
                return True
        return any((zone_id, name) == (early.zone_id, early.visit) for zone_id, name, _, _ in case.past)

    def tell_one(self, slot: int, case: Case, happening: Happening, fix: Fix, *, late: bool) -> None:
        """Publish a visit that opened, or the end of one."""
        if isinstance(happening, Visit):
            case.visits.append(happening)
            self.open(slot, happening, fix.area, late=late)
            return
        visit = close(case.visits, happening)
        if visit is not None and visit.incident is not None and visit.ended_us is not None:
            visit.incident = ended(visit.incident, visit, self.calendar, fix.ingest_time_us)
            self.edges.write(EdgeKind.ENDED, visit, visit.ended_us, fix.area)

    def open(self, slot: int, visit: Visit, area: int, *, late: bool) -> None:
        """Publish a visit, and its end where it has one; goes on with what was published of it provisionally."""
        incident = incident_of(visit, self.subject(slot), self.calendar)
        incident.late = incident.late or late
        incident.escalates = self._predicted(slot, visit)
        if late:
            incident.reasons.append(wording.LATE)
        early = self.provisional.pop(incident.alert_id, None)
        visit.incident = incident
        if early is not None:
            visit.sequence = early.sequence
        kind = EdgeKind.OPENED if early is None else EdgeKind.UPDATED
        self.edges.write(kind, visit, visit.fix.event_time_us, area)
        if visit.ended_us is not None:
            visit.incident = ended(incident, visit, self.calendar, incident.ingest_time_us)
            self.edges.write(EdgeKind.ENDED, visit, visit.ended_us, area)

    def _predicted(self, slot: int, visit: Visit) -> str | None:
        """The alert that said that this entry would come."""
        case = self.objects.cases[slot]
        for known in case.visits if case is not None and visit.nature in (ENTRY, PASSED) else ():
            if known.nature == PREDICTED and known.zone_id == visit.zone_id and known.open and known.incident:
                return known.incident.alert_id
        return None

    def weigh(self, slot: int, case: Case, fix: Fix) -> None:
        """What the newest fix adds to how sure the entries it is inside of are; said where the word changes."""
        for visit in case.visits:
            stay = case.now.stays.get(visit.zone_id)
            if fix.event_time_us < visit.weigh_us or visit.incident is None:
                continue
            visit.weighed_us = fix.event_time_us
            if stay is None or stay.leaving or stay.visit != visit.visit:
                continue
            sure = inside_of(fix, visit.zone_id, self.calendar.by_version[visit.version], self.objects.keys[slot])
            independent = 2 if self._other_kind(visit.fix.sensor, fix.sensor) else 1
            visit.chance = max(visit.chance, sure.chance)
            label = max(label_of(visit.chance), label_of(sure.chance, independent))
            if label > visit.label:
                visit.label = int(label)
                visit.incident = surer(visit.incident, visit, sure, fix)
                self.edges.write(EdgeKind.UPDATED, visit, fix.event_time_us, fix.area)

    def _other_kind(self, one: str, other: str) -> bool:
        """Whether two sensors are known to be of different kinds: what one takes wrong the other need not."""
        first, second = self.kinds.get(one), self.kinds.get(other)
        return first is not None and second is not None and first != second

    def distress(self, slot: int, fix: Fix) -> None:
        """A call for help: one incident until the object is lost, wherever it is."""
        case = self.case(slot)
        if not any(visit.nature == DISTRESS and visit.open for visit in case.visits):
            visit = Visit(fix.observation.hex(), "", DISTRESS, None, 0, None, fix, fix.lon, fix.lat)
            case.visits.append(visit)
            self.open(slot, visit, fix.area, late=False)

    def learn(self, slot: int, row: Row) -> None:
        """Take over what the row adds to the identity, and say so in what is open."""
        known = self.objects.identities[slot]
        found = learned(known, row.identity)
        self.objects.hear(slot, found, row.said, row.fix.sensor)
        if found is known:
            return
        case = self.objects.cases[slot]
        for visit in case.visits if case is not None else ():
            if visit.open and visit.incident is not None:
                visit.incident = replace(visit.incident, identity=found)
                self.edges.write(EdgeKind.UPDATED, visit, row.fix.event_time_us, row.fix.area)

    def lose(self, slot: int, lost_us: int) -> None:
        """Silence ends everything as lost; the object is forgotten."""
        case = self.objects.cases[slot]
        for visit in case.visits if case is not None else ():
            if visit.open and visit.incident is not None:
                visit.ended_us, visit.end_reason = lost_us, EndReason.LOST
                visit.incident = ended(visit.incident, visit, self.calendar, visit.incident.ingest_time_us)
                self.edges.write(EdgeKind.ENDED, visit, lost_us, self.area(slot, visit.fix.area))
        self.pictures.bury(slot)
        self.objects.forget(slot)
        self.count("tracks/lost")

    def standing(self, slot: int) -> Standing:
        """Where an object stands after its newest fix."""
        case = self.objects.cases[slot]
        return case.now if case is not None else Standing({}, int(self.objects.version[slot]))

    def case(self, slot: int) -> Case:
        """What is thought about an object, made where there was nothing to think."""
        case = self.objects.cases[slot]
        if case is None:
            standing = Standing({}, int(self.objects.version[slot]))
            case = self.objects.cases[slot] = Case(base=standing, now=standing)
        return case

    def area(self, slot: int, otherwise: int) -> int:
        """The area an object is in now."""
        return int(self.objects.last[slot]["area"]) if self.objects.count[slot] else otherwise

    def settle(self, slot: int) -> None:
        """Bring what the columns know of an object in line with what is thought about it."""
        case = self.objects.cases[slot]
        if case is not None and not (
            case.now.stays or case.marks or case.visits or case.past or case.retracted or case.dirty or case.pending
        ):
            case = self.objects.cases[slot] = None
        self.objects.busy[slot] = not self.objects.count[slot] or (
            case is not None and (case.dirty or bool(case.pending) or any(predicted(visit) for visit in case.visits))
        )
        self.objects.weigh_us[slot] = min((v.weigh_us for v in case.visits), default=NEVER) if case else NEVER
        self.objects.leaving[slot] = case is not None and case.leaving
        next_us = self.next_us(slot, self.standing(slot))
        self.objects.due_us[slot] = NEVER if next_us is None else next_us
        self.objects.room[slot] = self._room(slot, case.marks[0]) if case is not None and case.marks else AMPLE

    def next_us(self, slot: int, standing: Standing) -> int | None:
        """When time alone changes where an object stands, event time: a stay ends, or a schedule turns."""
        next_us = None
        if standing.stays:
            next_us = due(standing.stays, self.calendar.rules.at(int(self.objects.last[slot]["event_time_us"])).exits)
        entry = self.calendar.by_version.get(standing.version)
        if entry is None or not entry.scheduled or not self.objects.count[slot]:
            return next_us
        turn_us = next_turn_us(standing, self.objects.newest(slot), self.calendar, self.objects.who(slot))
        return turn_us if next_us is None or (turn_us is not None and turn_us < next_us) else next_us

    def _room(self, slot: int, mark: Mark) -> int:
        """How many fixes can be added before the fix of the oldest mark becomes the anchor, or is dropped."""
        objects = self.objects
        head, count = int(objects.head[slot]), int(objects.count[slot])
        for index in range(count):
            if objects.ring[slot, (head + index) % RING]["observation"].tobytes() == mark.observation:
                return RING - count + max(index - 1, 0)
        return 0

    def count(self, name: str, number: int = 1) -> None:
        """Add to a counter of the ledger."""
        if number:
            self.edges.counts[name] = self.edges.counts.get(name, 0) + number


def predicted(visit: Visit) -> bool:
    """Whether one more fix may make a predicted entry happen or not."""
    return visit.open and visit.nature == PREDICTED


def learned(known: Identity, said: Identity) -> Identity:
    """``known`` with what it lacks taken from ``said``; ``known`` itself where nothing is new."""
    if said == known:
        return known
    new = {
        name: getattr(said, name)
        for name in Identity.__struct_fields__
        if getattr(known, name) is None and getattr(said, name) is not None
    }
    if not new:
        return known
    return Identity(**{name: new.get(name, getattr(known, name)) for name in Identity.__struct_fields__})
