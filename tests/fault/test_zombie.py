"""What a zombie may leave in a public log, and that the owner puts right what compaction would keep."""

from collections import defaultdict
from pathlib import Path

import msgspec
import pytest

from tests.fault.invariants import check
from tests.fault.system import Seen, System, running, wait_until
from tests.property import worlds

pytestmark = [pytest.mark.kafka, pytest.mark.fault, pytest.mark.timeout(180)]


def _left_by_compaction(records: list[Seen]) -> dict[str, Seen]:
    """The last record of every key."""
    return {record.key: record for record in records}


def _write_again(system: System, record: Seen) -> None:
    value, headers = msgspec.json.encode(record.value), tuple(record.headers.items())
    system.send(record.topic, record.partition, record.key.encode(), value, headers)


def _highest(records: list[Seen]) -> dict[str, int]:
    found: defaultdict[str, int] = defaultdict(int)
    for record in records:
        assert record.value is not None
        found[record.key] = max(found[record.key], record.value["version"])
    return dict(found)


@pytest.mark.parametrize("topic", ["alerts.v1", "tasks.v1"])
def test_a_zombies_lower_version_does_not_stay_last(topic: str, tmp_path: Path) -> None:
    """Law: whatever lower version is appended behind a higher one, the last record of its key is the highest again."""
    reports = worlds.wander(1, vessels=20, reports=40)
    with running(tmp_path) as system:
        if topic == "tasks.v1":
            system.station("unit-1")
        system.publish(reports, 2.0)
        system.end()
        system.wait_until_finished()
        records = system.read(topic)
        highest = _highest(records)
        old = [record for record in records if record.value and record.value["version"] < highest[record.key]]
        assert old, "the world makes subjects of more than one version"
        for record in old[:3]:
            _write_again(system, record)

        def right() -> bool:
            last = _left_by_compaction(system.read(topic))
            return all(r.value is not None and r.value["version"] == highest[key] for key, r in last.items())

        took_s = wait_until(right, 20, lambda: f"a lower version of {topic} stayed last")
        repairs = [record for record in system.read(topic) if "vedette-repair" in record.headers]
        assert 1 <= len(repairs) <= 3
        assert {record.key for record in repairs} <= {record.key for record in old[:3]}
        print(f"\n{topic}: right again {took_s:.1f} s after the zombie's word")
        if topic == "alerts.v1":
            check(system, reports)
