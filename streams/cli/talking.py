"""Talking to a broker from a verb: is it there, and if it goes away, say so in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from streams.cli.broker_option import require_broker
from streams.cli.codes import BrokerUnreachable


@contextmanager
def talking_to(bootstrap: str) -> Iterator[None]:
    """Raises :class:`BrokerUnreachable` (exit code 3) where nobody answers or the answer stops."""
    require_broker(bootstrap)
    from kafka.errors import KafkaError

    from streams.publisher.sender import TopicMissing

    try:
        yield
    except TopicMissing as missing:
        raise click.ClickException(f"topic {missing} does not exist; `vedette topics apply` makes it") from missing
    except KafkaError as problem:
        raise BrokerUnreachable(bootstrap) from problem
