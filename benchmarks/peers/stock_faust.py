"""Stock Faust, ``async for`` over one record per event, as it comes or tuned.

As it comes: default settings. Tuned, its best: uvloop in both threads, cycles looked for seldom, no per-record monitor,
8 MB fetches, no CRC check. Both pass bytes through Faust and decode with msgspec in the agent.
"""

import asyncio
import sys
from typing import Any

import faust
import uvloop
from faust.types import StreamT

from benchmarks.peers.event import decode
from benchmarks.peers.meter import Meter
from streams.engine.monitor import QuietMonitor
from streams.garbage import collect_seldom

_TUNED: dict[str, Any] = {
    "consumer_max_fetch_size": 8 * 1024 * 1024,
    "broker_check_crcs": False,
    "Monitor": QuietMonitor,
}


async def _serve(settings: dict[str, Any]) -> None:
    broker, topic, count, group = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    meter = Meter(count)
    app = faust.App(
        group,
        broker=f"kafka://{broker}",
        store="memory://",
        consumer_auto_offset_reset="earliest",
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        **settings,
    )
    source = app.topic(topic, value_serializer="raw")

    @app.agent(source)
    async def _read(stream: StreamT[bytes]) -> None:
        async for value in stream:
            decode(value)
            meter.seen(1)

    await app.start()
    await app.wait_until_stopped()


def main(*, tuned: bool = False) -> None:
    """Read until the meter ends the process."""
    if tuned:
        collect_seldom()
        uvloop.install()  # for the consumer's thread
        uvloop.run(_serve(_TUNED))
    else:
        asyncio.run(_serve({}))


if __name__ == "__main__":
    main()
