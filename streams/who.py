"""Who an object is, as far as that decides which zones concern it: its key, what it may be, what has seen it. Pure.

What an identity says, the type of ship, and what a sensor takes it for narrow what it may be; where they contradict
each other, it may be either. Facts about an object hold for all its fixes, whenever they were learned.
"""

from collections.abc import Mapping
from typing import NamedTuple

from geo.concern import CLASSES, MODALITIES, may_be, word_of
from sensors.extras import decode_extras
from sensors.observation import Identity
from sensors.ship_types import word_of_ship_type

NOT_SAID = ("", 0.0)
_UNKNOWN: frozenset[str] = frozenset()
_VESSEL, _AIRCRAFT, _DRONE = CLASSES["vessel"], CLASSES["aircraft"], CLASSES["drone"]
_BIT = {word: 1 << number for number, word in enumerate(MODALITIES)}
# who names himself so is heard by that
_SENDS = {"mmsi": _BIT["ais"], "icao24": _BIT["adsb"], "uas": _BIT["remote-id"]}
_MADE: dict[int, frozenset[str]] = {}  # bits -> modalities; a cache, which changes no result


class Who(NamedTuple):
    """``modalities`` that have seen it and ``classes`` it may be, in words of :mod:`geo.concern`; empty: not known."""

    key: str
    modalities: frozenset[str] = _UNKNOWN
    classes: frozenset[str] = _UNKNOWN


def who_of(key: str, identity: Identity, said: str = "", seen: int = 0) -> Who:
    """``said`` is the sensors' word for it, ``seen`` the bits of :func:`bit_of` of those that have seen it."""
    by_identity, by_sensor = _classes(key, identity), may_be(said) if said else _UNKNOWN
    classes = by_identity & by_sensor or by_identity | by_sensor
    return Who(key, _modalities(seen | _SENDS.get(key.partition(":")[0], 0)), classes)


def bit_of(modality: str) -> int:
    """The bit that stands for a kind of sensor; 0 for a word that says none."""
    return _BIT.get(word_of(modality) or "", 0)


def bits_of(modalities: Mapping[str, str]) -> dict[str, int]:
    """The bits of sensors whose kind is known, by name."""
    return {name: bit for name, modality in modalities.items() if (bit := bit_of(modality))}


def said_in(extras: bytes | None) -> tuple[str, float]:
    """The likeliest word for an object in the rarer fields of a row that means anything here, and how sure it is."""
    if extras is None:
        return NOT_SAID
    words = [(one.confidence, one.label) for one in decode_extras(extras).classification if may_be(one.label)]
    sure, label = max(words, default=(0.0, ""))
    return (word_of(label) or "", sure) if label else NOT_SAID


def _classes(key: str, identity: Identity) -> frozenset[str]:
    name, _, number = key.partition(":")
    if name == "icao24":
        return _AIRCRAFT
    if name == "uas":
        return _DRONE
    if name == "mmsi" and number.startswith("111"):  # aircraft for search and rescue (ITU-R M.585-9)
        return _AIRCRAFT
    if name == "mmsi" and number.startswith(("97", "99")):  # beacons and marks: anybody's
        return _UNKNOWN
    if identity.ship_type is not None:
        return CLASSES[word_of_ship_type(identity.ship_type)]
    return _VESSEL if name in ("mmsi", "imo", "vessel") else _UNKNOWN


def _modalities(bits: int) -> frozenset[str]:
    found = _MADE.get(bits)
    if found is None:
        found = _MADE[bits] = frozenset(word for word, bit in _BIT.items() if bits & bit)
    return found
