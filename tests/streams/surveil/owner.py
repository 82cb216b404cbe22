"""One owner under test: a core with its feeds, fed record by record, and what it says."""

from collections.abc import Sequence

import msgspec

from streams import provenance, wire
from streams.config import SurveilRules
from streams.log import Output, Record
from streams.messages import Edge, EdgeKind, Incident, Kind, TrackPicture, ZonesVersion
from streams.surveil import SurveilCore
from tests.streams.surveil import feeds
from tests.streams.surveil.feeds import BEGIN_S, SECOND_US, Feed, Sighting, box

INSIDE, OUTSIDE, FAR = (-83.0, 25.0), (-81.9, 25.0), (-82.39, 23.0)
PORT = box(-83.2, 24.9, -82.9, 25.1)
LINE: dict[str, object] = {
    "type": "LineString",
    "coordinates": [[-82.2, 24.0], [-82.2, 26.0]],
}  # inside is west


class Owner:
    """A core with one or more feeds, fed record by record."""

    def __init__(self, *versions: ZonesVersion, vendors: Sequence[str] = ("acme",), rules: SurveilRules | None = None):
        self.zones = feeds.loaded(*versions)
        self.settings = feeds.settings(None, vendors, rules)
        self.core = SurveilCore(0, self.settings, self.zones)
        self.feeds = {vendor: Feed(vendor, self.settings.owners) for vendor in vendors}
        self.log: list[Record] = []
        self.outputs: list[Output] = []
        self.log_us = BEGIN_S * SECOND_US

    def append(self, *appended: feeds.Appended) -> list[Edge]:
        """Append records a millisecond apart and apply them, one by one; the edges they cause."""
        before = len(self.outputs)
        for one in appended:
            self.log_us += 1000
            self.log.append(Record(len(self.log), self.log_us, *one))
            self.outputs += self.core.apply(self.log[-1:])
        return self.edges(before)

    def see(self, *sightings: Sighting, vendor: str = "acme") -> list[Edge]:
        """Take sightings as one frame."""
        self.feeds[vendor].take(sightings)
        return self.append(*self.feeds[vendor].send(0))

    def tick(self, time_s: float, vendor: str = "acme", **more: int) -> list[Edge]:
        """Let a feed's watermark rise."""
        return self.append(self.feeds[vendor].tick(0, BEGIN_S * SECOND_US + round(time_s * 1e6), **more))

    def edges(self, start: int = 0) -> list[Edge]:
        """All edges so far."""
        return edges_of(self.outputs[start:])

    def pictures(self) -> list[tuple[bytes, TrackPicture | None]]:
        """The public pictures, tombstones as None."""
        return [
            (o.key or b"", None if o.value is None else msgspec.json.decode(o.value, type=TrackPicture))
            for o in self.outputs
            if o.topic == "tracks.v1"
        ]


def edges_of(outputs: Sequence[Output]) -> list[Edge]:
    """The edges among outputs, in order."""
    found = []
    for output in outputs:
        if output.topic == "detections.v1" and dict(output.headers)[provenance.KIND_HEADER] == Kind.EDGES.encode():
            found += [n.message for n in wire.decode_numbered(output.value or b"", Edge)]
    return found


def at(time_s: float, place: tuple[float, float], mmsi: int = 201, **more: object) -> Sighting:
    """A sighting of a vessel."""
    return Sighting(mmsi, time_s, *place, **more)  # type: ignore[arg-type]


def kinds(edges: Sequence[Edge]) -> list[tuple[EdgeKind, str | None]]:
    """What happened where."""
    return [(edge.kind, edge.incident.zone_id) for edge in edges]


def only(edges: Sequence[Edge]) -> Incident:
    """The incident of the single edge."""
    assert len(edges) == 1
    return edges[0].incident
