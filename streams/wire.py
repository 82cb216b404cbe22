"""The wire form of records that hold a list of messages, each with its own position.

One record may hold messages caused by several input records, and a re-read cuts other records than the first reading
did: so every message carries the position it was numbered with, and readers trim messages, never whole records. The
value is msgpack of ``[version, [[offset, ordinal, message], …]]``, positions rising; headers come from
:func:`streams.provenance.headers`.

    >>> from streams.log import Position
    >>> value = encode_numbered(["ack"], [Position(7, 0)])
    >>> decode_numbered(value, str)
    [Numbered(position=Position(offset=7, ordinal=0), message='ack')]
"""

from collections.abc import Hashable, Sequence
from functools import cache
from typing import Generic, NamedTuple, TypeVar, cast

import msgspec

from streams.log import Position

VERSION = 1

T = TypeVar("T")


class Numbered(NamedTuple, Generic[T]):
    """A message and the position its writer gave it."""

    position: Position
    message: T


_encoder = msgspec.msgpack.Encoder()


@cache
def _decoder(message_type: Hashable) -> msgspec.msgpack.Decoder[object]:
    return msgspec.msgpack.Decoder(tuple[int, list[tuple[int, int, message_type]]])  # type: ignore[valid-type]


def encode_numbered(messages: Sequence[object], positions: Sequence[Position]) -> bytes:
    """The value of a record of ``messages``; raises ValueError where the two differ in length."""
    rows = [(*position, message) for position, message in zip(positions, messages, strict=True)]
    return _encoder.encode((VERSION, rows))


def decode_numbered(value: bytes, message_type: type[T]) -> list[Numbered[T]]:
    """The messages of a record, in order; raises msgspec.MsgspecError or ValueError where it does not hold them."""
    version, rows = cast("tuple[int, list[tuple[int, int, T]]]", _decoder(cast("Hashable", message_type)).decode(value))
    if version != VERSION:
        raise ValueError(f"numbered list version {version}, expected {VERSION}")
    return [Numbered(Position(offset, ordinal), message) for offset, ordinal, message in rows]
