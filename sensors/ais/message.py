"""What a whole message is to us: a report, statics to remember, or neither."""

from typing import NamedTuple

from sensors.ais.armour import TYPE_OF, Bits
from sensors.ais.distress import Test, by_text
from sensors.ais.positions import LAYOUTS
from sensors.ais.statics import Static, read_static
from sensors.observation import Distress
from sensors.reasons import Fate, FilterReason, RejectReason

Refusal = tuple[Fate, FilterReason | RejectReason, str]

MAX_MMSI = 999_999_999
TEST_SIGNAL: Refusal = (Fate.FILTERED, FilterReason.TEST_SIGNAL, "a distress device under test")
BAD_MMSI: Refusal = (Fate.DEAD, RejectReason.OUT_OF_RANGE, "mmsi: expected at most 9 digits")
_NO_MMSI: Refusal = (Fate.FILTERED, FilterReason.NO_IDENTITY, "statics of MMSI 0")
_BAD_TYPE: Refusal = (Fate.DEAD, RejectReason.BAD_PAYLOAD, "message type: expected 1 to 28")
_LAST_TYPE = 28
_SHORTEST = 40  # bits: type, repeat indicator, MMSI, and two more
_SAFETY_BROADCAST = 14
_STATICS = (5, 24)
_FIXED = {4: "base station", 21: "aid to navigation", 28: "aid to navigation"}


class Learned(NamedTuple):
    """Statics of a vessel."""

    mmsi: int
    static: Static


class Reported(NamedTuple):
    """A report of something that moves, or a call for help; ``learned`` is what it also says of the vessel."""

    kind: int  # message type
    distress: Distress | None = None
    learned: Learned | None = None


_PLAIN = {kind: Reported(kind) for kind in LAYOUTS}


def read_message(payload: bytes, fill: int) -> Reported | Learned | Refusal:
    """Look into a payload of at least one character of armour; the fields of a position are not read yet."""
    kind = TYPE_OF[payload[:1]]
    layout = LAYOUTS.get(kind)
    if layout is not None:
        if len(payload) * 6 - fill < layout.bits:
            return _short(kind, layout.bits)
        return _PLAIN[kind] if kind != 19 else _extended(payload, fill)
    if kind in _STATICS:
        return _static(kind, Bits(payload, fill))
    if kind == _SAFETY_BROADCAST:
        return _safety(Bits(payload, fill))
    if 1 <= kind <= _LAST_TYPE:
        return Fate.FILTERED, FilterReason.NOT_A_REPORT, f"message type {kind} ({_FIXED.get(kind, 'no position')})"
    return _BAD_TYPE


def _extended(payload: bytes, fill: int) -> Reported:
    found = _static(19, Bits(payload, fill))
    return Reported(19, learned=found) if isinstance(found, Learned) else _PLAIN[19]


def _static(kind: int, bits: Bits) -> Learned | Refusal:
    static = read_static(kind, bits)
    if static is None:
        return Fate.DEAD, RejectReason.BAD_PAYLOAD, f"message type {kind}: expected all bits up to the name"
    mmsi = bits.unsigned(8, 30)
    if not 1 <= mmsi <= MAX_MMSI:
        return BAD_MMSI if mmsi else _NO_MMSI
    return Learned(mmsi, static)


def _safety(bits: Bits) -> Reported | Refusal:
    if bits.length < _SHORTEST:
        return _short(_SAFETY_BROADCAST, _SHORTEST)
    found = by_text(bits.text(40, bits.length) or "")
    if found is Test.SIGNAL:
        return TEST_SIGNAL
    if isinstance(found, Distress):
        return Reported(_SAFETY_BROADCAST, found)
    return Fate.FILTERED, FilterReason.NOT_A_REPORT, "message type 14 (no position)"


def _short(kind: int, bits: int) -> Refusal:
    return Fate.DEAD, RejectReason.BAD_PAYLOAD, f"message type {kind}: expected at least {bits} bits"
