"""The gateway over one partition of ``commands.v1`` or ``units.v1``: public messages to the owners they concern.

An owner has one input, and the order in which it is appended to *is* the order of events: so commands and units are
copied there, numbered by where they were read. Repeats cost nothing: owners trim them by position, and drop a command
id they have seen. Beside that the gateway remembers which owner each unit belongs to: exactly one, so that no two
dispatchers ever ask it at once.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from geo.sectors import sector
from sensors.reasons import RejectReason
from streams.alerts.lifecycle import ALERT_COMMANDS
from streams.config import Settings
from streams.dead_letters import Origin, dead_letter
from streams.gateway.public_input import Unusable, read_command, read_unit
from streams.intake import Ledger
from streams.log import Output, Record
from streams.messages import Command, CommandKind, Kind, Unit
from streams.outbox import Outbox
from streams.partitioning import area_of
from streams.provenance import Applied, Numbering

STAGE, ALERT_INPUT, DISPATCH_INPUT = "gateway", "detections.v1", "dispatches.v1"
TRACK_INPUT = "observations.v1"
TRACK_COMMANDS = frozenset({CommandKind.MERGE_TRACKS, CommandKind.SPLIT_TRACK})


class _State(msgspec.Struct, array_like=True):
    ledger: Ledger
    numbering: Numbering
    homes: dict[str, int] = {}  # unit id -> partition of the dispatcher it belongs to


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_State)


class GatewayCore:
    """Copies one partition of ``commands.v1`` or ``units.v1``."""

    def __init__(self, topic: str, partition: int, settings: Settings) -> None:
        self._topic, self._partition = topic, partition
        self._read = read_unit if topic == "units.v1" else read_command
        self._owners = settings.owners
        self._source = f"{topic}/{partition}"
        self._state = _State(Ledger(Applied({})), Numbering({}))

    def apply(self, records: Sequence[Record]) -> list[Output]:
        """Copy messages to their owners; what cannot be used is kept as a dead letter."""
        outbox, ledger = Outbox(self._source, self._state.numbering), self._state.ledger
        for record in records:
            message = self._checked(self._read(record.value))
            ledger.count("in")
            if isinstance(message, Unusable):
                ledger.count(f"dead/{message.reason}")
                outbox.keep(self._letter(record, message.reason, message.field))
                continue
            ledger.count("row")
            kind = Kind.UNITS if isinstance(message, Unit) else Kind.COMMANDS
            topic = _input_of(message)
            for partition, copy in self._copies(message):
                outbox.send(kind, topic, partition, record.offset, copy)
        return outbox.take()

    def tick(self, log_time_us: int, *, idle: bool) -> list[Output]:
        """Nothing: what people say makes no time pass."""
        return []

    def cut(self, record: Record, rows: range) -> Record | None:
        """A public record is one message."""
        return record if 0 in rows else None

    def bury(self, record: Record, reason: str) -> list[Output]:
        """Dead-letter a record."""
        self._state.ledger.count("in")
        self._state.ledger.count(f"dead/{reason}")
        return [self._letter(record, reason, "")]

    def dump(self) -> bytes:
        """The whole state."""
        return _encoder.encode(self._state)

    def load(self, state: bytes) -> None:
        """Take back a state."""
        self._state = _decoder.decode(state)

    def counts(self) -> dict[str, int]:
        """Every record has one fate: copied (``row``) or ``dead/…``."""
        return self._state.ledger.totals()

    def gauges(self) -> dict[str, float]:
        """No ticking source, so nothing has to end."""
        return {"ended": 1.0}

    def _copies(self, message: Command | Unit) -> list[tuple[int, Command | Unit]]:
        """A command goes to the owner of its area, one about tracks to all who may hold them; a unit to the one it
        belongs to, and to the one it leaves."""
        if isinstance(message, Command) and message.kind in TRACK_COMMANDS:
            return [(partition, message) for partition in range(self._owners.partitions)]
        if isinstance(message, Command):
            return [(self._owners.area_owner(message.area), message)]
        homes = self._state.homes
        before, home = homes.get(message.unit_id), self._home(message)
        homes[message.unit_id] = home
        if before is None or before == home:
            return [(home, message)]
        return [(before, msgspec.structs.replace(message, available=False)), (home, message)]

    def _home(self, unit: Unit) -> int:
        """The owner of the areas it names; of none: where it first reported from, and there it stays."""
        if unit.areas:
            return self._owners.area_owner(unit.areas[0])
        known = self._state.homes.get(unit.unit_id)
        if known is not None:
            return known
        return self._owners.area_owner(int(area_of(np.array([sector(*unit.position)], np.uint64))[0]))

    def _checked(self, message: Command | Unit | Unusable) -> Command | Unit | Unusable:
        """A unit that names areas of several owners would be asked by several."""
        if isinstance(message, Unit) and len({self._owners.area_owner(area) for area in message.areas}) > 1:
            return Unusable(RejectReason.BAD_FIELD, "areas")
        return message

    def _letter(self, record: Record, reason: str, detail: str) -> Output:
        return dead_letter(STAGE, reason, Origin.of(self._topic, self._partition, record), record.value, detail)


def _input_of(message: Command | Unit) -> str:
    """The topic whose owners act on a message."""
    if isinstance(message, Command) and message.kind in TRACK_COMMANDS:
        return TRACK_INPUT
    return ALERT_INPUT if isinstance(message, Command) and message.kind in ALERT_COMMANDS else DISPATCH_INPUT
