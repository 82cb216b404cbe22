"""One owner's turn: recognise what neighbours offer, claim from the silent, name, offer, release, publish.

There is one owner of a track at a time, or one RELEASE on its way. An owner that stopped without a word is replaced
after 5 s by the one whose core holds the track; should it come back, its epoch is below and nobody listens.
"""

import math
from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from streams.tracks.sharing.fence import Right
from streams.tracks.sharing.halo import HALO_M, HYSTERESIS_M, Ground
from streams.tracks.sharing.ledger import NO_LOCAL, Foreign, Held, Ledger
from streams.tracks.sharing.messages import Addressed, Baggage, End, Join, Known, Offer, Release, State
from streams.tracks.sharing.offer import SAME_M, SAME_MPS, Locals, matches, moved

EMPTY = Baggage()
_FRESH_S = 3.5  # an offer not renewed for longer (a turn of a slow radar) says little of where the track is now


class ShareRules(NamedTuple):
    """Times and distances of the exchange."""

    halo_m: float = HALO_M
    release_m: float = HYSTERESIS_M  # outside the own core, where the receiver follows the track
    push_m: float = 2 * HYSTERESIS_M  # where it does not: it is given the state
    offer_s: float = 1.0
    silent_s: float = 5.0
    forget_s: float = 60.0  # an offer nobody renewed and none of our tracks is
    same_offers: int = 3  # in a row, until two ids are one object


class Published(NamedTuple):
    """A track this owner speaks for now."""

    track_id: int
    local: int
    right: Right
    baggage: Baggage


class Turn(NamedTuple):
    """What comes of a turn."""

    messages: tuple[Addressed, ...]
    published: tuple[Published, ...]  # by ascending track id
    aliases: tuple[tuple[int, int], ...]  # (id that goes, id that stays)
    claimed: tuple[int, ...]
    loaded: tuple[tuple[int, Baggage], ...]  # own tracker's id, what the claimed track carried when last offered
    adopted: tuple[tuple[int, State], ...]  # offered tracks that ours knows nothing of: it is to follow them from there


def turn(
    ledger: Ledger,
    tracks: Locals,
    carried: Mapping[int, Baggage],
    ground: Ground,
    now_s: float,
    rules: ShareRules,
    clock_s: float | None = None,
) -> Turn:
    """The owner's turn at ``now_s`` with its tracker's tracks; ``carried``: what tracks carry now, by local id.

    ``clock_s`` measures patience with others, as in `receive`; the same as ``now_s`` where it is not given. The book
    changes; everything else comes back. Called at least once a second, after the messages received so far.
    """
    clock_s = now_s if clock_s is None else clock_s
    here = tracks.at(now_s)
    rows = {local: row for row, local in enumerate(here.id.tolist())}
    messages = _lost(ledger, rows, ground, clock_s, rules)
    for entry in ledger.held.values():
        entry.state = here.state(rows[entry.local])
        before, entry.baggage = entry.baggage, carried.get(entry.local, entry.baggage)
        if before.incidents != entry.baggage.incidents:  # an incident is told at once, not a second later
            entry.offered_s = -math.inf
    messages += _recognised(ledger, here, rows, now_s, clock_s, rules)
    aliases = _doubles(ledger, here, rows, now_s, clock_s, rules, messages)
    adopted = _adopted(ledger, clock_s, messages)
    claimed, loaded = _claimed(ledger, here, rows, ground, clock_s, rules)
    _named(ledger, here, ground, carried)
    messages += _handed_over(ledger, ground, now_s, clock_s, rules)
    published = tuple(
        Published(track_id, entry.local, Right(entry.epoch, ledger.owner), entry.baggage)
        for track_id, entry in sorted(ledger.held.items())
    )
    return Turn(tuple(messages), published, tuple(aliases), tuple(claimed), tuple(loaded), tuple(adopted))


