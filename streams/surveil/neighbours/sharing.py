"""One owner's side of the exchange about tracks without a name: its book, its turns, and its letters.

Implements :class:`streams.surveil.plots.places.Neighbours`. What is agreed upon is pure and elsewhere
(`streams.tracks.sharing`); this binds it to the owner's log. A track far from every border belongs to whoever follows
it there and never enters the book, so an owner without neighbours pays for a look-up a track and second.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from streams.borders import Borders
from streams.surveil.neighbours import luggage
from streams.surveil.neighbours.ground import SectorGround
from streams.surveil.neighbours.note import Note
from streams.surveil.plots.scene import Scene
from streams.tracks.sharing.halo import HALO_M
from streams.tracks.sharing.ledger import NO_LOCAL, Ledger
from streams.tracks.sharing.messages import Addressed, Baggage, Join, Message, Offer, Release, State
from streams.tracks.sharing.offer import Locals
from streams.tracks.sharing.owner import ShareRules, turn
from streams.tracks.sharing.plane import Plane, carried
from streams.tracks.sharing.receive import receive
from streams.tracks.state import Belief

RULES = ShareRules()
ZONE_M = 2.0 * HALO_M  # tracks this near to another owner's ground are spoken of; more than the halo: known in time


class _Dump(msgspec.Struct, array_like=True):
    ledger: bytes
    owned: list[tuple[int, int]]
    copies: list[tuple[int, bytes]]
    orphans: list[tuple[int, bytes]]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Dump).decode


class Sharing:
    """``notes`` and ``gifts`` collect what is to be sent. ``clock_s`` measures patience: log time, or event time in a
    recording."""

    def __init__(self, owner: int, borders: Borders) -> None:
        self.owner = owner
        self.clock_s = 0.0
        self.notes: list[Note] = []
        self.gifts: list[tuple[str, int]] = []  # named objects that go with tracks given away, and to whom
        self._borders = borders
        self._ground: SectorGround | None = None
        self._ledger = Ledger(owner)
        self._owned: dict[int, int] = {}  # the tracker's id -> public id, of all this owner speaks for
        self._copies: dict[int, bytes] = {}  # objects of neighbours' tracks, as last offered
        self._orphans: dict[int, bytes] = {}  # objects that came for tracks nobody holds

    # -- what Plots asks

    def public(self, track: int) -> int | None:
        """The public id of one of the tracker's tracks; None where another owner speaks for it, or nobody yet."""
        return self._owned.get(track)

    def goes_on(self, track: int) -> bool:
        """Whether a track that has ended here is followed by another owner, who will be given it."""
        held = self._ledger.held.get(self._owned.get(track, -1))
        return held is not None and held.local == track and bool(held.known_by)

    def turn(self, scene: Scene, now_s: float) -> None:
        """Settle who speaks for what, and write to the neighbours."""
        ground, follower, ledger = self._ground_of(scene), scene.follower, self._ledger
        ids, place, _ = scene.tracker.positions(now_s)
        owner, deep = ground.deep(place.T)
        taken = ledger.locals_taken()
        known = np.isin(ids, np.array(sorted(taken), np.uint64))
        spoken = ~deep | known
        mine = ids[deep & ~known & (owner == self.owner)].tolist()
        self._owned = dict(zip(mine, mine, strict=True))
        if not spoken.any() and not ledger.held and not ledger.foreign:
            return
        epoch_s = scene.state.epoch_us / 1e6
        tracks = _locals(scene.tracker.extrapolate(now_s).only(np.flatnonzero(spoken)), epoch_s)
        ground.notice(tracks.mean[:, :2])
        locals_of = {track_id: held.local for track_id, held in ledger.held.items()}
        names = scene.names.carried() if scene.names is not None and ledger.held else {}
        luggages = {
            held.local: luggage.incidents(scene, track_id, held.local, names.get(held.local))
            for track_id, held in ledger.held.items()
        }
        out = turn(ledger, tracks, luggages, ground, epoch_s + now_s, RULES, self.clock_s)
        _names_came(scene, out.loaded)
        for track_id in out.claimed:
            luggage.taken(follower, track_id, self._copies.get(track_id, luggage.NOTHING))
            follower.count("neighbours/claimed")
        _take_over(scene, out.adopted)
        for one in out.messages:
            self._write(scene, one, locals_of)
        self._owned.update((one.local, one.track_id) for one in out.published)
        self._forget()

    def hear(self, scene: Scene, note: Note) -> None:
        """A message of another owner."""
        message = note.message
        if message is None:
            return
        ledger, follower = self._ledger, scene.follower
        _count(scene, "heard", message)
        plane = Plane(*note.origin)
        if isinstance(message, Offer | Release):
            if not scene.begun and isinstance(message, Offer):
                return  # an owner that sees nothing follows nothing
            if not scene.begun:
                lon, lat = plane.to_lonlat(np.array([message.state.mean[:2]]))[0].tolist()
                scene.begin(lon, lat, int(message.state.time_s * 1e6))
            message = msgspec.structs.replace(message, state=_in_plane(message.state, plane, scene.plane))
        before = ledger.held.get(message.track_id)
        answer = receive(ledger, message, self.clock_s)
        if isinstance(message, Offer):
            if message.track_id in ledger.foreign and note.held:
                self._copies[message.track_id] = note.held
        elif isinstance(message, Release) and answer.loaded:
            _names_came(scene, answer.loaded)
            self._released(scene, message, note.held, answer.loaded[0][0])
        elif isinstance(message, Join):
            if answer.loaded:
                luggage.joined(follower, message.track_id, message.into, note.held)
            elif not answer.messages and note.held:
                self._orphans[message.into] = note.held
        _take_over(scene, answer.adopted)
        locals_of = {} if before is None else {message.track_id: before.local}
        for one in answer.messages:
            self._write(scene, one, locals_of, note.held if isinstance(message, Join) else luggage.NOTHING)
        if before is not None and message.track_id not in ledger.held:  # somebody else's by right: not ours to tell
            luggage.given(scene, message.track_id, before.local)
            self._owned.pop(before.local, None)
        self._forget()

    def dump(self) -> bytes:
        """The whole state."""
        return _encode(
            _Dump(
                self._ledger.dump(),
                list(self._owned.items()),
                sorted(self._copies.items(), key=lambda item: item[0]),
                sorted(self._orphans.items(), key=lambda item: item[0]),
            )
        )

    def load(self, state: bytes) -> None:
        """What :meth:`dump` gave; b"" is nothing yet."""
        if state:
            read = _decode(state)
            self._ledger = Ledger.load(read.ledger)
            self._owned, self._copies, self._orphans = dict(read.owned), dict(read.copies), dict(read.orphans)

    # -- inside

    def _ground_of(self, scene: Scene) -> SectorGround:
        if self._ground is None:
            self._ground = SectorGround(self._borders, scene.plane, ZONE_M)
        return self._ground

    def _released(self, scene: Scene, release: Release, held: bytes, local: int) -> None:
        """A track is ours from now on, and so is what was told of it."""
        luggage.taken(scene.follower, release.track_id, held)
        luggage.taken(scene.follower, release.track_id, self._orphans.pop(release.track_id, luggage.NOTHING))
        self._owned[local] = release.track_id
        told_us = luggage.told_us(held)
        if told_us >= 0:  # nothing is told from before what the old owner told
            scene.state.told_s[local] = (told_us - scene.state.epoch_us) / 1e6

    def _write(
        self, scene: Scene, one: Addressed, locals_of: Mapping[int, int], passed_on: bytes = luggage.NOTHING
    ) -> None:
        """Put a message in the post, with the object where one belongs to it; ``locals_of`` our tracks as they were."""
        message, held = one.message, passed_on
        track_id = message.track_id
        local = locals_of.get(track_id, NO_LOCAL)
        if isinstance(message, Offer):
            entry = self._ledger.held.get(track_id)
            held = luggage.copied(scene, track_id, entry.local if entry is not None else local)
        elif isinstance(message, Release):
            held = self._copies[track_id] = luggage.given(scene, track_id, local)
            if (named := scene.state.binding.joined.get(local)) is not None:
                self.gifts.append((named, one.to))
        elif isinstance(message, Join) and not held:
            held = luggage.given(scene, track_id, local, tell=track_id != message.into)
        _count(scene, "said", message)
        self.notes.append(Note(one.to, self.owner, message, (scene.plane.lon_deg, scene.plane.lat_deg), held))

    def _forget(self) -> None:
        """Copies of what no neighbour speaks of any more."""
        if len(self._copies) > len(self._ledger.foreign):
            self._copies = {track: held for track, held in self._copies.items() if track in self._ledger.foreign}


