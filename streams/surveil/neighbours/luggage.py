"""The object of a track on its way: what is known of ``track:<id>`` goes where the track goes, and is told on there.

It travels as bytes, packed in the moment it is sent: what happens to it later in the same batch is not in that letter.
"""

import msgspec

from streams.surveil.follow import Follower
from streams.surveil.handoff import Carried, carry, packed, unpack
from streams.surveil.joining import join
from streams.surveil.merge import merge
from streams.surveil.plots.scene import Scene
from streams.tracks.sharing.messages import Baggage, Incident

NOTHING = b""  # nothing was told of the track yet
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Carried).decode


def key_of(track_id: int) -> str:
    """The key of the object that a public track is."""
    return f"track:{track_id:016x}"


def slot_of(scene: Scene, track_id: int, local: int) -> int | None:
    """The slot of a track's own object. Where the tracker found two tracks to be one, that may have the other's id."""
    return scene.follower.objects.slots.get(key_of(scene.state.binding.called.get(local, track_id)))


def incidents(scene: Scene, track_id: int, local: int, names: Baggage | None = None) -> Baggage:
    """The open incidents of a track, as its owner tells the neighbours of them, beside what is known of its name."""
    known = Baggage() if names is None else names
    slot = slot_of(scene, track_id, local)
    case = None if slot is None else scene.follower.objects.cases[slot]
    if case is None:
        return known
    told = [(visit.incident, visit.sequence) for visit in case.visits if visit.open and visit.incident is not None]
    open_ones = tuple(Incident(said.alert_id, sequence, said.home_area) for said, sequence in told)
    return msgspec.structs.replace(known, incidents=open_ones)


def copied(scene: Scene, track_id: int, local: int) -> bytes:
    """A copy of a track's object, which stays."""
    objects, slot = scene.follower.objects, slot_of(scene, track_id, local)
    return NOTHING if slot is None else _encode(packed(objects, slot, objects.epochs[slot]))


def given(scene: Scene, track_id: int, local: int, *, tell: bool = False) -> bytes:
    """A track's object, which is forgotten here; ``tell`` where its id goes with it and the picture is to end.

    One that is told under the name of a sender takes that object along where the sender is silent: none would ask."""
    objects, slot = scene.follower.objects, slot_of(scene, track_id, local)
    if slot is None and scene.names is not None:
        slot = objects.slots.get(scene.names.silent(local) or "")
    if slot is None:
        return NOTHING
    if tell:
        scene.follower.pictures.bury(slot)
    return _encode(carry(objects, slot, objects.epochs[slot]))


def taken(follower: Follower, track_id: int, held: bytes) -> None:
    """What came for a track: its object, or one to be merged with what was told of it here."""
    if not held:
        return
    objects, key = follower.objects, key_of(track_id)
    slot = objects.slots.get(key)
    if slot is not None:
        follower.count("neighbours/merged")
        merge(follower, slot, _decode(held))
    else:
        follower.settle(unpack(objects, key, _decode(held)))


def joined(follower: Follower, track_id: int, into: int, held: bytes) -> None:
    """The object of a track that is another one's under a second id."""
    if not held:
        return
    if track_id == into:
        taken(follower, into, held)
        return
    objects = follower.objects
    goes = unpack(objects, key_of(track_id), _decode(held))
    follower.settle(goes)
    stays = objects.slots.get(key_of(into))
    if stays is None:  # nothing was told of it here: it goes on under the id that stays
        moved = carry(objects, goes, objects.epochs[goes])
        follower.settle(unpack(objects, key_of(into), moved))
    elif objects.count[stays] and objects.count[goes]:
        join(follower, stays, goes)


def told_us(held: bytes) -> int:
    """Event time of the newest fix that came with a track; -1 where none did."""
    fixes = _decode(held).fixes if held else []
    return fixes[-1].event_time_us if fixes else -1
