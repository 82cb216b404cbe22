"""Publishing rules. A version is immutable and whole; publishing an edit makes the next one."""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from streams.public import encode, event_headers, to_us
from streams.publisher.sender import Sender
from streams.publisher.versions import Hear, logged, versions_of
from streams.publisher.zones import beginning_us, confirm
from streams.rules import RuleErrors, Rules, RulesVersion, check

RULES = "rules.v1"
_read_version = msgspec.json.Decoder(RulesVersion).decode


def publish_rules(
    rules: Rules,
    bootstrap: str,
    in_force_from: datetime | None = None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    hear: Hear = logged,
) -> RulesVersion:
    """Publish rules as the next version; equal ones make no new version, and the newest is returned.

    The first version is in force since ever, whatever ``in_force_from``; a later one from ``in_force_from`` or, where
    that is None, from ``now() + MARGIN``. Raises RuleErrors, TooSoon, NotConfirmed, and KafkaError where no broker
    answers."""
    if problems := check(rules):
        raise RuleErrors(problems)
    versions = all_rules(bootstrap, hear)
    if versions and versions[-1].rules == rules:
        return versions[-1]
    at = now()
    number, from_us = (versions[-1].version + 1, beginning_us(in_force_from, at)) if versions else (1, None)
    version = RulesVersion(version=number, in_force_from_us=from_us, rules=rules)
    headers = event_headers("publisher", version.schema, "rules", number, to_us(at))
    with Sender(bootstrap) as sender:
        sender.send(RULES, 0, f"rules/{number}".encode(), encode(version), list(headers))
        confirm(sender)
    return version


def all_rules(bootstrap: str, hear: Hear = logged) -> list[RulesVersion]:
    """Every version published, in order; of two records of one version the first counts; ``hear`` is told of records
    that are none."""
    return versions_of(bootstrap, RULES, _read_version, hear)
