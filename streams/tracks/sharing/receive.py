"""One message from another owner, applied to the book; what it asks for in answer."""

from streams.tracks.sharing.fence import Right
from streams.tracks.sharing.ledger import NO_LOCAL, Foreign, Held, Ledger, joined
from streams.tracks.sharing.messages import Addressed, Baggage, End, Join, Known, Message, Offer, Release, State

Adoption = tuple[int, State]  # public id, state: a track the tracker is to start with this id


class Answer:
    """What a message asks for."""

    def __init__(self) -> None:
        """Nothing."""
        self.messages: list[Addressed] = []
        self.adopted: list[Adoption] = []
        self.loaded: list[tuple[int, Baggage]] = []  # own tracker's id, what came for it


def receive(ledger: Ledger, message: Message, now_s: float) -> Answer:
    """Apply a message; ``now_s`` measures patience: log time, or event time in a recording."""
    answer = Answer()
    match message:
        case Offer():
            _offered(ledger, message, now_s, answer)
        case Release():
            _released(ledger, message, answer)
        case Known():
            entry = ledger.held.get(message.track_id)
            if entry is not None and message.by not in entry.known_by:
                entry.known_by = sorted([*entry.known_by, message.by])
        case End():
            _ended(ledger, message)
        case Join():
            _joined(ledger, message, answer)
    return answer


def _offered(ledger: Ledger, offer: Offer, now_s: float, answer: Answer) -> None:
    mine = ledger.held.get(offer.track_id)
    if not ledger.fence.admits(offer.track_id, Right(offer.epoch, offer.owner)):
        if mine is not None:  # whoever sent it does not know yet that it is not the owner
            mine.offered_s = -1e18
            if offer.owner not in mine.known_by:
                mine.known_by = sorted([*mine.known_by, offer.owner])
        return
    before = ledger.foreign.get(offer.track_id)
    local = before.local if before is not None else NO_LOCAL
    streak = before.streak if before is not None else 0
    baggage = offer.baggage
    if mine is not None:  # somebody claimed it while this owner was silent
        del ledger.held[offer.track_id]
        local = mine.local
        if mine.baggage.incidents:
            join = Join(offer.track_id, mine.epoch, ledger.owner, offer.track_id, mine.baggage)
            answer.messages.append(Addressed(offer.owner, join))
    ledger.foreign[offer.track_id] = Foreign(
        offer.owner, offer.epoch, now_s, offer.state, baggage, local, streak, before is not None and before.adopted
    )
    if local:
        answer.messages.append(Addressed(offer.owner, Known(offer.track_id, offer.epoch, ledger.owner)))


def _released(ledger: Ledger, release: Release, answer: Answer) -> None:
    if release.owner != ledger.owner:
        return
    mine = ledger.held.get(release.track_id)
    if not ledger.fence.is_new(release.track_id, Right(release.epoch, release.owner)):
        if mine is not None and mine.claimed and release.epoch == mine.epoch:
            # its owner was slow, not dead: what it carried is newer than its last offer. Once only: a repeat would
            # open again what was closed since
            mine.claimed = False
            mine.baggage = joined(release.baggage, mine.baggage)
            answer.loaded.append((mine.local, mine.baggage))
        return
    before = ledger.foreign.pop(release.track_id, None)
    baggage = release.baggage if mine is None else joined(release.baggage, mine.baggage)
    local = mine.local if mine is not None else before.local if before is not None else NO_LOCAL
    if not local:
        local = release.track_id
        answer.adopted.append((release.track_id, release.state))
    orphan = ledger.orphans.pop(release.track_id, None)
    if orphan is not None:
        baggage = joined(baggage, orphan)
    answer.loaded.append((local, baggage))
    ledger.held[release.track_id] = Held(local, release.epoch, baggage, release.state, [], -1e18)


def _ended(ledger: Ledger, end: End) -> None:
    entry = ledger.foreign.get(end.track_id)
    if entry is not None and Right(end.epoch, end.owner) >= Right(entry.epoch, entry.owner):
        del ledger.foreign[end.track_id]


def _joined(ledger: Ledger, join: Join, answer: Answer) -> None:
    entry = ledger.held.get(join.into)
    there = ledger.foreign.get(join.into)
    if entry is not None:
        entry.baggage = joined(entry.baggage, join.baggage)
        answer.loaded.append((entry.local, entry.baggage))
    elif there is not None and there.owner != ledger.owner:
        answer.messages.append(Addressed(there.owner, join))
    else:
        known = ledger.orphans.get(join.into)
        ledger.orphans[join.into] = join.baggage if known is None else joined(known, join.baggage)