def _lost(
    ledger: Ledger, rows: Mapping[int, int], ground: Ground, clock_s: float, rules: ShareRules
) -> list[Addressed]:
    """Own tracks that ended: given to whoever still follows them, else the end is said."""
    messages = []
    for entry in ledger.foreign.values():
        if entry.local not in rows:
            entry.local = NO_LOCAL
    for track_id, held in sorted(ledger.held.items()):
        if held.local in rows:
            continue
        if held.known_by:
            messages.append(_release(ledger, track_id, held.known_by[0], clock_s + rules.silent_s))
        else:
            x, y = held.state.mean[:2]
            near = [other for other in ground.near(x, y, rules.halo_m) if other != ledger.owner]
            messages += [Addressed(other, End(track_id, held.epoch, ledger.owner)) for other in near]
            del ledger.held[track_id]
    return messages


def _release(ledger: Ledger, track_id: int, to: int, heard_s: float) -> Addressed:
    """Give a track away; ``heard_s`` is when its owner counts as heard: the RELEASE travels there, the first OFFER
    back, and only after that is silence silence."""
    held = ledger.held.pop(track_id)
    right = Right(held.epoch + 1, to)
    ledger.fence.admits(track_id, right)
    ledger.foreign[track_id] = Foreign(to, right.epoch, heard_s, held.state, held.baggage, held.local)
    return Addressed(to, Release(track_id, right.epoch, to, held.state, held.baggage))


def _recognised(
    ledger: Ledger, here: Locals, rows: Mapping[int, int], now_s: float, clock_s: float, rules: ShareRules
) -> list[Addressed]:
    """Which own tracks the offered ones are: the same id first, then the closest."""
    taken = ledger.locals_taken()
    waiting = [track_id for track_id, entry in sorted(ledger.foreign.items()) if not entry.local]
    found: list[tuple[int, int]] = [(one, one) for one in waiting if one in rows and one not in taken]
    same = {one for one, _ in found}
    fresh = [i for i in waiting if i not in same and clock_s - ledger.foreign[i].heard_s <= rules.silent_s]
    free = [local for local in here.id.tolist() if local not in taken and local not in same]
    offered = np.array([moved(ledger.foreign[i].state, now_s) for i in fresh]).reshape(-1, 4)
    one, other = matches(offered, here.mean[[rows[local] for local in free]].reshape(-1, 4))
    found += [(fresh[i], free[j]) for i, j in zip(one.tolist(), other.tolist(), strict=True)]
    messages = []
    for track_id, local in found:
        entry = ledger.foreign[track_id]
        entry.local = local
        messages.append(Addressed(entry.owner, Known(track_id, entry.epoch, ledger.owner)))
    return messages


def _doubles(
    ledger: Ledger,
    here: Locals,
    rows: Mapping[int, int],
    now_s: float,
    clock_s: float,
    rules: ShareRules,
    out: list[Addressed],
) -> list[tuple[int, int]]:
    """Two owners named one object in the same moment: the greater id goes, its baggage to the other."""
    mine = sorted(ledger.held)
    others = [
        i for i, entry in sorted(ledger.foreign.items()) if not entry.local and entry.heard_s >= clock_s - _FRESH_S
    ]
    offered = np.array([moved(ledger.foreign[i].state, now_s) for i in others]).reshape(-1, 4)
    own = here.mean[[rows[ledger.held[i].local] for i in mine]].reshape(-1, 4)
    one, other = matches(offered, own, SAME_M)
    lying = {
        others[i]: mine[j]
        for i, j in zip(one.tolist(), other.tolist(), strict=True)
        if np.hypot(*(offered[i, 2:] - own[j, 2:])) < SAME_MPS
    }
    aliases = []
    for track_id in others:
        entry = ledger.foreign[track_id]
        entry.streak = entry.streak + 1 if track_id in lying else 0
        if entry.streak >= rules.same_offers and track_id < lying[track_id]:
            gone = ledger.held.pop(lying[track_id])
            entry.local = gone.local
            join = Join(lying[track_id], gone.epoch, ledger.owner, track_id, gone.baggage)
            out.append(Addressed(entry.owner, join))
            out.append(Addressed(entry.owner, Known(track_id, entry.epoch, ledger.owner)))
            aliases.append((lying[track_id], track_id))
    return aliases


