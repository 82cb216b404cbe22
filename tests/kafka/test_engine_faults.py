"""Kills, stops, freezes and joins of workers on a real broker: the state stays the fold of the log, no row is lost.

The core's hash depends on the order of everything it read (``fold_core``), so one record lost, repeated or swapped
anywhere shows; ``rows`` reads the output as a downstream stage would: trims repeats, and raises where rows are missing.
"""

import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.embedded import EmbeddedBroker
from tests.kafka.fold_rig import Rig, rig, wait_until

pytestmark = pytest.mark.kafka

_SLOW = ("--slow-s", "0.01", "--batch-records", "20")  # a batch takes long enough for signals to meet it in the middle
_NUMBERS = [str(n).encode() for n in range(4000)]


@pytest.fixture
def run(broker: str, tmp_path: Path) -> Iterator[Rig]:
    """A run of its own on the shared broker."""
    with rig(broker, uuid.uuid4().hex[:8], tmp_path) as made:
        yield made


def _progress(run: Rig, rows: int) -> bool:
    return all(len(numbers) >= rows for numbers in run.rows()[0].values())


def test_kill_in_the_middle_of_a_batch(run: Rig) -> None:
    """Law: after kill -9 and restarts in place, state and trimmed output equal the undisturbed fold."""
    run.produce(_NUMBERS)
    for killed in range(2):
        run.start("w1", "--static", *_SLOW)
        wait_until(lambda killed=killed: _progress(run, 300 * (killed + 1)), 30, "progress before the kill")  # type: ignore[misc]
        assert run.end("w1", signal.SIGKILL) == -signal.SIGKILL
    run.start("w1", "--static", *_SLOW)
    recovery_s = wait_until(lambda: _progress(run, 1_000), 15, "progress after the kill")
    wait_until(run.done, 30, "all rows")
    assert run.end("w1") == 0
    run.check()
    print(f"kill -9: going on {recovery_s:.1f} s after the restart (process start included)")


def test_stop_in_the_middle_of_a_batch(run: Rig) -> None:
    """Law: SIGTERM ends with 0, leaves a final health record, and nothing has to be read again afterwards."""
    run.produce(_NUMBERS)
    for stopped in range(2):
        run.start("w1", *_SLOW)
        wait_until(lambda stopped=stopped: _progress(run, 300 * (stopped + 1)), 30, "progress before SIGTERM")  # type: ignore[misc]
        assert run.end("w1", signal.SIGTERM) == 0
        assert {h.partition for h in run.healths() if h.final and h.state == "stopped"} == {0, 1}
    run.start("w1", *_SLOW)
    wait_until(run.done, 30, "all rows")
    assert run.end("w1") == 0
    run.check()
    assert run.rows()[2] == 0


def test_frozen_worker_wakes_as_a_zombie(run: Rig) -> None:
    """Law: one of two workers frozen beyond its session loses its partition and, woken, does no harm."""
    run.produce(_NUMBERS)
    run.start("w1", *_SLOW)
    run.start("w2", *_SLOW)
    wait_until(lambda: _progress(run, 100), 30, "both partitions moving")
    run.workers["w1"].send_signal(signal.SIGSTOP)
    outage_s = wait_until(run.done, 30, "the other worker taking over")
    run.workers["w1"].send_signal(signal.SIGCONT)
    run.produce(_NUMBERS[:200])
    wait_until(run.done, 30, "all rows after the wake")
    assert run.end("w2") == 0
    assert run.end("w1") == 0
    run.check()
    print(f"freeze: all rows {outage_s:.1f} s after it")


def test_a_worker_joins_and_leaves(run: Rig) -> None:
    """Law: partitions handed over in order cost no repeat, and neither side loses or doubles anything."""
    run.produce(_NUMBERS)
    run.start("w1", *_SLOW)
    wait_until(lambda: _progress(run, 200), 30, "the first worker moving")
    run.start("w2", *_SLOW)
    wait_until(lambda: any(h.instance == "w2" and h.offset > 0 for h in run.healths()), 20, "the second taking part")
    assert run.end("w2") == 0
    wait_until(run.done, 30, "all rows")
    assert run.end("w1") == 0
    run.check()
    assert run.rows()[2] == 0


def test_the_broker_is_killed_and_comes_back_on_its_data(fresh_broker: EmbeddedBroker, tmp_path: Path) -> None:
    """Law: workers outlive their broker; once it is back they go on by themselves, with nothing lost or doubled."""
    with rig(fresh_broker.bootstrap, "b", tmp_path) as run:
        run.produce(_NUMBERS)
        run.start("w1", *_SLOW)
        wait_until(lambda: _progress(run, 300), 30, "progress before the kill")
        fresh_broker.kill()
        fresh_broker.restart_on_same_data()
        back_s = wait_until(lambda: _progress(run, 1_000), 30, "progress after the broker's return")
        wait_until(run.done, 30, "all rows")
        assert run.end("w1") == 0
        run.check()
        print(f"broker kill -9: going on {back_s:.1f} s after its port opened")
