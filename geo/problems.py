"""What can be wrong with a zones file: the closed list of codes, one problem, and the exception with all of them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum


class ProblemCode(StrEnum):
    """Why a feature is refused, or what was mended in it."""

    UNREADABLE = "unreadable"
    NOT_JSON = "not-json"
    NOT_GEOJSON = "not-geojson"
    MISSING_LIBRARY = "missing-library"
    SEVERAL_LAYERS = "several-layers"
    NO_FEATURES = "no-features"
    WRONG_CRS = "wrong-crs"
    REPROJECTED = "reprojected"
    UNKNOWN_PROPERTY = "unknown-property"
    MISSING_PROPERTY = "missing-property"
    MISSING_KIND = "missing-kind"
    BAD_KIND = "bad-kind"
    BAD_PROPERTY = "bad-property"
    DUPLICATE_ID = "duplicate-id"
    WRONG_GEOMETRY = "wrong-geometry"
    EMPTY_GEOMETRY = "empty-geometry"
    BAD_COORDINATES = "bad-coordinates"
    NOT_FINITE = "not-finite"
    OUT_OF_RANGE = "out-of-range"
    SWAPPED_AXES = "swapped-axes"
    RING_NOT_CLOSED = "ring-not-closed"
    RING_ORDER = "ring-order"
    TINY_RING = "tiny-ring"
    SELF_INTERSECTION = "self-intersection"
    OVERLAPPING_PARTS = "overlapping-parts"
    ANTIMERIDIAN = "antimeridian"


_NEXT_STEP = {
    ProblemCode.UNREADABLE: "Check the path and the permissions of the file.",
    ProblemCode.NOT_JSON: "Export the file again as GeoJSON (RFC 7946), encoded in UTF-8.",
    ProblemCode.NOT_GEOJSON: 'Wrap the zones as {"type": "FeatureCollection", "features": [...]}.',
    ProblemCode.MISSING_LIBRARY: "Install it (`pip install 'vedette[formats]'`), or export the zones as GeoJSON.",
    ProblemCode.SEVERAL_LAYERS: "Name the layer with --layer.",
    ProblemCode.NO_FEATURES: "Add at least one zone.",
    ProblemCode.WRONG_CRS: "Export the file again in WGS-84 (EPSG:4326), longitude first.",
    ProblemCode.REPROJECTED: "Give accuracy_m that covers the error.",
    ProblemCode.UNKNOWN_PROPERTY: "Remove the property, or correct its spelling.",
    ProblemCode.MISSING_PROPERTY: "Add the property.",
    ProblemCode.MISSING_KIND: "Add the property `kind`.",
    ProblemCode.BAD_KIND: "Use one of the kinds named.",
    ProblemCode.BAD_PROPERTY: "Correct the value, or remove the property where it is optional.",
    ProblemCode.DUPLICATE_ID: "Give each zone its own zone_id, or join the parts into one MultiPolygon.",
    ProblemCode.WRONG_GEOMETRY: "Draw areas as Polygon or MultiPolygon, border lines as LineString or MultiLineString.",
    ProblemCode.EMPTY_GEOMETRY: "Draw the zone, or remove the feature.",
    ProblemCode.BAD_COORDINATES: "Give every position as [longitude, latitude] in degrees.",
    ProblemCode.NOT_FINITE: "Remove or correct the position.",
    ProblemCode.OUT_OF_RANGE: "Give longitudes within -180..180 and latitudes within -90..90 degrees.",
    ProblemCode.SWAPPED_AXES: "Give positions as [longitude, latitude]; where the order is right, use --trust-axes.",
    ProblemCode.RING_NOT_CLOSED: "Repeat the first position at the end of the ring.",
    ProblemCode.RING_ORDER: "Write outer rings counter-clockwise and holes clockwise (RFC 7946 §3.1.6).",
    ProblemCode.TINY_RING: "Remove the ring, or run with --mend.",
    ProblemCode.SELF_INTERSECTION: "Redraw the ring there, or run with --mend and look at the picture.",
    ProblemCode.OVERLAPPING_PARTS: "Join the parts into one polygon.",
    ProblemCode.ANTIMERIDIAN: "Cut the zone at longitude 180 (RFC 7946 §3.1.9), or run with --mend.",
}


@dataclass(frozen=True, slots=True)
class ZoneProblem:
    """One thing wrong with one feature (``feature`` counts from 0; -1 is the file as a whole)."""

    feature: int
    zone_id: str | None
    code: ProblemCode
    message: str

    @property
    def next_step(self) -> str:
        """What the person who drew the zone can do about it."""
        return _NEXT_STEP[self.code]

    def as_dict(self) -> dict[str, object]:
        """The problem as JSON, with its next step."""
        return {**asdict(self), "next_step": self.next_step}

    def __str__(self) -> str:
        where = "file" if self.feature < 0 else f"feature {self.feature}"
        name = f" ({self.zone_id})" if self.zone_id else ""
        return f"{where}{name}: {self.code}: {self.message}. {self.next_step}"


class ZoneErrors(ValueError):
    """A zones file cannot be used; ``problems`` names every feature, field and expected value."""

    def __init__(self, problems: Iterable[ZoneProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
