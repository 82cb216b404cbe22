"""The many rows of a frame at once: those that change nothing are applied as columns, the rest one by one.

A row needs thought where its segment changes the set of zones or crosses something, where its object is not held or
waits for something, where it is out of order, or where it says something new of the identity. Objects do not influence
each other, so one object's rows go one way or the other together, in order.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sensors.columns import Flag
from streams.frames import Purpose
from streams.rules import Rulebook, Ruling
from streams.surveil.arrival import Arrival
from streams.surveil.doubt import is_contact
from streams.surveil.fold import Hint
from streams.surveil.foresight import Foresight, mover_of
from streams.surveil.objects import Objects
from streams.surveil.pictures import Pictures
from streams.surveil.reports import learned
from streams.surveil.rows import RAW, fixes_of, lonlat_of, take
from streams.surveil.segments import Many, in_force
from streams.who import said_in
from streams.zones import Calendar, InForce

_DISTRESS = np.uint8(Flag.DISTRESS)
_LARGEST_DEGREE_M = 111_694.0  # of a meridian at a pole, and of the prime vertical there (WGS-84)
_DOUBT_M = 5.0  # more than two measured distances may err together, see geo.fence.Fence.distance_m

Bits = NDArray[np.bool_]
Apply = Callable[[int, Hint | None], None]


def apply_frame(
    frame: Arrival,
    rows: NDArray[np.intp],
    objects: Objects,
    pictures: Pictures,
    calendar: Calendar,
    one: Apply,
) -> int:
    """Apply the ``rows`` (rising) of a frame; ``one`` takes the index of a row that needs thought, in order.

    Returns how many rows were applied here, as columns."""
    columns = frame.columns
    some = slice(None) if len(rows) == len(frame) else rows  # nearly always all: views instead of copies
    slot, odd = _known(frame, objects, some)
    if frame.extras:
        odd = odd | _named_surer(frame, objects, rows, slot)
    held = (columns["purpose"][some] == Purpose.HERE) & (slot >= 0)
    held &= np.isfinite(columns["lon"][some]) & ((columns["flags"][some] & _DISTRESS) == 0)  # type: ignore[operator]
    entry, ruling = _judge(calendar, columns["event_time_us"][some])  # type: ignore[arg-type]
    if entry is None or ruling is None or not held.any():
        for row in rows.tolist():
            one(row, None)
        return 0
    sensor_index = np.array([objects.sensor(name) for name in frame.sensors], np.int32)
    order = np.argsort(slot, kind="stable")
    if not held.all():
        order = order[held[order]]
    at = order if len(rows) == len(frame) else rows[order]
    chain = _Chain(objects, slot[order], take(fixes_of(frame, sensor_index), at), entry)
    loud = chain.loud(calendar.rules, ruling)
    loud |= odd[order]
    loud |= columns["prev_event_time_us"][at] > chain.before["event_time_us"]  # its feed knows more
    if len(order) < len(rows):  # an object with a row that is no segment here needs all its rows in order
        loud |= np.isin(chain.slots, slot[~held])
    if len(chain.starts) < len(order):
        loud = np.repeat(np.logical_or.reduceat(loud, chain.starts), chain.sizes)
    quiet = (~loud).nonzero()[0]
    if len(quiet):
        chain.settle(quiet)
        chain.show(quiet, order, pictures)
    if len(quiet) < len(rows):
        place = np.full(len(rows), -1)
        place[order] = np.arange(len(order))
        left = np.ones(len(rows), bool)
        left[order[quiet]] = False
        for index in left.nonzero()[0].tolist():
            known = int(place[index])
            one(int(rows[index]), None if known < 0 else chain.hint(known))
        chain.remember(loud.nonzero()[0])
    return len(quiet)


def _known(frame: Arrival, objects: Objects, rows: slice | NDArray[np.intp]) -> tuple[NDArray[np.intp], Bits]:
    """Slot of each row's object (-1 where it is not held), and whether its identity says something new."""
    get, heard_as, known = objects.slots.get, objects.heard_as, objects.identities
    found = [get(key, -1) for key in frame.keys]
    slot_of = np.array([*found, -1], np.intp)  # the last element serves identity -1
    odd_of = np.zeros(len(found) + 1, bool)
    said = [heard_as[slot] for slot in found] if objects.keys else []
    if said != frame.named:
        for index, (slot, named) in enumerate(zip(found, frame.named, strict=True)):
            if slot >= 0 and heard_as[slot] != named:
                if learned(known[slot], frame.identity(index)) is known[slot]:
                    heard_as[slot] = named.copy()
                else:
                    odd_of[index] = True
    identity_of = frame.columns["identity"][rows]
    return slot_of[identity_of], odd_of[identity_of]


