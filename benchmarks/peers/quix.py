"""Quix Streams, one function over a dataframe of bytes.

Best settings: ``fetch.queue.backoff.ms=5`` (librdkafka sleeps 1 s by default when its queue is full), 4 MB fetches,
bytes through Quix and msgspec in the function. Run with a Python that has quixstreams and msgspec.
"""

import sys

from quixstreams import Application

from benchmarks.peers.event import decode
from benchmarks.peers.meter import Meter


def main() -> None:
    """Read until the meter ends the process."""
    broker, topic, count, group = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    meter = Meter(count)

    def take(value: bytes) -> None:
        decode(value)
        meter.seen(1)

    app = Application(
        broker_address=broker,
        consumer_group=group,
        auto_offset_reset="earliest",
        auto_create_topics=False,
        loglevel="ERROR",
        consumer_extra_config={"fetch.queue.backoff.ms": 5, "max.partition.fetch.bytes": 4 * 1024 * 1024},
    )
    app.dataframe(app.topic(topic, value_deserializer="bytes")).update(take)
    app.run()


if __name__ == "__main__":
    main()
