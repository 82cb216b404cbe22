"""A real Apache Kafka broker on loopback for the main job, tests and benchmarks."""

from streams.embedded.broker import EmbeddedBroker
from streams.embedded.errors import BrokerFailed, EmbeddedError, ToolMissing

__all__ = ["BrokerFailed", "EmbeddedBroker", "EmbeddedError", "ToolMissing"]
