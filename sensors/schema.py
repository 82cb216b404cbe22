"""The published schema of an observation, for vendors: JSON Schema 2020-12, from the struct itself."""

from typing import Any

import msgspec

from sensors.observation import SCHEMA, Observation

# a call for help is taken without a place; the struct cannot say so, the adapters check it
_PLACES: list[dict[str, Any]] = [{"required": [field]} for field in ("position", "bearing", "zone_id")]


def observation_schema() -> dict[str, Any]:
    """The schema as a document of its own."""
    (reference,), definitions = msgspec.json.schema_components([Observation])
    definitions = {**definitions}
    name = reference["$ref"].rpartition("/")[2]
    observation = definitions.pop(name)
    observation["properties"]["event_time"]["format"] = "date-time"
    document: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA.replace('.', ':')}",
        **observation,
        "$defs": definitions,
        "if": {"required": ["distress"], "not": {"anyOf": _PLACES}},
        "else": {"oneOf": _PLACES},
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))  # lists where the struct has tuples
    return plain
