"""What an owner remembers of its own public log."""

import msgspec

from streams.log import Record
from streams.public_tail import PublicTail


def record(key: str, version: int) -> Record:
    """A public record."""
    return Record(0, 0, key.encode(), msgspec.json.encode({"version": version}))


def test_only_what_hides_a_higher_version_is_mended() -> None:
    """In order, repeated and unknown records are left alone; a tombstone is nobody's version."""
    tail = PublicTail()
    assert not tail.falls_back(record("a", 1), 2)
    assert not tail.falls_back(record("a", 2), 2)
    assert not tail.falls_back(record("a", 2), 2)
    assert tail.falls_back(record("a", 1), 2)
    assert not tail.falls_back(record("a", 1), 1)  # still re-reading
    assert not tail.falls_back(record("a", 1), None)
    assert not tail.falls_back(Record(0, 0, b"a", None), 2)


def test_memory_is_bounded_by_what_is_held() -> None:
    """Keys the owner has forgotten go, those it holds stay."""
    tail = PublicTail()
    for number in range(5_000):
        tail.falls_back(record(f"k{number}", 2), 2)
        tail.keep_only({"k0"})
    assert len(tail._highest) <= 1_003
    assert tail.falls_back(record("k0", 1), 2)
