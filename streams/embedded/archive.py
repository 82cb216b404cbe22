"""The class-data archive: the broker's loaded classes, mapped instead of parsed; 0.8 s of every start."""

import hashlib
import tempfile
from pathlib import Path

from streams.cache import locked
from streams.embedded.classpath import kafka_dir, resolve_jars
from streams.embedded.errors import BrokerFailed
from streams.embedded.java import find_java
from streams.embedded.process import GuardedProcess
from streams.embedded.ready import wait_for_broker
from streams.embedded.settings import free_ports, jvm_options, server_properties
from streams.embedded.storage import format_storage, java_command

_START_S = 60.0
_TOPIC = "warm-up"


def class_archive() -> Path | None:
    """The archive for this runtime and these jars, made by one start, a little work and a stop of a broker.

    None where the runtime cannot make one (no base archive): the broker then starts slower, and works.
    """
    java = find_java()
    bound_to = f"{java.launcher.resolve()} {java.version} {resolve_jars()}"
    archive = kafka_dir() / f"classes-{hashlib.blake2b(bound_to.encode(), digest_size=6).hexdigest()}.jsa"
    if not archive.is_file():
        with tempfile.TemporaryDirectory(prefix="vedette-classes-") as scratch:
            format_storage(Path(scratch))  # takes the same lock
            with locked(kafka_dir()):
                if not archive.is_file():
                    _build(archive, Path(scratch))
    return archive if archive.stat().st_size else None


def _build(archive: Path, scratch: Path) -> None:
    ports = free_ports()
    properties = scratch / "server.properties"
    properties.write_text(server_properties(scratch, ports))
    fresh = archive.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    options = [*jvm_options(None, for_load=False), f"-XX:ArchiveClassesAtExit={fresh}"]
    log = scratch / "broker.log"
    broker = GuardedProcess([*java_command(resolve_jars(), options), "kafka.Kafka", str(properties)], log)
    try:
        if not wait_for_broker("127.0.0.1", ports.client, _START_S, alive=broker.alive):
            raise BrokerFailed(f"the broker did not start:\n{log.read_text(errors='replace')[-2000:]}")
        _work(f"127.0.0.1:{ports.client}")
    finally:
        broker.stop()
    if not fresh.is_file():
        fresh.touch()  # remembered, so that not every start tries again
    fresh.rename(archive)


def _work(bootstrap: str) -> None:
    """Create a topic, write, read and commit, so that the classes of the request paths are in the archive too."""
    # Here, because kafka-python takes 0.3 s to import and this runs once in the life of a cache.
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.admin import KafkaAdminClient, NewTopic

    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(_TOPIC, num_partitions=1, replication_factor=1)])
    producer = KafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
    producer.send(_TOPIC, b"1", partition=0).get(timeout=30)
    producer.close()
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=_TOPIC, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(_TOPIC, 0)])
    next(iter(consumer))
    consumer.commit()
    consumer.close()
    admin.close()
