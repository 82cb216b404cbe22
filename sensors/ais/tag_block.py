r"""The NMEA 4.10 tag block before a sentence, ``\s:source,c:time,g:part-of-id*hh\``: who received it, and when."""

import re
from functools import reduce
from operator import xor
from typing import NamedTuple

from sensors.reasons import RejectReason
from sensors.units import END_US

_SECONDS = re.compile(rb"(\d{1,10})(?:\.(\d{1,6})\d*)?")
_MILLISECONDS = re.compile(rb"\d{13}")
_GROUP = re.compile(rb"[1-9]\d?-[1-9]\d?-(\w{1,15})")
_HEX = re.compile(rb"[0-9A-Fa-f]{2}")


class TagBlock(NamedTuple):
    """What a tag block says; empty or None where it does not."""

    source: bytes = b""
    time_us: int | None = None
    group: bytes = b""  # the id all lines of one group share


ABSENT = TagBlock()
Refusal = tuple[RejectReason, str]


def checksum(data: bytes) -> int:
    """The exclusive or of all bytes (IEC 61162-1)."""
    return reduce(xor, data, 0)


def read_tag_block(content: bytes) -> TagBlock | Refusal:
    """What stands between the two backslashes; unknown fields are passed over."""
    fields, star, given = content.rpartition(b"*")
    if not star or not _HEX.fullmatch(given):
        return RejectReason.BAD_SENTENCE, "tag block: expected *hh at its end"
    if checksum(fields) != int(given, 16):
        return RejectReason.BAD_CHECKSUM, "tag block: expected the exclusive or of its bytes after *"
    source, time_us, group = b"", None, b""
    for field in fields.split(b","):
        code, _, value = field.partition(b":")
        if code == b"s":
            source = value[:64]
        elif code == b"c":
            time_us = read_time(value)
            if time_us is None:
                return RejectReason.BAD_TIME, "tag block c: expected seconds or milliseconds since 1970"
        elif code == b"g" and (found := _GROUP.fullmatch(value)):
            group = found[1]
    return TagBlock(source, time_us, group)


def read_time(value: bytes) -> int | None:
    """Microseconds since 1970 of Unix seconds (with decimals) or 13-digit milliseconds, None where it is neither.

    >>> read_time(b"1327664821.5")
    1327664821500000
    """
    if _MILLISECONDS.fullmatch(value):
        time_us = int(value) * 1000
    elif found := _SECONDS.fullmatch(value):
        time_us = int(found[1]) * 1_000_000 + int((found[2] or b"").ljust(6, b"0"))
    else:
        return None
    return time_us if time_us < END_US else None
