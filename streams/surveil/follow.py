"""Following one object: its rows in order, its timers, its late rows. The scalar path, for rows that need thought."""

import numpy as np

from streams.messages import EdgeKind, EndReason
from streams.surveil import wording
from streams.surveil.fold import Folded, Hint, concerned, first, further, refold
from streams.surveil.foresee import foresee
from streams.surveil.hours import waited
from streams.surveil.incidents import ended, incident_of, track_id_of
from streams.surveil.late import close, match, renamed, tell
from streams.surveil.objects import RING
from streams.surveil.reports import MOST_PAST, Reports, predicted
from streams.surveil.rows import Fix, Row, is_distress, previous
from streams.surveil.segments import Many
from streams.surveil.visits import PREDICTED, Case, Ending, Mark, Visit
from streams.who import Who

APPLIED, MERGED = "applied", "merged"


class Follower(Reports):
    """What is done with the rows of one object that this owner holds. The caller finds or makes its slot."""

    def begin(self, row: Row, epoch: int, track: str | None = None) -> int:
        """Start a track with its first row, or with the fix that the row's feed had accepted before it; its slot.

        ``track`` is its id where it has one already."""
        before = self._before(row)
        begun = row if before is None else before
        slot = self.objects.new(row.key, row.identity, track or track_id_of(begun.fix.observation), epoch)
        self.objects.hear(slot, row.identity, row.said, row.fix.sensor)
        self.count("tracks/begun")
        self._first(slot, begun)
        if before is not None:
            self.count("recalled")
            self.apply(slot, row)
        return slot

    def apply(self, slot: int, row: Row, hint: Hint | None = None) -> str | None:
        """One row of a held object; its fate, or None where the object was lost before it came."""
        objects, fix = self.objects, row.fix
        if not self.timers(slot, fix.event_time_us):
            return None
        before = self.objects.who(slot)
        self.learn(slot, row)
        if self.objects.who(slot) != before:
            self._judge_again(slot, before, row)
        if not row.has_position or not objects.count[slot]:
            return self._first(slot, row)
        self._recall(slot, row)
        newest_us = int(objects.last[slot]["event_time_us"])
        fate = APPLIED
        if fix.event_time_us < max(newest_us, self._turned_us(slot)):
            fate = self._late(slot, row)
        elif fix.event_time_us == newest_us and _same_place(objects.newest(slot), fix):
            fate = MERGED
        else:
            self._advance(slot, fix, hint)
            self.pictures.show(slot, self.calendar, hint.segment.end if hint is not None else None)
        if is_distress(fix.flags):
            self.distress(slot, fix)
        self.settle(slot)
        return fate

    def timers(self, slot: int, until_us: int) -> bool:
        """Fire the object's own timers due at or before an event time; whether it is still followed."""
        heard_us = int(self.objects.heard_us[slot])
        lost_us = heard_us + self.lost_after_us(heard_us)
        case = self.objects.cases[slot]
        if case is None and self.objects.due_us[slot] <= min(until_us, lost_us):
            case = self.case(slot)  # a zone opens around it
        if case is not None:
            while (next_us := self.next_us(slot, case.now)) is not None and next_us <= min(until_us, lost_us):
                newest = self.objects.newest(slot)
                case.now, endings = waited(case.now, newest, next_us, self.calendar, self.objects.who(slot))
                case.dirty = True
                for ending in endings:
                    self.tell_one(slot, case, ending, newest, late=False)
            case.fired_us = max(case.fired_us, until_us)
            self.settle(slot)
        if lost_us <= until_us:
            self.lose(slot, lost_us)
            return False
        return True

    def next_due_us(self, slot: int) -> int:
        """When the next timer of an object fires by itself, event time."""
        heard_us = int(self.objects.heard_us[slot])
        return min(int(self.objects.due_us[slot]), heard_us + self.lost_after_us(heard_us))

    def _turned_us(self, slot: int) -> int:
        """The boundary of a schedule that the clock has let pass since the newest fix: a row from before is late."""
        case = self.objects.cases[slot]
        return case.now.turned_us if case is not None else -1

    def _first(self, slot: int, row: Row) -> str:
        """A row that is not a segment: the first fix of a track, or a word without a position."""
        objects, fix = self.objects, row.fix
        if row.has_position:
            folded = first(fix, self.calendar, objects.who(slot))
            objects.append(slot, fix)
            objects.set_id[slot] = -1
            objects.version[slot] = folded.standing.version
            if folded.standing.stays:
                case = self.case(slot)
                case.now = folded.standing
                case.marks.append(Mark(fix.observation, fix.event_time_us, folded.standing))
                for happening in folded.happenings:
                    self.tell_one(slot, case, happening, fix, late=False)
            self.pictures.show(slot, self.calendar)
        objects.heard_us[slot] = max(objects.heard_us[slot], fix.event_time_us)
        if is_distress(fix.flags):
            self.distress(slot, fix)
        self.settle(slot)
        return APPLIED

    def _recall(self, slot: int, row: Row) -> None:
        """The row's feed had accepted a fix that has not come here (it is on its way, or was buried): judge by it.

        Each segment is self-contained, so nothing that a feed saw between two of its own fixes is lost to detours. The
        row of that fix, should it still come, is merged."""
        objects = self.objects
        oldest_us = int(objects.ring[slot, objects.head[slot]]["event_time_us"])
        newest_us = int(objects.last[slot]["event_time_us"])
        if row.prev_event_time_us <= oldest_us or row.prev_event_time_us <= newest_us <= row.fix.event_time_us:
            return  # the usual case: the newest fix is that one, or another feed's later one
        before = self._before(row)
        if before is None:
            return
        if row.prev_event_time_us > newest_us:
            self.count("recalled")
            self._advance(slot, before.fix, None)
        elif self._late(slot, before) == APPLIED:
            self.count("recalled")

    def _before(self, row: Row) -> Row | None:
        """The fix before a row's own, as a row; None where there is none, or the object was lost in between."""
        fix = previous(row)
        if fix is None or row.fix.event_time_us - fix.event_time_us >= self.lost_after_us(fix.event_time_us):
            return None
        return Row(row.key, row.identity, fix, row.owner, -1, fix.lon, fix.lat, -1, fix.observation)

    def _advance(self, slot: int, fix: Fix, hint: Hint | None) -> None:
        """The newest fix of an object: judge the segment to it."""
        objects = self.objects
        case = objects.cases[slot]
        standing = self.standing(slot)
        before = objects.newest(slot)
        folded = further(standing, before, fix, self.calendar, objects.who(slot), hint)
        self.count("hysteresis", folded.returned)
        dropped = objects.ring[slot, objects.head[slot]]["observation"].tobytes()
        if folded.happenings or folded.standing != standing or (case is not None and case.dirty):
            case = self.case(slot)
            case.now, case.dirty = folded.standing, False
            case.marks.append(Mark(fix.observation, fix.event_time_us, folded.standing))
        objects.version[slot] = folded.standing.version
        objects.set_id[slot] = -1
        objects.measured[slot] = (fix.lon, fix.lat, folded.slack_m)
        moved = objects.append(slot, fix)
        for happening in folded.happenings:
            self.tell_one(slot, self.case(slot), happening, fix, late=False)
        if case is not None:
            self.weigh(slot, case, fix)
        if self.foresees(fix.event_time_us) or (case is not None and any(map(predicted, case.visits))):
            foresee(self, slot, before, fix)
        if moved and case is not None and case.marks:
            self._anchor(slot, case, dropped)

    def _anchor(self, slot: int, case: Case, dropped: bytes) -> None:
        """The oldest remembered fix is gone: what it decided is settled."""
        anchor = self.objects.ring[slot, self.objects.head[slot]]
        time_us, observation = int(anchor["event_time_us"]), anchor["observation"].tobytes()
        settled = False
        while case.marks and (
            case.marks[0].event_time_us < time_us or case.marks[0].observation in (observation, dropped)
        ):
            case.base = case.marks.pop(0).standing
            settled = True
        if settled:
            self._prune(slot, case)

    def _prune(self, slot: int, case: Case) -> None:
        """Let go of visits that are over and that no late fix can change any more."""
        standing = {(zone_id, stay.visit) for zone_id, stay in case.base.stays.items()}
        recent = {fix.observation for fix in self.objects.fixes(slot)[1:]}
        kept = []
        for visit in case.visits:
            if visit.open or (visit.zone_id, visit.visit) in standing or visit.fix.observation in recent:
                kept.append(visit)
            elif visit.nature != PREDICTED:
                case.past.append((visit.zone_id, visit.visit, *visit.span_us))
        case.visits = kept
        case.past = case.past[-MOST_PAST:]

    def _late(self, slot: int, row: Row) -> str:
        """A row older than the newest fix: tell the story again with it in its place, and say what differs."""
        objects, fix = self.objects, row.fix
        fixes = objects.fixes(slot)
        if any(known.event_time_us == fix.event_time_us and _same_place(known, fix) for known in fixes):
            return MERGED
        self.count("late")
        anchored = bool(objects.anchored[slot])
        if anchored and fix.event_time_us < fixes[0].event_time_us:
            self._too_late(slot, row, fixes[0].event_time_us)
            return APPLIED
        index = sum(known.event_time_us <= fix.event_time_us for known in fixes)
        if self._tells_nothing(slot, fixes, index, fix):
            self._remember(slot, fixes, index, fix)
            return APPLIED
        fixes.insert(index, fix)
        case = self.case(slot)
        folds = refold(case.base, fixes, self.calendar, objects.who(slot), anchored=anchored)
        self._retell(slot, case, fixes, folds, row, anchored)
        return APPLIED

    def _tells_nothing(self, slot: int, fixes: list[Fix], index: int, fix: Fix) -> bool:
        """Whether a late fix lies between two others where nothing happens with it or without: the three segments keep
        the set of zones and cross nothing, and no stay is ending. Then there is no story to tell again."""
        if not 0 < index < len(fixes):
            return False
        before, after = fixes[index - 1], fixes[index]
        low_us, high_us = before.event_time_us, after.event_time_us
        entry, case = self.calendar.at(low_us), self.objects.cases[slot]
        if entry.scheduled or self.calendar.at(high_us) is not entry or not self.calendar.rules.one(low_us, high_us):
            return False
        if case is not None:
            marks = [mark for mark in case.marks if mark.event_time_us <= low_us]
            standing = marks[-1].standing if marks else case.base
            if case.dirty or any(stay.leaving for stay in standing.stays.values()):
                return False
            if standing.version != entry.version or case.now.version != entry.version:
                return False
        elif self.objects.version[slot] != entry.version:
            return False
        a, b, c = (before.lon, before.lat), (fix.lon, fix.lat), (after.lon, after.lat)
        return not Many(entry, np.array([a, b, a]), np.array([b, c, c])).loud.any()

    def _remember(self, slot: int, fixes: list[Fix], index: int, fix: Fix) -> None:
        """Put a fix in its place among the remembered ones."""
        fixes.insert(index, fix)
        if len(fixes) <= RING:
            self.objects.rewrite(slot, fixes, anchored=bool(self.objects.anchored[slot]))
            return
        dropped = fixes.pop(0).observation
        self.objects.rewrite(slot, fixes, anchored=True)
        case = self.objects.cases[slot]
        if case is not None and case.marks:
            self._anchor(slot, case, dropped)

    def _judge_again(self, slot: int, before: Who, row: Row) -> None:
        """More is known of who an object is, which holds for all its fixes: tell the story again, where a zone that
        did concern it does not, or the other way round."""
        objects, now = self.objects, self.objects.who(slot)
        if not objects.count[slot] or not self.calendar.turns(before, now):
            return
        fixes, anchored, case = objects.fixes(slot), bool(objects.anchored[slot]), self.case(slot)
        if anchored:
            case.base = concerned(case.base, fixes[0], self.calendar, now)
        folds = refold(case.base, fixes, self.calendar, now, anchored=anchored)
        self._retell(slot, case, fixes, folds, row, anchored, wording.OTHERWISE)

    def _retell(
        self,
        slot: int,
        case: Case,
        fixes: list[Fix],
        folds: list[Folded],
        row: Row,
        anchored: bool,
        why: str = wording.CONTRADICTED,
    ) -> None:
        full = len(fixes) > RING
        after = 2 if full else int(anchored)
        story = tell(case.base, case.visits, fixes, folds, after)
        now, over = waited(story.now, fixes[-1], case.fired_us, self.calendar, self.objects.who(slot))
        for ending in over:
            close(story.visits, ending)
        names: dict[tuple[str, str], str] = {}
        pairs = match(case.visits, story.visits)
        for old, new in pairs:
            if old is not None and new is not None:
                names[new.zone_id, new.visit] = old.visit
                new.visit, new.incident, new.sequence = old.visit, old.incident, old.sequence
                new.chance, new.label = max(old.chance, new.chance), max(old.label, new.label)
                new.weighed_us = old.weighed_us
            elif new is not None and (name := case.another_name(new)) != new.visit:
                names[new.zone_id, new.visit] = name
                new.visit = name
        case.now, case.dirty = renamed(now, names), now is not story.now
        case.marks = [Mark(m.observation, m.event_time_us, renamed(m.standing, names)) for m in story.marks]
        if full:
            case.base = renamed(folds[1].standing, names)
            fixes.pop(0)
        case.visits = story.visits
        self.objects.rewrite(slot, fixes, anchored=anchored or full)
        self.objects.set_id[slot] = -1
        self.objects.version[slot] = case.now.version
        for old, new in pairs:
            self._revise(slot, old, new, row, why)
        if full:
            self._prune(slot, case)

    def _revise(self, slot: int, old: Visit | None, new: Visit | None, row: Row, why: str) -> None:
        """Publish how a visit differs from what was said of it."""
        area = self.area(slot, row.fix.area)
        if new is None:
            if old is not None:
                self.retract(slot, old, area, why)
        elif old is None:
            self.open(slot, new, area, late=True)
        elif old.opening != new.opening or (old.ended_us, old.end_reason) != (new.ended_us, new.end_reason):
            said = old.incident
            assert said is not None
            again = incident_of(new, self.subject(slot), self.calendar)
            again.home_area, again.late, again.provisional = said.home_area, said.late, said.provisional
            again.alert_id, again.subject_key = said.alert_id, said.subject_key  # the subject at opening
            again.track_ids = list(said.track_ids)
            again.escalates = said.escalates
            again.ingest_time_us = max(said.ingest_time_us, row.fix.ingest_time_us)
            again.reasons.append(wording.REVISED)
            new.incident = ended(again, new, self.calendar, row.fix.ingest_time_us)
            over = new.ended_us is not None and (old.ended_us, old.end_reason) != (new.ended_us, new.end_reason)
            time_us = new.ended_us if over and new.ended_us is not None else row.fix.event_time_us
            self.edges.write(EdgeKind.ENDED if over else EdgeKind.UPDATED, new, time_us, area)

    def _too_late(self, slot: int, row: Row, anchor_us: int) -> None:
        """A row older than everything remembered: its feed's own previous fix shows whether nobody saw it enter."""
        self.count("late/too-old")
        fix, before = row.fix, previous(row)
        if before is None:
            return
        case = self.case(slot)
        who = self.objects.who(slot)
        start = first(before, self.calendar, who).standing
        folded = further(start, before, fix, self.calendar, who)
        for visit in folded.happenings:
            if isinstance(visit, Ending):
                continue
            stay = case.base.stays.get(visit.zone_id)
            if stay is not None and (stay.found or stay.since_us <= fix.event_time_us):
                continue  # inside then and, for all that is remembered, ever since
            low, high = visit.span_us[0], fix.event_time_us
            known = [*case.past, *((v.zone_id, v.visit, *v.span_us) for v in case.visits if v.nature != PREDICTED)]
            spans = [(a, b) for zone_id, _, a, b in known if zone_id == visit.zone_id]
            if any(a <= high and low <= b for a, b in spans):
                continue
            if visit.open:
                visit.ended_us = min([anchor_us, *(a for a, _ in spans if a > high)])
                visit.end_reason = EndReason.EXITED
            visit.visit = case.another_name(visit)
            self.open(slot, visit, self.area(slot, fix.area), late=True)
            case.past.append((visit.zone_id, visit.visit, *visit.span_us))


def _same_place(one: Fix, other: Fix) -> bool:
    return one.lon == other.lon and one.lat == other.lat
