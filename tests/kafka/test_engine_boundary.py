"""Faults of ours inside a core on a real broker: retried, then buried, never lost, never the end of the stream."""

import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kafka.fold_rig import Rig, rig, wait_until

pytestmark = pytest.mark.kafka


@pytest.fixture
def run(broker: str, tmp_path: Path) -> Iterator[Rig]:
    """A run of its own on the shared broker."""
    with rig(broker, uuid.uuid4().hex[:8], tmp_path) as made:
        yield made


def test_an_exception_raised_once_loses_nothing(run: Rig) -> None:
    """Law: a fault that passes is retried from the state before it; no row is lost, none is buried."""
    numbers = [str(n).encode() for n in range(3000)]
    numbers[100], numbers[2001] = b"once:100", b"once:2001"
    run.produce(numbers)
    run.start("w1")
    wait_until(run.done, 30, "all rows")
    assert run.end("w1") == 0
    run.check()
    assert run.rows()[1] == {0: 0, 1: 0}
    assert run.log("w1").count("fault 1 in a row") == 2


def test_a_record_that_always_raises_is_buried_once(run: Rig) -> None:
    """Law: each record that always raises becomes one dead letter in its place, and the stream goes on, also over
    a kill and a second reading."""
    numbers = [str(n).encode() for n in range(3000)]
    for n in (100, 102, 1999, 2998):
        numbers[n] = b"poison:%d" % n
    run.produce(numbers)
    run.start("w1", "--static", "--snapshot-every", "30")
    wait_until(lambda: run.rows()[1][0] >= 2, 30, "the first burials")
    run.end("w1", signal.SIGKILL)
    run.start("w1", "--static")
    wait_until(run.done, 30, "all rows")
    assert run.end("w1") == 0
    run.check()
    assert run.rows()[1] == {0: 3, 1: 1}
    assert run.log("w1").count(" buried") >= 4


def test_a_bad_record_of_a_side_input_ends_nobody(run: Rig) -> None:
    """Law: what its taker refuses, before the start or later, is kept as a dead letter, and a later good version is
    taken as ever."""
    numbers = [str(n).encode() for n in range(200)]
    numbers[100] = b"needs:7:100"
    run.write(f"versions.{run.run}", 0, b"no number", b"v")
    run.produce(numbers)
    run.start("w1")
    wait_until(lambda: len(run.rows()[0][1]) == 100, 30, "the other partition done")
    run.write(f"versions.{run.run}", 0, b"nor this", b"w")
    run.publish_version(7)
    wait_until(run.done, 30, "all rows")
    assert run.end("w1") == 0
    run.check()
    letters = [
        r for r in run.records("dead-letters.v1")[0] if (r.key or b"").startswith(f"versions.{run.run}/".encode())
    ]
    assert [(r.key, r.value) for r in letters] == [
        (f"versions.{run.run}/0/{offset}/0".encode(), value) for offset, value in ((0, b"v"), (1, b"w"))
    ]


def test_a_missing_version_pauses_its_partition_only(run: Rig) -> None:
    """Law: a core that needs a version not loaded waits with its partition while the others go on, and goes on as
    soon as the version arrives, without loss or repeat."""
    numbers = [str(n).encode() for n in range(2000)]
    numbers[100] = b"needs:7:100"
    run.produce(numbers)
    run.start("w1")
    wait_until(lambda: len(run.rows()[0][1]) == 1000, 30, "the other partition done")
    wait_until(lambda: any(h.state == "waiting-for-version" for h in run.healths()), 10, "the wait in health")
    assert len(run.rows()[0][0]) <= 50
    run.publish_version(7)
    resumed_s = wait_until(run.done, 10, "all rows after the version")
    assert run.end("w1") == 0
    run.check()
    assert run.rows()[2] == 0
    print(f"version: all rows {resumed_s:.2f} s after it")
