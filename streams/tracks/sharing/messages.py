"""What owners of sectors say to each other about tracks that have no name, and what they say in public.

=======  ===================================================  =====================================================
message  says                                                 answer
=======  ===================================================  =====================================================
OFFER    I own this track, it is near you; here is all of it  KNOWN, once one of the receiver's own tracks is it
KNOWN    I follow it too, and call it what you call it
RELEASE  it is yours now, under the next epoch
END      it is lost to me, and nobody else follows it
JOIN     my track is yours: here is what it carried           (passed on to the owner, if that is another by now)
=======  ===================================================  =====================================================

Every message is idempotent on (track id, epoch, owner); a lower (epoch, owner) than one seen is a zombie's.
"""

import msgspec


class Incident(msgspec.Struct, frozen=True, array_like=True):
    """An open incident of a track: its id never changes, whoever owns the track."""

    incident_id: str
    sequence: int
    home_area: int


class PairScore(msgspec.Struct, frozen=True, array_like=True):
    """One sender's evidence (`identity.evidence`)."""

    part: int
    score: float
    time_s: float
    bound: bool


class Silence(msgspec.Struct, frozen=True, array_like=True):
    """The dark test (`identity.dark`)."""

    time_s: float
    confirmed_s: float
    ratio: float
    had_name: bool
    dark: bool


class Baggage(msgspec.Struct, frozen=True, array_like=True):
    """What travels with a track besides its state."""

    evidence: tuple[PairScore, ...] = ()
    silence: Silence | None = None
    accumulators: tuple[float, ...] = ()  # of the behaviour detectors, in their order
    incidents: tuple[Incident, ...] = ()


class State(msgspec.Struct, frozen=True, array_like=True):
    """A track's state at ``time_s``: mean x, y, vx, vy and the covariance by rows, in the common plane."""

    time_s: float
    mean: tuple[float, float, float, float]
    covariance: tuple[float, ...]
    existence: float


class Offer(msgspec.Struct, frozen=True, tag="offer", array_like=True):
    """A track of ``owner`` that is near the receiver."""

    track_id: int
    epoch: int
    owner: int
    state: State
    baggage: Baggage


class Known(msgspec.Struct, frozen=True, tag="known", array_like=True):
    """``by`` follows the offered track as one of its own."""

    track_id: int
    epoch: int
    by: int


class Release(msgspec.Struct, frozen=True, tag="release", array_like=True):
    """The track belongs to ``owner`` (the receiver) from now on, under ``epoch``."""

    track_id: int
    epoch: int
    owner: int
    state: State
    baggage: Baggage


class End(msgspec.Struct, frozen=True, tag="end", array_like=True):
    """``owner`` has lost the track."""

    track_id: int
    epoch: int
    owner: int


class Join(msgspec.Struct, frozen=True, tag="join", array_like=True):
    """``track_id`` and ``into`` are one object; it goes on as ``into``."""

    track_id: int
    epoch: int
    owner: int  # who held ``track_id``
    into: int
    baggage: Baggage


Message = Offer | Known | Release | End | Join


class Addressed(msgspec.Struct, frozen=True):
    """A message and the owner it goes to."""

    to: int
    message: Message


_ENCODER = msgspec.msgpack.Encoder()
_DECODER: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def encode(message: Message) -> bytes:
    """One record's value."""
    return _ENCODER.encode(message)


def decode(record: bytes) -> Message:
    """The message; raises `msgspec.DecodeError` or `msgspec.ValidationError` for anything else."""
    return _DECODER.decode(record)
