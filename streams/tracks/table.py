"""The tracks as arrays, one column per track, in the order in which they were started; room grows by doubling."""

from typing import Final

import msgspec
import numpy as np

from streams.tracks.motion import ROWS
from streams.tracks.state import Flags, Floats, Ids, Indices

_FIRST_ROOM: Final = 256
NEVER: Final = -np.inf


class _Column(msgspec.Struct, array_like=True):
    dtype: str
    shape: tuple[int, ...]
    data: bytes


_decode = msgspec.msgpack.Decoder(dict[str, _Column]).decode


class Table:
    """``count`` tracks. Attributes hold room for more; what is behind ``count`` has no meaning.

    ``state`` (2, 14, room) · ``mode`` (2, room) · ``time_s`` of the state · ``existence`` · ``id`` · ``confirmed`` ·
    ``hits`` plots so far · ``counted`` how many of them the clutter map holds for false ones · ``class_code``,
    ``class_known`` told by a sensor · per sensor (s, room): ``looked_s`` the time up to which looks are accounted for,
    :data:`NEVER` where the sensor does not see the track, and ``hit_s`` its last plot · ``near_id``, ``near_s``: the
    track this one may be a duplicate of, and since when."""

    COLUMNS: Final = (
        "state",
        "mode",
        "time_s",
        "existence",
        "id",
        "confirmed",
        "hits",
        "counted",
        "class_code",
        "class_known",
        "looked_s",
        "hit_s",
        "near_id",
        "near_s",
    )

    state: Floats
    mode: Floats
    time_s: Floats
    existence: Floats
    id: Ids
    confirmed: Flags
    hits: Indices
    counted: Floats
    class_code: Indices
    class_known: Flags
    looked_s: Floats
    hit_s: Floats
    near_id: Ids
    near_s: Floats

    def __init__(self, sensors: int) -> None:
        room = _FIRST_ROOM
        self.count = 0
        self.state = np.zeros((2, ROWS, room))
        self.mode = np.zeros((2, room))
        self.time_s = np.zeros(room)
        self.existence = np.zeros(room)
        self.id = np.zeros(room, np.uint64)
        self.confirmed = np.zeros(room, bool)
        self.hits = np.zeros(room, np.intp)
        self.counted = np.zeros(room)
        self.class_code = np.zeros(room, np.intp)
        self.class_known = np.zeros(room, bool)
        self.looked_s = np.full((sensors, room), NEVER)
        self.hit_s = np.full((sensors, room), NEVER)
        self.near_id = np.zeros(room, np.uint64)
        self.near_s = np.zeros(room)

    @property
    def room(self) -> int:
        """How many tracks fit without growing."""
        return self.time_s.size

    def append(self, count: int) -> slice:
        """Add ``count`` columns with no meaning yet; where they are."""
        start, need = self.count, self.count + count
        if need > self.room:
            room = max(need, 2 * self.room)
            for name in self.COLUMNS:
                old = getattr(self, name)
                new = np.zeros((*old.shape[:-1], room), old.dtype)
                new[..., :start] = old[..., :start]
                setattr(self, name, new)
        self.count = need
        return slice(start, need)

    def keep(self, kept: Flags) -> None:
        """Drop every track that is not ``kept`` (count,); the order stays."""
        rows = np.nonzero(kept)[0]
        for name in self.COLUMNS:
            column = getattr(self, name)
            column[..., : rows.size] = column[..., : self.count].take(rows, axis=-1)
        self.count = rows.size

    def dump(self) -> bytes:
        """Every track, bit for bit."""
        columns = {}
        for name in self.COLUMNS:
            column = np.ascontiguousarray(getattr(self, name)[..., : self.count])
            columns[name] = _Column(column.dtype.str, column.shape, column.tobytes())
        return msgspec.msgpack.encode(columns)

    def load(self, dumped: bytes) -> None:
        """Replace everything by what was dumped. Raises msgspec.MsgspecError or ValueError where it is none."""
        columns = {
            name: np.frombuffer(column.data, column.dtype).reshape(column.shape)
            for name, column in _decode(dumped).items()
        }
        if set(columns) != set(self.COLUMNS):
            raise ValueError("not the tracks of this version")
        self.count = 0
        rows = self.append(columns["id"].size)
        for name in self.COLUMNS:
            getattr(self, name)[..., rows] = columns[name]
