"""Before a worker starts: the broker answers, the topics exist, and the session timeout is one the broker takes.

A missing topic, a missing right or a session timeout under the broker's floor would not fail in Faust, but hang it.
"""

import asyncio
import logging
from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from streams.engine.rights import require_rights
from streams.engine.settings import EngineSettings, check

_log = logging.getLogger(__name__)
_FLOOR = "group.min.session.timeout.ms"


class BrokerUnreachable(RuntimeError):
    """No broker answered in time."""


class MissingTopics(RuntimeError):
    """Topics a stage reads or the engine writes do not exist."""


async def probe(
    settings: EngineSettings,
    topics: Iterable[str],
    patience_s: float = 60.0,
    *,
    writes: Iterable[str] = (),
    groups: Iterable[str] = (),
) -> None:
    """Wait up to ``patience_s`` for the broker, then check the settings, and where the connection is secured also our
    rights, against it: ``topics`` are read, ``writes`` written, ``groups`` joined."""
    topics, writes = set(topics), set(writes)
    admin = await _connected(settings, patience_s)
    try:
        present = set(await admin.list_topics())
        if missing := sorted((topics | writes) - present):
            hidden = ", or no right to see it" if "ssl_context" in settings.client else ""
            raise MissingTopics(f"no such topic{hidden}: {', '.join(missing)}")
        check(settings, await _session_floor_s(admin))
        if "ssl_context" in settings.client:
            await require_rights(settings, topics, writes, groups)
    finally:
        await admin.close()


async def _connected(settings: EngineSettings, patience_s: float) -> AIOKafkaAdminClient:
    deadline = asyncio.get_running_loop().time() + patience_s
    while True:
        admin = AIOKafkaAdminClient(**settings.client, request_timeout_ms=10_000)
        try:
            await admin.start()
            return admin
        except KafkaError as problem:
            await admin.close()
            if asyncio.get_running_loop().time() > deadline:
                raise BrokerUnreachable(f"{settings.broker}: {type(problem).__name__}") from problem
            _log.warning("broker %s: %s; again", settings.broker, type(problem).__name__)
            await asyncio.sleep(0.5)


async def _session_floor_s(admin: AIOKafkaAdminClient) -> float | None:
    """The broker's lowest session timeout; None where it may not be read."""
    try:
        nodes = (await admin.describe_cluster())["brokers"]
        node = str(nodes[0]["node_id"])
        answers = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, node, {_FLOOR: None})])
        for answer in answers:
            for _, _, _, _, entries in answer.resources:
                for entry in entries:
                    if entry[0] == _FLOOR and entry[1] is not None:
                        return int(entry[1]) / 1000.0
    except (KafkaError, LookupError, ValueError) as problem:
        _log.warning("the broker's %s could not be read: %s", _FLOOR, type(problem).__name__)
    return None
