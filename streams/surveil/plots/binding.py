"""One object, one story: which object each track is told as.

A track is an object of its own, ``track:<public id>``, until it is bound to a sender whose object is held here: then
the two are joined, and what the track shows is a fix of the sender's object. When the bond ends the track goes on as
an object of its own again, found wherever it is. Operators may say what is one and what is not, which stands until the
track ends.
"""

from streams.surveil.joining import join
from streams.surveil.plots.naming import Naming
from streams.surveil.plots.places import Neighbours
from streams.surveil.plots.scene import Scene
from streams.surveil.plots.state import BindingState
from streams.tracks.state import Ids

WAIT_S = 20.0  # for the object of a sender that is not here (yet, or any more), before a bound track is told as itself


def key_of(public: int) -> str:
    """The key of the object that a track is."""
    return f"track:{public:016x}"


class Binding:
    """Tracks and their objects."""

    def __init__(self, scene: Scene, naming: Naming, neighbours: Neighbours, state: BindingState) -> None:
        self._scene, self._naming, self._neighbours, self.state = scene, naming, neighbours, state
        scene.tracker.apart = dict.fromkeys(state.apart)

    def public(self, track: int) -> int | None:
        """The public id a track goes under; None where another owner speaks for it."""
        own = self._neighbours.public(track)
        return own if own is None else self.state.called.get(track, own)

    def own_slot(self, track: int) -> int | None:
        """The slot of a track's own object, where it has one with a fix."""
        public, objects = self.public(track), self._scene.follower.objects
        slot = None if public is None else objects.slots.get(key_of(public))
        return slot if slot is not None and objects.count[slot] else None

    def told_as(self, track: int, now_s: float, bound: dict[int, tuple[str, float, int]]) -> str | None:
        """The key of the object that the track's fix at ``now_s`` is of; None where it is not to be told."""
        state = self.state
        public = self.public(track)
        if public is None or track in state.under:
            return None
        if track in state.joined:
            return state.joined[track]
        nameless = track not in bound or bound[track][0] in state.joined.values() or self.own_slot(track) is not None
        if self.own_slot(track) is None and self._naming.expected(track):
            return None  # as it is told by the owner it came from
        if not nameless and now_s - self._scene.state.told_s.get(track, now_s) < WAIT_S:
            return None  # its name is on its way here
        return key_of(public)

    def turn(self) -> None:
        """Join what is bound now, and let go of what is bound no more."""
        state, objects = self.state, self._scene.follower.objects
        bound = {track: key for track, (key, _, _) in self._naming.bonds().items()} | state.pinned
        state.joined = {
            track: key for track, key in state.joined.items() if bound.get(track) == key and key in objects.slots
        }
        taken = dict.fromkeys(state.joined.values())
        for track, key in sorted(bound.items()):
            slot = objects.slots.get(key)
            if track in state.joined or key in taken or slot is None or not objects.count[slot]:
                continue
            if self.public(track) is None or track in state.under:
                continue
            own = self.own_slot(track)
            state.joined[track], taken[key] = key, None
            if own is not None:
                join(self._scene.follower, slot, own)

    def merged(self, goes: int, stays: int) -> None:
        """The tracker found two tracks to be one: the incidents of both go on as those of the one that stays."""
        state, follower = self.state, self._scene.follower
        gone, kept = self.own_slot(goes), self.own_slot(stays)
        if gone is not None and kept is not None and gone != kept:
            join(follower, kept, gone)
        elif gone is not None and (key := state.joined.get(stays)) in follower.objects.slots:
            join(follower, follower.objects.slots[str(key)], gone)
        elif gone is not None and (public := self.public(goes)) is not None:
            state.called[stays] = public  # it has not been told yet: it takes over the other's name
        if goes in state.pinned:
            state.pinned.setdefault(stays, state.pinned[goes])
        state.under = {one: stays if other == goes else other for one, other in state.under.items() if one != stays}

    def ended(self, tracks: Ids) -> None:
        """Tracks that nothing supports any more are lost, at their last word; one that an operator put under such a
        track goes on in its place."""
        state, follower = self.state, self._scene.follower
        for track in tracks.tolist():
            heirs = [one for one, other in sorted(state.under.items()) if other == track]
            public = self.public(track)
            slot = self.own_slot(track)
            if heirs and public is not None:
                state.called[heirs[0]] = public
                del state.under[heirs[0]]
                state.under |= {one: heirs[0] for one in heirs[1:]}
            elif slot is not None and not self._neighbours.goes_on(track):
                follower.lose(slot, int(follower.objects.heard_us[slot]))
            for held in (self._scene.state.told_s, state.joined, state.pinned, state.under, state.called):
                held.pop(track, None)
            if state.apart:
                state.apart = [pair for pair in state.apart if track not in pair]
                self._scene.tracker.apart = dict.fromkeys(state.apart)
