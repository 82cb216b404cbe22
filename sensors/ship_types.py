"""Types of ship and cargo as AIS says them (ITU-R M.1371-5, table 53), in words of :mod:`geo.concern`."""

_TYPES: dict[int, str] = {
    30: "fishing",
    31: "tug",
    32: "tug",
    33: "service",  # dredging, works under water
    34: "service",  # diving
    35: "military",
    36: "sailing",
    37: "pleasure-craft",
    50: "pilot",
    51: "search-and-rescue",
    52: "tug",
    53: "service",  # port tender
    54: "service",  # against pollution
    55: "law-enforcement",
    58: "service",  # medical transport
}
_TENS = {4: "high-speed-craft", 6: "passenger", 7: "cargo", 8: "tanker"}


def word_of_ship_type(code: int) -> str:
    """The word for a type, 0 to 255; ``vessel`` where it tells no more.

    >>> word_of_ship_type(30), word_of_ship_type(79), word_of_ship_type(0)
    ('fishing', 'cargo', 'vessel')
    """
    if code in _TYPES:
        return _TYPES[code]
    return _TENS.get(code // 10, "vessel")
