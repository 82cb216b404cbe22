"""Rows that are missing: the owner stays down and says so, the others go on, and it goes on once that is accepted."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from streams import provenance, wire
from streams.cli.main import main
from streams.log import Position, Provenance
from streams.messages import Kind
from tests.fault.invariants import check
from tests.fault.system import TOPIC, System, running, wait_until
from tests.property import worlds

pytestmark = [pytest.mark.kafka, pytest.mark.fault, pytest.mark.timeout(180)]
OWNED = "observations.v1"


def _states(system: System, stage: str = "surveil") -> dict[int, str]:
    return {p: h["state"] for (name, _, p), h in system.health().items() if name == stage}


def _gaps(system: System) -> dict[tuple[str, int], int]:
    return {(s, p): h["counts"]["gap"] for (s, _, p), h in system.health().items() if h["counts"].get("gap")}


def _caught_up(system: System) -> bool:
    health = system.health()
    if health.get(("ingest", TOPIC, 0), {"offset": -1})["offset"] < system.published - 1:
        return False
    ends = system.ends(OWNED)
    offsets = {p: h["offset"] for (stage, _, p), h in health.items() if stage == "surveil"}
    return all(offsets.get(p, -1) >= end - 1 for p, end in ends.items())


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """A running system of two owners."""
    with running(tmp_path) as made:
        yield made


def test_a_hole_stops_its_owner_until_it_is_accepted(system: System, capsys: pytest.CaptureFixture[str]) -> None:
    """Law: one partition is down, in no restart loop, the other goes on; once accepted, it goes on by itself, the
    ledger shows the gap, and all that was not missing is judged as ever."""
    reports = worlds.wander(2, vessels=20, reports=30)
    system.publish(reports, 2.0)
    wait_until(lambda: _caught_up(system), 30, lambda: f"not caught up: {_states(system)}")
    lost = Position(len(reports) + 3, 0)
    beyond = provenance.headers(Kind.HANDOFF, Provenance(f"{TOPIC}/0", lost, lost))
    system.send(OWNED, 0, b"", wire.encode_numbered([], []), beyond)
    wait_until(lambda: _states(system) == {0: "hole", 1: "running"}, 30, lambda: f"not down: {_states(system)}")
    assert all(worker.restarts == 0 for worker in system.deployment.workers.values())
    log = (system.deployment.directory / "back.log").read_text()
    assert f"vedette hole accept {TOPIC}-0 " in log
    first = log.rpartition(f"vedette hole accept {TOPIC}-0 ")[2].split()[0]
    told = ("--note", "a test", "--broker", system.broker.bootstrap)
    with pytest.raises(SystemExit) as ended:
        main(["hole", "accept", f"{TOPIC}-0", first, str(lost.offset), *told])
    assert ended.value.code == 0
    wait_until(lambda: _states(system)[0] == "running", 30, lambda: "still down")
    system.end()
    system.wait_until_finished()
    wait_until(lambda: _gaps(system) == {("surveil", 0): 1}, 10, lambda: f"gaps: {_gaps(system)}")
    check(system, reports)
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["hole", "list", "--json", "--broker", system.broker.bootstrap])
    kept = msgspec.json.decode(capsys.readouterr().out)
    assert (kept["actor"], kept["note"], kept["to"]) == ("supervisor", "a test", lost.offset)


def test_what_an_internal_topic_no_longer_holds_is_a_gap_and_no_restart_loop(system: System) -> None:
    """Law: an owner whose log begins beyond its state goes on at the log's beginning, flagged, without any restart."""
    reports = worlds.wander(3, vessels=20, reports=45)
    third = len(reports) // 3
    system.publish(reports[:third], 1.0)
    wait_until(lambda: _caught_up(system), 30, lambda: f"not caught up: {_states(system)}")
    system.deployment.workers.pop("back").stop()
    ends = system.ends(OWNED)
    system.publish(reports[third : 2 * third], 1.0)
    wait_until(lambda: sum(system.ends(OWNED).values()) > sum(ends.values()) + 4, 30, lambda: "ingest is still")
    admin = KafkaAdminClient(bootstrap_servers=system.broker.bootstrap)
    admin.delete_records({TopicPartition(OWNED, p): end for p, end in system.ends(OWNED).items()})
    admin.close()
    worker = system.deployment.add("back", ("surveil", "alert", "dispatch", "gateway"))
    system.publish(reports[2 * third :], 1.0)
    system.end()
    system.wait_until_finished()
    health = {p: h for (stage, _, p), h in system.health().items() if stage == "surveil"}
    assert worker.restarts == 0
    assert [health[p]["gap"] for p in (0, 1)] == [True, True]
    assert sum(_gaps(system).values()) >= 1
    assert {record.key for record in system.read("alerts.v1")}
