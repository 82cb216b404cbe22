"""The objects one owner follows: a structure of arrays, one slot an object, with a ring of recent fixes each.

Slot numbers are an accident of the order of arrival and never reach an output.
"""

from collections.abc import Mapping, Sequence
from typing import cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from sensors.observation import Identity
from streams.blocks import Block
from streams.rules import Rulebook
from streams.surveil.rows import FIX, RAW, Fix
from streams.surveil.visits import NEVER, Case
from streams.who import NOT_SAID, Who, who_of

RING = 16  # remembered fixes: what a late fix can be put in order with
AMPLE = 2**30  # fixes: nothing to settle
_FIXES = np.dtype(f"V{FIX.itemsize * RING}")  # one object's ring as so many bytes
MEASURED = np.dtype([("lon", "f8"), ("lat", "f8"), ("slack_m", "f8")])
UNMEASURED = (0.0, 0.0, -1.0)

_ARRAYS = {
    "last": FIX,  # the newest fix
    "count": np.dtype("i4"),  # fixes in the ring
    "head": np.dtype("i4"),  # where the oldest one is
    "anchored": np.dtype("?"),  # the oldest is no longer the track's first
    "version": np.dtype("i4"),  # of the zones the standing is told by
    "seen": np.dtype("u4"),  # the kinds of sensors that have seen it, bits of streams.who
    "heard_us": np.dtype("i8"),  # event time of the newest word, with or without position
    "pictured_us": np.dtype("i8"),  # event time of the newest public picture
    "due_us": np.dtype("i8"),  # when the first of its stays ends by itself; NEVER where none does
    "weigh_us": np.dtype("i8"),  # from when a row is asked how sure an entry is; NEVER where that is known
    "room": np.dtype("i4"),  # fixes that can still be added before a remembered change of standing is settled
    "busy": np.dtype("?"),  # the next row needs thought
    "leaving": np.dtype("?"),  # a stay is ending: a row that may reach the margin needs thought
    "used": np.dtype("?"),
}


_Element = tuple[int, int, float, float, float, float, int, int, bytes, int, float, float, float]  # FIX, in Python


class _Rest(msgspec.Struct, array_like=True):
    """What is no array."""

    keys: list[str]
    identities: list[Identity]
    tracks: list[str]
    epochs: list[int]
    cases: list[Case | None]
    sensors: list[str]
    said: list[tuple[str, float]] = []


