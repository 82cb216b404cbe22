"""When the lines of a log were received, where few of them say so.

A log's own times are, in this order: tag block, suffix of the US Coast Guard, and the receiver's clock sentence
(ZDA). A line without one was received when the last line with one was. A log without any time counts from 0, and the
second of the minute inside its position reports moves it on, so that at least the intervals are right.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain

from sensors.ais.armour import TYPE_OF, Bits
from sensors.ais.sentence import Sentence, read_sentence
from sensors.ais.tag_block import checksum
from sensors.units import to_us

_PROLOGUE = 10_000  # lines read ahead for the first one that says a time
_STEP_BACK_US = 60_000_000  # less is disorder among receivers, more is a clock that was set
_SECOND_US = 1_000_000
_ZDA = re.compile(
    rb"\$([A-Z]{2}ZDA,(\d\d)(\d\d)(\d\d)(?:\.(\d{1,6})\d*)?,(\d\d),(\d\d),(\d{4}),[^*]*)\*([0-9A-Fa-f]{2})"
)
_SECOND_AT = {1: 137, 2: 137, 3: 137, 18: 133}  # message type -> bit where the second of the minute stands


def stamp(lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes, int]]:
    """Numbered, stripped lines, each with the time it was received, microseconds since 1970 (or since the log
    began)."""
    rest = iter(lines)
    prologue: list[tuple[int, bytes]] = []
    first: int | None = None
    for entry in rest:
        prologue.append(entry)
        first = said(entry[1])
        if first is not None or len(prologue) >= _PROLOGUE:
            break
    dated, now_us = first is not None, first or 0
    for number, line in chain(prologue, rest):
        own = said(line)
        if own is not None:
            dated = True
            if not 0 <= now_us - own < _STEP_BACK_US:
                now_us = own
        elif not dated:
            now_us = _moved_on(line, now_us)
        yield number, line, now_us if own is None else own


def said(line: bytes) -> int | None:
    """The time of reception that a line, not blank, says itself; None where it does not."""
    if line.startswith(b"$"):
        return _clock_sentence(line)
    sentence = read_sentence(line)
    return sentence.time_us if isinstance(sentence, Sentence) else None


def _clock_sentence(line: bytes) -> int | None:
    found = _ZDA.match(line)
    if found is None or checksum(found[1]) != int(found[9], 16):
        return None
    hour, minute, second, day, month, year = (int(found[group]) for group in (2, 3, 4, 6, 7, 8))
    micro = int((found[5] or b"").ljust(6, b"0"))
    try:
        time_us = to_us(datetime(year, month, day, hour, minute, second, micro, UTC))
    except ValueError:  # 23:59:60, or a clock that is not set
        return None
    return time_us if time_us >= 0 else None


def _moved_on(line: bytes, now_us: int) -> int:
    """``now_us``, moved on to the second that a position report names where that is at most half a minute ahead."""
    sentence = read_sentence(line)
    if not isinstance(sentence, Sentence) or sentence.total > 1 or checksum(sentence.body) != sentence.checksum:
        return now_us
    at = _SECOND_AT.get(TYPE_OF[sentence.payload[:1]])
    bits = Bits(sentence.payload, sentence.fill)
    if at is None or bits.length < at + 6:
        return now_us
    second = bits.unsigned(at, 6)
    ahead = (second - now_us // _SECOND_US) % 60
    return now_us + ahead * _SECOND_US if second < 60 and ahead <= 30 else now_us
