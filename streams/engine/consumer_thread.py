"""Faust's consumer thread, told how long to wait for a fetch, and listening to its own heartbeats."""

import time
from typing import Any

import aiokafka
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import UnknownMemberIdError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.engine.unpack import flat, unpack_by_batch


class StageConsumerThread(driver.AIOKafkaConsumerThread):
    """Runs aiokafka's consumer in its own thread."""

    last_heartbeat = 0.0  # monotonic seconds at which the last answered heartbeat was SENT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.evictions: list[float] = []  # monotonic seconds at which the group did not know us although we were alive

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        settings = self.app.seat.settings  # type: ignore[attr-defined]
        consumer._fetch_max_wait_ms = int(settings.fetch_wait_s * 1000)
        consumer._fetch_min_bytes = settings.fetch_min_bytes
        consumer._isolation_level = "read_committed"
        return consumer

    async def on_start(self) -> None:
        """Start, and note when each heartbeat that succeeds was sent: a lease counts from there."""
        await super().on_start()
        consumer = self._ensure_consumer()
        unpack_by_batch(consumer._fetcher)
        coordinator = consumer._coordinator
        beat, ask = coordinator._do_heartbeat, coordinator._send_req

        async def noted() -> bool:
            sent = time.monotonic()
            known: bool = await beat()
            if known:
                self.last_heartbeat = sent
            return known

        async def asked(request: Any) -> Any:
            response = await ask(request)
            if getattr(response, "error_code", 0) == UnknownMemberIdError.errno:
                self.evictions.append(time.monotonic())
            return response

        coordinator._do_heartbeat, coordinator._send_req = noted, asked

    async def _fetch_records(self, *args: Any, **kwargs: Any) -> Any:
        return flat(await super()._fetch_records(*args, **kwargs))

    async def on_thread_stop(self) -> None:
        """Leave the group also as a static member: whoever stops for good hands over at once."""
        if self._consumer is not None:
            self._consumer._coordinator._group_instance_id = None
        await super().on_thread_stop()

    @property
    def pending_error(self) -> str | None:
        """An error of the group that waits for a poll Faust never makes."""
        if self._consumer is None:
            return None
        error = self._consumer._coordinator._pending_exception
        return None if error is None else type(error).__name__

    def fetch_position(self, tp: TP) -> int | None:
        """Where the fetcher goes on, once it has a position."""
        state = self._state(tp)
        return None if state is None or not state.has_valid_position else int(state.position)

    def end_of(self, tp: TP) -> int | None:
        """The end of the log as the last fetch told it."""
        state = self._state(tp)
        return None if state is None or state.highwater is None else int(state.highwater)

    def _state(self, tp: TP) -> Any:
        if self._consumer is None:
            return None
        subscription = self._consumer._subscription.subscription
        if subscription is None or subscription.assignment is None:
            return None
        return subscription.assignment._tp_state.get(KafkaPartition(tp.topic, tp.partition))
