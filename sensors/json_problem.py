"""What is wrong with a JSON event, told without telling what it says: reason, path and expectation, never the value."""

import re

import msgspec

from sensors.observation import SCHEMA, Distress
from sensors.reasons import RejectReason

# what msgspec raises for bytes that are not an event; UnicodeDecodeError is not one of its own errors
JSON_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

TIME = "expected an RFC 3339 time with a zone"
_PATH = re.compile(r" - at `\$([^`]*)`$")
_BYTE = re.compile(r"\(byte (\d+)\)$")
_NAMED = re.compile(r"^Object (missing required|contains unknown) field `(.*)`", re.DOTALL)
_BOUND = re.compile(r"^Expected `(?:float|int)` ([<>]=? -?[0-9.e+]+)$")
_LENGTH = re.compile(r"^Expected `(?:str|array)` of length ([<>]=? )?\d+")
_KIND = re.compile(r"^Expected `([a-z0-9 |]+)`(, got|$)")
_PATTERN = re.compile(r"^Expected `str` matching regex '(.+)'$")
_PLAIN_NAME = re.compile(r"^[A-Za-z_]{1,40}$")  # a made-up name may hold an identifier or a position
_WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "array": "a list"}
_CHOICES = {"schema": SCHEMA, "distress": " or ".join(Distress)}


def explain(problem: Exception) -> tuple[RejectReason, str]:
    """The reason for one of :data:`JSON_ERRORS` and ``field: expected …`` for a person."""
    if isinstance(problem, msgspec.ValidationError):
        return _invalid(str(problem))
    if isinstance(problem, UnicodeDecodeError):
        return RejectReason.UNDECODABLE, "value: expected UTF-8"
    if isinstance(problem, RecursionError):
        return RejectReason.UNDECODABLE, "value: expected less deeply nested JSON"
    byte = _BYTE.search(str(problem))
    where = f" (byte {byte[1]})" if byte else " (cut short)" if "truncated" in str(problem) else ""
    return RejectReason.UNDECODABLE, f"value: expected JSON{where}"


def _invalid(message: str) -> tuple[RejectReason, str]:
    at = _PATH.search(message)
    path = at[1].lstrip(".") if at else ""
    what = message[: at.start()] if at else message
    if named := _NAMED.match(what):
        return _about_name(path, named[2], missing=named[1].startswith("missing"))
    if path == "event_time":
        return RejectReason.BAD_TIME, f"event_time: {TIME}"
    return _about_value(path or "event", what)


def _about_name(path: str, name: str, *, missing: bool) -> tuple[RejectReason, str]:
    shown = name if _PLAIN_NAME.match(name) else "a field"
    field = f"{path}.{shown}" if path else shown
    if not missing:
        return RejectReason.UNKNOWN_FIELD, f"{field}: expected only the fields of {SCHEMA}"
    if field == "event_time":
        return RejectReason.NO_TIME, f"event_time: {TIME}"
    return RejectReason.MISSING_FIELD, f"{field}: expected this field"


def _about_value(field: str, what: str) -> tuple[RejectReason, str]:
    if what == "Number out of range":
        return RejectReason.OUT_OF_RANGE, f"{field}: expected a finite number"
    if bound := _BOUND.match(what):
        return RejectReason.OUT_OF_RANGE, f"{field}: expected a number {bound[1]}"
    if length := _LENGTH.match(what):
        return RejectReason.BAD_FIELD, f"{field}: expected {length[0].removeprefix('Expected ').replace('`', '')}"
    if pattern := _PATTERN.match(what):
        return RejectReason.BAD_FIELD, f"{field}: expected text that matches {pattern[1]}"
    if field in _CHOICES:
        return RejectReason.BAD_FIELD, f"{field}: expected {_CHOICES[field]}"
    if kind := _KIND.match(what):
        words = [_WORDS.get(word, f"an {word}") for word in kind[1].split(" | ") if word != "null"]
        return RejectReason.BAD_FIELD, f"{field}: expected {' or '.join(words)}"
    return RejectReason.BAD_FIELD, f"{field}: expected one of the values it may have"
