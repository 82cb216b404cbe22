"""The Faust app of one stage, with the settings under which it neither loses nor hangs."""

from typing import Any, Protocol

import faust
from faust.types import AppT, Message

from streams.boundary import Fault, attempt_async
from streams.connection import ClientOptions
from streams.engine.consumer import Seat
from streams.engine.delivery import TopicPartition
from streams.engine.exits import Exit
from streams.engine.monitor import QuietMonitor
from streams.engine.settings import EngineSettings, check
from streams.engine.tables import NoTables
from streams.engine.transport import register, url_of


class BytesSchema(faust.Schema[Any, Any]):
    """Hands batches through untouched: a decode error inside Faust is acknowledged and thrown, which is a loss."""

    def loads_key(self, app: AppT, message: Message, *, loads: Any = None, serializer: Any = None) -> Any:
        """The key as it is."""
        return message.key

    def loads_value(self, app: AppT, message: Message, *, loads: Any = None, serializer: Any = None) -> Any:
        """The delivery as it is."""
        return message.value


class StageApp(faust.App):
    """A Faust app that feeds one stage; ``seat`` is what its consumer asks where to begin."""

    seat: Seat

    def _create_directories(self) -> None:
        """None: without tables nothing would be put there, and they would be made wherever a worker is started."""


class Host(Seat, Protocol):
    """What the app asks of the stage it hosts."""

    name: str
    topics: tuple[str, ...]

    async def take(self, event: Any) -> None:
        """Process one delivery."""
        ...

    async def restore(self) -> None:
        """Take up the partitions now assigned."""
        ...


def make_app(host: Host, settings: EngineSettings) -> StageApp:
    """One app, one group, one agent of concurrency 1 that hands every event to the stage."""
    check(settings)
    register()
    app = StageApp(
        settings.group_of(host.name),
        broker=url_of(settings.servers),
        broker_credentials=_credentials(settings.client),
        processing_guarantee="at_least_once",
        store="memory://",
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.heartbeat_s,
        broker_rebalance_timeout=settings.rebalance_timeout_s,
        broker_request_timeout=settings.request_timeout_s,
        broker_max_poll_interval=settings.max_poll_interval_s,
        broker_commit_interval=settings.commit_every_s,
        producer_request_timeout=settings.request_timeout_s,
        producer_linger=0.0,
        producer_max_batch_size=262_144,
        producer_max_request_size=1_048_576,
        producer_compression_type=settings.compression,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=settings.fetch_partition_bytes,
        consumer_group_instance_id=settings.instance if settings.static_member else None,
        stream_buffer_maxsize=settings.buffered_batches,
        stream_wait_empty=settings.stream_wait_empty,
        stream_recovery_delay=0.0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=1,
        web_enabled=False,
        worker_redirect_stdouts=False,
        Monitor=QuietMonitor,
        TableManager=NoTables,
    )
    app.seat = host
    topic = app.topic(*host.topics, schema=BytesSchema())

    @app.agent(topic, name=host.name, concurrency=1)
    async def _agent(stream: Any) -> None:
        async for event in stream.noack().events():
            outcome = await attempt_async(host.take(event))
            if isinstance(outcome, Fault):
                host.leave(Exit.UNRECOVERABLE, f"{host.name}: {outcome}")

    async def _restore(*_: Any, **__: Any) -> None:
        outcome = await attempt_async(host.restore())
        if isinstance(outcome, Fault):
            host.leave(Exit.UNRECOVERABLE, f"{host.name}: restore: {outcome}")

    app.on_rebalance_complete.connect(_restore)
    return app


def _credentials(client: ClientOptions) -> faust.SSLCredentials | faust.SASLCredentials | None:
    """The same in Faust's words. Without a context its SASL would silently cross in the clear: there always is one."""
    context = client.get("ssl_context")
    if context is None:
        return None
    if "sasl_mechanism" not in client:
        return faust.SSLCredentials(context)
    return faust.SASLCredentials(
        username=client["sasl_plain_username"],
        password=client["sasl_plain_password"],
        mechanism=client["sasl_mechanism"],
        ssl_context=context,
    )


def sources_of(app: StageApp, topics: tuple[str, ...]) -> list[TopicPartition]:
    """The input partitions assigned now, in order."""
    return sorted(TopicPartition(tp.topic, tp.partition) for tp in app.consumer.assignment() if tp.topic in topics)
