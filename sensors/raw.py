"""What a raw record says about itself: its sensor, the headers a publisher may add, and the limits it must keep."""

from sensors.adapter import RawRecord
from sensors.reasons import RejectReason

HISTORICAL = "vedette-historical"  # b"1": times are checked against the sensor's own sequence, not against today
COLUMNS = "vedette-columns"  # the header line of the CSV file the row comes from
UNITS = "vedette-units"  # nautical (default) or si
RECEIVED = "vedette-received"  # when the publisher received the bytes, decimal microseconds since 1970
LINE = "vedette-line"  # the line of the file the record comes from, counted from 1
ELEMENT = "vedette-element"  # the element of the file's array, counted from 1

MAX_BYTES = 1 << 20
MAX_ITEMS = 10_000  # a megabyte of "0," would otherwise make half a million dead letters


def sensor_of(key: bytes | None) -> str | None:
    """The sensor a record's key names, or None where it is not 1 to 128 characters of UTF-8."""
    try:
        sensor = key.decode() if key else ""
    except UnicodeDecodeError:
        return None
    return sensor if 1 <= len(sensor) <= 128 else None


def refusal(record: RawRecord) -> tuple[RejectReason, str] | None:
    """Why a whole record cannot be used, whatever its format; None where it can."""
    if not record.value:
        return RejectReason.EMPTY, "value: expected at least one event"
    if len(record.value) > MAX_BYTES:
        return RejectReason.TOO_LARGE, f"value: expected at most {MAX_BYTES} bytes"
    if sensor_of(record.key) is None:
        return RejectReason.UNKNOWN_SENSOR, "key: expected the sensor id, 1 to 128 characters of UTF-8"
    return None


def is_historical(record: RawRecord) -> bool:
    """Whether the record is a part of the past."""
    return record.headers.get(HISTORICAL) == b"1"


def place(record: RawRecord) -> str:
    """Where in its file the record stands, to begin a message with; empty where it does not say."""
    for header, word in ((LINE, "line"), (ELEMENT, "element")):
        number = record.headers.get(header, b"")
        if number.isdigit() and len(number) <= 12:
            return f"{word} {int(number)}: "
    return ""
