"""Numbers for identities: what a report calls itself, as one 64-bit key, and the parts of a name that is used twice."""

from hashlib import blake2b

PARTS = 4  # room for the parts of one name; the filter keeps three


def name_key(kind: str, value: str) -> int:
    """A positive 61-bit key of an identity (``kind`` mmsi, icao24, remote-id …), the same in every process."""
    digest = blake2b(f"{kind}\x00{value}".encode(), digest_size=8, person=b"vedette-name").digest()
    return int.from_bytes(digest, "big") >> 3


def part_key(name: int, part: int) -> int:
    """The key of one part (0..3) of a name: evidence is weighed per part, so a name used twice is two."""
    return name * PARTS + part


def name_of(part: int) -> int:
    """The name a part belongs to."""
    return part // PARTS
