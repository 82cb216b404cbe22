"""The Faust transport ``vedette://host:port;host:port``: batches in, idempotent sends out."""

from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver

from streams.engine.consumer import StageConsumer
from streams.engine.producer import StageProducer

SCHEME = "vedette"


class Transport(driver.Transport):
    """Faust's Kafka transport with the engine's consumer and producer."""

    Consumer = StageConsumer
    Producer = StageProducer


def register() -> None:
    """Make the scheme known to Faust also where the distribution's entry points are not installed."""
    TRANSPORTS.aliases[SCHEME] = "streams.engine.transport:Transport"


def url_of(servers: list[str]) -> str:
    """The URL of a list of ``host:port``."""
    return f"{SCHEME}://{';'.join(servers)}"
