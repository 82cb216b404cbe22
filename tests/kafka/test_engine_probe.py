"""What would make Faust hang without a word is found before a worker starts."""

import asyncio
import uuid

import pytest

from streams.engine.probe import MissingTopics, probe
from streams.engine.settings import BadEngineSettings, EngineSettings

pytestmark = pytest.mark.kafka


def test_missing_topics_are_named(broker: str) -> None:
    """Law: a topic that does not exist is named; in Faust the join would hang for ever."""
    missing = f"no.such.{uuid.uuid4().hex[:6]}"
    with pytest.raises(MissingTopics, match=missing):
        asyncio.run(probe(EngineSettings(broker=broker, instance="w1"), [missing]))


def test_a_session_below_the_brokers_floor_is_refused(broker: str) -> None:
    """Law: the broker's own floor is read, and a session timeout under it refused."""
    with pytest.raises(BadEngineSettings, match="session_timeout_s"):
        asyncio.run(probe(EngineSettings(broker=broker, instance="w1", session_timeout_s=0.4, heartbeat_s=0.1), []))