def _adopted(ledger: Ledger, clock_s: float, out: list[Addressed]) -> list[tuple[int, State]]:
    """Offered tracks that are none of ours: what the owner knows of them is worth more than a beginning of our own,
    which at a boat's speed takes longer than the halo is wide."""
    adopted = []
    for track_id, entry in sorted(ledger.foreign.items()):
        if not entry.local and not entry.adopted and not entry.streak and entry.heard_s >= clock_s - _FRESH_S:
            entry.local, entry.adopted = track_id, True
            adopted.append((track_id, entry.state))
            out.append(Addressed(entry.owner, Known(track_id, entry.epoch, ledger.owner)))
    return adopted


def _claimed(
    ledger: Ledger, here: Locals, rows: Mapping[int, int], ground: Ground, clock_s: float, rules: ShareRules
) -> tuple[list[int], list[tuple[int, Baggage]]]:
    """Tracks of an owner that is silent, which this one sees inside its core."""
    claimed: list[int] = []
    loaded: list[tuple[int, Baggage]] = []
    for track_id, entry in sorted(ledger.foreign.items()):
        silence_s = clock_s - entry.heard_s
        if entry.local and silence_s > rules.silent_s:
            row = rows[entry.local]
            x, y = here.mean[row, :2].tolist()
            if ground.owner(x, y) == ledger.owner:
                epoch = max(entry.epoch, ledger.fence.highest.get(track_id, Right(0, 0)).epoch) + 1
                ledger.fence.admits(track_id, Right(epoch, ledger.owner))
                del ledger.foreign[track_id]
                ledger.held[track_id] = Held(entry.local, epoch, entry.baggage, here.state(row), [], -math.inf, True)
                claimed.append(track_id)
                loaded.append((entry.local, entry.baggage))
        elif not entry.local and silence_s > rules.forget_s:
            del ledger.foreign[track_id]
    return claimed, loaded


def _named(ledger: Ledger, here: Locals, ground: Ground, carried: Mapping[int, Baggage]) -> None:
    """Confirmed tracks in the core that nobody has named get their own id, or one derived where that is taken."""
    taken = ledger.locals_taken()
    for row, local in enumerate(here.id.tolist()):
        x, y = here.mean[row, :2].tolist()
        if local in taken or not here.confirmed[row] or ground.owner(x, y) != ledger.owner:
            continue
        track_id, again = local, 0
        while track_id in ledger.fence.highest:
            again += 1
            digest = blake2b(f"{local} {ledger.owner} {again}".encode(), digest_size=8, person=b"vedette-again")
            track_id = int.from_bytes(digest.digest(), "big")
        right = Right(0, ledger.owner)
        ledger.fence.admits(track_id, right)
        ledger.held[track_id] = Held(local, 0, carried.get(local, EMPTY), here.state(row), [], -math.inf)


def _handed_over(ledger: Ledger, ground: Ground, now_s: float, clock_s: float, rules: ShareRules) -> list[Addressed]:
    """Offers to the neighbours in whose halo a track is; the release of one that has left."""
    messages = []
    for track_id, held in sorted(ledger.held.items()):
        x, y = held.state.mean[:2]
        to = ground.owner(x, y)
        outside_m = ground.outside_m(x, y, ledger.owner)
        if to != ledger.owner and (outside_m > rules.push_m or (outside_m > rules.release_m and to in held.known_by)):
            messages.append(_release(ledger, track_id, to, clock_s + rules.silent_s))
        elif now_s - held.offered_s >= rules.offer_s - 1e-6:
            held.offered_s = now_s
            ledger.fence.admits(track_id, Right(held.epoch, ledger.owner))  # still spoken of
            near = {*ground.near(x, y, rules.halo_m), *held.known_by} - {ledger.owner}
            offer = Offer(track_id, held.epoch, ledger.owner, held.state, held.baggage)
            messages += [Addressed(other, offer) for other in sorted(near)]
            held.known_by = [o for o in held.known_by if ground.outside_m(x, y, o) <= 2.0 * rules.halo_m]
    return messages
