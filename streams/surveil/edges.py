"""Edges on their way out: numbered within their incident, sent to the owner of its home and of where the object is."""

from streams.messages import Edge, EdgeKind, Kind
from streams.outbox import Outbox
from streams.partitioning import Owners
from streams.surveil.visits import Visit

TOPIC = "detections.v1"


class Edges:
    """Writes the edges of one owner; ``offset`` is that of the input record in hand."""

    def __init__(self, owners: Owners, counts: dict[str, int]) -> None:
        self._owners = owners
        self._owner_of: dict[int, int] = {}
        self.counts = counts
        self.offset = -1
        self.outbox: Outbox | None = None

    def write(self, kind: EdgeKind, visit: Visit, event_time_us: int, area: int) -> None:
        """One change of the incident that ``visit`` holds; ``area`` is where the object is now."""
        incident = visit.incident
        assert incident is not None and self.outbox is not None  # noqa: PT018
        visit.sequence += 1
        edge = Edge(kind, visit.sequence, event_time_us, incident)
        home = self._owner(incident.home_area)
        self.outbox.send(Kind.EDGES, TOPIC, home, self.offset, edge)
        here = self._owner(area)
        if here != home:
            self.outbox.send(Kind.EDGES, TOPIC, here, self.offset, edge)
        name = f"edges/{incident.kind.value}/{kind.value}"
        self.counts[name] = self.counts.get(name, 0) + 1

    def _owner(self, area: int) -> int:
        found = self._owner_of.get(area)
        if found is None:
            found = self._owner_of[area] = self._owners.area_owner(area)
        return found
