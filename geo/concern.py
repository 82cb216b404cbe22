"""Whom a zone concerns: words for kinds of sensors and for kinds of objects, and when they rule an object out.

A zone's words of one sort are alternatives, and of both sorts one has to fit: ``["radar", "small-boat"]`` concerns
small boats that a radar sees. What is not known of an object never rules it out: in doubt a zone applies.

A word for an object is a set of what it may be (:data:`CLASSES`): a small boat may be fishing, so a zone for fishing
vessels concerns it, and one for cargo ships does not.
"""

from collections.abc import Iterable

MODALITIES = (
    "ais",
    "adsb",
    "remote-id",
    "vms",
    "lrit",
    "radar",
    "lidar",
    "camera",
    "thermal",
    "sonar",
    "ground",
    "radio",
    "satellite",
    "external",
    "report",
)

_BIG = {"cargo", "tanker", "passenger"}
_BOATS = {"fishing", "sailing", "pleasure-craft", "pilot", "search-and-rescue", "law-enforcement", "other-boat"}
_VESSELS = {*_BIG, *_BOATS, "high-speed-craft", "tug", "military", "service"}
_FAST = {
    "high-speed-craft",
    "pleasure-craft",
    "pilot",
    "search-and-rescue",
    "law-enforcement",
    "military",
    "other-boat",
}
_AIRCRAFT = {"aeroplane", "helicopter", "drone"}
_LAND = {"walker", "vehicle", "animal"}

# What an object that is called so may be.
CLASSES: dict[str, frozenset[str]] = {
    **{word: frozenset({word}) for word in sorted((_VESSELS | _AIRCRAFT | _LAND) - {"other-boat"})},
    "vessel": frozenset(_VESSELS),
    "small-boat": frozenset({*_BOATS, "high-speed-craft", "service", "military"}),
    "fast-boat": frozenset(_FAST),
    "aircraft": frozenset(_AIRCRAFT),
}

_ALSO = {
    "ads-b": "adsb",
    "boat": "small-boat",
    "ship": "vessel",
    "person": "walker",
    "pedestrian": "walker",
    "human": "walker",
    "car": "vehicle",
    "truck": "vehicle",
    "motorcycle": "vehicle",
    "uav": "drone",
    "plane": "aeroplane",
    "airplane": "aeroplane",
    "speedboat": "fast-boat",
    "yacht": "pleasure-craft",
    "fishing-vessel": "fishing",
    "cargo-ship": "cargo",
}
_EXPECTED = "of " + ", ".join(MODALITIES) + " and " + ", ".join(sorted(CLASSES))


def word_of(text: str) -> str | None:
    """The word of :data:`MODALITIES` or :data:`CLASSES` that a text means; None where it is none.

    >>> word_of("Fishing vessel"), word_of("ADS-B"), word_of("spaceship")
    ('fishing', 'adsb', None)
    """
    word = "-".join(text.strip().lower().replace("_", " ").split())
    word = _ALSO.get(word, word)
    return word if word in CLASSES or word in MODALITIES else None


def wrong_words(words: Iterable[str]) -> str | None:
    """What was expected, where a word is none of those there are; None where all are."""
    return next((f"words {_EXPECTED}" for word in words if word_of(word) is None), None)


def may_be(label: str) -> frozenset[str]:
    """What an object that is called so may be; empty where the label says nothing that is known here."""
    return CLASSES.get(word_of(label) or "", frozenset())


class Concern:
    """The words of one zone's ``applies_to``, made ready to be asked often; an unknown word is passed over."""

    def __init__(self, words: Iterable[str]) -> None:
        known = [word for text in words if (word := word_of(text)) is not None]
        self.modalities = frozenset(known).intersection(MODALITIES)
        self.classes = frozenset().union(*(CLASSES[word] for word in known if word in CLASSES))

    def rules_out(self, modalities: frozenset[str], classes: frozenset[str]) -> bool:
        """Whether an object is none of the zone's business: it was seen by other kinds of sensors only, or can only be
        something else. Empty is not known."""
        if self.modalities and modalities and self.modalities.isdisjoint(modalities):
            return True
        return bool(self.classes and classes) and self.classes.isdisjoint(classes)
