"""The same plots through one tracker and through a grid of them with halo and handoff: do public ids hold?"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmarks.border.bias import ACCURACY
from benchmarks.border.world import Floats, Ints, Plots, Radar, Truth, plots, truth
from streams.tracks.registration.refine import Registration, corrected
from streams.tracks.registration.residuals import PolarPlots
from streams.tracks.sensor import Sensor
from streams.tracks.sharing.fence import Fence
from streams.tracks.sharing.halo import Squares
from streams.tracks.sharing.ledger import Ledger
from streams.tracks.sharing.messages import Addressed, decode, encode
from streams.tracks.sharing.offer import Locals
from streams.tracks.sharing.owner import Published, ShareRules, turn
from streams.tracks.sharing.receive import receive
from streams.tracks.state import Frame
from streams.tracks.tracker import Tracker

FRAME_S = 0.25
END_S = 180.0


class Result(NamedTuple):
    """Of one layout: ids per object, times an id moved, what was issued."""

    switches: int
    issued: int
    doubled_s: int  # object-seconds under two ids
    missed_share: float
    crossings: int
    work: float  # plots processed over plots made
    messages_per_s: float
    refused: int


class Judge:
    """Public ids against the truth, once a second: the nearest object within 60 m, and a change of its id."""

    def __init__(self, world: Truth) -> None:
        """Nothing judged."""
        self.world = world
        self.last: dict[int, int] = {}
        self.switches = self.doubled = self.missed = self.seen = 0
        self.issued: set[int] = set()

    def second(self, ids: Ints, place: Floats, now_s: float) -> None:
        """One public picture."""
        everyone = np.arange(self.world.number)
        real = self.world.at(np.full(len(everyone), now_s), everyone)
        self.issued.update(ids.tolist())
        away = np.hypot(*(real[:, None, axis] - place[None, :, axis] for axis in (0, 1)))
        for what in everyone.tolist():
            near = np.flatnonzero(away[what] < 60.0)
            mine = [int(ids[j]) for j in near if int(np.argmin(away[:, j])) == what]
            self.seen += 1
            if not mine:
                self.missed += 1
                continue
            self.doubled += len(mine) > 1
            before = self.last.get(what)
            if before in mine:
                continue
            now = int(ids[near[int(np.argmin(away[what, near]))]])
            now = now if now in mine else mine[0]
            self.switches += before is not None
            self.last[what] = now


def _frames(seen: Plots, radars: tuple[Radar, ...]) -> tuple[Floats, Floats, Floats]:
    """Times, positions and covariances of all plots of registered radars."""
    time_s, place, noise = seen.time_s.copy(), np.zeros((len(seen.time_s), 2)), np.zeros((len(seen.time_s), 2, 2))
    exact = Registration.unknown()._replace(covariance=np.zeros((3, 3)))
    for index, radar in enumerate(radars):
        own = np.flatnonzero(seen.sensor == index)
        polar = PolarPlots(seen.time_s[own], seen.range_m[own], seen.azimuth_rad[own])
        time_s[own], place[own], noise[own] = corrected(polar, exact, radar.place_m, ACCURACY)
    return time_s, place, noise


class Death(NamedTuple):
    """An owner that stops and, later, goes on where its log stood."""

    owner: int
    from_s: float
    until_s: float


def run(
    seed: int,
    cells: int,
    halo_m: float,
    *,
    handoff: bool = True,
    side_m: float = 20_000.0,
    death: Death | None = None,
) -> Result:
    """300 objects on 20 km, two radars, ``cells`` by ``cells`` owners; messages arrive a second later.

    A dead owner's plots and messages wait in its log; back again it reads all of them first, in order, and only then
    takes its turns.
    """
    rng = np.random.default_rng([seed, 77])
    world = truth(300, side_m, END_S, rng)
    radars = (Radar(np.array([0.0, 0.0]), 1.0), Radar(np.array([side_m, 0.0]), 1.5))
    seen = plots(world, radars, rng)
    time_s, place, noise = _frames(seen, radars)
    density = 0.1 * 0.9 * world.number / side_m**2 * 1e6
    sensors = tuple(Sensor(f"r{i}", revisit_s=r.period_s, false_plots_per_km2=density) for i, r in enumerate(radars))
    ground = Squares(0.0, 0.0, side_m / cells, cells, cells)
    rules = ShareRules(halo_m=halo_m)
    owners = range(cells * cells)
    trackers = [Tracker(sensors) for _ in owners]
    ledgers = [Ledger(owner) for owner in owners]
    judge, fence = Judge(world), Fence()
    inbox: list[Addressed] = []
    processed = messages = 0
    unread: list[Ints] = []
    for step in range(int(END_S / FRAME_S) - 4):
        now_s = (step + 1) * FRAME_S
        rows = np.arange(*np.searchsorted(seen.time_s, [now_s - FRAME_S, now_s]))
        for owner, tracker in enumerate(trackers):
            own = rows[ground.rows_for(owner, place[rows], halo_m)]
            processed += len(own)
            if death is not None and owner == death.owner:
                if death.from_s <= now_s < death.until_s:
                    unread.append(own)
                    continue
                for old in unread:
                    if len(old):
                        tracker.step(_frame(old, time_s, seen.sensor, place, noise))
                unread = []
            if len(own):
                tracker.step(_frame(own, time_s, seen.sensor, place, noise))
        if step % 4 != 3:
            continue
        before, inbox = inbox, []
        public: list[tuple[int, float, float]] = []
        for owner, (tracker, ledger) in enumerate(zip(trackers, ledgers, strict=True)):
            if death is not None and owner == death.owner and death.from_s <= now_s < death.until_s:
                inbox += [one for one in before if one.to == owner]
                continue
            locals_ = _locals(tracker, now_s)
            if handoff:
                for one in before:
                    if one.to == owner:
                        answer = receive(ledger, decode(encode(one.message)), now_s)
                        inbox += answer.messages
                out = turn(ledger, locals_, {}, ground, now_s, rules)
                inbox += out.messages
                public += _spoken(out.published, locals_, fence)
            else:
                public += _inside(locals_, ground, owner)
        messages += len(inbox)
        if now_s > 10.0:
            judge.second(
                np.array([one[0] for one in public], np.int64),
                np.array([one[1:] for one in public]).reshape(-1, 2),
                now_s,
            )
    refused = sum(ledger.fence.refused for ledger in ledgers)
    return Result(
        judge.switches,
        len(judge.issued),
        judge.doubled,
        judge.missed / judge.seen,
        _crossings(world, ground),
        processed / len(seen.time_s),
        messages / END_S,
        refused,
    )


def _frame(own: Ints, time_s: Floats, sensor: Ints, place: Floats, noise: Floats) -> Frame:
    columns = (noise[own, 0, 0].copy(), noise[own, 0, 1].copy(), noise[own, 1, 1].copy())
    x_m, y_m = place[own, 0].copy(), place[own, 1].copy()
    return Frame(time_s[own], sensor[own].astype(np.intp), x_m, y_m, *columns, (own + 1).astype(np.uint64))


def _locals(tracker: Tracker, now_s: float) -> Locals:
    belief = tracker.extrapolate(now_s)
    order = np.argsort(belief.id, kind="stable")
    one = belief.only(order)
    return Locals(one.id, one.time_s, one.mean, one.covariance, one.existence, one.confirmed)


def _spoken(published: tuple[Published, ...], locals_: Locals, fence: Fence) -> list[tuple[int, float, float]]:
    """What the public hears of one owner: shown tracks, past the fence."""
    rows = {local: row for row, local in enumerate(locals_.id.tolist())}
    out = []
    for one in published:
        row = rows.get(one.local)
        if row is not None and locals_.confirmed[row] and fence.admits(one.track_id, one.right):
            out.append((one.track_id, float(locals_.mean[row, 0]), float(locals_.mean[row, 1])))
    return out


def _inside(locals_: Locals, ground: Squares, owner: int) -> list[tuple[int, float, float]]:
    """Without handoff: every owner names its own tracks and publishes those in its core."""
    out = []
    for track, shown, (x, y) in zip(locals_.id.tolist(), locals_.confirmed, locals_.mean[:, :2].tolist(), strict=True):
        if shown and ground.owner(x, y) == owner:
            out.append((track * 64 + owner, x, y))
    return out


def _crossings(world: Truth, ground: Squares) -> int:
    """How often an object changed its cell."""
    place = world.position_m[:: int(1.0 / 0.1)]
    cell = np.floor(place / ground.side_m)
    return int((cell[1:] != cell[:-1]).any(axis=2).sum())


def measure(seed: int) -> dict[str, Result]:
    """One tracker, and 4 by 4 with and without handoff."""
    layouts: dict[str, Callable[[], Result]] = {
        "one tracker": lambda: run(seed, 1, 300.0),
        "4x4, halo 300 m, no handoff": lambda: run(seed, 4, 300.0, handoff=False),
        "4x4, halo 300 m, handoff": lambda: run(seed, 4, 300.0),
        "4x4, halo 500 m, handoff": lambda: run(seed, 4, 500.0),
        "4x4, halo 500 m, an owner dead for 30 s": lambda: run(seed, 4, 500.0, death=Death(5, 60.0, 90.0)),
    }
    return {name: layout() for name, layout in layouts.items()}
