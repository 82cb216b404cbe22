"""Feeds as ingest would write them into ``observations.v1``, and what surveil wrote, read back as its readers do."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

import msgspec
import numpy as np

from geo.sectors import sectors
from sensors.extras import Extras, encode_extras
from sensors.observation import Classification, Identity
from streams import frames, provenance, wire
from streams.config import Feed as FeedSettings
from streams.config import Format, Settings, SurveilRules
from streams.frames import COLUMNS, Frame, Purpose, SourceTick
from streams.log import START, Position, Provenance, Record
from streams.messages import Edge, EdgeKind, Incident, Kind, ZonesVersion
from streams.partitioning import Owners, area_of, stable_partition
from streams.provenance import Applied
from streams.zones import ZoneVersions

Appended = tuple[bytes, bytes, tuple[tuple[str, bytes], ...]]  # key, value, headers
BEGIN_S = 1_704_067_200
SECOND_US = 1_000_000
BOX = {"west": (-84.0, 24.0, -82.4, 26.0), "east": (-80.9, 24.5, -79.5, 26.2), "north": (-83.5, 27.0, -80.0, 28.3)}


def box(west: float, south: float, east: float, north: float) -> dict[str, object]:
    """A rectangle as GeoJSON."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def zone(zone_id: str, geometry: dict[str, object], kind: str = "territory", **more: object) -> dict[str, object]:
    """A zone as a GeoJSON feature."""
    properties = {"zone_id": zone_id, "kind": kind, "name": zone_id.title(), **more}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def version(features: Sequence[dict[str, object]], number: int = 1, from_us: int | None = None) -> ZonesVersion:
    """A version of the zones."""
    collection = {"type": "FeatureCollection", "features": list(features)}
    return ZonesVersion(version=number, in_force_from_us=from_us, zones=collection)


def boxes() -> ZonesVersion:
    """Three territories."""
    return version([zone(zone_id, box(*sides)) for zone_id, sides in BOX.items()])


def loaded(*versions: ZonesVersion) -> ZoneVersions:
    """A table of versions."""
    table = ZoneVersions()
    for one in versions or (boxes(),):
        table.add(one)
    return table


def settings(
    owners: Owners | None = None, vendors: Sequence[str] = ("acme",), rules: SurveilRules | None = None
) -> Settings:
    """Settings with one raw partition a vendor."""
    feeds = tuple(FeedSettings(vendor, "json", Format.JSON) for vendor in vendors)
    return Settings(feeds, owners or Owners(1), surveil=rules or SurveilRules())


@dataclass(frozen=True)
class Sighting:
    """One report of one vessel; ``time_s`` after :data:`BEGIN_S`."""

    mmsi: int
    time_s: float
    lon: float
    lat: float
    flags: int = 0
    name: str | None = None
    sigma_m: float = np.nan
    covariance_m2: tuple[float, float, float] | None = None
    speed_mps: float = np.nan
    course_deg: float = np.nan
    ship_type: int | None = None
    said: tuple[str, float] | None = None  # what the sensor takes it for, and how surely

    @property
    def time_us(self) -> int:
        """Event time."""
        return BEGIN_S * SECOND_US + round(self.time_s * 1e6)


