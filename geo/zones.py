"""The zones of a border: areas and directed lines with their properties, read from GeoJSON with reasons."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NewType

import shapely
from shapely.geometry.base import BaseGeometry

from geo.outlines import Outline, read_lines, read_polygons
from geo.problems import ProblemCode, ZoneErrors, ZoneProblem
from geo.properties import OPTIONAL, SEVERITIES, Edges, Properties, read_properties, written
from geo.schedule import Schedule

__all__ = [
    "SEVERITIES",
    "Edges",
    "ProblemCode",
    "Schedule",
    "Zone",
    "ZoneErrors",
    "ZoneId",
    "ZoneKind",
    "ZoneProblem",
    "ZoneSet",
    "as_features",
    "read_zones",
]

ZoneId = NewType("ZoneId", str)


class ZoneKind(StrEnum):
    """What a zone means. All are areas but ``border_line``, a directed line whose inside is to the left of it."""

    TERRITORY = "territory"
    BORDER_LINE = "border_line"
    EXCLUSION = "exclusion"
    PORT_OF_ENTRY = "port_of_entry"
    ANCHORAGE = "anchorage"
    LANE = "lane"
    PROTECTED = "protected"


GEODESIC_ERROR_M = 0.1  # a geodesic edge is kept as straight parts that leave it by no more
_REQUIRED = ("zone_id", "kind", "name")
SUFFIXES = frozenset({".shp", ".gpkg", ".fgb"})  # what is read by geo.formats
_CRS84 = ("CRS84", "EPSG::4326", "EPSG:4326")


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone. ``geometry`` is WGS-84 lon, lat degrees; its edges are straight in lon, lat.

    Where ``edges`` says geodesic, the edges were put through :func:`geo.geodesic_edges.densified` when it was read."""

    zone_id: ZoneId
    kind: ZoneKind
    name: str
    geometry: BaseGeometry
    source: str | None = None
    date: str | None = None
    accuracy_m: float = 0.0
    schedule: Schedule | None = None  # None is always
    applies_to: tuple[str, ...] = ()
    severity: str | None = None
    claimants: tuple[str, ...] = ()  # who claims it, where that is disputed
    edges: Edges = Edges.PLANAR
    indicative: bool = False  # derived by a rule, not by law

    @property
    def properties(self) -> Properties:
        """The optional properties."""
        return Properties(*(getattr(self, name) for name in OPTIONAL))

    def in_force(self, time_us: int) -> bool:
        """Whether its schedule has it judge at an event time, microseconds UTC."""
        return self.schedule is None or self.schedule.in_force(time_us)

    @property
    def is_area(self) -> bool:
        """Whether a point can be inside it."""
        return self.kind is not ZoneKind.BORDER_LINE


@dataclass(frozen=True)
class ZoneSet:
    """The zones of one version, in the order of the file; ``notes`` says what was mended in them or looks odd."""

    zones: tuple[Zone, ...]
    notes: tuple[ZoneProblem, ...] = ()
    by_id: dict[str, Zone] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {zone.zone_id: zone for zone in self.zones})

    def __iter__(self) -> Iterator[Zone]:
        return iter(self.zones)

    def __len__(self) -> int:
        return len(self.zones)

    @property
    def areas(self) -> tuple[Zone, ...]:
        """The zones a point can be inside."""
        return tuple(zone for zone in self.zones if zone.is_area)

    @property
    def lines(self) -> tuple[Zone, ...]:
        """The border lines, in order: the index ``Fence.line_crossings`` gives."""
        return tuple(zone for zone in self.zones if not zone.is_area)


def read_zones(
    source: Path | str | bytes | Mapping[str, object],
    *,
    mend: bool = False,
    trust_axes: bool = False,
    layer: str | None = None,
) -> ZoneSet:
    """The zones of a GeoJSON FeatureCollection: a path, JSON text (bytes, or a str that starts with ``{``) or a dict.

    A path may also name a Shapefile, GeoPackage or FlatGeobuf (:mod:`geo.formats`); ``layer`` is one of its layers.

    Harmless faults (an open ring, ring order) are mended and noted. ``mend`` also repairs self-intersections, tiny
    rings and rings over the antimeridian; ``trust_axes`` accepts positions that look like lat, lon.
    Raises :class:`ZoneErrors` with every problem of every feature.
    """
    notes: list[ZoneProblem] = []
    if _is_layered(source):
        from geo.formats import read_layer  # pyproj and pyogrio take half a second to load

        source, notes = read_layer(Path(str(source)), layer)
    document = _document(source)
    features = _features(document)
    reader = _Reader(mend, trust_axes)
    zones = [zone for index, feature in enumerate(features) if (zone := reader.zone(index, feature)) is not None]
    if reader.problems:
        raise ZoneErrors(reader.problems)
    return ZoneSet(tuple(zones), (*notes, *reader.notes))


def as_features(zones: Iterable[Zone]) -> dict[str, object]:
    """The zones as a GeoJSON FeatureCollection that :func:`read_zones` reads back equal."""
    zones = list(zones)
    features: list[dict[str, object]] = []
    for zone in zones:
        properties: dict[str, object] = {"zone_id": zone.zone_id, "kind": zone.kind.value, "name": zone.name}
        properties |= written(zone.properties)
        geometry = json.loads(shapely.to_geojson(zone.geometry))
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    owed = sorted({zone.source for zone in zones if zone.source and "©" in zone.source})
    more = {"attribution": "; ".join(owed)} if owed else {}  # a licence's attribution stays with every copy
    return {"type": "FeatureCollection", **more, "features": features}


