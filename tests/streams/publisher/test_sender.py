"""Counting what was confirmed, without a broker."""

from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError, MessageSizeTooLargeError

from streams.publisher import sender as module
from streams.publisher.sender import Sender, TopicMissing


class _Future:
    """A send that ends as told."""

    def __init__(self, problem: Exception | None) -> None:
        self._problem = problem
        self.is_done = False

    def failed(self) -> bool:
        return self.is_done and self._problem is not None

    def get(self) -> None:
        self.is_done = True
        if self._problem is not None:
            raise self._problem


class _Producer:
    """Stands in for KafkaProducer: ``bad`` values are never confirmed, ``huge`` ones refused at once."""

    made: "_Producer"

    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.open = 0
        self.most_open = 0
        self.closed = False
        self.futures: list[_Future] = []
        _Producer.made = self

    def send(self, topic: str, value: bytes, key: bytes, headers: Any, partition: int) -> _Future:
        if value == b"huge":
            raise MessageSizeTooLargeError
        self.futures.append(_Future(KafkaTimeoutError("late") if value == b"bad" else None))
        self.most_open = max(self.most_open, sum(not future.is_done for future in self.futures[-100_000:]))
        return self.futures[-1]

    def partitions_for(self, topic: str) -> set[int]:
        if topic == "missing":
            raise KafkaTimeoutError
        return {0, 1, 2}

    def close(self, timeout: float) -> None:
        self.closed = True


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Sender:
    """A sender over the stand-in."""
    monkeypatch.setattr(module, "KafkaProducer", _Producer)
    return Sender("127.0.0.1:1")


def test_every_record_is_counted_once_as_confirmed_or_failed(sender: Sender) -> None:
    """Nothing is called sent that the broker did not confirm; what it refused is counted, whenever that showed."""
    for number in range(2_500):
        sender.send("t", 0, b"k", {7: b"bad", 11: b"huge"}.get(number % 100, b"good"), [])
    sender.flush()
    assert (sender.sent, sender.failed) == (2_450, 50)
    assert "late" in str(sender.failure) or "Size" in str(sender.failure)


def test_unconfirmed_records_are_bounded(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """The producer's own buffer has no bound; a broker that is slow must slow the reading, not fill the memory."""
    monkeypatch.setattr(module, "_CHUNK", 10)
    for _ in range(2_000):
        sender.send("t", 0, b"k", b"good", [])
    assert _Producer.made.most_open <= 10 * (module._CHUNKS_IN_FLIGHT + 1)


def test_the_producer_is_idempotent_and_creates_no_topics(sender: Sender) -> None:
    """A lost answer must not write twice, and a topic outside the catalogue would have the wrong owners."""
    settings = _Producer.made.settings
    assert settings["enable_idempotence"] is True
    assert settings["acks"] == "all"
    assert settings["allow_auto_create_topics"] is False


def test_a_topic_that_is_not_there_is_named(sender: Sender) -> None:
    """The message can say which topic to create."""
    assert sender.partitions("there") == 3
    with pytest.raises(TopicMissing, match="missing"):
        sender.partitions("missing")


def test_closing_confirms_first(sender: Sender) -> None:
    """What was sent in the block is confirmed when the block has ended."""
    with sender:
        sender.send("t", 0, b"k", b"good", [])
        assert sender.sent == 0
    assert sender.sent == 1
    assert _Producer.made.closed
