"""A worker that cannot begin says why, and one told to stop while it waits for its broker stops."""

import asyncio
import socket
import time
from pathlib import Path

import pytest

from streams.config import Settings
from streams.engine.probe import BrokerUnreachable, probe
from streams.engine.settings import EngineSettings
from streams.engine.stage import StageSpec
from streams.engine.worker import run
from streams.partitioning import Owners
from tests.streams.engine.toy_core import ToyCore


def _nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def test_an_absent_broker_is_named_after_patience() -> None:
    """Law: the probe gives up after its patience and names the broker."""
    settings = EngineSettings(broker=_nobody(), instance="w1")
    with pytest.raises(BrokerUnreachable, match=settings.broker):
        asyncio.run(probe(settings, ["a"], patience_s=0.1))


def test_stop_is_heard_while_waiting_for_the_broker(tmp_path: Path) -> None:
    """Law: a worker whose broker is absent ends as soon as it is told to, without an error."""

    async def play() -> None:
        stop = asyncio.Event()
        settings = EngineSettings(broker=_nobody(), instance="w1", lock_directory=str(tmp_path))
        spec = StageSpec("toy", ("in",), lambda *_: ToyCore(), Settings(feeds=(), owners=Owners(1)))
        running = asyncio.create_task(run([spec], settings, stop))
        await asyncio.wait((running,), timeout=0.3)
        assert not running.done()
        stop.set()
        await asyncio.wait_for(running, 5)

    began = time.monotonic()
    asyncio.run(play())
    assert time.monotonic() - began < 5
