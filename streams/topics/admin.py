"""Makes a broker hold exactly the catalogue, and says where it does not.

Kafka-python is imported inside: it takes 0.3 s, and most commands need only the catalogue.
"""

import time
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from streams.connection import client_options
from streams.topics.catalogue import Topic

if TYPE_CHECKING:
    from kafka.admin import KafkaAdminClient

_TIMEOUT_MS = 30_000


class TopicMismatch(ValueError):
    """A topic exists with another number of partitions; nothing was changed."""


class What(StrEnum):
    """How a broker can differ from the catalogue."""

    MISSING = "missing"
    PARTITIONS = "partitions"
    CONFIG = "config"
    UNREAD = "unread"  # a raw topic that no feed of the configuration reads


class Difference(NamedTuple):
    """One difference; ``setting`` names the configuration key where it is one."""

    topic: str
    what: What
    setting: str
    expected: str
    found: str

    def __str__(self) -> str:
        if self.what is What.MISSING:
            return f"{self.topic}: missing"
        if self.what is What.UNREAD:
            return f"{self.topic}: no feed of the configuration reads it; what is sent there is never judged"
        return f"{self.topic}: {self.setting} is {self.found}, expected {self.expected}"


def diff(bootstrap: str, topics: Sequence[Topic]) -> tuple[Difference, ...]:
    """Every difference between the broker's topics and ``topics``, in the order of the catalogue."""
    with _admin(bootstrap) as admin:
        return _differences(admin, topics)


def apply(bootstrap: str, topics: Sequence[Topic], replication: int = 1) -> list[str]:
    """Create what is missing and correct configurations; what was done, nothing when all was right.

    Raises :class:`TopicMismatch` before any change where a partition count differs: a partition is an owner, and
    Kafka can only add some, which would give sectors and areas other owners in the middle of their log.
    """
    with _admin(bootstrap) as admin:
        differences = _differences(admin, topics)
        wrong = [difference for difference in differences if difference.what is What.PARTITIONS]
        if wrong:
            raise TopicMismatch(
                "; ".join(map(str, wrong))
                + ". A partition is an owner: correct the configuration, or stop and drain the workers and delete the"
                " topic first"
            )
        missing = {difference.topic for difference in differences if difference.what is What.MISSING}
        _create(admin, [topic for topic in topics if topic.name in missing], replication)
        changed = [difference for difference in differences if difference.what is What.CONFIG]
        _configure(admin, changed)
        deadline = time.monotonic() + _TIMEOUT_MS / 1000  # a controller's change reaches the broker a little later
        while _differences(admin, topics, {What.MISSING, What.CONFIG}) and time.monotonic() < deadline:
            time.sleep(0.05)
    return [
        *(f"created {topic.name} ({topic.partitions})" for topic in topics if topic.name in missing),
        *(f"set {difference.setting}={difference.expected} on {difference.topic}" for difference in changed),
    ]


def _differences(
    admin: "KafkaAdminClient", topics: Sequence[Topic], what: Container[What] = frozenset(What)
) -> tuple[Difference, ...]:
    there: dict[str, int] = {found["name"]: len(found["partitions"]) for found in admin.describe_topics()}
    configs = _configs(admin, [topic for topic in topics if topic.name in there])
    found: list[Difference] = []
    for topic in topics:
        if topic.name not in there:
            found.append(Difference(topic.name, What.MISSING, "", "", ""))
            continue
        if there[topic.name] != topic.partitions:
            count = (str(topic.partitions), str(there[topic.name]))
            found.append(Difference(topic.name, What.PARTITIONS, "partitions", *count))
        for setting, expected in topic.config().items():
            value = configs[topic.name].get(setting, "")
            if value != expected:
                found.append(Difference(topic.name, What.CONFIG, setting, expected, value))
    known = {topic.name for topic in topics}
    found += (Difference(name, What.UNREAD, "", "", "") for name in sorted(there.keys() - known) if _is_raw(name))
    return tuple(difference for difference in found if difference.what in what)


def _is_raw(name: str) -> bool:
    return name.startswith("raw.") and name.count(".") == 2


def _configs(admin: "KafkaAdminClient", topics: Sequence[Topic]) -> dict[str, dict[str, str]]:
    from kafka.admin import ConfigResource, ConfigResourceType

    if not topics:
        return {}
    wanted = [
        ConfigResource(ConfigResourceType.TOPIC, topic.name, dict.fromkeys(topic.config(), "")) for topic in topics
    ]
    answer = admin.describe_configs(wanted, config_filter="all")["topic"]
    return {name: {key: entry["value"] for key, entry in entries.items()} for name, entries in answer.items()}


def _create(admin: "KafkaAdminClient", topics: Sequence[Topic], replication: int) -> None:
    from kafka import errors

    if not topics:
        return
    wanted = {
        topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": replication,
            "configs": {**topic.config(), "min.insync.replicas": str(max(1, replication - 1))},
        }
        for topic in topics
    }
    answer = admin.create_topics(wanted, timeout_ms=_TIMEOUT_MS, raise_errors=False)
    for made in answer["topics"]:
        # Two deployments may start at once: the other one was faster.
        if made["error_code"] not in (0, errors.TopicAlreadyExistsError.errno):
            raise errors.for_code(made["error_code"])(f"{made['name']}: {made['error_message']}")
    admin.wait_for_topics(list(wanted), timeout_ms=_TIMEOUT_MS)


def _configure(admin: "KafkaAdminClient", changed: Sequence[Difference]) -> None:
    from kafka.admin import ConfigResource, ConfigResourceType

    wanted: dict[str, dict[str, str]] = {}
    for difference in changed:
        wanted.setdefault(difference.topic, {})[difference.setting] = difference.expected
    if wanted:
        resources = [ConfigResource(ConfigResourceType.TOPIC, name, config) for name, config in wanted.items()]
        for name, result in admin.alter_configs(resources)["topic"].items():
            if result != "OK":
                raise ValueError(f"{name}: the broker refused the configuration: {result}")


@contextmanager
def _admin(bootstrap: str) -> "Iterator[KafkaAdminClient]":
    from kafka.admin import KafkaAdminClient

    admin = KafkaAdminClient(**client_options(bootstrap), request_timeout_ms=_TIMEOUT_MS)
    try:
        yield admin
    finally:
        admin.close()
