"""What one batch of input causes, collected per destination, numbered, and packed into records.

Internal messages to one destination share records (as many as one batch caused, without any linger); a public message
is a record of its own. The order is that of the causes: the same input gives the same positions whatever the cuts.
"""

from streams import provenance, wire
from streams.log import Output, Position, Provenance
from streams.messages import Kind
from streams.provenance import Numbering
from streams.public import public_headers

MOST = 1000  # messages a record: far below the broker's limit on bytes


class _Packing:
    def __init__(self, kind: Kind, after: Position) -> None:
        self.kind, self.after = kind, after
        self.positions: list[Position] = []
        self.messages: list[object] = []


class Outbox:
    """The outputs of one batch; ``source`` is the log they are computed from, ``topic/partition``."""

    def __init__(self, source: str, numbering: Numbering) -> None:
        self._source = source
        self._numbering = numbering
        self._packing: dict[tuple[str, int], _Packing] = {}
        self._outputs: list[Output] = []

    def send(self, kind: Kind, topic: str, partition: int, offset: int, message: object) -> None:
        """Add an internal message caused by input record ``offset``."""
        after, position, _ = self._numbering.span(f"{topic}/{partition}", offset, 1)
        packing = self._packing.get((topic, partition))
        if packing is None or packing.kind != kind or len(packing.messages) == MOST:
            self._close(topic, partition)
            packing = self._packing[topic, partition] = _Packing(kind, after)
        packing.positions.append(position)
        packing.messages.append(message)

    def publish(
        self,
        stage: str,
        schema: str,
        topic: str,
        partition: int,
        subject: str,
        version: int,
        value: bytes,
        offset: int,
        time_us: int,
        ingest_time_us: int | None = None,
    ) -> None:
        """Add one version of a public subject, its key; times are microseconds."""
        after, position, _ = self._numbering.span(f"{topic}/{partition}", offset, 1)
        origin = Provenance(self._source, after, position)
        headers = public_headers(stage, schema, subject, version, time_us, origin, ingest_time_us)
        self._outputs.append(Output(topic, partition, subject.encode(), value, headers))

    def keep(self, output: Output) -> None:
        """Add a record that is keyed by what it is about and needs no number (a dead letter)."""
        self._outputs.append(output)

    def tick(self, topic: str, partition: int, value: bytes) -> None:
        """Add a tick behind everything already sent to its destination."""
        self._close(topic, partition)
        last = self._numbering.last(f"{topic}/{partition}")
        headers = provenance.headers(Kind.TICK, Provenance(self._source, last, last))
        self._outputs.append(Output(topic, partition, None, value, headers))

    def take(self) -> list[Output]:
        """Everything collected, ready to be written."""
        for topic, partition in list(self._packing):
            self._close(topic, partition)
        outputs, self._outputs = self._outputs, []
        return outputs

    def _close(self, topic: str, partition: int) -> None:
        packing = self._packing.pop((topic, partition), None)
        if packing is not None:
            origin = Provenance(self._source, packing.after, packing.positions[-1])
            value = wire.encode_numbered(packing.messages, packing.positions)
            self._outputs.append(Output(topic, partition, None, value, provenance.headers(packing.kind, origin)))
