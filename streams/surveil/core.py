"""The surveil stage over one partition of ``observations.v1``: a deterministic function of its log."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams import provenance
from streams.clock import OwnerClock
from streams.config import Settings
from streams.frames import Purpose, SourceTick
from streams.holes import AcceptedHole
from streams.intake import Intake, Ledger, Opened
from streams.log import Output, Provenance, Record
from streams.messages import Command, Kind
from streams.outbox import Outbox
from streams.provenance import Applied, Numbering
from streams.surveil import edges
from streams.surveil.arrival import Arrival, arrive
from streams.surveil.batch import apply_frame
from streams.surveil.burial import bury_frame, cut_frame
from streams.surveil.crossing import Crossing
from streams.surveil.edges import Edges
from streams.surveil.fold import Hint
from streams.surveil.follow import Follower
from streams.surveil.foresight import Foresight
from streams.surveil.handoff import Handoff
from streams.surveil.objects import Objects
from streams.surveil.pictures import Pictures
from streams.surveil.plots import Plots, PlotsState
from streams.surveil.rows import row_of
from streams.surveil.stalls import Stalls
from streams.surveil.visits import Visit
from streams.surveil.waits import Memory
from streams.zones import Calendar, ZoneVersions

STAGE, TOPIC = "surveil", "observations.v1"
_encode = msgspec.msgpack.Encoder().encode


class _State(msgspec.Struct, array_like=True):
    """Everything a snapshot holds."""

    objects: bytes
    memory: Memory
    clock: OwnerClock
    ledger: Ledger
    numbering: Numbering
    announced: int
    ended: bool
    stalls: dict[str, Visit]
    cleared: int = 0
    plots: PlotsState = msgspec.field(default_factory=PlotsState)


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
        self._intake = Intake(STAGE, TOPIC, partition, {Kind.HANDOFF: Handoff, Kind.COMMANDS: Command})
        self._calendars: dict[tuple[int, int], Calendar] = {}
        self._take(
            _State(
                Objects().dump(),
                Memory(),
                OwnerClock.of(settings.sources()),
                Ledger(Applied()),
                Numbering(),
                announced=0,
                ended=False,
                stalls={},
            )
        )

    def apply(self, records: Sequence[Record]) -> list[Output]:
        """See :class:`streams.core.Core`."""
        opened = [self._open(record) for record in records]
        ticks = [one.tick for one in opened if one.tick is not None]
        named = max([self._announced, 1, *(tick.zones_version for tick in ticks)])
        cleared = max([self._cleared, *(tick.clearances_version for tick in ticks)])
        self._calendar(named, cleared)  # raises NeedsVersion before anything is changed
        outbox = self._attach()
        for one in opened:
            offset, log_time_us = one.record.offset, one.record.log_time_us
            self._edges.offset = self._crossing.post.offset = offset
            self._crossing.log_time_us = log_time_us
            if one.tick is not None:
                self._announced = max(self._announced, one.tick.zones_version)
                self._cleared = max(self._cleared, one.tick.clearances_version)
            self._follower.calendar = self._calendar(max(self._announced, 1), self._cleared)
            if one.messages is None:
                self._ledger.applied.check(one.origin)
            if one.frame is not None:
                self._frame(one.frame, one.origin)
            for numbered in self._intake.new(one.messages, self._quiet) if one.messages is not None else ():
                self._said(numbered.message)
            if one.tick is not None:
                self._clock.hear(one.origin.source, one.tick, log_time_us, self._settings.surveil.stalled_s)
                self._stalls.look(self._clock)
            self._plots.pass_time(self._clock.now_us)
            self._fire()
            self._crossing.patience(log_time_us)
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
        return _encode(
            _State(
                self._objects.dump(),
                self._crossing.memory,
                self._clock,
                self._ledger,
                self._numbering,
                self._announced,
                self._ended,
                self._stalls.open,
                self._cleared,
                self._plots.state(),
            )
        )

    def load(self, state: bytes) -> None:
        """See :class:`streams.core.Core`."""
        self._take(msgspec.msgpack.decode(state, type=_State))

    def counts(self) -> dict[str, int]:
        """``in = row + merged + held + dead/…``; everything else stands beside.

        A row that is forwarded leaves this owner's ``in`` and joins the holder's, so it is counted once over all."""
        found = self._ledger.totals()
        moved = found.get("received", 0) - found.get("forwarded", 0)
        copies = {f"copies/{name}": found.pop(name) for name in ("received", "forwarded") if name in found}
        held = self._crossing.memory.waiting
        rows = found.pop("applied", 0)
        return {**found, **copies, "in": found["in"] + moved, "row": rows, "held": held}

    def gauges(self) -> dict[str, float]:
        """See :class:`streams.core.Core`."""
        memory = self._crossing.memory
        return {
            "tracks": len(self._objects),
            "tentative": len(self._plots),
            "waiting": memory.waiting,
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
    _announced: int  # the newest zones version a tick has named
    _cleared: int  # … and clearances version
    _ended: bool

    def _take(self, state: _State) -> None:
        rules, partitions = self._settings.surveil, self._settings.owners.partitions
        self._clock, self._ledger, self._numbering = state.clock, state.ledger, state.numbering
        self._announced, self._ended, self._cleared = state.announced, state.ended, state.cleared
        self._quiet = Ledger(self._ledger.applied)  # messages between owners are not rows: counted by the crossing
        self._objects = Objects.load(state.objects)
        self._edges = Edges(self._settings.owners, self._ledger.counts)
        self._pictures = Pictures(self._objects, partitions, round(rules.tracks_every_s * 1e6))
        self._follower = Follower(rules, self._objects, self._edges, self._pictures)
        self._follower.kinds = self._settings.sensor_kinds()
        if rules.predict:
            self._follower.foresight = self._objects.foresight = Foresight(rules.predict_horizons_s)
        self._crossing = Crossing(self._partition, partitions, rules.handoff_wait_s, self._follower, state.memory)
        self._plots = Plots(self._settings.sensors, self._follower, state.plots)
        self._stalls = Stalls(self._partition, partitions, rules.stalled_s, self._edges)
        self._stalls.open = state.stalls

    @property
    def _done(self) -> bool:
        return self._clock.ended and self._crossing.idle

    def _attach(self) -> Outbox:
        outbox = Outbox(self._source, self._numbering)
        self._edges.outbox = self._pictures.outbox = self._crossing.post.outbox = outbox
        return outbox

    def _calendar(self, announced: int, cleared: int) -> Calendar:
        found = self._calendars.get((announced, cleared))
        if found is None:
            found = self._calendars[announced, cleared] = self._zones.in_force(announced, cleared)
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
        assert isinstance(message, Handoff)
        self._crossing.message(message)

    def _frame(self, frame: Arrival, origin: Provenance) -> None:
        ledger = self._ledger
        rows = new_rows(frame, ledger.applied, origin.source)
        ledger.applied.repeats += len(frame) - len(rows)
        if len(rows):
            purpose = frame.columns["purpose"]
            ledger.count("in", int(np.count_nonzero(purpose[rows] == Purpose.HERE)))

            def one(index: int, hint: Hint | None) -> None:
                row = row_of(frame, index)
                if purpose[index] == Purpose.HERE:
                    self._crossing.here(row, hint)
                else:
                    self._crossing.departing(row)

            follower = self._follower
            plots = self._plots.among(frame, rows)
            if len(plots):
                self._plots.take(frame, plots, self._crossing.stamp())
                ledger.count("applied", len(plots))
                rows = np.setdiff1d(rows, plots, assume_unique=True)
            if len(rows):
                self._plots.hear(frame, rows)
                calendar, lost_us = follower.calendar, follower.lost_us
                quiet = apply_frame(frame, rows, self._objects, self._pictures, calendar, lost_us, one)
                ledger.count("applied", quiet)
        last = max(ledger.applied.seen(origin.source), origin.last)
        ledger.applied.positions[origin.source] = (last.offset, last.ordinal)

    def _fire(self) -> None:
        """Fire what is due by the clock, in the order of the times and then of the identities.

        After every record, not only when the clock moves: an object that has just come may be due already."""
        now_us, objects, follower = self._clock.now_us, self._objects, self._follower
        over = objects.due(now_us, follower.lost_us)
        for slot in sorted(over, key=lambda slot: (follower.next_due_us(slot), objects.keys[slot])):
            follower.timers(slot, now_us)
        self._crossing.memory.forget(now_us, follower.lost_us)

    def _ticks(self, outbox: Outbox, *, idle: bool) -> None:
        waits = bool(self._crossing.memory.waits)
        tick = SourceTick(
            self._clock.now_us,
            idle=idle and self._clock.idle and not waits,
            end=self._done,
            zones_version=self._announced,
            clearances_version=self._cleared,
        )
        for partition in range(self._settings.owners.partitions):
            outbox.tick(edges.TOPIC, partition, _encode(tick))


def new_rows(frame: Arrival, applied: Applied, source: str) -> NDArray[np.intp]:
    """Indices of the rows of a frame that were not applied before."""
    seen = applied.seen(source)
    offset, ordinal = frame.columns["source_offset"], frame.columns["ordinal"]
    fresh: NDArray[np.bool_] = (offset > seen.offset) | ((offset == seen.offset) & (ordinal > seen.ordinal))  # type: ignore[operator]
    return fresh.nonzero()[0]


def _kind(record: Record) -> str:
    return dict(record.headers).get(provenance.KIND_HEADER, b"").decode(errors="replace")
