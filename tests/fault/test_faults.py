"""Kills, freezes and restarts of a running system on real Kafka: nothing lost, nothing invented, one id per incursion.

``make test`` runs one seed of each case, ``make fault`` ten (``VEDETTE_FAULT_SEEDS``).
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaProducer

from streams.config import WorkerRules
from tests.fault.invariants import check
from tests.fault.system import SENSOR, TOPIC, System, running, wait_until
from tests.property import worlds

SEEDS = range(int(os.environ.get("VEDETTE_FAULT_SEEDS", "1")))
ONE_EACH = {name: (name,) for name in ("ingest", "surveil", "alert", "dispatch", "gateway")}
TWO_BACKS = {
    "front": ("ingest",),
    "back-a": ("surveil", "alert", "dispatch", "gateway"),
    "back-b": ("surveil", "alert", "dispatch", "gateway"),
}
STREAM_S = 8.0

pytestmark = [pytest.mark.kafka, pytest.mark.fault, pytest.mark.timeout(240)]
Fault = Callable[[System, random.Random], None]


def disturbed(system: System, seed: int, fault: Fault, name: str) -> None:
    """Publish while the fault happens, heal, end, and check every invariant; prints the recovery time."""
    chance = random.Random(seed)
    reports = worlds.wander(seed, vessels=40, reports=50)
    publisher = threading.Thread(target=system.publish, args=(reports, STREAM_S))
    wait_until(lambda: bool(system.health()), 60, lambda: "the workers never reported")
    publisher.start()
    threading.Event().wait(chance.uniform(2.0, 4.0))
    begun = time.monotonic()
    fault(system, chance)
    publisher.join()
    behind = {tp: end for tp, end in ((("observations.v1", p), e) for p, e in system.ends("observations.v1").items())}
    wait_until(lambda: _past(system, behind), 120, lambda: f"not caught up: {system.health()}")
    recovered_s = time.monotonic() - begun
    system.end()
    system.wait_until_finished(90)
    counts = check(system, reports)
    print(f"\n{name} seed {seed}: caught up {recovered_s:.1f} s after the fault began; {counts}")


def _past(system: System, wanted: dict[tuple[str, int], int]) -> bool:
    offsets = {(t, p): h["offset"] for (_, t, p), h in system.health().items()}
    return all(offsets.get(tp, -1) >= end - 1 for tp, end in wanted.items())


@pytest.mark.parametrize("seed", SEEDS)
def test_an_agent_that_raises_loses_nothing(seed: int, tmp_path: Path) -> None:
    """A fault of ours in the middle of a batch is retried from the snapshot: same alerts, ledger balanced."""

    def until_raised(system: System, _: random.Random) -> None:
        wait_until((tmp_path / "raised").exists, 60, lambda: "the fault never happened")

    with running(tmp_path, module="tests.fault.raising_worker") as system:
        disturbed(system, seed, until_raised, "agent raises")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number, name", [(signal.SIGKILL, "kill -9"), (signal.SIGTERM, "SIGTERM")])
def test_ending_each_stage_loses_nothing(seed: int, number: signal.Signals, name: str, tmp_path: Path) -> None:
    """Every stage's worker is ended in the middle of its work and restarted in place: same alerts."""

    def end_each(system: System, chance: random.Random) -> None:
        for stage in ("ingest", "surveil", "alert", "dispatch", "gateway"):
            system.deployment.workers[stage].signal(number)
            threading.Event().wait(chance.uniform(0.3, 0.9))

    with running(tmp_path, groups=ONE_EACH) as system:
        disturbed(system, seed, end_each, f"{name} of each stage")
        assert all(worker.restarts >= 1 for worker in system.deployment.workers.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lost_worker_is_replaced_by_another(seed: int, tmp_path: Path) -> None:
    """A worker that is killed and not restarted hands its partitions to the one that is left."""

    def lose(system: System, _: random.Random) -> None:
        system.deployment.workers["back-a"].lose()

    with running(tmp_path, groups=TWO_BACKS, rules=WorkerRules(3.0, 0.5, static_member=False)) as system:
        disturbed(system, seed, lose, "kill -9, not restarted")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_frozen_worker_that_wakes_changes_nothing(seed: int, tmp_path: Path) -> None:
    """A worker frozen for 20 s is replaced; what it still writes when it wakes is trimmed."""

    def freeze(system: System, _: random.Random) -> None:
        system.deployment.workers["back-a"].signal(signal.SIGSTOP)
        threading.Event().wait(20.0)
        system.deployment.workers["back-a"].signal(signal.SIGCONT)

    with running(tmp_path, groups=TWO_BACKS, rules=WorkerRules(3.0, 0.5, static_member=False)) as system:
        disturbed(system, seed, freeze, "frozen 20 s and woken")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_worker_that_joins_changes_nothing(seed: int, tmp_path: Path) -> None:
    """A second worker takes over partitions in the middle of the stream: same alerts."""

    def join(system: System, _: random.Random) -> None:
        system.deployment.add("back-b", TWO_BACKS["back-b"])

    with running(tmp_path) as system:
        disturbed(system, seed, join, "a worker joins")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_broker_that_is_killed_and_restarted_loses_nothing(seed: int, tmp_path: Path) -> None:
    """The broker is killed and comes back on its data: everything confirmed is processed."""

    def kill(system: System, _: random.Random) -> None:
        system.broker.kill()
        system.broker.restart_on_same_data()

    with running(tmp_path) as system:
        disturbed(system, seed, kill, "broker kill -9 and restart")


@pytest.mark.parametrize("seed", SEEDS)
def test_an_undecodable_record_is_dead_lettered_once(seed: int, tmp_path: Path) -> None:
    """Bytes that are no event are kept once, with their reason, and the stream goes on."""

    def poison(system: System, _: random.Random) -> None:
        producer = KafkaProducer(bootstrap_servers=system.broker.bootstrap)
        producer.send(TOPIC, b"\xff{ no event", key=SENSOR.encode(), partition=0).get(timeout=60)
        producer.close()
        system.published += 1

    with running(tmp_path) as system:
        chance = random.Random(seed)
        reports = worlds.wander(seed, vessels=10, reports=20)
        system.publish(reports[:100], 1.0)
        poison(system, chance)
        system.publish(reports[100:], 1.0)
        system.end()
        system.wait_until_finished()
        letters = system.read("dead-letters.v1")
        assert [letter.headers["vedette-reason"] for letter in letters] == [b"undecodable"]
        check(system, reports)
