"""The tracks as arrays, one column per track, in the order in which they were started; room grows by doubling.

Columns of one type lie in one block, so that dropping tracks costs four calls and not one per column."""

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.tracks.classes import NOISE
from streams.tracks.motion import ROWS
from streams.tracks.state import Flags, Floats, Ids, Indices

_FIRST_ROOM: Final = 256
NEVER: Final = -np.inf
# Where in the block of floats: two of their own, the states, the facts, and of these what each sensor saw.
_FACTS: Final = 2 + 2 * ROWS
_SEEN: Final = _FACTS + 8


class _Block(msgspec.Struct, array_like=True):
    rows: int
    data: bytes


_decode = msgspec.msgpack.Decoder(list[_Block]).decode


class Facts:
    """What a plot asks of its track, row by row: ``rows`` (8 + 2 s, k) holds all of them.

    ``mode`` (2, k) probabilities of the models · ``time_s`` of the state · ``existence`` · ``hits`` plots so far ·
    ``counted`` how many of them the clutter map holds for false ones · ``noise`` (2, k) of the models, by class ·
    ``seen_s`` (2 s, k), two rows per sensor: the time up to which looks are accounted for, :data:`NEVER` where the
    sensor does not see the track, and the time of its last plot."""

    __slots__ = ("counted", "existence", "hits", "mode", "noise", "rows", "seen_s", "time_s")

    def __init__(self, rows: Floats) -> None:
        self.rows = rows
        self.mode, self.noise, self.seen_s = rows[0:2], rows[6:8], rows[8:]
        self.time_s, self.existence, self.hits, self.counted = rows[2], rows[3], rows[4], rows[5]


class Table:
    """``count`` tracks. Attributes hold room for more; what is behind ``count`` has no meaning.

    ``state`` (14, 2, room) · ``facts`` and each of them by its name · ``born_s`` time of the first plot · ``id`` ·
    ``confirmed`` · ``class_code``, ``class_known`` told by a sensor · ``looked_s``, ``hit_s`` (s, room) of what each
    sensor has seen · ``near_id``, ``near_s``: the track this one may be a duplicate of, and since when."""

    state: Floats
    facts: Facts
    mode: Floats
    noise: Floats
    time_s: Floats
    existence: Floats
    hits: Floats
    counted: Floats
    born_s: Floats
    near_s: Floats
    looked_s: Floats
    hit_s: Floats
    id: Ids
    near_id: Ids
    class_code: NDArray[np.int8]
    confirmed: Flags
    class_known: Flags

    def __init__(self, sensors: int) -> None:
        self.count = 0
        self._sensors = sensors
        self._floats = np.zeros((_SEEN + 2 * sensors, _FIRST_ROOM))
        self._ids = np.zeros((2, _FIRST_ROOM), np.uint64)
        self._bytes = np.zeros((3, _FIRST_ROOM), np.int8)
        self._blank = np.zeros((len(self._floats), 1))
        self._blank[_SEEN:] = NEVER
        self._name_rows()

    def _name_rows(self) -> None:
        floats = self._floats
        self.state = _state(floats)
        self.facts = facts = Facts(floats[_FACTS:])
        self.mode, self.noise, self.time_s = facts.mode, facts.noise, facts.time_s
        self.existence, self.hits, self.counted = facts.existence, facts.hits, facts.counted
        self.born_s, self.near_s = floats[:2]
        self.looked_s, self.hit_s = facts.seen_s[::2], facts.seen_s[1::2]
        self.id, self.near_id = self._ids
        self.class_code = self._bytes[0]
        self.confirmed, self.class_known = self._bytes[1:].view(bool)

    @property
    def room(self) -> int:
        """How many tracks fit without growing."""
        return self._floats.shape[1]

    def append(self, count: int) -> slice:
        """Add ``count`` columns as :meth:`newborn` says; where they are."""
        start, need = self.count, self.count + count
        if need > self.room:
            more = ((0, 0), (0, max(need, 2 * self.room) - self.room))
            self._floats, self._ids = np.pad(self._floats, more), np.pad(self._ids, more)
            self._bytes = np.pad(self._bytes, more)
            self._name_rows()
        self.count = need
        new = slice(start, need)
        self._floats[:, new] = self._blank
        self._ids[:, new] = 0
        self._bytes[:, new] = 0
        return new

    def newborn(self) -> tuple[Floats, Facts]:
        """State (14, 2, 1) and facts of every track that begins, to be filled in once: zeros, and nobody sees it."""
        return _state(self._blank), Facts(self._blank[_FACTS:])

    def classify(self, columns: slice | Indices, code: NDArray[np.int8]) -> None:
        """Say what tracks are; how restless they are follows."""
        self.class_code[columns] = code
        self.noise[:, columns] = NOISE.take(code, axis=1)

    def keep(self, kept: Flags) -> None:
        """Drop every track that is not ``kept`` (count,); the order stays."""
        rows = kept.nonzero()[0]
        self._floats[:, : rows.size] = self._floats.take(rows, axis=1)
        self._ids[:, : rows.size] = self._ids.take(rows, axis=1)
        self._bytes[:, : rows.size] = self._bytes.take(rows, axis=1)
        self.count = rows.size

    def _blocks(self) -> tuple[NDArray[Any], ...]:
        return self._floats, self._ids, self._bytes

    def dump(self) -> bytes:
        """Every track, bit for bit."""
        blocks = self._blocks()
        return msgspec.msgpack.encode([_Block(len(block), block[:, : self.count].tobytes()) for block in blocks])

    def load(self, dumped: bytes) -> None:
        """Replace everything by what was dumped. Raises msgspec.MsgspecError or ValueError where it is none."""
        blocks = self._blocks()
        held = _decode(dumped)
        if [block.rows for block in held] != [len(block) for block in blocks]:
            raise ValueError("not the tracks of this version and number of sensors")
        arrays = [
            np.frombuffer(block.data, mine.dtype).reshape(block.rows, -1)
            for block, mine in zip(held, blocks, strict=True)
        ]
        self.count = 0
        rows = self.append(arrays[0].shape[1])
        for mine, array in zip(self._blocks(), arrays, strict=True):
            mine[:, rows] = array


def _state(floats: Floats) -> Floats:
    return floats[2:_FACTS].reshape(ROWS, 2, floats.shape[1])
