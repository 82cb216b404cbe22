"""What one owner knows of the tracks it holds and of those its neighbours hold; the whole of it as bytes."""

import msgspec

from streams.tracks.sharing.fence import Fence, Right
from streams.tracks.sharing.messages import Baggage, State

NO_LOCAL = 0  # track ids are never 0


class Held(msgspec.Struct, array_like=True):
    """A track this owner publishes."""

    local: int  # the id of its own tracker's track
    epoch: int
    baggage: Baggage
    state: State  # at the last turn
    known_by: list[int]  # owners that follow it too, ascending
    offered_s: float  # when it was last offered
    claimed: bool = False  # from a silent owner, whose own RELEASE may still come


class Foreign(msgspec.Struct, array_like=True):
    """A track a neighbour publishes."""

    owner: int
    epoch: int
    heard_s: float
    state: State
    baggage: Baggage
    local: int = NO_LOCAL  # which of our own tracks it is
    streak: int = 0  # offers in a row that lay on a track we hold under another id
    adopted: bool = False  # whether our tracker was given its state


class _Record(msgspec.Struct, array_like=True):
    owner: int
    held: list[tuple[int, Held]]
    foreign: list[tuple[int, Foreign]]
    highest: list[tuple[int, int, int]]
    refused: int
    orphans: list[tuple[int, Baggage]]


class Ledger:
    """One owner's book: held and foreign tracks by public id, and the highest right seen for each."""

    def __init__(self, owner: int) -> None:
        """An owner that has heard of nothing."""
        self.owner = owner
        self.held: dict[int, Held] = {}
        self.foreign: dict[int, Foreign] = {}
        self.fence = Fence()
        self.orphans: dict[int, Baggage] = {}  # what came for tracks that nobody holds any more

    def locals_taken(self) -> dict[int, int]:
        """Own tracker's ids → public ids, of everything held or recognised."""
        taken = {entry.local: track_id for track_id, entry in sorted(self.foreign.items()) if entry.local}
        taken.update((entry.local, track_id) for track_id, entry in sorted(self.held.items()))
        return taken

    def right(self, track_id: int) -> Right:
        """This owner's right to a track it holds."""
        return Right(self.held[track_id].epoch, self.owner)

    def dump(self) -> bytes:
        """The whole state; equal states give equal bytes."""
        record = _Record(
            self.owner,
            sorted(self.held.items(), key=lambda item: item[0]),
            sorted(self.foreign.items(), key=lambda item: item[0]),
            [
                (track_id, *right) for track_id, right in self.fence.highest.items()
            ],  # in order: the oldest is forgotten first
            self.fence.refused,
            sorted(self.orphans.items(), key=lambda item: item[0]),
        )
        return msgspec.msgpack.encode(record)

    @classmethod
    def load(cls, record: bytes) -> "Ledger":
        """The state that `dump` wrote."""
        read = msgspec.msgpack.decode(record, type=_Record)
        ledger = cls(read.owner)
        ledger.held, ledger.foreign = dict(read.held), dict(read.foreign)
        ledger.fence.highest = {track_id: Right(epoch, owner) for track_id, epoch, owner in read.highest}
        ledger.fence.refused = read.refused
        ledger.orphans = dict(read.orphans)
        return ledger


def joined(one: Baggage, other: Baggage) -> Baggage:
    """The baggage of two tracks that are one: all incidents and senders, the first track's test and accumulators."""
    incidents = {incident.incident_id: incident for incident in other.incidents}
    for incident in one.incidents:
        known = incidents.get(incident.incident_id)
        if known is None or incident.sequence >= known.sequence:
            incidents[incident.incident_id] = incident
    scores = {score.part: score for score in other.evidence}
    scores.update((score.part, score) for score in one.evidence)
    return Baggage(
        tuple(scores[part] for part in sorted(scores)),
        one.silence or other.silence,
        one.accumulators or other.accumulators,
        tuple(incidents[incident_id] for incident_id in sorted(incidents)),
    )
