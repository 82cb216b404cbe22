"""Reading what people and units publish: a message that can be acted on, or the reason it cannot.

Checks here so that no owner ever meets a message it cannot apply.
"""

import math
import re
from typing import NamedTuple, TypeVar

import msgspec

from sensors.reasons import RejectReason
from streams.messages import Command, CommandKind, Unit

MOST_BYTES = 16_384
MOST_TEXT = 128
MOST_NOTE = 2_000
_AREAS = 2**31
_NAMED_FIELD = re.compile(r"(missing required|contains unknown) field `([^`]*)`")
_PATH = re.compile(r"at `\$\.?([^`]*)`")
_commands = msgspec.json.Decoder(Command)
_units = msgspec.json.Decoder(Unit)

T = TypeVar("T", Command, Unit)


class Unusable(NamedTuple):
    """Why a value was not used; ``field`` names the place and never repeats what stood there."""

    reason: RejectReason
    field: str = ""


def read_command(value: bytes | None) -> Command | Unusable:
    """A command that is complete for its kind."""
    found = _decoded(value, _commands)
    if isinstance(found, Unusable):
        return found
    return _bad_command(found) or found


def read_unit(value: bytes | None) -> Unit | Unusable:
    """A unit that is somewhere on Earth and not faster than sense."""
    found = _decoded(value, _units)
    if isinstance(found, Unusable):
        return found
    return _bad_unit(found) or found


def _decoded(value: bytes | None, decoder: msgspec.json.Decoder[T]) -> T | Unusable:
    if not value:
        return Unusable(RejectReason.EMPTY)
    if len(value) > MOST_BYTES:
        return Unusable(RejectReason.TOO_LARGE)
    try:
        return decoder.decode(value)
    except msgspec.ValidationError as problem:
        return _explained(str(problem))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Unusable(RejectReason.UNDECODABLE)


def _explained(problem: str) -> Unusable:
    """The reason and field of msgspec's own words, without the value they may quote."""
    named = _NAMED_FIELD.search(problem)
    if named is not None:
        missing = named[1].startswith("missing")
        reason = RejectReason.MISSING_FIELD if missing else RejectReason.UNKNOWN_FIELD
        return Unusable(reason, named[2] if missing else "")  # an unknown name is the sender's own text
    path = _PATH.search(problem)
    reason = RejectReason.BAD_TIME if "timezone" in problem else RejectReason.BAD_FIELD
    return Unusable(reason, path[1] if path else "")


def _bad_command(command: Command) -> Unusable | None:
    texts = {"command_id": command.command_id, "target_id": command.target_id, "actor": command.actor}
    if command.schema != "vedette.command.v1":
        return Unusable(RejectReason.BAD_FIELD, "schema")
    for name, text in texts.items():
        if not 0 < len(text) <= MOST_TEXT:
            return Unusable(RejectReason.OUT_OF_RANGE, name)
    if command.note is not None and len(command.note) > MOST_NOTE:
        return Unusable(RejectReason.OUT_OF_RANGE, "note")
    if not 0 <= command.area < _AREAS:
        return Unusable(RejectReason.OUT_OF_RANGE, "area")
    if command.kind in {CommandKind.CLOSE, CommandKind.OUTCOME} and command.outcome is None:
        return Unusable(RejectReason.MISSING_FIELD, "outcome")
    if command.kind is CommandKind.MERGE_TRACKS and not command.other_id:
        return Unusable(RejectReason.MISSING_FIELD, "other_id")
    if command.other_id is not None and not 0 < len(command.other_id) <= MOST_TEXT:
        return Unusable(RejectReason.OUT_OF_RANGE, "other_id")
    if command.kind is CommandKind.SILENCE and command.until is None:
        return Unusable(RejectReason.MISSING_FIELD, "until")
    return None


def _bad_unit(unit: Unit) -> Unusable | None:
    lon, lat = unit.position
    if unit.schema != "vedette.unit.v1":
        return Unusable(RejectReason.BAD_FIELD, "schema")
    if not 0 < len(unit.unit_id) <= MOST_TEXT:
        return Unusable(RejectReason.OUT_OF_RANGE, "unit_id")
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        return Unusable(RejectReason.OUT_OF_RANGE, "position")
    if not (0 <= unit.speed_mps < 1_000 and math.isfinite(unit.speed_mps)):
        return Unusable(RejectReason.OUT_OF_RANGE, "speed_mps")
    if any(not 0 <= area < _AREAS for area in unit.areas):
        return Unusable(RejectReason.OUT_OF_RANGE, "areas")
    return None
