"""Holes that a person has accepted: rows of one source that are missing, and that an owner may go on without.

An owner stops where rows before the one in hand are missing. Who lets it go on says for which source, from which offset
to which, and why; that record stays in ``holes.v1``. What an owner was told is part of its state from then on, so
every re-read passes the same place alike.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Protocol, runtime_checkable

import msgspec

from streams.log import Record

TOPIC = "holes.v1"
SCHEMA = "vedette.hole.v1"
Offset = Annotated[int, msgspec.Meta(ge=0)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]


class AcceptedHole(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}
):
    """One record of ``holes.v1``, JSON, keyed ``source/from-to``: offsets of the source between which rows may miss."""

    schema: str = SCHEMA
    source: Text  # topic/partition the missing rows came from
    first: Offset
    last: Offset
    actor: Text  # a role, no name
    at: datetime
    note: Text  # why

    @property
    def key(self) -> str:
        """The record's key."""
        return f"{self.source}/{self.first}-{self.last}"


@runtime_checkable
class Bridges(Protocol):
    """A core that numbers what it reads, so that it can meet a hole and be told to go on."""

    def accept(self, holes: Sequence[AcceptedHole]) -> None:
        """Go on past these holes; told again after every load, what is known already changes nothing."""
        ...

    def resync(self) -> None:
        """The log begins beyond the state: go on with the first record of every source, whatever lies before it."""
        ...


class HoleBook:
    """The accepted holes read so far."""

    def __init__(self) -> None:
        self._holes: dict[str, AcceptedHole] = {}

    @property
    def holes(self) -> Sequence[AcceptedHole]:
        """All of them, in the order they were accepted."""
        return tuple(self._holes.values())

    def take(self, record: Record) -> None:
        """Take a record of ``holes.v1``; raises msgspec.MsgspecError and ValueError where it is none."""
        if record.value is not None:
            hole = read_hole(record.value)
            self._holes.setdefault(hole.key, hole)

    def covers(self, source: str, first: int, last: int) -> bool:
        """Whether somebody has accepted that rows of ``source`` from offset ``first`` to ``last`` are missing."""
        return any(hole.source == source and hole.first <= first and last <= hole.last for hole in self.holes)


def read_hole(value: bytes) -> AcceptedHole:
    """The accepted hole a value holds; raises msgspec.MsgspecError, and ValueError where it ends before it begins."""
    hole = _decode(value)
    if hole.schema != SCHEMA or hole.last < hole.first or hole.at.tzinfo is None:
        raise ValueError("expected from <= to, a time with its zone, and the schema " + SCHEMA)
    return hole


_decode = msgspec.json.Decoder(AcceptedHole).decode
