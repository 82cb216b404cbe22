"""The alert stage over one partition of ``detections.v1``: edges and commands in, alerts and requests out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import cast

import msgspec

from streams import public
from streams.alerts.held import Held, public_alert, request_of
from streams.alerts.lifecycle import apply_command, apply_edge, open_alert
from streams.alerts.memory import Memory
from streams.clock import OwnerClock
from streams.config import Settings
from streams.dead_letters import refused_command
from streams.frames import SourceTick
from streams.intake import Ledger, Opened
from streams.log import Output, Record
from streams.messages import AlertState, Command, Edge, Kind
from streams.outbox import Outbox
from streams.public_owner import PublicOwner
from streams.reasons import Refusal, Unused
from streams.wire import Numbered

STAGE, TOPIC, PUBLIC, REQUESTS = "alert", "detections.v1", "alerts.v1", "dispatches.v1"
SCHEMA = "vedette.alert.v1"
KEPT_US = 86_400_000_000  # a finished alert is remembered a day past the longest silence of an object, then forgotten
_tick = msgspec.msgpack.Encoder()


class AlertCore(PublicOwner):
    """Owner of the alerts whose home area is owned by ``partition``."""

    STAGE, TOPIC, PUBLIC, SCHEMA = STAGE, TOPIC, PUBLIC, SCHEMA

    def __init__(self, partition: int, settings: Settings) -> None:
        super().__init__(partition, {Kind.EDGES: Edge, Kind.COMMANDS: Command})
        self._owners = settings.owners
        self._stalled_s = settings.surveil.stalled_s
        self._kept_us = KEPT_US + round(settings.surveil.lost_after_s * 1e6)
        clock = OwnerClock.of(f"observations.v1/{p}" for p in range(settings.owners.partitions))
        self._memory = Memory.empty(clock)
        self._owned: dict[int, bool] = {}

    def apply(self, records: Sequence[Record]) -> list[Output]:
        """Take edges, commands and ticks in the order of the log."""
        opened = [self._intake.open(record) for record in records]
        outbox = self._outbox()
        for entry in opened:
            if entry.tick is not None:
                self._hear(entry, entry.tick, outbox)
                continue
            for numbered in self._intake.new(entry, self._memory.ledger):
                if entry.kind is Kind.EDGES:
                    self._edge(cast("Edge", numbered.message), entry.record, outbox)
                else:
                    self._command(entry, cast("Numbered[Command]", numbered), outbox)
        return outbox.take()

    def tick(self, log_time_us: int, *, idle: bool) -> list[Output]:
        """Hand this owner's clock on to dispatch."""
        outbox = self._outbox()
        self._hand_on(outbox, idle=idle and self._memory.clock.idle)
        return outbox.take()

    def repair(self, record: Record) -> list[Output]:
        """What to write after reading ``record`` back from one's own partition of ``alerts.v1``."""
        held = None if record.key is None else self._memory.alerts.get(record.key.decode())
        if not self._tail.falls_back(record, None if held is None else held.version) or held is None:
            return []
        return self._again(held.alert_id, held.version, held.history[-1].at_us, public_alert(held))

    def dump(self) -> bytes:
        """The whole state; alerts that did not change since the last time are not encoded again."""
        return self._memory.dump()

    def load(self, state: bytes) -> None:
        """Take back a state."""
        self._memory = Memory.load(state)

    def gauges(self) -> dict[str, float]:
        """Alerts by state, the clock, and the sources it goes on without."""
        states = Counter(held.state for held in self._memory.alerts.values())
        clock = self._memory.clock
        return {
            **{f"alerts/{state}": float(states[state]) for state in AlertState},
            "clock_us": float(clock.now_us),
            "stalled": float(len(clock.stalled(self._stalled_s))),
            "ended": float(clock.ended),
        }

    @property
    def alerts(self) -> Iterable[Held]:
        """The alerts held, in the order they were opened."""
        return self._memory.alerts.values()

    @property
    def _ledger(self) -> Ledger:
        return self._memory.ledger

    def _outbox(self) -> Outbox:
        return Outbox(self._source, self._memory.numbering)

    def _edge(self, edge: Edge, record: Record, outbox: Outbox) -> None:
        ledger, alerts = self._memory.ledger, self._memory.alerts
        if not self._is_owned(edge.incident.home_area):
            ledger.count(f"filtered/{Unused.FOREIGN}")
            return
        held = alerts.get(edge.incident.alert_id)
        if held is None:
            held, unused = open_alert(edge, record.log_time_us), None
        else:
            unused = apply_edge(held, edge, record.log_time_us)
        self._memory.put(held)
        if unused is not None:
            ledger.count(f"filtered/{unused}")
            return
        ledger.count("row")
        self._publish(held, record, edge.incident.ingest_time_us, outbox)

    def _command(self, entry: Opened, numbered: Numbered[Command], outbox: Outbox) -> None:
        ledger, command = self._memory.ledger, numbered.message
        held = self._memory.alerts.get(command.target_id)
        found: Unused | Refusal | None = Refusal.UNKNOWN_TARGET
        if held is not None:
            found = apply_command(held, command, entry.record.log_time_us)
            self._memory.put(held)
        if isinstance(found, Refusal):
            ledger.count(f"dead/{found}")
            outbox.keep(refused_command(STAGE, found, entry.origin.source, numbered, entry.record.log_time_us))
        elif found is not None:
            ledger.count(f"filtered/{found}")
        elif held is not None:
            ledger.count("row")
            self._publish(held, entry.record, None, outbox)

    def _publish(self, held: Held, record: Record, ingest_time_us: int | None, outbox: Outbox) -> None:
        value, at_us = public.encode(public_alert(held)), record.log_time_us
        outbox.publish(
            *(STAGE, SCHEMA, PUBLIC, self._partition, held.alert_id, held.version, value),
            *(record.offset, at_us, ingest_time_us),
        )
        request = request_of(held, at_us)
        outbox.send(Kind.REQUESTS, REQUESTS, self._partition, record.offset, request)

    def _hear(self, entry: Opened, tick: SourceTick, outbox: Outbox) -> None:
        memory = self._memory
        memory.ledger.applied.check(entry.origin)
        ended = memory.clock.ended
        if memory.clock.hear(entry.origin.source, tick, entry.record.log_time_us, self._stalled_s):
            memory.forget_finished(memory.clock.now_us - self._kept_us)
            self._tail.keep_only(memory.alerts)
        if memory.clock.ended and not ended:
            self._hand_on(outbox, idle=True)  # at once: a run over a finite input waits for nothing else

    def _hand_on(self, outbox: Outbox, *, idle: bool) -> None:
        clock = self._memory.clock
        tick = SourceTick(watermark_us=clock.now_us, idle=idle, end=clock.ended)
        outbox.tick(REQUESTS, self._partition, _tick.encode(tick))

    def _is_owned(self, area: int) -> bool:
        if area not in self._owned:
            self._owned[area] = self._owners.area_owner(area) == self._partition
        return self._owned[area]
