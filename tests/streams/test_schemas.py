"""The published schemas say what the pipeline writes, stand alone, and do not change by accident."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker

from streams import topology
from streams.cli.schema import command
from streams.config import Feed, Format, Settings
from streams.messages import Command, CommandKind, Unit
from streams.partitioning import Owners
from streams.schemas import MESSAGES, SCHEMAS
from tests.property import worlds
from tests.property.faulty_log import FaultyLog
from tests.property.test_pipeline import END, publish, zones_at_first

GOLDEN = Path(__file__).parents[1] / "golden"
PUBLIC = {"alerts.v1": "alert", "tasks.v1": "task", "tracks.v1": "track"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def validator(name: str) -> Draft202012Validator:
    """A checker of one schema, formats included."""
    schema = SCHEMAS[name]()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


@pytest.fixture(scope="module")
def day() -> FaultyLog:
    """Reports, a patrol and a watch officer, through every stage."""
    settings = Settings((Feed("acme", "json", Format.JSON),), Owners(2))
    log = FaultyLog([stage(settings, zones_at_first()) for stage in topology.STAGES.values()])
    for topic in ("raw.acme.json", "commands.v1", "units.v1"):
        log.open(topic, 0)
    for topic in ("observations.v1", "detections.v1", "dispatches.v1"):
        for partition in range(2):
            log.open(topic, partition)
    patrol = Unit(unit_id="p1", position=(0.0, 0.0), speed_mps=15.0, exercise=True)
    log.append("units.v1", 0, [(b"p1", msgspec.json.encode(patrol), ())])
    log.drain()
    for seed in range(4):
        publish(log, worlds.wander(seed))
    log.append("raw.acme.json", 0, [END])
    log.drain()
    for number, (alert_id, alert) in enumerate(log.latest("alerts.v1").items()):
        asked = Command(
            command_id=str(number),
            kind=CommandKind.ACKNOWLEDGE,
            target_id=alert_id,
            area=int(str(alert["area"])),
            actor="watch",
            at=NOW,
        )
        log.append("commands.v1", 0, [(b"", msgspec.json.encode(asked), ())])
    log.drain()
    return log


@pytest.mark.parametrize("topic, name", PUBLIC.items())
def test_everything_written_is_as_published(day: FaultyLog, topic: str, name: str) -> None:
    """Every record of a public topic is valid under its schema."""
    check = validator(name)
    values = [
        json.loads(record.value)
        for (written, _), log in day.partitions.items()
        for record in log
        if written == topic and record.value
    ]
    assert len(values) > 5
    for value in values:
        check.validate(value)


def test_what_is_no_such_message_is_refused(day: FaultyLog) -> None:
    """A schema that accepts everything would prove nothing: a field of the wrong kind, a state nobody knows."""
    check = validator("alert")
    good = next(iter(day.latest("alerts.v1").values()))
    assert check.is_valid(good)
    for field, wrong in (("state", "open"), ("version", "1"), ("event_time", 5), ("reasons", "because")):
        assert not check.is_valid({**good, field: wrong}), field
    assert not check.is_valid({key: value for key, value in good.items() if key != "alert_id"})


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_schema_is_the_released_one(name: str) -> None:
    """A released version does not change by accident; names every field of its message and no other."""
    schema: dict[str, Any] = SCHEMAS[name]()
    assert schema == json.loads((GOLDEN / f"vedette.{name}.v1.schema.json").read_bytes())
    assert list(schema["properties"]) == list(MESSAGES[name].__struct_encode_fields__)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_command_prints_it(name: str) -> None:
    """``vedette schema NAME`` is the schema, as JSON."""
    result = CliRunner().invoke(command, [name])
    assert result.exit_code == 0
    assert json.loads(result.output) == json.loads(json.dumps(SCHEMAS[name]()))


def test_a_time_without_a_zone_is_refused() -> None:
    """Every public time is aware."""
    asked = {
        "command_id": "1",
        "kind": "acknowledge",
        "target_id": "a",
        "area": 0,
        "actor": "watch",
        "at": "2026-01-01T00:00:00",
    }
    with pytest.raises(msgspec.ValidationError, match="at"):
        msgspec.json.decode(json.dumps(asked), type=Command)
    assert msgspec.json.decode(json.dumps({**asked, "at": "2026-01-01T00:00:00Z"}), type=Command).at == NOW
