"""The completer: waits for the sends of each batch in the order of the batches, then acknowledges the batch.

Several batches are in flight at once, so a stage never waits for one round trip per batch; the queue is bounded, so a
slow broker slows the stage instead of filling its memory.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from aiokafka.errors import KafkaError

from streams.engine.exits import Exit, Leave


class Pending(NamedTuple):
    """Sends under way, and what to do once all of them, and all before them, are confirmed."""

    sends: Sequence[Awaitable[Any]]
    confirmed: Callable[[], None]


class Completer:
    """One task, one bounded queue. A failed send ends the process: nothing was acknowledged, so nothing is lost."""

    def __init__(self, limit: int, leave: Leave) -> None:
        self._queue: asyncio.Queue[Pending] = asyncio.Queue(limit)
        self._leave = leave
        self._task: asyncio.Task[None] | None = None
        self.sends = 0  # not yet confirmed, over all batches

    def start(self) -> None:
        """Begin to complete; needs a running loop."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="completer")

    async def put(self, pending: Pending) -> None:
        """Hand over a batch; waits while too many are in flight."""
        self.sends += len(pending.sends)
        await self._queue.put(pending)

    async def drained(self) -> None:
        """Return when everything handed over so far is confirmed."""
        await self._queue.join()

    def stop(self) -> None:
        """End the task; what is still queued stays unacknowledged."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while True:
            pending = await self._queue.get()
            for send in pending.sends:
                try:
                    await send
                except KafkaError as problem:
                    self._leave(Exit.UNRECOVERABLE, f"a send failed: {type(problem).__name__}")
                self.sends -= 1
            pending.confirmed()
            self._queue.task_done()
