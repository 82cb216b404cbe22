"""Publishing and listing accepted holes."""

import msgspec

from streams.console.public_log import public_log
from streams.holes import TOPIC, AcceptedHole, read_hole
from streams.public import encode, event_headers, to_us
from streams.publisher.sender import Sender
from streams.publisher.zones import NotConfirmed


def accept_hole(hole: AcceptedHole, bootstrap: str) -> None:
    """Publish that a hole is accepted; confirmed when this returns.

    Raises :class:`NotConfirmed`, TopicMissing, and kafka.errors.KafkaError where no broker answers."""
    at_us = to_us(hole.at)
    headers = event_headers("publisher", hole.schema, hole.key, at_us, at_us)
    with Sender(bootstrap) as sender:
        sender.send(TOPIC, 0, hole.key.encode(), encode(hole), list(headers))
        sender.flush()
        if sender.failed:
            raise NotConfirmed(str(sender.failure))


def accepted_holes(bootstrap: str) -> list[AcceptedHole]:
    """Every hole that was ever accepted, oldest first."""
    found: dict[str, AcceptedHole] = {}
    with public_log(bootstrap, TOPIC) as log:
        for record in log.to_now():
            try:
                hole = read_hole(record.value or b"")
            except (msgspec.MsgspecError, ValueError):
                continue  # the workers refuse it, and say so
            found.setdefault(hole.key, hole)
    return list(found.values())
