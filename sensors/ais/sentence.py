"""One line of a receiver's log to an AIS sentence, or to why it is none.

Besides the plain sentence it takes a tag block before it and the suffixes of the US Coast Guard after it: receiving
station (``,r003669930``) and time of reception (``,1327664821``).
"""

import re
from typing import NamedTuple

from sensors.ais.tag_block import ABSENT, TagBlock, checksum, read_tag_block, read_time
from sensors.reasons import Fate, FilterReason, RejectReason

_SENTENCE = re.compile(
    rb"!([^,*]{2}VD[MO],([1-9]),([1-9]),([0-9]?),([^,*]{0,2}),([0-W`-w]{1,200}),([0-5]))\*([0-9A-Fa-f]{2})(,.*)?",
    re.DOTALL,
)
_ADDRESS = re.compile(rb"[!$]([^,*]*)[,*]?")
_CHECKED = re.compile(rb"[!$]([^*]*)\*([0-9A-Fa-f]{2})(?![0-9A-Fa-f])")
_AIS_ADDRESS = re.compile(rb"..VD[MO]", re.DOTALL)
_OTHER_ADDRESS = re.compile(rb"[=A-Z]{2}[A-Z]{3}|P[A-Z0-9]{2,8}")
_STATION = re.compile(rb"[rb][0-9A-Za-z]{1,31}")
_EPOCH = re.compile(rb"\d{9,13}(\.\d+)?")

Refusal = tuple[Fate, FilterReason | RejectReason, str]


class Sentence(NamedTuple):
    """One VDM or VDO sentence. Its checksum has *not* been compared yet: that is done for a whole batch at once."""

    body: bytes  # what the checksum covers
    checksum: int
    total: int  # parts of the message, and which one this is, from 1
    number: int
    sequence: bytes
    channel: bytes
    payload: bytes
    fill: int  # bits at the end that carry nothing
    source: bytes  # the receiving station, empty where unknown
    group: bytes  # id of the tag-block group, empty where there is none
    time_us: int | None  # reception, microseconds since 1970; None where the line does not say


def read_sentence(line: bytes) -> Sentence | Refusal:
    """The sentence in a stripped, non-empty line; a line of something else, or a corrupt one, is a refusal."""
    tag = ABSENT
    if line[0] == 0x5C:  # a backslash opens a tag block
        content, closed, line = line[1:].partition(b"\\")
        found = read_tag_block(content) if closed else (RejectReason.BAD_SENTENCE, "tag block: expected its end")
        if not isinstance(found, TagBlock):
            return Fate.DEAD, *found
        tag, line = found, line.lstrip()
    matched = _SENTENCE.fullmatch(line)
    if matched is None:
        return _refusal(line)
    body, total, number, sequence, channel, payload, fill, given, suffix = matched.groups()
    if number > total:
        return Fate.DEAD, RejectReason.BAD_SENTENCE, "part number: expected at most the number of parts"
    source, time_us, group = tag
    if suffix:
        station, epoch = _suffix(suffix)
        source = source or station
        time_us = epoch if time_us is None else time_us
    # fields keep their place: a NamedTuple made by position costs half of one made by name
    return Sentence(
        body, int(given, 16), int(total), int(number), sequence, channel, payload, int(fill), source, group, time_us
    )


BAD_CHECKSUM: Refusal = (
    Fate.DEAD,
    RejectReason.BAD_CHECKSUM,
    "checksum: expected the exclusive or of the bytes before *",
)


def _suffix(suffix: bytes) -> tuple[bytes, int | None]:
    """Station and time of what follows the checksum; either may be absent, anything else is passed over."""
    fields = suffix.split(b",")
    station = next((field for field in fields if _STATION.fullmatch(field)), b"")
    return station, read_time(fields[-1]) if _EPOCH.fullmatch(fields[-1]) else None


def _refusal(line: bytes) -> Refusal:
    """Why a line is not an AIS sentence, the likeliest cause first: damage shows in the checksum."""
    address = _ADDRESS.match(line)
    if address is None:
        return Fate.DEAD, RejectReason.BAD_SENTENCE, "line: expected a sentence that begins with ! or $"
    checked = _CHECKED.match(line)
    if checked is not None and checksum(checked[1]) != int(checked[2], 16):
        return BAD_CHECKSUM
    if not _AIS_ADDRESS.fullmatch(address[1]):
        if _OTHER_ADDRESS.fullmatch(address[1]):
            return Fate.FILTERED, FilterReason.NOT_A_REPORT, "sentence of another kind"
        return Fate.DEAD, RejectReason.BAD_SENTENCE, "address: expected a talker and VDM or VDO"
    if checked is None:
        return Fate.DEAD, RejectReason.BAD_SENTENCE, "checksum: expected *hh after the fields"
    fields = checked[1].split(b",")
    if len(fields) != 7:
        return Fate.DEAD, RejectReason.BAD_SENTENCE, "fields: expected 7"
    if not re.fullmatch(rb"[0-W`-w]{1,200}", fields[5]):
        return Fate.DEAD, RejectReason.BAD_PAYLOAD, "payload: expected 1 to 200 characters of 0-W and `-w"
    return Fate.DEAD, RejectReason.BAD_SENTENCE, "fields: expected parts, part, sequence, channel, payload, fill bits"
