"""The JSON Schema of a zones file, for editors and other programs: what :func:`geo.zones.read_zones` asks for.

The reader is stricter where a schema cannot say it (rings, axes, ids that must differ, time zones, rules)."""

from geo.concern import CLASSES, MODALITIES
from geo.properties import MOST_ACCURACY_M, SEVERITIES, Edges
from geo.schedule import DAYS
from geo.zones import ZoneKind

Schema = dict[str, object]
_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 200}
_WORD: Schema = {"enum": [*MODALITIES, *sorted(CLASSES)]}  # the reader also takes other spellings of them
_HOURS: Schema = {"type": "string", "pattern": r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"}


def zone_schema() -> Schema:
    """The schema (draft 2020-12) of a zones file."""
    areas = [kind.value for kind in ZoneKind if kind is not ZoneKind.BORDER_LINE]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "vedette zones",
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"const": "FeatureCollection"},
            "attribution": {"type": "string"},
            "features": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["type", "properties", "geometry"],
                    "properties": {"type": {"const": "Feature"}, "properties": _properties()},
                    "oneOf": [
                        _shaped(areas, ["Polygon", "MultiPolygon"]),
                        _shaped([ZoneKind.BORDER_LINE.value], ["LineString", "MultiLineString"]),
                    ],
                },
            },
        },
    }


def _shaped(kinds: list[str], types: list[str]) -> Schema:
    return {
        "properties": {
            "properties": {"properties": {"kind": {"enum": kinds}}},
            "geometry": {"type": "object", "properties": {"type": {"enum": [*types, "GeometryCollection"]}}},
        }
    }


def _properties() -> Schema:
    return {
        "type": "object",
        "required": ["zone_id", "kind", "name"],
        "additionalProperties": False,
        "properties": {
            "zone_id": _TEXT,
            "kind": {"enum": [kind.value for kind in ZoneKind]},
            "name": _TEXT,
            "source": {"type": "string"},
            "date": {"type": "string"},
            "accuracy_m": {"type": "number", "minimum": 0, "maximum": MOST_ACCURACY_M},
            "schedule": _schedule(),
            "applies_to": {"oneOf": [_WORD, {"type": "array", "items": _WORD}]},
            "severity": {"enum": list(SEVERITIES)},
            "claimants": {"type": "array", "minItems": 2, "items": {"type": "string", "minLength": 1}},
            "edges": {"enum": [edges.value for edges in Edges]},
            "indicative": {"type": "boolean"},
        },
    }


def _schedule() -> Schema:
    weekly = {
        "type": "object",
        "required": ["days", "from", "until"],
        "additionalProperties": False,
        "properties": {
            "days": {"type": "array", "minItems": 1, "items": {"enum": list(DAYS)}},
            "from": _HOURS,
            "until": _HOURS,
        },
    }
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "dependentRequired": {"rrule": ["start", "duration_min"], "start": ["rrule"], "duration_min": ["rrule"]},
        "properties": {
            "from": {"type": "string"},
            "until": {"type": "string"},
            "time_zone": {"type": "string", "default": "UTC"},
            "weekly": {"type": "array", "minItems": 1, "items": weekly},
            "rrule": {"type": "string"},
            "start": {"type": "string"},
            "duration_min": {"type": "integer", "minimum": 1, "maximum": 44640},
            "except_dates": {"type": "array", "items": {"type": "string"}},
        },
    }
