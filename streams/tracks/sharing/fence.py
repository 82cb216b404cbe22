"""Who may speak for a track: the highest (epoch, owner) seen, in public and between owners."""

from typing import NamedTuple


class Right(NamedTuple):
    """An owner's claim to a track; compared in order, so that two that claim at once do not both stand."""

    epoch: int
    owner: int


MOST = 100_000  # tracks remembered; what nobody spoke of for so many others has ended long ago


class Fence:
    """The highest right seen for each track; what is lower is a zombie's and is ignored."""

    def __init__(self, most: int = MOST) -> None:
        """Nothing seen; ``most`` tracks are remembered, the latest spoken of."""
        self._most = most
        self.highest: dict[int, Right] = {}
        self.refused = 0

    def admits(self, track_id: int, right: Right) -> bool:
        """Whether this speaker stands; remembers it if so."""
        if right < self.highest.get(track_id, right):
            self.refused += 1
            return False
        self._remember(track_id, right)
        return True

    def is_new(self, track_id: int, right: Right) -> bool:
        """Whether this right is above all seen; remembers it if so. A hand-over that comes twice is not new."""
        known = self.highest.get(track_id)
        if known is not None and right <= known:
            self.refused += 1
            return False
        self._remember(track_id, right)
        return True

    def _remember(self, track_id: int, right: Right) -> None:
        self.highest.pop(track_id, None)
        self.highest[track_id] = right  # last in order: the latest
        if len(self.highest) > self._most:
            del self.highest[next(iter(self.highest))]