class Objects:
    """All objects of one owner. Arrays have one element a slot."""

    last: NDArray[np.void]
    count: NDArray[np.int32]
    head: NDArray[np.int32]
    anchored: NDArray[np.bool_]
    version: NDArray[np.int32]
    seen: NDArray[np.uint32]
    heard_us: NDArray[np.int64]
    pictured_us: NDArray[np.int64]
    due_us: NDArray[np.int64]
    weigh_us: NDArray[np.int64]
    room: NDArray[np.int32]
    busy: NDArray[np.bool_]
    leaving: NDArray[np.bool_]
    used: NDArray[np.bool_]

    def __init__(self) -> None:
        self.slots: dict[str, int] = {}
        self.keys: list[str] = []
        self.identities: list[Identity] = []
        self.heard_as: list[
            msgspec.Raw | None
        ] = []  # as the newest row named it, encoded; not state, only saves decoding
        self.tracks: list[str] = []
        self.epochs: list[int] = []
        self.cases: list[Case | None] = []
        self.said: list[tuple[str, float]] = []  # what sensors take it for, and how surely: the surest word
        self._who: list[Who | None] = []  # of all that; not state
        self.bits: Mapping[str, int] = {}  # of the sensors whose kind the configuration tells; not state
        self.sensor_bits: list[int] = []  # likewise, by the sensor's number
        self.sensors: list[str] = []
        self._sensor_index: dict[str, int] = {}
        self._free: list[int] = []
        self.set_id = np.zeros(0, np.int32)  # of the newest fix; fences number sets as they meet them: not state
        # Where a stay that is ending was last measured, and how far from there it cannot reach the margin: not state,
        # only saves measuring again.
        self.measured = np.zeros(0, MEASURED)
        for name, dtype in _ARRAYS.items():
            setattr(self, name, np.zeros(0, dtype))
        self.ring = np.zeros((0, RING), FIX)
        self._grow(64)

    def __len__(self) -> int:
        return len(self.slots)

    def new(self, key: str, identity: Identity, track: str, epoch: int) -> int:
        """A slot for an object that has no fix yet."""
        slot = self._free.pop() if self._free else len(self.keys)
        if slot == len(self.keys):
            self.keys.append("")
            self.identities.append(identity)
            self.heard_as.append(None)
            self.tracks.append("")
            self.epochs.append(0)
            self.cases.append(None)
            self.said.append(NOT_SAID)
            self._who.append(None)
            if slot == len(self.count):
                self._grow(2 * slot)
        self.keys[slot], self.identities[slot], self.heard_as[slot] = key, identity, None
        self.tracks[slot], self.epochs[slot], self.cases[slot] = track, epoch, None
        self.said[slot], self._who[slot] = NOT_SAID, None
        self.count[slot] = self.head[slot] = self.version[slot] = self.seen[slot] = 0
        self.anchored[slot] = self.busy[slot] = False
        self.heard_us[slot] = -1
        self.pictured_us[slot] = -NEVER
        self.due_us[slot] = self.weigh_us[slot] = NEVER
        self.room[slot] = AMPLE
        self.set_id[slot] = -1
        self.measured[slot] = UNMEASURED
        self.used[slot] = True
        self.slots[key] = slot
        return slot

    def forget(self, slot: int) -> None:
        """Free a slot."""
        del self.slots[self.keys[slot]]
        self.cases[slot] = None
        self.used[slot] = False
        self._free.append(slot)

    def sensor(self, name: str) -> int:
        """The number of a sensor; a new one is given where needed."""
        number = self._sensor_index.get(name)
        if number is None:
            number = self._sensor_index[name] = len(self.sensors)
            self.sensors.append(name)
            self.sensor_bits.append(self.bits.get(name, 0))
        return number

    def who(self, slot: int) -> Who:
        """Who an object is, for the question which zones concern it."""
        found = self._who[slot]
        if found is None:
            found = who_of(self.keys[slot], self.identities[slot], self.said[slot][0], int(self.seen[slot]))
            self._who[slot] = found
        return found

    def hear(self, slot: int, identity: Identity, said: tuple[str, float], sensor: str) -> None:
        """Take over what a row of a sensor tells of who an object is."""
        self.identities[slot] = identity
        self.take_word(slot, said, self.bits.get(sensor, 0))

    def take_word(self, slot: int, said: tuple[str, float], seen: int) -> None:
        """Remember a word for an object, the surest one, and the kinds of sensors that have seen it (bits)."""
        if said[1] > self.said[slot][1]:
            self.said[slot] = said
        self.seen[slot] |= np.uint32(seen)
        self._who[slot] = None

    def heard_also(self, slot: int, other: int) -> None:
        """What is known of another object is known of this one: they are one."""
        self.take_word(slot, self.said[other], int(self.seen[other]))

    def know_sensors(self, bits: Mapping[str, int]) -> None:
        """Take over which sensors are of which kind, bits of :func:`streams.who.bit_of`."""
        self.bits, self.sensor_bits = bits, [bits.get(name, 0) for name in self.sensors]
        self._who = [None] * len(self._who)

    def newest(self, slot: int) -> Fix:
        """The newest fix."""
        return self.fix(self.last[slot])

    def fixes(self, slot: int) -> list[Fix]:
        """The remembered fixes, oldest first."""
        head, count = int(self.head[slot]), int(self.count[slot])
        return [self.fix(self.ring[slot, (head + i) % RING]) for i in range(count)]

    def append(self, slot: int, fix: Fix) -> bool:
        """Add the newest fix; whether the oldest one had to go, which makes the next one the anchor."""
        element = (*fix[:7], self.sensor(fix.sensor), *fix[8:])
        head, count = int(self.head[slot]), int(self.count[slot])
        self.ring[slot, (head + count) % RING] = element
        self.last[slot] = element
        self.heard_us[slot] = max(self.heard_us[slot], fix.event_time_us)
        if count < RING:
            self.count[slot] = count + 1
            return False
        self.head[slot] = (head + 1) % RING
        self.anchored[slot] = True
        return True

    def rewrite(self, slot: int, fixes: Sequence[Fix], *, anchored: bool) -> None:
        """Replace the remembered fixes (at most :data:`RING`, oldest first)."""
        self.head[slot], self.count[slot], self.anchored[slot] = 0, 0, False
        for fix in fixes:
            self.append(slot, fix)
        self.anchored[slot] = anchored
        self.measured[slot] = UNMEASURED

    def append_many(self, slots: NDArray[np.intp], rank: NDArray[np.intp], fixes: NDArray[np.void]) -> None:
        """Add newest fixes of several objects, sorted by slot and then in order; ``rank`` counts within a slot."""
        last = np.empty(len(slots), bool)
        last[-1] = True
        np.not_equal(slots[1:], slots[:-1], out=last[:-1])
        ends = last.nonzero()[0]
        ring, raw = self.ring.view(RAW).reshape(-1), fixes.view(RAW)
        if len(ends) == len(slots):
            who, start = slots, self.head[slots] + self.count[slots]
            many = np.ones(len(who), np.int32)
            ring[who * RING + start % RING] = raw
            newest = raw
        else:
            who, sizes = slots[ends], rank[ends] + 1
            start, many = self.head[who] + self.count[who], sizes.astype(np.int32)
            # only the newest ones stay: two writes to one place have no order
            keep = (rank >= np.repeat(sizes, sizes) - RING).nonzero()[0]
            ring[slots[keep] * RING + (np.repeat(start, sizes) + rank)[keep] % RING] = raw[keep]
            newest = raw[ends]
        self.last.view(RAW)[who] = newest
        self.heard_us[who] = np.maximum(self.heard_us[who], newest.view(FIX)["event_time_us"])
        total = self.count[who] + many
        over = np.maximum(total - RING, 0)
        self.head[who] = (self.head[who] + over) % RING
        self.count[who] = total - over
        self.anchored[who] |= over > 0
        self.room[who] -= many

    def due(self, now_us: int, rules: Rulebook) -> list[int]:
        """The slots with a timer due at an event time."""
        lost_us = rules.lost_us(self.heard_us)
        over: NDArray[np.bool_] = (self.heard_us <= now_us - lost_us) | (self.due_us <= now_us)
        over &= self.used
        return over.nonzero()[0].tolist() if over.any() else []

    def dump(self) -> list[Block]:
        """All state, good until the next change; free slots are not part of it."""
        kept = self.used.nonzero()[0]
        at = kept.tolist()
        # where no slot is free the arrays need not be gathered, and are copied only where the blocks are joined
        which: slice | NDArray[np.intp] = slice(len(at)) if len(at) == len(self.keys) else kept
        rest = _Rest(
            [self.keys[i] for i in at],
            [self.identities[i] for i in at],
            [self.tracks[i] for i in at],
            [self.epochs[i] for i in at],
            [self.cases[i] for i in at],
            self.sensors,
            [self.said[i] for i in at],
        )
        arrays = [*(getattr(self, name) for name in _ARRAYS), self.ring.view(_FIXES).reshape(-1)]
        raw = [array.view(f"V{array.itemsize}")[which] for array in arrays]
        return [msgspec.msgpack.encode(rest), *(memoryview(array.view(np.uint8)) for array in raw)]

    @classmethod
    def load(cls, blocks: Sequence[Block]) -> "Objects":
        """What :meth:`dump` gave."""
        dump = msgspec.msgpack.decode(blocks[0], type=_Rest)
        slots = len(dump.keys)
        objects = cls()
        objects._grow(max(64, 2 * slots))
        for (name, dtype), block in zip(_ARRAYS.items(), blocks[1:], strict=False):
            getattr(objects, name)[:slots] = np.frombuffer(block, dtype)
        objects.ring[:slots] = np.frombuffer(blocks[1 + len(_ARRAYS)], FIX).reshape(slots, RING)
        objects.set_id[:slots] = -1
        objects.measured[:slots] = UNMEASURED
        objects.keys, objects.identities, objects.tracks = dump.keys, dump.identities, dump.tracks
        objects.heard_as = [None] * slots
        objects.epochs, objects.cases = dump.epochs, dump.cases
        objects.said = dump.said or [NOT_SAID] * slots
        objects._who = [None] * slots
        objects.slots = {key: slot for slot, key in enumerate(dump.keys)}
        for name in dump.sensors:
            objects.sensor(name)
        return objects

    def fix(self, element: np.void) -> Fix:
        """One element of an array of fixes."""
        time_us, ingest_us, lon, lat, speed, course, area, sensor, observation, flags, sigma, oblong, slant = cast(
            _Element, element.item()
        )
        name = self.sensors[sensor]
        return Fix(time_us, ingest_us, lon, lat, speed, course, area, name, observation, flags, sigma, oblong, slant)

    def _grow(self, capacity: int) -> None:
        for name in (*_ARRAYS, "set_id", "measured"):
            old = getattr(self, name)
            new = np.zeros(capacity, old.dtype)
            new[: len(old)] = old
            setattr(self, name, new)
        ring = np.zeros((capacity, RING), FIX)
        ring[: len(self.ring)] = self.ring
        self.ring = ring
