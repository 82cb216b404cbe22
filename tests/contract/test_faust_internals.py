"""The private members of Faust, mode and aiokafka that ``streams.engine`` overrides or reads, at exact versions.

When one of these tests fails after an upgrade, read ``docs/reference/engine.md`` and the override in question before
changing a pin: each stands for a loss or a hang that was measured.
"""

import hashlib
import inspect
from importlib.metadata import version

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.conn import AIOKafkaConnection
from aiokafka.consumer import fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import Assignment, Subscription, TopicPartitionState
from faust.app.base import App
from faust.sensors import Monitor
from faust.tables import TableManager
from faust.tables.recovery import Recovery
from faust.transport.conductor import ConductorCompiler
from faust.transport.consumer import Consumer
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import Message

from streams.engine.app import StageApp
from streams.engine.consumer import StageConsumer
from streams.engine.consumer_thread import StageConsumerThread
from streams.engine.monitor import QuietMonitor
from streams.engine.producer import StageProducer
from streams.engine.tables import NoTables
from streams.engine.transport import SCHEME, Transport, register


@pytest.mark.parametrize(
    "distribution, pinned", [("faust-streaming", "0.15.3"), ("mode-streaming", "0.7.1"), ("aiokafka", "0.14.0")]
)
def test_the_pins_are_exact(distribution: str, pinned: str) -> None:
    """Law: the engine runs only on the versions its overrides were proved on."""
    assert version(distribution) == pinned


@pytest.mark.parametrize(
    "ours, theirs, names",
    [
        (
            StageConsumer,
            driver.Consumer,
            (
                *("_new_consumer_thread", "_new_offset", "_drain_messages", "perform_seek", "resume_flow"),
                *("on_partitions_revoked", "on_partitions_assigned"),
            ),
        ),
        (
            StageConsumerThread,
            driver.AIOKafkaConsumerThread,
            ("_create_worker_consumer", "_fetch_records", "on_start", "on_thread_stop"),
        ),
        (StageProducer, driver.Producer, ("_settings_extra",)),
        (NoTables, TableManager, ("on_start",)),
        (StageApp, App, ("_create_directories",)),
        (
            QuietMonitor,
            Monitor,
            ("on_message_in", "on_message_out", "on_stream_event_in", "on_stream_event_out", "on_rebalance_end"),
        ),
    ],
)
def test_every_override_overrides(ours: type, theirs: type, names: tuple[str, ...]) -> None:
    """Law: each method we define replaces one that exists, with the same parameters."""
    for name in names:
        assert name in vars(ours), f"{ours.__name__} no longer defines {name}"
        original = inspect.signature(getattr(theirs, name))
        replaced = inspect.signature(getattr(ours, name))
        flexible = any(p.kind is p.VAR_POSITIONAL for p in replaced.parameters.values())
        assert flexible or list(replaced.parameters) == list(original.parameters), name


# The bodies whose order of steps the overrides rely on; sha256 of the source, first 12 digits.
_BODIES = {
    "Consumer._wait_next_records": (Consumer._wait_next_records, "6218e1969a63"),
    "AIOKafkaConnection.close": (AIOKafkaConnection.close, "28f164aa1e4f"),
    "Consumer.ack": (Consumer.ack, "5fcf41cf4515"),
    "Consumer.on_partitions_revoked": (Consumer.on_partitions_revoked, "d04b7ae72c6f"),
    "Consumer.wait_empty": (Consumer.wait_empty, "e4662fe24f09"),
    "Consumer._commit_tps": (Consumer._commit_tps, "a20e230b05ae"),
    "App._on_partitions_revoked": (App._on_partitions_revoked, "d5c895bbe57d"),
    "App._on_partitions_assigned": (App._on_partitions_assigned, "de932b7927db"),
    "App._stop_consumer": (App._stop_consumer, "55854a5de12c"),
    "Recovery._resume_streams": (Recovery._resume_streams, "d986a6710c1a"),
    "TableManager.on_start": (TableManager.on_start, "365dd25fbc0e"),
    "ConductorCompiler.build": (ConductorCompiler.build, "837cf521368c"),
    "AIOKafkaConsumerThread._fetch_records": (driver.AIOKafkaConsumerThread._fetch_records, "39a2c6c79fc1"),
    "AIOKafkaConsumerThread._seek_wait": (driver.AIOKafkaConsumerThread._seek_wait, "9d221e816d94"),
    "PartitionRecords": (fetcher.PartitionRecords, "94aa0da0dbec"),
    "FetchResult": (fetcher.FetchResult, "d7db13f06de8"),
    "Fetcher.fetched_records": (fetcher.Fetcher.fetched_records, "be4348896b9b"),
    "GroupCoordinator._do_heartbeat": (GroupCoordinator._do_heartbeat, "dc1d6632aaa6"),
    "GroupCoordinator._maybe_leave_group": (GroupCoordinator._maybe_leave_group, "016cd88a16e6"),
}


def _digest(body: object) -> str:
    return hashlib.sha256(inspect.getsource(body).encode()).hexdigest()[:12]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(_BODIES))
def test_the_bodies_relied_on_are_unchanged(name: str) -> None:
    """Law: what runs around our overrides is, line for line, what they were proved with."""
    body, known = _BODIES[name]
    assert _digest(body) == known, f"{name} changed: read it against the engine's overrides"


@pytest.mark.parametrize(
    "owner, names",
    [
        (GroupCoordinator, ("_do_heartbeat", "_send_req", "_pending_exception", "_group_instance_id")),
        (fetcher.PartitionRecords, ("_records", "_records_iterator", "next_fetch_offset", "_check_crcs")),
        (fetcher.PartitionRecords, ("_isolation_level", "_aborted_producers", "_consume_aborted_up_to")),
        (fetcher.PartitionRecords, ("_contains_abort_marker",)),
        (fetcher.FetchResult, ("_partition_records",)),
        (fetcher.Fetcher, ("_records", "fetched_records")),
        (AIOKafkaConsumer, ("_fetch_max_wait_ms", "_fetch_min_bytes", "_isolation_level", "_fetcher", "_coordinator")),
        (AIOKafkaConsumer, ("_subscription", "_max_poll_records")),
        (AIOKafkaProducer, ("partitions_for", "send")),
        (Assignment, ("_tp_state",)),
        (Subscription, ("assignment",)),
        (TopicPartitionState, ("highwater", "has_valid_position", "position")),
        (Consumer, ("_acked", "_acked_index", "_committed_offset", "_read_offset")),
        (Consumer, ("_unacked_messages", "callback", "suspend_flow", "flow_active", "wait_first")),
        (App, ("consumer_generation_id", "crash_reason", "on_rebalance_complete", "should_stop")),
        (Message, ("generation_id", "acked")),
    ],
)
def test_the_members_read_exist(owner: type, names: tuple[str, ...]) -> None:
    """Law: every private member the engine touches is still one of its owner's."""
    source = "\n".join(inspect.getsource(base) for base in owner.__mro__ if base is not object and _has_source(base))
    for name in names:
        assert name in source, f"{owner.__name__}.{name} is gone"


def _has_source(base: type) -> bool:
    try:
        inspect.getsource(base)
    except (OSError, TypeError):
        return False
    return True


def test_the_scheme_is_ours() -> None:
    """Law: ``vedette://`` is served by the engine's transport, and by nothing else."""
    register()
    assert TRANSPORTS.by_url(f"{SCHEME}://127.0.0.1:9092") is Transport
    assert (Transport.Consumer, Transport.Producer) == (StageConsumer, StageProducer)