def _count(scene: Scene, how: str, message: Message) -> None:
    scene.follower.count(f"neighbours/{how}/{type(message).__name__.lower()}")


def _names_came(scene: Scene, loaded: Sequence[tuple[int, Baggage]]) -> None:
    for local, baggage in loaded:
        if scene.names is not None:
            scene.names.receive(local, baggage)


def _take_over(scene: Scene, adopted: Sequence[tuple[int, State]]) -> None:
    for track_id, state in adopted:
        time_s = state.time_s - scene.state.epoch_us / 1e6
        covariance = np.array(state.covariance).reshape(4, 4)
        scene.tracker.take_over(track_id, time_s, np.array(state.mean), covariance, state.existence)


def _locals(belief: Belief, epoch_s: float) -> Locals:
    """The tracker's belief as the exchange wants it: by id, on one scale of time."""
    by_id = belief.only(np.argsort(belief.id, kind="stable"))
    return Locals(by_id.id, by_id.time_s + epoch_s, by_id.mean, by_id.covariance, by_id.existence, by_id.confirmed)


def _in_plane(state: State, start: Plane, end: Plane) -> State:
    """A state that was told in another owner's plane."""
    mean, covariance = carried(np.array([state.mean]), np.array(state.covariance).reshape(1, 4, 4), start, end)
    x, y, vx, vy = mean[0].tolist()
    return State(state.time_s, (x, y, vx, vy), tuple(covariance[0].ravel().tolist()), state.existence)