def _named_surer(frame: Arrival, objects: Objects, rows: NDArray[np.intp], slot: NDArray[np.intp]) -> Bits:
    """Whether a row's sensor takes its object for something, surer than any before."""
    found = np.zeros(len(rows), bool)
    for at in np.isin(rows, list(frame.extras)).nonzero()[0].tolist():
        held = int(slot[at])
        found[at] = held >= 0 and said_in(frame.extras.get(int(rows[at])))[1] > objects.said[held][1]
    return found


def _judge(calendar: Calendar, time_us: NDArray[np.int64]) -> tuple[InForce | None, Ruling | None]:
    """The one version that judges all these moments, and the rules it does it by; None where there are several."""
    entry, ruling = calendar.single, calendar.rules.single
    if entry is not None and ruling is not None:
        return entry, ruling
    low, high = int(time_us.min()), int(time_us.max())
    if calendar.at(low) is calendar.at(high):
        entry = calendar.at(low)
    if calendar.rules.one(low, high):
        ruling = calendar.rules.at(low)
    return entry, ruling


def _may_leave(measured: NDArray[np.void], fixes: NDArray[np.void]) -> Bits:
    """Whether a stay that is ending could reach the margin by a fix, for all that was measured before; ``(n,)``.

    The distance moved is bounded from above: degrees times the ellipsoid's largest radius of curvature."""
    narrow = np.minimum(np.abs(measured["lat"]), np.abs(fixes["lat"]))
    east = (fixes["lon"] - measured["lon"]) * np.cos(np.radians(narrow))
    moved_m = _LARGEST_DEGREE_M * np.hypot(east, fixes["lat"] - measured["lat"])
    may: Bits = moved_m + _DOUBT_M >= measured["slack_m"]
    return may


