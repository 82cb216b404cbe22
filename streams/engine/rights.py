"""What a worker may do, asked before it starts: without a right its Faust app would hang in silence, not fail."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import CoordinatorNotAvailableError, GroupAuthorizationFailedError, GroupIdNotFoundError

from streams.engine.settings import EngineSettings

_TIMEOUT_MS = 10_000
_PAUSE_S = 0.25


class MissingRights(RuntimeError):
    """The broker lets us in, and does not allow all that the stages do; the message names each right."""


async def require_rights(
    settings: EngineSettings, reads: Iterable[str], writes: Iterable[str], groups: Iterable[str]
) -> None:
    """Raise :class:`MissingRights` where topics may not be read or written, or groups not be joined.

    A broker that keeps no ACLs answers that everything is allowed; kafka.errors.KafkaError where none answers."""
    missing = await asyncio.to_thread(_missing, settings, sorted(set(reads)), sorted(set(writes)), sorted(set(groups)))
    if missing:
        raise MissingRights("; ".join(missing))


def _missing(settings: EngineSettings, reads: Sequence[str], writes: Sequence[str], groups: Sequence[str]) -> list[str]:
    admin = KafkaAdminClient(**settings.client, request_timeout_ms=_TIMEOUT_MS, bootstrap_timeout_ms=_TIMEOUT_MS)
    try:
        known = {topic["name"]: topic for topic in admin.describe_topics()}
        found = [f"READ on topic {topic}" for topic in reads if not _allowed(known.get(topic), "READ")]
        found += [f"WRITE on topic {topic}" for topic in writes if not _allowed(known.get(topic), "WRITE")]
        return found + [f"READ on group {group}" for group in groups if not _may_join(admin, group)]
    finally:
        admin.close()


def _allowed(topic: Mapping[str, Any] | None, operation: str) -> bool:
    """Whether an operation is among those the broker says we may do; one it says nothing of is tried."""
    if topic is None:
        return False
    allowed = topic.get("authorized_operations")
    return allowed is None or operation in allowed


def _may_join(admin: KafkaAdminClient, group: str) -> bool:
    deadline = time.monotonic() + _TIMEOUT_MS / 1000
    while True:
        try:
            described = admin.describe_groups([group]).get(group, {})
        except GroupAuthorizationFailedError:
            return False
        except GroupIdNotFoundError:  # the right is checked first: we may see a group that is not there yet
            return True
        except CoordinatorNotAvailableError:  # a new broker makes its groups' topic at the first question
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_S)
            continue
        operations = described.get("authorized_operations")
        return operations is None or "READ" in operations
