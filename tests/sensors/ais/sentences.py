"""Sentences for tests, written by pyais, which shares no code with what is tested."""

from functools import reduce
from operator import xor
from typing import Any

from pyais.encode import encode_dict


def sentences(kind: int, mmsi: int = 235_070_762, **fields: Any) -> list[bytes]:
    """The sentences of one message; several for a long one, with sequence number 1."""
    encoded = encode_dict(
        {"type": kind, "msg_type": kind, "mmsi": mmsi, **fields},
        talker_id="AI",
        sentence_type="VDM",
        seq_id=1,
    )
    return [line.encode() for line in encoded]


def one(kind: int, mmsi: int = 235_070_762, **fields: Any) -> bytes:
    """The single sentence of a short message."""
    (line,) = sentences(kind, mmsi, **fields)
    return line


def checked(body: str) -> bytes:
    """A sentence (or tag block) with its checksum: ``body`` is what stands between ``!`` and ``*``."""
    return f"{body}*{reduce(xor, body.encode(), 0):02X}".encode()


def tagged(line: bytes, fields: str) -> bytes:
    """The sentence behind a tag block of these fields."""
    return b"\\" + checked(fields) + b"\\" + line


def armoured(bits: str) -> tuple[str, int]:
    """Payload and fill bits of a string of 0 and 1."""
    fill = -len(bits) % 6
    padded = bits + "0" * fill
    values = [int(padded[at : at + 6], 2) for at in range(0, len(padded), 6)]
    return "".join(chr(48 + value if value < 40 else 56 + value) for value in values), fill


def from_bits(bits: str) -> bytes:
    """A single sentence with just these bits."""
    payload, fill = armoured(bits)
    return b"!" + checked(f"AIVDM,1,1,,A,{payload},{fill}")