class _Chain:
    """Segments of held objects: each row after the one before it, sorted by slot and then in order."""

    def __init__(self, objects: Objects, slots: NDArray[np.intp], fixes: NDArray[np.void], entry: InForce) -> None:
        self.objects, self.slots, self.fixes, self.entry = objects, slots, fixes, entry
        first = np.empty(len(slots), bool)
        first[0] = True
        np.not_equal(slots[1:], slots[:-1], out=first[1:])
        self.starts = first.nonzero()[0]
        self.sizes = np.diff(np.append(self.starts, len(slots)))
        self.rank = np.arange(len(slots)) - np.repeat(self.starts, self.sizes)
        leaders = slots[self.starts]
        before = np.empty(len(slots), RAW)
        before[1:] = fixes.view(RAW)[:-1]
        before[self.starts] = objects.last.view(RAW)[leaders]
        self.before = before.view(fixes.dtype)
        p0, p1 = lonlat_of(self.before), lonlat_of(fixes)
        set1 = entry.fence.sets(p1)
        set0 = np.empty_like(set1)
        set0[1:] = set1[:-1]
        set0[self.starts] = objects.set_id[leaders]
        # not known: after a restart, after thought, or under another version (where the row needs thought anyway)
        blank = self.starts[(objects.set_id[leaders] < 0) | (objects.version[leaders] != entry.version)]
        if len(blank):
            set0[blank] = entry.fence.sets(p0[blank])
        self.segments = Many(entry, p0, p1, set0, set1)

    def loud(self, rules: Rulebook, ruling: Ruling) -> Bits:
        """Which rows need thought by themselves."""
        objects = self.objects
        step_us = self.fixes["event_time_us"] - self.before["event_time_us"]
        loud: Bits = self.segments.loud | objects.busy[self.slots]
        loud |= self.fixes["event_time_us"] >= np.minimum(objects.due_us, objects.weigh_us)[self.slots]
        leaving = objects.leaving[self.slots]
        if leaving.any():
            at = leaving.nonzero()[0]
            loud[at] |= _may_leave(objects.measured[self.slots[at]], self.fixes[at])
            if self.entry.gates:  # a port of entry that opens takes a piece of the border away
                loud[at] = True
        loud |= self.rank >= objects.room[self.slots]
        loud |= (step_us <= 0) | (step_us >= rules.lost_us(self.before["event_time_us"]))
        loud |= objects.version[self.slots] != self.entry.version
        if rules.single is None:  # time runs by the rules of the earlier fix
            loud |= [not rules.one(*pair) for pair in zip(*self._times(), strict=True)]
        if ruling.horizons_s:
            who = [objects.who(slot) for slot in self.slots.tolist()]
            mover = np.array([mover_of(one) for one in who], np.int8)
            contact = np.array([is_contact(one.key) for one in who], bool)
            loud |= Foresight(ruling).warns(self.entry, self.fixes, mover, contact)
        if any(objects.sensor_bits):  # a kind of sensor that had not seen it yet
            bits = np.array(objects.sensor_bits, np.uint32)[self.fixes["sensor"]]
            loud |= (bits & ~objects.seen[self.slots]) != 0
        return loud

    def _times(self) -> tuple[list[int], list[int]]:
        """Event times of both ends, microseconds."""
        return self.before["event_time_us"].tolist(), self.fixes["event_time_us"].tolist()

    def settle(self, quiet: NDArray[np.intp]) -> None:
        """Apply rows that change nothing but where their objects are."""
        slots, rank, fixes, set1 = self.slots, self.rank, self.fixes, self.segments.set1
        if len(quiet) < len(slots):
            slots, rank, fixes, set1 = slots[quiet], rank[quiet], take(fixes, quiet), set1[quiet]
        self.objects.append_many(slots, rank, fixes)
        self.objects.set_id[slots] = set1  # all rows of a slot share one set

    def show(self, quiet: NDArray[np.intp], order: NDArray[np.intp], pictures: Pictures) -> None:
        """Publish the pictures that are due, in the ``order`` of the rows: slots are an accident."""
        objects, time_us = self.objects, self.fixes["event_time_us"]
        over = quiet[time_us[quiet] - objects.pictured_us[self.slots[quiet]] >= pictures.every_us]
        for index in over[np.argsort(order[over])].tolist():
            slot = int(self.slots[index])
            if time_us[index] - objects.pictured_us[slot] >= pictures.every_us:
                zones = self.entry.fence.zones_of(int(self.segments.set1[index]))
                zones = in_force(self.entry, zones, int(time_us[index]))
                pictures.show_fix(slot, self.fixes[index], zones)

    def hint(self, index: int) -> Hint:
        """What is known already of one segment."""
        before = self.before[index]
        start = (int(before["event_time_us"]), float(before["lon"]), float(before["lat"]))
        return Hint(start, self.entry.version, self.segments.at(index))

    def remember(self, loud: NDArray[np.intp]) -> None:
        """Keep the set of zones of each object's newest fix, where the fix is the one looked at here."""
        objects = self.objects
        ends = loud[np.append(self.slots[loud][1:] != self.slots[loud][:-1], True)] if len(loud) else loud
        slots = self.slots[ends]
        same = objects.used[slots] & (objects.last["observation"][slots] == self.fixes["observation"][ends])
        same &= objects.version[slots] == self.entry.version
        objects.set_id[slots[same]] = self.segments.set1[ends[same]]
