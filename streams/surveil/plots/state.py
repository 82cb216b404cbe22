"""What a snapshot holds of an owner's plots. New fields go to the end, with a default: older snapshots load."""

import math

import msgspec

from streams.surveil.details import Details
from streams.tracks.sharing.messages import Baggage


class Came(msgspec.Struct, array_like=True):
    """What another owner knew of a track's name; times are seconds after this owner's epoch."""

    track: int
    until_s: float
    baggage: Baggage


class NamingState(msgspec.Struct, array_like=True):
    """Who is who (:mod:`naming`)."""

    identities: bytes = b""
    coverage: bytes = b""
    waiting: bytes = b""
    names: dict[int, str] = {}  # of the senders heard near tracks: key of the name -> key of its object
    judged_s: float = -math.inf
    cut: list[tuple[str, int]] = []  # object and track that an operator told apart
    came: list[Came] = []  # what came with tracks of other owners, until their senders are heard here


class BindingState(msgspec.Struct, array_like=True):
    """What is told as what (:mod:`binding`); tracks are the tracker's ids."""

    joined: dict[int, str] = {}  # track -> key of the named object it is told as
    pinned: dict[int, str] = {}  # likewise, by an operator
    under: dict[int, int] = {}  # track -> track it is, by an operator
    called: dict[int, int] = {}  # track -> public id it goes on under
    apart: list[tuple[int, int]] = []  # tracks that are two, by an operator


class RegisteringState(msgspec.Struct, array_like=True):
    """The radars' registration (:mod:`registering`); ``radars`` by sensor id."""

    radars: dict[str, bytes] = {}
    seen: bytes = b""
    heard: bytes = b""
    began_s: dict[str, float] = {}  # when the plots began that the next vote rests on
    turned_s: float = -math.inf


class PlotsState(msgspec.Struct, array_like=True):
    """``origin`` lon, lat degrees and ``epoch_us`` are those of the first plot's sector and time."""

    origin: tuple[float, float] | None = None
    epoch_us: int = 0
    tracker: bytes = b""
    told_s: dict[int, float] = {}  # track -> when it was last told, seconds after the epoch
    turned_s: int = -1  # the last whole second after the epoch that had its turn
    others: bytes = b""  # of the sensors that are no plots
    neighbours: bytes = b""  # what is agreed with other owners
    newest_s: float = -math.inf  # the newest plot, seconds after the epoch
    naming: NamingState = msgspec.field(default_factory=NamingState)
    binding: BindingState = msgspec.field(default_factory=BindingState)
    registering: RegisteringState = msgspec.field(default_factory=RegisteringState)
    details: dict[str, Details] = {}  # for pictures, by the key of the object
    commands: list[str] = []  # ids of the operators' commands done, newest last
