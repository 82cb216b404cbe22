"""The tracks as arrays, one column per track, in the order in which they were started; room grows by doubling.

Columns of one type lie in one block, so that dropping tracks costs four calls and not one per column."""

from typing import Final

import msgspec
import numpy as np

from streams.tracks.motion import ROWS
from streams.tracks.state import Flags, Floats, Ids, Indices

_FIRST_ROOM: Final = 256
NEVER: Final = -np.inf


class _Block(msgspec.Struct, array_like=True):
    rows: int
    data: bytes


_decode = msgspec.msgpack.Decoder(list[_Block]).decode


class Table:
    """``count`` tracks. Attributes hold room for more; what is behind ``count`` has no meaning.

    ``state`` (2, 14, room) · ``mode`` (2, room) · ``time_s`` of the state · ``existence`` · ``id`` · ``confirmed`` ·
    ``hits`` plots so far, the first at ``born_s`` · ``counted`` how many of them the clutter map holds for false ones ·
    ``class_code``, ``class_known`` told by a sensor · per sensor (s, room): ``looked_s`` the time up to which looks are
    accounted for, :data:`NEVER` where the sensor does not see the track, and ``hit_s`` its last plot · ``near_id``,
    ``near_s``: the track this one may be a duplicate of, and since when."""

    state: Floats
    mode: Floats
    time_s: Floats
    existence: Floats
    born_s: Floats
    counted: Floats
    near_s: Floats
    looked_s: Floats
    hit_s: Floats
    id: Ids
    near_id: Ids
    hits: Indices
    class_code: Indices
    confirmed: Flags
    class_known: Flags

    def __init__(self, sensors: int) -> None:
        self.count = 0
        self._sensors = sensors
        self._floats = np.zeros((2 * ROWS + 7 + 2 * sensors, _FIRST_ROOM))
        self._ids = np.zeros((2, _FIRST_ROOM), np.uint64)
        self._numbers = np.zeros((2, _FIRST_ROOM), np.intp)
        self._flags = np.zeros((2, _FIRST_ROOM), bool)
        self._name_rows()

    def _name_rows(self) -> None:
        floats, sensors = self._floats, self._sensors
        self.state = floats[: 2 * ROWS].reshape(2, ROWS, self.room)
        self.mode = floats[2 * ROWS : 2 * ROWS + 2]
        rest = floats[2 * ROWS + 2 :]
        self.time_s, self.existence, self.born_s, self.counted, self.near_s = rest[:5]
        self.looked_s, self.hit_s = rest[5 : 5 + sensors], rest[5 + sensors :]
        self.id, self.near_id = self._ids
        self.hits, self.class_code = self._numbers
        self.confirmed, self.class_known = self._flags

    @property
    def room(self) -> int:
        """How many tracks fit without growing."""
        return self._floats.shape[1]

    def append(self, count: int) -> slice:
        """Add ``count`` columns with no meaning yet; where they are."""
        start, need = self.count, self.count + count
        if need > self.room:
            more = ((0, 0), (0, max(need, 2 * self.room) - self.room))
            self._floats, self._ids = np.pad(self._floats, more), np.pad(self._ids, more)
            self._numbers, self._flags = np.pad(self._numbers, more), np.pad(self._flags, more)
            self._name_rows()
        self.count = need
        return slice(start, need)

    def clear(self, columns: slice) -> None:
        """Set everything to nothing: zeros, and no sensor has seen it."""
        self._floats[:, columns] = 0.0
        self._floats[2 * ROWS + 7 :, columns] = NEVER
        self._ids[:, columns] = 0
        self._numbers[:, columns] = 0
        self._flags[:, columns] = False

    def keep(self, kept: Flags) -> None:
        """Drop every track that is not ``kept`` (count,); the order stays."""
        rows = kept.nonzero()[0]
        self._floats[:, : rows.size] = self._floats.take(rows, axis=1)
        self._ids[:, : rows.size] = self._ids.take(rows, axis=1)
        self._numbers[:, : rows.size] = self._numbers.take(rows, axis=1)
        self._flags[:, : rows.size] = self._flags.take(rows, axis=1)
        self.count = rows.size

    def dump(self) -> bytes:
        """Every track, bit for bit."""
        blocks = (self._floats, self._ids, self._numbers, self._flags)
        return msgspec.msgpack.encode([_Block(len(block), block[:, : self.count].tobytes()) for block in blocks])

    def load(self, dumped: bytes) -> None:
        """Replace everything by what was dumped. Raises msgspec.MsgspecError or ValueError where it is none."""
        blocks = (self._floats, self._ids, self._numbers, self._flags)
        held = _decode(dumped)
        if [block.rows for block in held] != [len(block) for block in blocks]:
            raise ValueError("not the tracks of this version and number of sensors")
        arrays = [
            np.frombuffer(block.data, mine.dtype).reshape(block.rows, -1)
            for block, mine in zip(held, blocks, strict=True)
        ]
        self.count = 0
        rows = self.append(arrays[0].shape[1])
        for mine, array in zip((self._floats, self._ids, self._numbers, self._flags), arrays, strict=True):
            mine[:, rows] = array
