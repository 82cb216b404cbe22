"""The state machine of one partition: what is applied, where a fault leads back to, when it is careful."""

import asyncio

from streams.boundary import Fault
from streams.engine.delivery import Delivery, TopicPartition
from streams.engine.partition import Base, Partition
from tests.streams.engine.toy_core import ToyCore, record

SOURCE = TopicPartition("in", 0)


def _partition() -> Partition:
    async def made() -> Partition:
        return Partition(SOURCE, ToyCore, Base(-1, None))

    return asyncio.run(made())


def test_records_in_the_state_are_skipped_and_counted() -> None:
    """Law: what lies at or below the last offset in the state is not applied again."""
    partition = _partition()
    partition.apply([record(0, "1"), record(1, "2")])
    kept = partition.fresh(Delivery(SOURCE, 0, [record(n, "1") for n in range(4)], 1))
    assert [one.offset for one in kept] == [2, 3]
    assert partition.repeated == 2


def test_a_fault_leads_back_to_the_last_copy() -> None:
    """Law: after a fault the state is the last copy's, at its offset, whatever the fault left behind."""
    partition = _partition()
    partition.apply([record(0, "5")])
    copy = partition.dump()
    assert isinstance(copy, bytes)
    partition.snapshot_taken(copy, 1.0)
    partition.apply([record(1, "6")])
    assert isinstance(partition.apply([record(2, "7 x")]), Fault)
    assert partition.load(partition.base) is None
    assert (partition.offset, partition.gauges()["total"]) == (0, 5.0)


def test_suspicion_spans_what_raised_and_ends_behind_it() -> None:
    """Law: a partition is suspicious of all offsets among which it failed, until it is past the last of them."""
    partition = _partition()
    partition.suspected([record(4, "x"), record(9, "1")])
    partition.suspected([record(7, "x"), record(12, "1")])
    assert str(partition.suspect) == "(4, 12)"
    assert partition.faults == 2
    assert not partition.suspects([record(3, "1")])
    assert partition.suspects([record(3, "1"), record(4, "1")])
    partition.apply([record(12, "1")])
    assert (partition.suspect, partition.faults) == (None, 0)


def test_isolation_moves_the_place_to_go_back_to() -> None:
    """Law: once a record is buried no later fault leads back to before it; trouble changes nothing."""
    partition = _partition()
    partition.suspected([record(1, "x")])
    assert isinstance(partition.isolate([record(0, "1"), record(1, "2 x")]), list)
    assert partition.base.offset == 1
    assert (partition.offset, partition.buried) == (1, 1)
    before = partition.dump()
    assert not isinstance(partition.isolate([record(2, "3"), record(3, "needs")]), list)
    assert (partition.dump(), partition.offset) == (before, 1)


def test_snapshot_slots_alternate() -> None:
    """Law: two snapshots of one writer never share a slot with the one before them."""
    partition = _partition()
    slots = []
    for _ in range(4):
        slots.append(partition.snapshot_slot)
        partition.snapshot_taken(b"", 0.0)
    assert slots == [0, 1, 0, 1]
