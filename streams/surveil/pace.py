"""In a recording, owners of neighbouring sectors keep in step, so that how fast each reads leaves no trace.

Plots near a border are in the logs of the owners on both sides. Before a recording's second is taken, every owner with
whom an earlier second was shared must have said that it has taken its turn there: then what it had to say of its tracks
has come. The rows of a frame wait for that, second by second, and everything of the feeds behind them; letters of other
owners never wait. As the earliest of all waiting seconds needs only earlier ones, somebody can always go on. Live rows
wait for nobody: an owner that is silent is replaced instead (`streams.tracks.sharing.owner`).
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.frames import SourceTick
from streams.surveil.neighbours.note import EVER

_NEVER = -1


class Waiting(msgspec.Struct, array_like=True):
    """A frame some of whose rows still wait, or a tick behind one."""

    source: str
    tick: SourceTick
    value: bytes = b""
    rows: bytes = b""  # int64, rising

    def left(self) -> NDArray[np.intp]:
        """The rows that wait."""
        return np.frombuffer(self.rows, np.int64).astype(np.intp)


class Pace(msgspec.Struct, array_like=True):
    """One owner's place among its neighbours; all of it is state. Seconds are of event time, since 1970."""

    queue: list[Waiting] = []
    here: int = 0  # rows in the queue that are in this owner's own sectors
    front_s: int = _NEVER  # the newest second taken
    shared: dict[int, tuple[int, int]] = {}  # other owner -> the newest second with plots near both, and the one before
    heard: dict[int, int] = {}  # other owner -> the second it is through
    said: dict[int, int] = {}  # … and what it was told of us
    live: bool = True  # whether the newest rows were

    def must_wait(self, second: int) -> bool:
        """Whether somebody who shared an earlier second is not through it."""
        return any(
            shared < second and shared > self.heard.get(other, _NEVER)
            for other, both in self.shared.items()
            for shared in both
        )

    def hear(self, other: int, through_s: int) -> None:
        """Another owner is through a second."""
        self.heard[other] = max(self.heard.get(other, _NEVER), through_s)

    def took(self, second: int, others: list[int]) -> list[int]:
        """A second was taken, with plots near the ground of ``others``; who waits for that to be said, ascending."""
        self.front_s = max(self.front_s, second)
        for other in others:
            newest, _ = self.shared.get(other, (_NEVER, _NEVER))
            if second > newest:
                self.shared[other] = (second, newest)
        waiting = [one for one, (newest, _) in self.shared.items() if self.said.get(one, _NEVER) < newest]
        return self._told(waiting, self.front_s)

    def ended(self) -> list[int]:
        """Nothing more will come; who is to be told, ascending."""
        return self._told([one for one in self.shared if self.said.get(one, _NEVER) < EVER], EVER)

    def _told(self, others: list[int], second: int) -> list[int]:
        self.said.update(dict.fromkeys(others, second))
        return sorted(others)

    @property
    def over(self) -> bool:
        """Whether nothing waits, and nobody near has anything more to say."""
        return not self.queue and all(self.heard.get(other, _NEVER) >= EVER for other in self.shared)