def _is_layered(source: object) -> bool:
    """Whether it is the path of a file that is not GeoJSON."""
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return False
    return isinstance(source, str | Path) and Path(source).suffix.lower() in SUFFIXES


def _whole(code: ProblemCode, message: str) -> ZoneErrors:
    return ZoneErrors([ZoneProblem(-1, None, code, message)])


def _document(source: Path | str | bytes | Mapping[str, object]) -> object:
    if isinstance(source, Mapping):
        return source
    if isinstance(source, Path) or (isinstance(source, str) and not source.lstrip().startswith("{")):
        try:
            source = Path(source).read_bytes()
        except OSError as problem:
            raise _whole(ProblemCode.UNREADABLE, f"cannot read {problem.filename}: {problem.strerror}") from problem
    try:
        return json.loads(source)
    except ValueError as problem:
        raise _whole(ProblemCode.NOT_JSON, f"expected JSON, got {problem}") from problem


def _features(document: object) -> list[object]:
    if not isinstance(document, Mapping) or document.get("type") != "FeatureCollection":
        found = document.get("type") if isinstance(document, Mapping) else type(document).__name__
        raise _whole(ProblemCode.NOT_GEOJSON, f"type: expected FeatureCollection, got {found!r}")
    features = document.get("features")
    if not isinstance(features, list):
        raise _whole(ProblemCode.NOT_GEOJSON, "features: expected a list")
    if not features:
        raise _whole(ProblemCode.NO_FEATURES, "features: expected at least one zone, got none")
    crs = document.get("crs")
    if crs is not None and not str(crs).rstrip("}' ").endswith(_CRS84):
        raise _whole(ProblemCode.WRONG_CRS, f"crs: expected WGS-84 (CRS84 or EPSG:4326), got {crs!r}")
    return features


class _Reader:
    """Reads features one by one and remembers ids, problems and notes."""

    def __init__(self, mend: bool, trust_axes: bool) -> None:
        self.mend, self.trust_axes = mend, trust_axes
        self.problems: list[ZoneProblem] = []
        self.notes: list[ZoneProblem] = []
        self._seen: dict[str, int] = {}
        self._index, self._zone_id = -1, ""

    def _problem(self, code: ProblemCode, message: str) -> None:
        self.problems.append(ZoneProblem(self._index, self._zone_id or None, code, message))

    def zone(self, index: int, feature: object) -> Zone | None:
        """The zone of one feature, or None with what is wrong appended to ``problems``."""
        before = len(self.problems)
        self._index, self._zone_id = index, ""
        if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
            self._problem(ProblemCode.NOT_GEOJSON, "type: expected Feature")
            return None
        properties = feature.get("properties") or {}
        if not isinstance(properties, Mapping):
            self._problem(ProblemCode.NOT_GEOJSON, "properties: expected an object")
            return None
        zone_id = self._text(properties, "zone_id")
        self._zone_id = zone_id or ""
        if zone_id and zone_id in self._seen:
            self._problem(ProblemCode.DUPLICATE_ID, f"zone_id: already used by feature {self._seen[zone_id]}")
        elif zone_id:
            self._seen[zone_id] = index
        for name in properties:
            if name not in _REQUIRED and name not in OPTIONAL:
                allowed = ", ".join(_REQUIRED + OPTIONAL)
                self._problem(ProblemCode.UNKNOWN_PROPERTY, f"{name}: not a zone's property; expected one of {allowed}")
        kind = self._kind(properties)
        name = self._text(properties, "name")
        rest = read_properties(properties, lambda said: self._problem(ProblemCode.BAD_PROPERTY, said))
        geometry = self._geometry(feature.get("geometry"), kind, rest.edges)
        if len(self.problems) > before or zone_id is None or kind is None or name is None or geometry is None:
            return None
        return Zone(ZoneId(zone_id), kind, name, geometry, *rest)

    def _text(self, properties: Mapping[str, object], name: str) -> str | None:
        value = properties.get(name)
        if value is None:
            self._problem(ProblemCode.MISSING_PROPERTY, f"{name}: missing; expected a text")
        elif not isinstance(value, str) or not value.strip() or len(value) > 200:
            expected = "a text of 1 to 200 characters"
            self._problem(ProblemCode.BAD_PROPERTY, f"{name}: expected {expected}, got {repr(value)[:60]}")
        else:
            return value
        return None

    def _kind(self, properties: Mapping[str, object]) -> ZoneKind | None:
        value, expected = properties.get("kind"), ", ".join(ZoneKind)
        if value is None:
            self._problem(ProblemCode.MISSING_KIND, f"kind: missing; expected one of {expected}")
            return None
        if not isinstance(value, str) or value not in list(ZoneKind):
            self._problem(ProblemCode.BAD_KIND, f"kind: expected one of {expected}, got {repr(value)[:60]}")
            return None
        return ZoneKind(value)

    def _geometry(self, geometry: object, kind: ZoneKind | None, edges: Edges) -> BaseGeometry | None:
        error_m = GEODESIC_ERROR_M if edges is Edges.GEODESIC else None
        outline = Outline(mend=self.mend, trust_axes=self.trust_axes, geodesic_error_m=error_m)
        read = read_lines if kind is ZoneKind.BORDER_LINE else read_polygons
        shape = read(geometry, outline)
        if kind is None:  # which geometry is right depends on the kind
            outline.problems = [found for found in outline.problems if found[0] is not ProblemCode.WRONG_GEOMETRY]
        for code, message in outline.problems:
            self._problem(code, message)
        self.notes.extend(ZoneProblem(self._index, self._zone_id or None, *note) for note in outline.notes)
        return shape
