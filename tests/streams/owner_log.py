"""An owner's input log as its writers leave it: messages numbered per source, packed into records, offsets rising."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec

from sensors.observation import Identity
from streams import provenance, wire
from streams.core import Core
from streams.frames import SourceTick
from streams.log import START, Output, Position, Provenance, Record
from streams.messages import (
    AlertKind,
    AlertState,
    Command,
    CommandKind,
    Edge,
    EdgeKind,
    EndReason,
    Incident,
    Kind,
    Outcome,
    Request,
    Severity,
    Unit,
)
from streams.public import to_time

SECOND_US = 1_000_000
DAY_US = 1_700_000_000 * SECOND_US  # a time of day to count from
KIND_OF: dict[type, Kind] = {
    Edge: Kind.EDGES,
    Command: Kind.COMMANDS,
    Request: Kind.REQUESTS,
    Unit: Kind.UNITS,
}


@dataclass
class OwnerLog:
    """Records of one partition. Each message counts as caused by a further input record of its source."""

    records: list[Record] = field(default_factory=list)
    last: dict[str, Position] = field(default_factory=dict)
    log_time_us: int = DAY_US

    def say(self, source: str, *messages: object) -> Record:
        """Append one record of messages of one kind."""
        after = self.last.get(source, START)
        positions = [Position(after.offset + number, 0) for number in range(1, len(messages) + 1)]
        self.last[source] = positions[-1]
        headers = provenance.headers(KIND_OF[type(messages[0])], Provenance(source, after, positions[-1]))
        return self._append(wire.encode_numbered(messages, positions), headers)

    def tick(self, source: str, time_us: int, *, idle: bool = False, end: bool = False) -> Record:
        """Append a tick."""
        last = self.last.get(source, START)
        value = msgspec.msgpack.encode(SourceTick(time_us, idle, end))
        return self._append(value, provenance.headers(Kind.TICK, Provenance(source, last, last)))

    def again(self, index: int) -> Record:
        """Append an earlier record a second time."""
        earlier = self.records[index]
        return self._append(earlier.value or b"", earlier.headers)

    def _append(self, value: bytes, headers: tuple[tuple[str, bytes], ...]) -> Record:
        self.log_time_us += 1_000
        record = Record(len(self.records), self.log_time_us, None, value, headers)
        self.records.append(record)
        return record


def run(core: Core, records: Sequence[Record], cuts: Iterable[int] = ()) -> list[Output]:
    """Everything a core writes over ``records``, taken in batches that end at ``cuts``."""
    bounds = [0, *sorted(cuts), len(records)]
    return [output for start, stop in pairwise(bounds) if stop > start for output in core.apply(records[start:stop])]


def incident(alert_id: str, *, kind: AlertKind = AlertKind.INCURSION, **changes: object) -> Incident:
    """An incident that opened at ``DAY_US`` unless ``changes`` say otherwise."""
    made = Incident(
        alert_id=alert_id,
        rule="incursion",
        kind=kind,
        severity=Severity.HIGH,
        confidence=0.9,
        zone_id="west",
        zone_name="West",
        subject_key="mmsi:211000001",
        identity=Identity(mmsi=211000001),
        track_ids=["t1"],
        opened_us=DAY_US,
        lon=10.0,
        lat=54.0,
        speed_mps=5.0,
        course_deg=90.0,
        direction="inbound",
        reasons=["entered West"],
        evidence=["o1"],
        sensors=["s1"],
        simulated=False,
        historical=False,
        late=False,
        provisional=False,
        ingest_time_us=DAY_US,
        home_area=7,
    )
    return msgspec.structs.replace(made, **changes)


def edge(kind: EdgeKind, sequence: int, of: Incident, time_us: int = DAY_US) -> Edge:
    """An edge; one that ends its incident says so in it."""
    if kind is EdgeKind.ENDED:
        of = msgspec.structs.replace(of, ended_us=time_us, end_reason=EndReason.EXITED)
    return Edge(kind, sequence, time_us, of)


def command(
    kind: CommandKind,
    target_id: str,
    command_id: str,
    *,
    outcome: Outcome | None = None,
    until_us: int | None = None,
    area: int = 7,
) -> Command:
    """A command from the desk."""
    until = None if until_us is None else to_time(until_us)
    return Command(
        command_id=command_id,
        kind=kind,
        target_id=target_id,
        area=area,
        actor="watch-officer",
        at=to_time(DAY_US),
        outcome=outcome,
        until=until,
    )


def request(alert_id: str, version: int = 1, **changes: object) -> Request:
    """What alert tells dispatch of an active alert."""
    made = Request(
        alert_id,
        version,
        AlertState.ACTIVE_UNACK,
        AlertKind.INCURSION,
        Severity.HIGH,
        DAY_US,
        DAY_US,
        10.0,
        54.0,
        False,
        False,
        7,
    )
    return msgspec.structs.replace(made, **changes)
