"""What a reader of public topics believes, and what goes back into the stream."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.console.public_log import Newest
from streams.console.replayed import is_replayable
from streams.dead_letters import REPLAYED_HEADER, DeadLetter, Origin
from streams.log import Record


class Message(msgspec.Struct):
    """Anything with a version."""

    version: int


def record(key: str | None, version: int | None) -> Record:
    """A public record; no version is a tombstone."""
    value = None if version is None else msgspec.json.encode(Message(version))
    return Record(0, 0, None if key is None else key.encode(), value)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 9)), max_size=30))
def test_versions_only_rise(written: list[tuple[str, int]]) -> None:
    """Whatever is in the log, each key ends at its highest version, and each is reported at most once."""
    seen = Newest(Message)
    told = [(key, message.version) for key, v in written if (message := seen.take(record(key, v))) is not None]
    assert len(told) == len(set(told))
    for key in "ab":
        versions = [v for name, v in told if name == key]
        assert versions == sorted(versions)
        assert (key in seen.by_key) == (key in [k for k, _ in written])
        if versions:
            assert seen.by_key[key].version == max(v for k, v in written if k == key)


def test_a_tombstone_removes_and_strangers_are_counted() -> None:
    """Erased means gone; what cannot be read does not stop the reader."""
    seen = Newest(Message)
    seen.take(record("a", 1))
    seen.take(record("a", None))
    assert seen.by_key == {}
    assert seen.take(Record(0, 0, b"b", b"{")) is None
    assert seen.take(Record(0, 0, b"\xff", b'{"version": 1}')) is None
    assert seen.unreadable == 2
    assert seen.take(record(None, 1)) is None


@pytest.mark.parametrize(
    "topic, replayable",
    [("raw.acme.json", True), ("commands.v1", True), ("units.v1", True), ("detections.v1", False)],
)
def test_only_what_came_from_outside_is_replayed(topic: str, replayable: bool) -> None:
    """Records between stages are read from the log again, not written to it; a replay that died is not replayed."""
    letter = DeadLetter(Origin(topic, 0, 1, 0, 2), "ingest", "bad-field", "", b"x")
    assert is_replayable(letter) is replayable
    assert not is_replayable(letter._replace(value=None))
    marked = letter.origin._replace(headers=((REPLAYED_HEADER, b"k"),))
    assert not is_replayable(letter._replace(origin=marked))
