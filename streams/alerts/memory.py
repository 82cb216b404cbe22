"""The state of an alert owner, and its form in a snapshot.

A snapshot is written every few seconds and most alerts have not changed since the last one, so each keeps its own
encoded form until it changes.
"""

from dataclasses import dataclass, field

import msgspec

from streams.alerts.held import Held
from streams.alerts.states import TERMINAL
from streams.clock import OwnerClock
from streams.intake import Ledger
from streams.provenance import Applied, Numbering

VERSION = 1


class _Snapshot(msgspec.Struct, array_like=True):
    version: int
    clock: OwnerClock
    ledger: Ledger
    numbering: Numbering
    alerts: list[msgspec.Raw]  # of Held


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Snapshot)
_held = msgspec.msgpack.Decoder(Held)


@dataclass(slots=True)
class Memory:
    """Alerts by id in the order they were opened, and what makes repeats harmless."""

    clock: OwnerClock
    ledger: Ledger
    numbering: Numbering
    alerts: dict[str, Held] = field(default_factory=dict)
    _encoded: dict[str, msgspec.Raw] = field(default_factory=dict)
    _terminal: dict[str, None] = field(default_factory=dict)

    @classmethod
    def empty(cls, clock: OwnerClock) -> "Memory":
        """The state before the first record."""
        return cls(clock, Ledger(Applied({})), Numbering({}))

    def put(self, held: Held) -> None:
        """Keep an alert that is new or has changed."""
        alert_id = held.alert_id
        self.alerts[alert_id] = held
        self._encoded.pop(alert_id, None)
        if held.state in TERMINAL:
            self._terminal[alert_id] = None

    def forget_finished(self, before_us: int) -> None:
        """Forget the alerts nothing more can be said of: terminal, over, and older than ``before_us``."""
        gone = [i for i in self._terminal if self.alerts[i].over and self.alerts[i].newest_us < before_us]
        for alert_id in gone:
            del self.alerts[alert_id], self._terminal[alert_id]
            self._encoded.pop(alert_id, None)

    def dump(self) -> bytes:
        """The whole state."""
        for alert_id, held in self.alerts.items():
            if alert_id not in self._encoded:
                self._encoded[alert_id] = msgspec.Raw(_encoder.encode(held))
        alerts = [self._encoded[alert_id] for alert_id in self.alerts]
        return _encoder.encode((VERSION, self.clock, self.ledger, self.numbering, alerts))

    @classmethod
    def load(cls, state: bytes) -> "Memory":
        """The state that :meth:`dump` gave; raises ValueError where it is of another version."""
        snapshot = _decoder.decode(state)
        if snapshot.version != VERSION:
            raise ValueError(f"alert state version {snapshot.version}, expected {VERSION}")
        memory = cls(snapshot.clock, snapshot.ledger, snapshot.numbering)
        for encoded in snapshot.alerts:
            held = _held.decode(encoded)
            memory.put(held)
            memory._encoded[held.alert_id] = encoded
        return memory
