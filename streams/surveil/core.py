"""The surveil stage over one partition of ``observations.v1``: a deterministic function of its log."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from streams import blocks, provenance
from streams.borders import Borders
from streams.clock import OwnerClock
from streams.config import Settings
from streams.frames import SourceTick
from streams.holes import AcceptedHole
from streams.intake import Intake, Ledger, Opened
from streams.log import Output, Provenance, Record
from streams.messages import Command, Kind
from streams.outbox import Outbox
from streams.provenance import Applied, Numbering
from streams.surveil import edges
from streams.surveil.arrival import Arrival, arrive
from streams.surveil.burial import bury_frame, cut_frame
from streams.surveil.crossing import Crossing
from streams.surveil.edges import Edges
from streams.surveil.feeding import Feeding, Feeds
from streams.surveil.follow import Follower
from streams.surveil.handoff import Handoff
from streams.surveil.neighbours import EVER, Note, Sharing
from streams.surveil.objects import Objects
from streams.surveil.others import others_of
from streams.surveil.pace import Pace
from streams.surveil.pictures import Pictures
from streams.surveil.plots import Plots, PlotsState
from streams.surveil.stalls import Stalls
from streams.surveil.visits import Visit
from streams.surveil.waits import Memory
from streams.who import bits_of
from streams.zones import Calendar, ZoneVersions

STAGE, TOPIC = "surveil", "observations.v1"
_encode = msgspec.msgpack.Encoder().encode


class _State(msgspec.Struct, array_like=True):
    """Everything a snapshot holds, but the objects."""

    memory: Memory
    clock: OwnerClock
    ledger: Ledger
    numbering: Numbering
    announced: int
    ended: bool
    stalls: dict[str, Visit]
    cleared: int = 0
    plots: PlotsState = msgspec.field(default_factory=PlotsState)
    ruled: int = 0
    pace: Pace = msgspec.field(default_factory=Pace)


class _Opened(NamedTuple):
    """A decoded record: a frame, or what :class:`Intake` opens."""

    record: Record
    origin: Provenance
    tick: SourceTick | None
    frame: Arrival | None
    messages: Opened | None


class SurveilCore:
    """Implements :class:`streams.core.Core` for one sector owner."""

    def __init__(self, partition: int, settings: Settings, zones: ZoneVersions) -> None:
        self._partition, self._settings, self._zones = partition, settings, zones
        self._source = f"{TOPIC}/{partition}"
        types = {Kind.HANDOFF: Handoff, Kind.NEIGHBOUR: Note, Kind.COMMANDS: Command}
        self._intake = Intake(STAGE, TOPIC, partition, types)
        self._calendars: dict[tuple[int, ...], Calendar] = {}
        self._take(
            Objects(),
            _State(
                Memory(),
                OwnerClock.of(settings.sources()),
                Ledger(Applied()),
                Numbering(),
                announced=0,
                ended=False,
                stalls={},
            ),
        )

    def apply(self, records: Sequence[Record]) -> list[Output]:
        """See :class:`streams.core.Core`."""
        opened = [self._open(record) for record in records]
        ticks = [one.tick for one in opened if one.tick is not None]
        named = max([self._announced, 1, *(tick.zones_version for tick in ticks)])
        cleared = max([self._cleared, *(tick.clearances_version for tick in ticks)])
        ruled = max([self._ruled, *(tick.rules_version for tick in ticks)])
        self._calendar(named, cleared, ruled)  # raises NeedsVersion before anything is changed
        outbox = self._attach()
        for one in opened:
            offset, log_time_us = one.record.offset, one.record.log_time_us
            self._edges.offset = self._crossing.post.offset = offset
            self._crossing.log_time_us = log_time_us
            if one.tick is not None:
                self._announced = max(self._announced, one.tick.zones_version)
                self._cleared = max(self._cleared, one.tick.clearances_version)
                self._ruled = max(self._ruled, one.tick.rules_version)
            self._follower.calendar = self._calendar(max(self._announced, 1), self._cleared, self._ruled)
            if one.messages is None:
                self._ledger.applied.check(one.origin)
            if one.frame is not None:
                self._feeding.frame(one.frame, one.record.value or b"", one.origin)
            elif one.tick is not None:
                self._feeding.tick(one.origin.source, one.tick)
            for numbered in self._intake.new(one.messages, self._quiet) if one.messages is not None else ():
                self._said(numbered.message)
            self._feeding.resume()
            self._plots.pass_time(self._clock.now_us)
            self._fire()
            self._crossing.patience(log_time_us)
            self._write()
        before, self._ended = self._ended, self._done
        if self._ended and not before:
            self._ticks(outbox, idle=True)
        return outbox.take()

    def tick(self, log_time_us: int, *, idle: bool) -> list[Output]:
        """See :class:`streams.core.Core`: hands the owner's clock on to every area owner."""
        outbox = Outbox(self._source, self._numbering)
        self._ticks(outbox, idle=idle)
        return outbox.take()

    def cut(self, record: Record, rows: range) -> Record | None:
        """See :class:`streams.core.Core`."""
        return cut_frame(record, rows) if _kind(record) == Kind.FRAME else self._intake.cut(record, rows)

    def bury(self, record: Record, reason: str) -> list[Output]:
        """See :class:`streams.core.Core`."""
        if _kind(record) == Kind.FRAME:
            return bury_frame(STAGE, TOPIC, self._partition, record, reason, self._ledger)
        return self._intake.bury(record, reason, self._ledger)

    def accept(self, holes: Sequence[AcceptedHole]) -> None:
        """See :class:`streams.holes.Bridges`."""
        self._ledger.accept(holes)

    def resync(self) -> None:
        """See :class:`streams.holes.Bridges`."""
        self._ledger.applied.resync()

    def dump(self) -> bytes:
        """See :class:`streams.core.Core`."""
        rest = _encode(
            _State(
                self._crossing.memory,
                self._clock,
                self._ledger,
                self._numbering,
                self._announced,
                self._ended,
                self._stalls.open,
                self._cleared,
                self._plots.state(),
                self._ruled,
                self._pace,
            )
        )
        return blocks.join([rest, *self._objects.dump()])

    def load(self, state: bytes) -> None:
        """See :class:`streams.core.Core`."""
        rest, *objects = blocks.split(state)
        self._take(Objects.load(objects), msgspec.msgpack.decode(rest, type=_State))

    def counts(self) -> dict[str, int]:
        """``in = row + merged + held + dead/…``; everything else stands beside.

        A row that is forwarded leaves this owner's ``in`` and joins the holder's, so it is counted once over all."""
        found = self._ledger.totals()
        moved = found.get("received", 0) - found.get("forwarded", 0)
        copies = {f"copies/{name}": found.pop(name) for name in ("received", "forwarded") if name in found}
        held = self._crossing.memory.waiting + self._pace.here
        rows = found.pop("applied", 0)
        return {**found, **copies, "in": found["in"] + moved, "row": rows, "held": held}

    def gauges(self) -> dict[str, float]:
        """See :class:`streams.core.Core`."""
        memory = self._crossing.memory
        return {
            "tracks": len(self._objects),
            "tentative": len(self._plots),
            "waiting": memory.waiting + self._pace.here,
            "stubs": len(memory.stubs),
            "stalled": len(self._clock.stalled(self._settings.surveil.stalled_s)),
            "clock_us": self._clock.now_us,
            "ended": float(self._done),
            **self._plots.gauges(),
        }

    # -- inside ---------------------------------------------------------------------------------------------------

    _objects: Objects
    _edges: Edges
    _crossing: Crossing
    _follower: Follower
    _quiet: Ledger
    _plots: Plots
    _sharing: Sharing | None  # where plots are followed by several owners
    _pace: Pace
    _feeding: Feeding
    _announced: int  # the newest zones version a tick has named
    _cleared: int  # … and clearances version
    _ruled: int  # … and rules version
    _ended: bool

    def _take(self, objects: Objects, state: _State) -> None:
        rules, partitions = self._settings.surveil, self._settings.owners.partitions
        self._clock, self._ledger, self._numbering = state.clock, state.ledger, state.numbering
        self._announced, self._ended, self._cleared = state.announced, state.ended, state.cleared
        self._ruled = state.ruled
        self._quiet = Ledger(self._ledger.applied)  # messages between owners are not rows: counted by the crossing
        self._objects = objects
        self._edges = Edges(self._settings.owners, self._ledger.counts)
        self._pictures = Pictures(self._objects, partitions, round(rules.tracks_every_s * 1e6))
        self._objects.know_sensors(bits_of(self._settings.modalities()))
        self._follower = Follower(self._objects, self._edges, self._pictures)
        self._follower.kinds = self._settings.sensor_kinds()
        self._crossing = Crossing(self._partition, partitions, rules.handoff_wait_s, self._follower, state.memory)
        shared = self._settings.sensors and partitions > 1
        borders = Borders(self._settings.owners) if shared else None
        self._sharing = Sharing(self._partition, borders) if borders is not None else None
        others = others_of(self._settings.sensors, self._settings.owners, self._partition)
        self._plots = Plots(self._settings.sensors, self._follower, state.plots, others, self._sharing)
        self._pace = state.pace
        feeds = Feeds(self._crossing, self._follower, self._pictures, self._plots)
        self._feeding = Feeding(
            self._partition, feeds, self._ledger, self._pace, borders, self._heard, self._write, self._patience
        )
        self._stalls = Stalls(self._partition, partitions, rules.stalled_s, self._edges)
        self._stalls.open = state.stalls

    @property
    def _done(self) -> bool:
        return self._clock.ended and self._crossing.idle and self._pace.over

    def _attach(self) -> Outbox:
        outbox = Outbox(self._source, self._numbering)
        self._edges.outbox = self._pictures.outbox = self._crossing.post.outbox = outbox
        return outbox

    def _calendar(self, *named: int) -> Calendar:
        """What judges by these versions of zones, clearances and rules."""
        found = self._calendars.get(named)
        if found is None:
            zones, clearances, rules = named
            found = self._zones.in_force(zones, clearances, rules, self._settings.surveil)
            self._calendars[named] = found
        return found

    def _open(self, record: Record) -> _Opened:
        kind, origin = provenance.read(record)
        if kind == Kind.FRAME:
            frame = arrive(record.value or b"")
            return _Opened(record, origin, frame.tick, frame, None)
        opened = self._intake.open(record)
        return _Opened(record, origin, opened.tick, None, opened if opened.messages else None)

    def _said(self, message: object) -> None:
        """What another owner or an operator says."""
        if isinstance(message, Command):
            done = self._plots.decide(message)
            self._ledger.count(f"commands/{'done' if done else 'nothing-to-do'}")
            return
        if isinstance(message, Note):
            self._pace.hear(message.sender, message.through_s)
            if self._sharing is not None:
                if self._pace.live:
                    self._patience(None)
                self._sharing.hear(self._plots.scene, message)
            return
        assert isinstance(message, Handoff)
        self._crossing.message(message)

    def _heard(self, source: str, tick: SourceTick) -> None:
        """A tick, in its turn."""
        self._clock.hear(source, tick, self._crossing.log_time_us, self._settings.surveil.stalled_s)
        self._stalls.look(self._clock)

    def _patience(self, clock_s: float | None) -> None:
        """What patience with neighbours is measured by from here: event time in a recording, else log time."""
        if self._sharing is not None:
            self._sharing.clock_s = self._crossing.log_time_us / 1e6 if clock_s is None else clock_s

    def _write(self, note: Note | None = None) -> None:
        """Send what the tracks' neighbours are to know, and a note behind it."""
        notes = [] if note is None else [note]
        if self._sharing is not None:
            notes, self._sharing.notes = [*self._sharing.notes, *notes], []
            gifts, self._sharing.gifts = self._sharing.gifts, []
            for key, to in gifts:
                self._crossing.give(key, to)
        if note is None and self._clock.ended and not self._pace.queue:
            notes += [Note(other, self._partition, through_s=EVER) for other in self._pace.ended()]
        post = self._crossing.post
        assert post.outbox is not None
        for one in notes:
            post.outbox.send(Kind.NEIGHBOUR, TOPIC, one.to, post.offset, one)

    def _fire(self) -> None:
        """Fire what is due by the clock, in the order of the times and then of the identities.

        After every record, not only when the clock moves: an object that has just come may be due already."""
        now_us, objects, follower = self._clock.now_us, self._objects, self._follower
        over = objects.due(now_us, follower.calendar.rules)
        for slot in sorted(over, key=lambda slot: (follower.next_due_us(slot), objects.keys[slot])):
            follower.timers(slot, now_us)
        self._crossing.memory.forget(now_us, follower.lost_us)

    def _ticks(self, outbox: Outbox, *, idle: bool) -> None:
        waits = bool(self._crossing.memory.waits or self._pace.queue)
        tick = SourceTick(
            self._clock.now_us,
            idle=idle and self._clock.idle and not waits,
            end=self._done,
            zones_version=self._announced,
            clearances_version=self._cleared,
            rules_version=self._ruled,
        )
        for partition in range(self._settings.owners.partitions):
            outbox.tick(edges.TOPIC, partition, _encode(tick))


def _kind(record: Record) -> str:
    return dict(record.headers).get(provenance.KIND_HEADER, b"").decode(errors="replace")
