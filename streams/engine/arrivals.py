"""What tells a waiting partition that something new has been loaded."""

import asyncio


class Arrivals:
    """A count of side-input records taken, and a wait for the next."""

    def __init__(self) -> None:
        self.count = 0
        self._waiters: set[asyncio.Future[None]] = set()

    def note(self) -> None:
        """One more has been taken."""
        self.count += 1
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    async def beyond(self, count: int) -> None:
        """Return once more than ``count`` have been taken."""
        while self.count <= count:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            try:
                await waiter
            finally:
                self._waiters.discard(waiter)
