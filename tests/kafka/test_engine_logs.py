"""What logs do that a stage must live with: transaction markers, retention, damaged snapshots; and idle clocks."""

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.structs import TopicPartition

from streams.engine.snapshots import subject
from streams.partitioning import stable_partition
from tests.kafka.fold_rig import Rig, rig, wait_until

pytestmark = pytest.mark.kafka


@pytest.fixture
def run(broker: str, tmp_path: Path) -> Iterator[Rig]:
    """A run of its own on the shared broker."""
    with rig(broker, uuid.uuid4().hex[:8], tmp_path) as made:
        yield made


def test_transaction_markers_and_aborted_records_are_no_holes(run: Rig) -> None:
    """Law: offsets that hold markers or aborted records are passed over; the log reads as read to its end."""

    async def transact() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=run.broker, transactional_id=f"t-{run.run}")
        await producer.start()
        for n in range(20):
            await producer.begin_transaction()
            futures = [await producer.send(f"in.{run.run}", b"%d" % (n * 5 + k), partition=0) for k in range(5)]
            await asyncio.gather(*futures)
            await (producer.abort_transaction() if n % 4 == 3 else producer.commit_transaction())
        await producer.stop()

    asyncio.run(transact())
    run.sent[0] = [b"%d" % n for n in range(100) if n // 5 % 4 != 3]
    run.start("w1", "--batch-records", "7")
    wait_until(run.done, 20, "all committed rows")
    wait_until(lambda: any(h.partition == 0 and h.idle and h.lag == 0 for h in run.healths()), 10, "idle, no lag")
    assert run.end("w1") == 0
    run.check()


def test_retention_beyond_the_state_is_a_gap_not_a_loop(run: Rig) -> None:
    """Law: where the log begins beyond the state the partition is flagged and goes on from the log's beginning."""
    run.produce([b"%d" % n for n in range(100)], partition=0)
    run.start("w1")
    wait_until(run.done, 20, "the first rows")
    assert run.end("w1") == 0
    run.produce([b"%d" % n for n in range(100, 200)], partition=0)
    admin = KafkaAdminClient(bootstrap_servers=run.broker)
    admin.delete_records({TopicPartition(f"in.{run.run}", 0): 150})
    admin.close()
    del run.sent[0][100:150]
    run.start("w1")
    wait_until(run.done, 20, "the rows still there")
    assert run.end("w1") == 0
    run.check()
    assert [h.gap for h in run.healths() if h.final and h.partition == 0] == [False, True]


def test_a_damaged_snapshot_falls_back_to_the_other_slot(run: Rig) -> None:
    """Law: with a chunk of the newest snapshot damaged, the one before it is used and the log read again from there."""
    for part in range(2):
        run.produce([b"%d" % (part * 500 + n) for n in range(500)], partition=0)
        run.start("w1")
        wait_until(run.done, 20, "rows")
        assert run.end("w1") == 0
    whose = subject("fold", f"in.{run.run}", 0, f"fold-{run.run}")
    newest = run.shelf().complete(whose)[0].header
    assert newest.offset == 999
    key = f"{whose}/{newest.writer}/{newest.slot}/0".encode()
    place = stable_partition(whose, 4)
    run.write("snapshots.v1", place, key, b"damaged")
    run.produce([b"%d" % (1000 + n) for n in range(10)], partition=0)
    run.start("w1")
    wait_until(run.done, 20, "rows after the damage")
    assert run.end("w1") == 0
    run.check()
    assert run.rows()[2] > 0  # read again from the older snapshot, and trimmed


def test_two_workers_of_one_name_do_not_both_run(run: Rig) -> None:
    """Law: a second worker with the same instance id on this machine refuses to start and says why."""
    run.produce([b"1"], partition=0)
    run.start("w1")
    wait_until(run.done, 20, "rows")
    first = run.workers.pop("w1")
    second = run.start("w1")
    assert second.wait(20) != 0
    assert "is already running" in run.log("w1")
    run.workers["w1"] = first
    assert run.end("w1") == 0


def test_an_idle_stage_hears_of_it_at_once(run: Rig) -> None:
    """Law: within 100 ms (and the machine's own delay) of the last record a core is told that its log is read to the
    end, and is told so again at least once a second."""
    run.produce([b"%d" % n for n in range(100)], partition=0)
    run.start("w1")
    wait_until(run.done, 20, "rows")
    wait_until(lambda: any(h.gauges.get("idle_ticks", 0) >= 3 for h in run.healths() if h.partition == 0), 10, "ticks")
    assert run.end("w1") == 0
    last = next(h for h in run.healths() if h.final and h.partition == 0)
    assert last.gauges["idle_after_ms"] < 400
    assert last.gauges["widest_tick_gap_ms"] < 1_250
