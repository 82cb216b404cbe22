"""Owners of a row of sectors, objects that wander across them, and a post that delays, repeats and stops."""

import numpy as np

from streams.tracks.sharing.fence import Fence
from streams.tracks.sharing.halo import Squares
from streams.tracks.sharing.ledger import Ledger
from streams.tracks.sharing.messages import Addressed, Baggage, Incident, State, decode, encode
from streams.tracks.sharing.offer import Locals
from streams.tracks.sharing.owner import Published, ShareRules, Turn, turn
from streams.tracks.sharing.receive import receive

RULES = ShareRules()
GROUND = Squares(0.0, 0.0, 1000.0, 4, 1)
Place = tuple[float, float, float]  # x, y, speed along x


class Owner:
    """One owner with a tracker that sees every object in its core and halo perfectly."""

    def __init__(self, number: int) -> None:
        """Nothing seen."""
        self.ledger = Ledger(number)
        self.following: dict[int, int] = {}  # object → own tracker's id
        self.carried: dict[int, Baggage] = {}
        self.adopted: dict[int, State] = {}

    def see(self, objects: dict[int, Place], now_s: float) -> Locals:
        """The tracker's tracks: what is in reach, under own ids; an adopted state is the object nearest to it."""
        number = self.ledger.owner
        reach = {o: p for o, p in objects.items() if GROUND.outside_m(p[0], p[1], number) <= RULES.halo_m}
        self.following = {o: local for o, local in self.following.items() if o in reach}
        for track_id, state in sorted(self.adopted.items()):
            left = [o for o in reach if o not in self.following]
            near = min(
                left, key=lambda o: abs(reach[o][0] - state.mean[0]) + abs(reach[o][1] - state.mean[1]), default=None
            )
            if near is not None:
                self.following[near] = track_id
        self.adopted = {}
        for o in sorted(reach):
            self.following.setdefault(o, 1000 * (number + 1) + o)
        rows = sorted((local, o) for o, local in self.following.items())
        mean = np.array([[reach[o][0], reach[o][1], reach[o][2], 0.0] for _, o in rows]).reshape(-1, 4)
        n = len(rows)
        covariance = np.broadcast_to(np.diag([25.0, 25.0, 1.0, 1.0]), (n, 4, 4)).copy()
        ids = np.array([local for local, _ in rows], np.uint64)
        return Locals(ids, np.full(n, now_s), mean, covariance, np.ones(n), np.ones(n, np.bool_))

    def object_of(self, local: int) -> int | None:
        """Which object a track of its tracker is."""
        return next((o for o, own in self.following.items() if own == local), None)


class Sea:
    """All owners; ``step`` is one second."""

    def __init__(self) -> None:
        """Four owners."""
        self.owners = [Owner(number) for number in range(4)]
        self.post: list[tuple[float, int, Addressed]] = []  # when it arrives, order, what
        self.sent = 0
        self.fence = Fence()
        self.now_s = 0.0
        self.public: dict[int, tuple[int, Published]] = {}  # object → who spoke, what
        self.heard: dict[int, list[int]] = {}  # object → public ids, in order of appearance
        self.turns: list[Turn] = []

    def step(
        self,
        objects: dict[int, Place],
        delay_s: float,
        *,
        twice: bool = False,
        dead: tuple[int, ...] = (),
        deaf: tuple[int, ...] = (),
    ) -> None:
        """One second; messages arrive ``delay_s`` later, maybe twice; the dead do nothing, the deaf hear nothing."""
        self.now_s += 1.0
        arrived = sorted((m for m in self.post if m[0] <= self.now_s), key=lambda m: (m[0], m[1]))
        waiting = [m for m in arrived if m[2].to in (*dead, *deaf)]  # the log keeps what a dead owner has not read
        self.post = [m for m in self.post if m[0] > self.now_s] + waiting
        for _, _, one in arrived:
            if one.to in (*dead, *deaf):
                continue
            owner = self.owners[one.to]
            answer = receive(owner.ledger, decode(encode(one.message)), self.now_s)
            owner.adopted.update(answer.adopted)
            owner.carried.update(answer.loaded)
            self._send(answer.messages, delay_s, twice)
        self.public = {}
        self.turns = []
        for owner in self.owners:
            if owner.ledger.owner in dead:
                continue
            tracks = owner.see(objects, self.now_s)
            out = turn(owner.ledger, tracks, owner.carried, GROUND, self.now_s, RULES)
            owner.carried.update(out.loaded)
            self.turns.append(out)
            self._send(list(out.messages), delay_s, twice)
            for spoken in out.published:
                if not self.fence.admits(spoken.track_id, spoken.right):
                    continue
                what = owner.object_of(spoken.local)
                assert what is not None
                self.public[what] = (owner.ledger.owner, spoken)
                if spoken.track_id not in self.heard.setdefault(what, []):
                    self.heard[what].append(spoken.track_id)

    def holders(self, track_id: int) -> list[int]:
        """Who holds a public id."""
        return [owner.ledger.owner for owner in self.owners if track_id in owner.ledger.held]

    def load(self, what: int, incident: str) -> None:
        """Open an incident on an object at whoever holds it now."""
        for owner in self.owners:
            local = owner.following.get(what)
            if local is not None and any(held.local == local for held in owner.ledger.held.values()):
                known = owner.carried.get(local, Baggage())
                more = (*known.incidents, Incident(incident, 1, owner.ledger.owner))
                owner.carried[local] = Baggage((), None, (1.5, 2.5), more)

    def _send(self, messages: list[Addressed], delay_s: float, twice: bool) -> None:
        for one in messages:
            for _ in range(2 if twice else 1):
                self.sent += 1
                self.post.append((self.now_s + delay_s, self.sent, one))
