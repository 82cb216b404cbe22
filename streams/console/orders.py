"""Telling the system what a person wants, and waiting for its answer: a new version, or the reason why not."""

import time
import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar

from streams import dead_letters
from streams.console.public_log import Newest, PublicLog, Versioned, public_log
from streams.messages import Command, CommandKind, Outcome
from streams.public import encode, event_headers, to_us
from streams.publisher.sender import Sender

TOPIC = "commands.v1"
V = TypeVar("V", bound=Versioned)


class Answer(StrEnum):
    """What became of a command."""

    DONE = "done"
    REFUSED = "refused"
    UNANSWERED = "unanswered"  # sent and kept in the log: it is done as soon as a worker reads it


class Answered(NamedTuple):
    """An answer, and the reason of a refusal."""

    answer: Answer
    message: Versioned | None = None
    reason: str = ""


def order(
    kind: CommandKind,
    target_id: str,
    area: int,
    actor: str,
    *,
    command_id: str | None = None,
    outcome: Outcome | None = None,
    until: datetime | None = None,
    note: str | None = None,
    other_id: str | None = None,
) -> Command:
    """A command with an id of its own; the same id sent twice is done once."""
    return Command(
        command_id=command_id or uuid.uuid4().hex,
        kind=kind,
        target_id=target_id,
        area=area,
        actor=actor,
        at=datetime.now(UTC),
        outcome=outcome,
        until=until,
        note=note,
        other_id=other_id,
    )


def give(bootstrap: str, command: Command, topic: str, message: type[V], patience_s: float) -> Answered:
    """Send a command and watch ``topic`` for the new version of its target for ``patience_s`` seconds.

    Raises kafka.errors.KafkaError where the command itself is not confirmed."""
    with public_log(bootstrap, topic) as answers, public_log(bootstrap, dead_letters.TOPIC) as letters:
        seen = Newest(message)
        for record in answers.to_now():
            seen.take(record)
        letters.skip_to_end()
        send(bootstrap, command)
        return _await(command, seen, answers, letters, time.monotonic() + patience_s)


def send(bootstrap: str, command: Command) -> None:
    """Send a command; it is done as soon as a worker reads it.

    Raises kafka.errors.KafkaError where it is not confirmed."""
    with Sender(bootstrap, client_id="vedette-console") as sender:
        headers = list(event_headers("console", command.schema, command.command_id, 1, to_us(command.at)))
        sender.partitions(TOPIC)
        sender.send(TOPIC, 0, command.target_id.encode(), encode(command), headers)
        sender.flush()
        if sender.failure is not None:
            raise sender.failure


def _await(command: Command, seen: Newest[V], answers: PublicLog, letters: PublicLog, until_s: float) -> Answered:
    wanted = command.command_id.encode()
    while time.monotonic() < until_s:
        for record in answers.once():
            message = seen.take(record)
            if message is not None and record.key == command.target_id.encode():
                return Answered(Answer.DONE, message)
        for record in letters.once():
            if wanted in (record.value or b""):
                return Answered(Answer.REFUSED, reason=dead_letters.read(record).reason)
    return Answered(Answer.UNANSWERED)