@dataclass
class Feed:
    """One raw partition: knows each identity's previous fix, the owners, and the position of every row."""

    vendor: str
    owners: Owners
    zones_version: int = 1
    rules_version: int = 0
    offset: int = 0
    rows: defaultdict[int, list[dict[str, object]]] = field(default_factory=lambda: defaultdict(list))
    framed: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    last: dict[int, tuple[Sighting, int, bytes]] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """``topic/partition``."""
        return f"raw.{self.vendor}.json/0"

    def take(self, sightings: Iterable[Sighting]) -> None:
        """Turn sightings into rows; they are sent by :meth:`frame`."""
        for seen in sightings:
            cell = sectors(np.array([[seen.lon, seen.lat]])) if seen.lon == seen.lon else np.array([0], np.uint64)
            owner = owner_of(self.owners, int(cell[0]))
            identity = observation_id(self.vendor, seen)
            before = self.last.get(seen.mmsi)
            row: dict[str, object] = {
                "source_offset": self.offset,
                "ingest_time_us": seen.time_us + 700,
                "event_time_us": seen.time_us,
                "lon": seen.lon,
                "lat": seen.lat,
                "sigma_m": seen.sigma_m,
                "covariance_m2": seen.covariance_m2,
                "speed_mps": seen.speed_mps,
                "course_deg": seen.course_deg,
                "heading_deg": np.nan,
                "flags": seen.flags,
                "sector": cell[0],
                "owner": owner,
                "area": int(area_of(cell)[0]),
                "observation_id": identity,
                "prev_event_time_us": -1,
                "prev_owner": -1,
                "prev_observation_id": bytes(16),
                "key": f"mmsi:{seen.mmsi:09d}",
                "named": Identity(mmsi=seen.mmsi, name=seen.name, ship_type=seen.ship_type),
                "said": seen.said,
            }
            if before is not None:
                fix, prev_owner, prev_id = before
                row |= {"prev_event_time_us": fix.time_us, "prev_lon": fix.lon, "prev_lat": fix.lat}
                row |= {"prev_owner": prev_owner, "prev_observation_id": prev_id}
                if prev_owner != owner:
                    self.rows[prev_owner].append(row | {"purpose": Purpose.DEPARTING})
            self.rows[owner].append(row | {"purpose": Purpose.HERE})
            if seen.lon == seen.lon and (before is None or before[0].time_us <= seen.time_us):
                self.last[seen.mmsi] = (seen, owner, identity)
            self.offset += 1

    def frame(self, partition: int, low: int, high: int, tick: SourceTick | None = None) -> Appended:
        """Rows ``low:high`` of a partition as key, value, headers."""
        rows = self.rows[partition]
        part = rows[low:high]
        columns = {
            name: np.array([row.get(name, 0) for row in part], dtype) if dtype != "V16"
            else np.frombuffer(b"".join(row[name] for row in part), "V16")  # type: ignore[misc]
            for name, dtype in COLUMNS.items()
        }  # fmt: skip
        if any(row["covariance_m2"] is not None for row in part):
            said = np.array([row["covariance_m2"] or (np.nan,) * 3 for row in part], "f4")
            columns |= dict(zip(("xx_m2", "xy_m2", "yy_m2"), said.T, strict=True))
        named = list(dict.fromkeys((row["key"], row["named"]) for row in part))
        columns["identity"] = np.array([named.index((row["key"], row["named"])) for row in part], "i4")
        newest = max((int(row["event_time_us"]) for row in rows[:high]), default=-1)  # type: ignore[call-overload]
        tick = tick or SourceTick(newest, zones_version=self.zones_version, rules_version=self.rules_version)
        extras = {
            at: encode_extras(Extras(classification=(Classification(*row["said"]),)))  # type: ignore[misc]
            for at, row in enumerate(part)
            if row["said"] is not None
        }
        frame = Frame(columns, [f"{self.vendor}-1"], [n for _, n in named], [k for k, _ in named], tick, extras)  # type: ignore[misc]
        span = Provenance(self.source, self.position(partition, low - 1), self.position(partition, high - 1))
        return b"", frames.encode(frame), provenance.headers(Kind.FRAME, span)

    def position(self, partition: int, index: int) -> Position:
        """The position of a row."""
        return Position(int(self.rows[partition][index]["source_offset"]), 0) if index >= 0 else START  # type: ignore[call-overload]

    def send(self, partition: int, size: int = 1000) -> list[Appended]:
        """What was not sent yet, in frames of at most ``size`` rows."""
        out = []
        while (low := self.framed[partition]) < len(self.rows[partition]):
            high = self.framed[partition] = min(low + size, len(self.rows[partition]))
            out.append(self.frame(partition, low, high))
        return out

    def tick(self, partition: int, watermark_us: int, **more: int) -> Appended:
        """A tick behind everything sent to a partition."""
        last = self.position(partition, self.framed[partition] - 1)
        named = {"zones_version": self.zones_version, "rules_version": self.rules_version, **more}
        value = msgspec.msgpack.encode(SourceTick(watermark_us, **named))  # type: ignore[arg-type]
        return b"", value, provenance.headers(Kind.TICK, Provenance(self.source, last, last))


@cache
def _owners_of(partitions: int) -> Owners:
    """Owners whose sectors lie in a patchwork, so that few steps stay with one."""
    patches: dict[str, int] = {}
    for lon in np.arange(-85.5, -78.0, 0.1):
        cells = sectors(np.column_stack([np.full(60, lon), np.linspace(23.0, 29.0, 60)]))
        patches |= {f"{cell:x}": stable_partition(f"{cell:x}", partitions) for cell in cells.tolist()}
    return Owners(partitions, sectors=patches)


def patchwork(partitions: int) -> Owners:
    """Owners for the region of :data:`BOX` in which neighbouring sectors seldom share one."""
    return _owners_of(partitions)


def owner_of(owners: Owners, cell: int) -> int:
    """The owner of a sector."""
    named = owners.sectors.get(f"{cell:x}")
    return named if named is not None else int(owners.owner_of(np.array([cell], np.uint64))[0])


def observation_id(vendor: str, seen: Sighting) -> bytes:
    """An id from the content."""
    text = f"{vendor}/{seen.mmsi}/{seen.time_us}/{seen.lon}/{seen.lat}/{seen.flags}"
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def records(*appended: Appended, first: int = 0, log_us: int = 0) -> list[Record]:
    """Consecutive records of one partition, a millisecond apart."""
    return [Record(first + i, log_us + 1000 * i, *one) for i, one in enumerate(appended)]


def edges_of(logs: Iterable[Iterable[Record]]) -> list[Edge]:
    """All edges in some partitions of ``detections.v1``, repeats trimmed; raises Hole where some are missing."""
    found = []
    for log in logs:
        applied = Applied()
        for record in log:
            kind, origin = provenance.read(record)
            applied.check(origin)
            if kind == Kind.EDGES:
                for numbered in wire.decode_numbered(record.value or b"", Edge):
                    if applied.admit(origin.source, numbered.position):
                        found.append(numbered.message)
    return found


def final(edges: Iterable[Edge]) -> dict[str, tuple[EdgeKind, Incident]]:
    """The last word on every incident: the highest sequence, as the home owner keeps it."""
    best: dict[str, Edge] = {}
    for edge in edges:
        known = best.get(edge.incident.alert_id)
        if known is None or edge.sequence > known.sequence:
            best[edge.incident.alert_id] = edge
    return {alert_id: (edge.kind, edge.incident) for alert_id, edge in best.items()}


def standing(edges: Iterable[Edge]) -> dict[str, Incident]:
    """Incidents that were not taken back."""
    return {alert_id: incident for alert_id, (kind, incident) in final(edges).items() if kind != EdgeKind.RETRACTED}
