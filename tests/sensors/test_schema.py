"""The published schema says what the decoder does."""

import json
from pathlib import Path
from typing import Any

import msgspec
from click.testing import CliRunner

from sensors.observation import SCHEMA, Observation
from sensors.schema import observation_schema
from streams.cli.schema import command

GOLDEN = Path(__file__).parents[1] / "golden"


def test_schema_is_the_released_one() -> None:
    """A released version's schema does not change by accident."""
    assert observation_schema() == json.loads((GOLDEN / f"{SCHEMA}.schema.json").read_bytes())


def test_schema_names_every_field_and_no_other() -> None:
    """Vendors find each field of the struct, know which they must send, and that others are refused."""
    schema = observation_schema()
    assert list(schema["properties"]) == list(Observation.__struct_fields__)
    assert schema["required"] == ["sensor_id", "event_time"]
    assert schema["additionalProperties"] is False


def test_every_reference_leads_somewhere() -> None:
    """The document stands alone."""

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    schema = observation_schema()
    found = references(schema)
    assert found
    assert {reference.removeprefix("#/$defs/") for reference in found} == set(schema["$defs"])


def test_command_prints_the_schema() -> None:
    """``vedette schema observation`` is the schema, as JSON."""
    result = CliRunner().invoke(command, ["observation"])
    assert result.exit_code == 0
    assert msgspec.json.decode(result.output.encode()) == json.loads(json.dumps(observation_schema()))
