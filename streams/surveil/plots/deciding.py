"""What operators say of tracks: these two are one object, this one is not what it is said to be. It stands."""

from streams.messages import Command, CommandKind
from streams.surveil.joining import join
from streams.surveil.plots.binding import Binding
from streams.surveil.plots.naming import Naming
from streams.surveil.plots.scene import Scene

MOST_KNOWN = 256  # commands remembered, so that one that comes twice is done once


def decide(command: Command, scene: Scene, binding: Binding, naming: Naming) -> bool:
    """Do what a command asks of the tracks held here; whether it changed anything.

    ``target_id`` and ``other_id`` are track ids as ``tracks.v1`` tells them."""
    known = scene.state.commands
    if command.command_id in known:
        return False
    scene.state.commands = [*known, command.command_id][-MOST_KNOWN:]
    if command.kind is CommandKind.SPLIT_TRACK:
        return _split(_key(scene, command.target_id), scene, binding, naming)
    if command.kind is CommandKind.MERGE_TRACKS:
        keys = _key(scene, command.target_id), _key(scene, command.other_id or "")
        return _merge(keys[0], keys[1], scene, binding, naming)
    return False


def _key(scene: Scene, track_id: str) -> str | None:
    objects = scene.follower.objects
    return next((key for key, slot in objects.slots.items() if objects.tracks[slot] == track_id), None)


def _own(key: str, scene: Scene, binding: Binding) -> int | None:
    """The living track whose own object this is."""
    objects = scene.follower.objects
    for track in scene.tracker.positions(scene.newest_s)[0].tolist():
        slot = binding.own_slot(track)
        if slot is not None and objects.keys[slot] == key:
            return int(track)
    return None


def _split(key: str | None, scene: Scene, binding: Binding, naming: Naming) -> bool:
    if key is None:
        return False
    state = binding.state
    named = [track for track, joined in sorted(state.joined.items()) if joined == key]
    for track in named:
        del state.joined[track]
        state.pinned.pop(track, None)
        naming.cut(key, track)
    whole = _own(key, scene, binding)
    below = [one for one, other in sorted(state.under.items()) if other == whole]
    for one in below:
        other = state.under.pop(one)
        state.apart.append((min(one, other), max(one, other)))
    scene.tracker.apart = dict.fromkeys(state.apart)
    return bool(named or below)


def _merge(goes: str | None, stays: str | None, scene: Scene, binding: Binding, naming: Naming) -> bool:
    if goes is None or stays is None or goes == stays:
        return False
    state, objects = binding.state, scene.follower.objects
    one, other = _own(goes, scene, binding), _own(stays, scene, binding)
    if one is not None and other is not None:
        state.under[one] = other
        state.under |= {track: other for track, above in state.under.items() if above == one}
        state.apart = [pair for pair in state.apart if pair != (min(one, other), max(one, other))]
        scene.tracker.apart = dict.fromkeys(state.apart)
        join(scene.follower, objects.slots[stays], objects.slots[goes])
        return True
    track, key = (one, stays) if one is not None else (other, goes)
    if track is None:
        return False  # two names: which of them lies is not a question of tracks
    naming.mend(key, track)
    state.pinned[track] = key
    for told in [told for told, joined in state.joined.items() if joined == key]:
        del state.joined[told]
        state.pinned.pop(told, None)
        naming.cut(key, told)
    binding.turn()
    return True
