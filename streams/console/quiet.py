"""Keeps the Kafka client's own log lines off a person's screen."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_kafka() -> Iterator[None]:
    """While the block runs, the client logs nothing below critical: a broker that is away is shown as such by what
    runs in the block, not by a page of connection errors across its picture."""
    logger = logging.getLogger("kafka")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
