"""What AIS sends apart from positions, remembered by MMSI: name, call sign, IMO number, type of ship (types 5, 19 and
24)."""

import msgspec

from sensors.ais.armour import Bits
from sensors.observation import Identity

_LIMIT = 32_768  # vessels remembered; the one whose statics are oldest makes room
_MAX_IMO = 99_999_999
_TYPE_AT = {5: 232, 19: 263, 24: 40}  # type -> where the type of ship stands (24: in part B)
_MOST_TYPE = 99
_NAME_BITS = {5: (112, 232), 19: (143, 263), 24: (40, 160)}  # type -> where the name stands, and its end


class Static(msgspec.Struct, array_like=True, frozen=True):
    """Parts of an identity; None where the message does not say."""

    callsign: str | None = None
    name: str | None = None
    imo: int | None = None
    ship_type: int | None = None


def read_static(kind: int, bits: Bits) -> Static | None:
    """The statics of a message of type 5, 19 or 24, None where it is too short for them."""
    part = bits.unsigned(38, 2) if kind == 24 and bits.length >= 40 else 0
    if kind == 24 and part == 1:
        return Static(callsign=bits.text(90, 42), ship_type=_ship_type(kind, bits)) if bits.length >= 132 else None
    start, end = _NAME_BITS[kind]
    if bits.length < end or part > 1:
        return None
    if kind != 5:
        return Static(name=bits.text(start, 120), ship_type=_ship_type(kind, bits) if kind == 19 else None)
    imo = bits.unsigned(40, 30)
    return Static(
        bits.text(70, 42), bits.text(start, 120), imo if 1 <= imo <= _MAX_IMO else None, _ship_type(kind, bits)
    )


def _ship_type(kind: int, bits: Bits) -> int | None:
    """None where it does not say, or says something that table 53 of ITU-R M.1371-5 has no word for."""
    at = _TYPE_AT[kind]
    code = bits.unsigned(at, 8) if bits.length >= at + 8 else 0
    return code if 1 <= code <= _MOST_TYPE else None


class Statics:
    """The identity of each vessel of one raw partition, per sensor: a result must not depend on which sensors share
    a partition."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], Static] = {}

    def learn(self, sensor: str, mmsi: int, static: Static) -> None:
        """Add what a message says; what it does not say stays."""
        old = self._known.pop((sensor, mmsi), Static())
        if len(self._known) >= _LIMIT:
            del self._known[next(iter(self._known))]
        self._known[sensor, mmsi] = Static(
            static.callsign or old.callsign,
            static.name or old.name,
            static.imo or old.imo,
            static.ship_type or old.ship_type,
        )

    def identity(self, sensor: str, mmsi: int) -> Identity:
        """All that is known of a vessel."""
        known = self._known.get((sensor, mmsi))
        if known is None:
            return Identity(mmsi=mmsi)
        return Identity(mmsi=mmsi, imo=known.imo, callsign=known.callsign, name=known.name, ship_type=known.ship_type)

    def dump(self) -> list[tuple[str, int, Static]]:
        """Everything remembered, oldest first."""
        return [(sensor, mmsi, static) for (sensor, mmsi), static in self._known.items()]

    def load(self, known: list[tuple[str, int, Static]]) -> None:
        """Take back what :meth:`dump` gave."""
        self._known = {(sensor, mmsi): static for sensor, mmsi, static in known}
