"""Lock, arrivals, metrics, health, exit codes."""

import asyncio
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from streams.engine.arrivals import Arrivals
from streams.engine.delivery import TopicPartition
from streams.engine.exits import Exit
from streams.engine.keeper import share_of_period
from streams.engine.lock import InstanceLock, InstanceTaken
from streams.health import Health, decode, encode
from streams.metrics import Metrics


def test_an_instance_id_is_held_once(tmp_path: Path) -> None:
    """Law: a second holder is refused while the first lives; another id or a released one is free."""
    with InstanceLock("vedette", "w1", str(tmp_path)):
        with pytest.raises(InstanceTaken), InstanceLock("vedette", "w1", str(tmp_path)):
            pass
        with InstanceLock("vedette", "w2", str(tmp_path)):
            pass
    with InstanceLock("vedette", "w1", str(tmp_path)):
        pass


def test_arrivals_wake_those_who_wait_and_none_is_missed() -> None:
    """Law: a wait for more than n ends at once where n has passed already, else with the next arrival."""

    async def play() -> None:
        arrivals = Arrivals()
        seen = arrivals.count
        arrivals.note()
        await asyncio.wait_for(arrivals.beyond(seen), 1)
        waiting = asyncio.create_task(arrivals.beyond(arrivals.count))
        await asyncio.sleep(0)
        assert not waiting.done()
        arrivals.note()
        await asyncio.wait_for(waiting, 1)

    asyncio.run(play())


def test_leaving_ends_the_process_with_its_code_and_reason() -> None:
    """Law: the process ends at once with the code, and the log holds the reason."""
    code = "import logging; logging.basicConfig(); from streams.engine.exits import *; leave(Exit.HOLE, 'rows missing')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, int(Exit.HOLE)) == (71, 71)
    assert "rows missing" in done.stderr


def _health(counts: dict[str, int], buried: int = 0) -> Health:
    return Health(
        stage="ingest", instance="w1", topic="raw.a.b", partition=0, offset=9, end_offset=12, lag=2, counts=counts,
        gauges={"objects": 3.0}, snapshot_age_s=1.5, rates={"records": 10.0}, state="running", at=0.0, buried=buried,
    )  # fmt: skip


def test_health_is_json_both_ways() -> None:
    """Law: what is written is read; the key names stage, topic and partition."""
    health = _health({"in": 5})
    assert decode(encode(health)) == health
    assert health.key == "ingest/raw.a.b/0"


def test_metrics_count_what_rose_and_never_fall() -> None:
    """Law: fates are counted from the second sight on, by what they rose; a state taken back moves only the mark."""
    metrics = Metrics()
    stage = metrics.stage("ingest")

    def fate(name: str) -> float | None:
        return metrics.registry.get_sample_value("vedette_items_total", {"stage": "ingest", "fate": name})

    stage.report([_health({"row": 100})], sends=4)
    assert fate("row") is None  # what a snapshot had counted was reported by who counted it
    stage.report([_health({"row": 130, "dead/bad-time": 2})], sends=4)
    assert (fate("row"), fate("dead/bad-time")) == (30.0, 2.0)
    stage.report([_health({"row": 90, "dead/bad-time": 0})], sends=0)
    stage.report([_health({"row": 95, "dead/bad-time": 1}, buried=1)], sends=0)
    assert (fate("row"), fate("dead/bad-time")) == (35.0, 3.0)
    sample = metrics.registry.get_sample_value
    assert sample("vedette_lag_records", {"stage": "ingest"}) == 2.0
    assert sample("vedette_state", {"stage": "ingest", "name": "objects"}) == 3.0
    assert sample("vedette_buried_total", {"stage": "ingest"}) == 1.0
    stage.batch(50, 0.004)
    assert sample("vedette_records_total", {"stage": "ingest"}) == 50.0
    assert sample("vedette_hop_seconds_bucket", {"stage": "ingest", "le": "0.005"}) == 1.0


def test_no_metric_has_a_label_that_could_name_anything() -> None:
    """Law: labels are stage, fate, name and bucket bounds: nothing that identifies an object or a place."""
    metrics = Metrics()
    stage = metrics.stage("ingest")
    stage.report([_health({"row": 1})], 0)
    stage.report([_health({"row": 2})], 0)
    labels = {name for family in metrics.registry.collect() for s in family.samples for name in s.labels}
    assert labels <= {"stage", "fate", "name", "le"}


def test_snapshots_of_a_workers_partitions_fall_apart() -> None:
    """Law: each partition begins its period elsewhere, always at the same place: of sixteen no two within 1 in 400."""
    places = [TopicPartition("observations.v1", number) for number in range(16)]
    shares = sorted(share_of_period("surveil", place) for place in places)
    assert shares == sorted(share_of_period("surveil", place) for place in places)
    assert shares[0] >= 0.0
    assert shares[-1] < 1.0
    assert min(b - a for a, b in itertools.pairwise(shares)) > 1 / 400
