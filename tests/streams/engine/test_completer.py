"""Batches are confirmed in order, each after all its sends, and a failed send ends the process unconfirmed."""

import asyncio
from typing import NoReturn

import pytest
from aiokafka.errors import KafkaTimeoutError

from streams.engine.completer import Completer, Pending
from streams.engine.exits import Exit


class Left(BaseException):
    """The process would have ended."""


def _leave(code: Exit, why: str) -> NoReturn:
    raise Left(code, why)


def test_confirmation_is_in_order_and_after_the_sends() -> None:
    """Law: a batch whose sends end first still waits for the batches before it."""

    async def play() -> list[int]:
        loop, done = asyncio.get_running_loop(), list[int]()
        completer = Completer(4, _leave)
        completer.start()
        sends = [loop.create_future() for _ in range(3)]
        for n, send in enumerate(sends):
            await completer.put(Pending([send], lambda n=n: done.append(n)))  # type: ignore[misc]
        sends[2].set_result(None)
        sends[1].set_result(None)
        await asyncio.sleep(0)
        assert done == []
        assert completer.sends == 3
        sends[0].set_result(None)
        await completer.drained()
        completer.stop()
        assert completer.sends == 0
        return done

    assert asyncio.run(play()) == [0, 1, 2]


def test_the_queue_is_bounded() -> None:
    """Law: with the limit in flight, handing over waits until one is confirmed."""

    async def play() -> None:
        loop = asyncio.get_running_loop()
        completer = Completer(2, _leave)
        completer.start()
        sends = [loop.create_future() for _ in range(4)]
        for send in sends[:3]:
            await completer.put(Pending([send], lambda: None))  # one in hand, two queued
        waiting = asyncio.create_task(completer.put(Pending([sends[3]], lambda: None)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not waiting.done()
        for send in sends:
            send.set_result(None)
        await waiting
        await completer.drained()
        completer.stop()

    asyncio.run(play())


def test_a_failed_send_ends_the_process_unconfirmed() -> None:
    """Law: after a failed send nothing of its batch or of a later one is confirmed, and the exit code is 70."""

    async def play() -> None:
        loop, done = asyncio.get_running_loop(), list[int]()
        completer = Completer(4, _leave)
        failed, fine = loop.create_future(), loop.create_future()
        failed.set_exception(KafkaTimeoutError())
        fine.set_result(None)
        await completer.put(Pending([failed], lambda: done.append(0)))
        await completer.put(Pending([fine], lambda: done.append(1)))
        with pytest.raises(Left) as left:
            await completer._run()
        assert left.value.args[0] is Exit.UNRECOVERABLE
        assert done == []

    asyncio.run(play())
