"""The published schemas of what stands in the public topics: JSON Schema 2020-12, from the structs themselves.

With these any Kafka client can read and write them. A released schema stays what it is (``tests/golden``): a change
that a reader could notice is another version.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from geo.zone_schema import zone_schema
from sensors.schema import observation_schema
from streams.clearances import ClearancesVersion
from streams.health import Health
from streams.messages import Alert, Command, Task, TrackPicture, Unit, ZonesVersion
from streams.rules import RulesVersion

MESSAGES: Final[dict[str, type[msgspec.Struct]]] = {
    "alert": Alert,
    "clearances": ClearancesVersion,
    "command": Command,
    "health": Health,
    "rules": RulesVersion,
    "task": Task,
    "track": TrackPicture,
    "unit": Unit,
    "zones-version": ZonesVersion,
}


def message_schema(name: str) -> dict[str, Any]:
    """The schema of one kind of message of :data:`MESSAGES`, as a document of its own."""
    (reference,), definitions = msgspec.json.schema_components([MESSAGES[name]])
    definitions = {**definitions}
    message = definitions.pop(reference["$ref"].rpartition("/")[2])
    document: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:vedette:{name}:v1",
        **message,
        "$defs": definitions,
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))  # lists where msgspec has tuples
    return plain


def _of(name: str) -> Callable[[], dict[str, Any]]:
    return lambda: message_schema(name)


SCHEMAS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "observation": observation_schema,
    "zones": zone_schema,
    **{name: _of(name) for name in MESSAGES},
}
"""Every published schema by its name; ``zones`` is the file a supervisor draws, ``zones-version`` its record."""
