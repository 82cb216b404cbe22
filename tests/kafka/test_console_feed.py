"""The live view tails a real broker."""

import gc
import threading
import time
from collections.abc import Callable

import msgspec
import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from streams import health
from streams.console.feed import ALERTS, HEALTH, TASKS, Feed
from streams.console.quiet import quiet_kafka
from streams.console.view import Notice, View
from streams.embedded import EmbeddedBroker
from streams.log import START, Provenance
from streams.public import public_headers
from tests.streams.console import sample

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]


@pytest.fixture
def bootstrap(fresh_broker: EmbeddedBroker) -> str:
    """A broker with the three topics."""
    admin = KafkaAdminClient(bootstrap_servers=fresh_broker.bootstrap)
    config = {"message.timestamp.type": "LogAppendTime"}
    topics = {t: {"num_partitions": 2, "replication_factor": 1, "configs": config} for t in (HEALTH, ALERTS, TASKS)}
    admin.create_topics(topics, wait_for_metadata=True)
    admin.close()
    return fresh_broker.bootstrap


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something is so; fails where it does not come to be."""
    paused, end = threading.Event(), time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to be"
        paused.wait(0.02)


def test_what_is_written_is_shown_and_what_is_not_ours_is_counted(bootstrap: str) -> None:
    """Health, alerts with their latency and tasks reach the view; a record of another shape is passed over."""
    view, lock, told = View("test", sample.NOW), threading.Lock(), list[Notice]()
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    with Feed(bootstrap, view, lock, told.append) as feed:
        assert feed.reading.wait(20.0)
        ingest_us = round(time.time() * 1e6) - 50_000
        headers = public_headers("alert", "vedette.alert.v1", "a", 1, 0, Provenance("x/0", START, START), ingest_us)
        producer.send(ALERTS, b"not json", partition=0)
        producer.send(ALERTS, msgspec.json.encode(sample.alert(1)), partition=1, headers=list(headers))
        producer.send(TASKS, msgspec.json.encode(sample.task(1)), partition=0)
        producer.send(HEALTH, health.encode(sample.health("ingest", "raw.sim.json")), partition=0)
        producer.flush()
        until(lambda: bool(view.alerts) and bool(view.tasks) and bool(view.stages(sample.NOW)) and feed.unread == 1)
    latency = view.latency().p50
    assert latency is not None
    assert 45.0 <= latency < 5_000.0
    assert len(told) == 2
    producer.close()


def test_the_view_can_begin_at_the_beginning(bootstrap: str) -> None:
    """A view opened later can show what was alerted before it."""
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    producer.send(ALERTS, msgspec.json.encode(sample.alert(1)), partition=0)
    producer.flush()
    producer.close()
    view = View("test", sample.NOW)
    with Feed(bootstrap, view, threading.Lock(), from_beginning=True):
        until(lambda: bool(view.alerts))


# kafka-python 3.0.12 (net/inet.py) leaves the socket of a refused connection to the garbage collector
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_broker_that_goes_and_comes_back_is_read_on(bootstrap: str, fresh_broker: EmbeddedBroker) -> None:
    """The view outlives its broker and misses nothing of what is written after its return."""
    view = View("test", sample.NOW)
    with quiet_kafka(), Feed(bootstrap, view, threading.Lock()) as feed:
        assert feed.reading.wait(20.0)
        fresh_broker.kill()
        fresh_broker.restart_on_same_data()
        producer = KafkaProducer(bootstrap_servers=bootstrap)
        producer.send(ALERTS, msgspec.json.encode(sample.alert(7)), partition=1)
        producer.flush()
        producer.close()
        until(lambda: bool(view.alerts), 60.0)
    gc.collect()
