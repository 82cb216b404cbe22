"""The words for a chance: possible, probable, confirmed (``docs/explanation/uncertainty.md``)."""

from enum import IntEnum

POSSIBLE, PROBABLE, CONFIRMED = 0.3, 0.7, 0.95


class Label(IntEnum):
    """How sure something is, rising."""

    DOUBTFUL = 0
    POSSIBLE = 1
    PROBABLE = 2
    CONFIRMED = 3

    @property
    def word(self) -> str:
        """The word a person reads."""
        return self.name.lower()


def label_of(chance: float, independent: int = 1) -> Label:
    """The word for a chance (0..1) that ``independent`` sensors of different kinds speak for.

    Two of them confirm what each by itself finds at least possible.

    >>> label_of(0.5).word, label_of(0.71).word, label_of(0.96).word, label_of(0.5, independent=2).word
    ('possible', 'probable', 'confirmed', 'confirmed')
    """
    if chance > CONFIRMED or (independent > 1 and chance > POSSIBLE):
        return Label.CONFIRMED
    if chance > PROBABLE:
        return Label.PROBABLE
    return Label.POSSIBLE if chance > POSSIBLE else Label.DOUBTFUL
