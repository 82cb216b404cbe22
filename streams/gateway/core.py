"""The gateway over one partition of ``commands.v1`` or ``units.v1``: public messages to the owners they concern.

An owner has one input, and the order in which it is appended to *is* the order of events: so commands and units are
copied there, numbered by where they were read. The gateway remembers nothing else, and repeats cost nothing: owners
trim them by position, and drop a command id they have seen.
"""

from collections.abc import Sequence

import msgspec

from streams.alerts.lifecycle import ALERT_COMMANDS
from streams.config import Settings
from streams.dead_letters import Origin, dead_letter
from streams.gateway.public_input import Unusable, read_command, read_unit
from streams.intake import Ledger
from streams.log import Output, Record
from streams.messages import Command, Kind, Unit
from streams.outbox import Outbox
from streams.provenance import Applied, Numbering

STAGE, ALERT_INPUT, DISPATCH_INPUT = "gateway", "detections.v1", "dispatches.v1"


class _State(msgspec.Struct, array_like=True):
    ledger: Ledger
    numbering: Numbering


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
            message = self._read(record.value)
            ledger.count("in")
            if isinstance(message, Unusable):
                ledger.count(f"dead/{message.reason}")
                outbox.keep(self._letter(record, message.reason, message.field))
                continue
            ledger.count("row")
            kind = Kind.UNITS if isinstance(message, Unit) else Kind.COMMANDS
            for topic, partition in self._destinations(message):
                outbox.send(kind, topic, partition, record.offset, message)
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

    def _destinations(self, message: Command | Unit) -> list[tuple[str, int]]:
        """A command goes to the owner of its area; a unit to every owner, also one whose area it no longer serves."""
        if isinstance(message, Command):
            topic = ALERT_INPUT if message.kind in ALERT_COMMANDS else DISPATCH_INPUT
            return [(topic, self._owners.area_owner(message.area))]
        return [(DISPATCH_INPUT, partition) for partition in range(self._owners.partitions)]

    def _letter(self, record: Record, reason: str, detail: str) -> Output:
        return dead_letter(STAGE, reason, Origin.of(self._topic, self._partition, record), record.value, detail)
