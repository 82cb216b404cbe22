"""Dead letters back into the stream: the original bytes, key, headers and partition, marked as replayed."""

from collections.abc import Mapping

from streams.dead_letters import REPLAYED_HEADER, DeadLetter
from streams.publisher.sender import Sender


def is_replayable(letter: DeadLetter) -> bool:
    """Whether sending it again makes sense: it came from outside, has a value, and is not itself a replay that died.

    A replay that died again is the same item as its first letter; replaying both would double it every time."""
    topic = letter.origin.topic
    public = topic.startswith("raw.") or topic in ("commands.v1", "units.v1")
    replayed = any(name == REPLAYED_HEADER for name, _ in letter.origin.headers)
    return public and letter.value is not None and not replayed


def send_again(bootstrap: str, letters: Mapping[str, DeadLetter]) -> tuple[int, int]:
    """Send letters by key to where they came from; how many were confirmed and how many failed."""
    with Sender(bootstrap, client_id="vedette-replay") as sender:
        for key, letter in letters.items():
            origin = letter.origin
            headers = [*origin.headers, (REPLAYED_HEADER, key.encode())]
            sender.send(origin.topic, origin.partition, origin.key, letter.value, headers)
        sender.flush()
        return sender.sent, sender.failed
