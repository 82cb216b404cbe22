"""A radar's sea live on real Kafka, its owners killed: the picture comes back, under the same ids, and alerts once."""

import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from kafka import KafkaProducer

from streams.config import SurveilRules, WorkerRules
from streams.deployment import Deployment
from streams.embedded import EmbeddedBroker
from streams.publisher.zones import publish_zones
from tests.fault.system import Seen, System, wait_until
from tests.property import boats, worlds
from tests.property.boats import Entry, Plot
from tests.property.test_plots_shared import unlike

pytestmark = [pytest.mark.kafka, pytest.mark.fault, pytest.mark.timeout(240)]

SECONDS, KILL_S = 32, 14.0
IN_PLACE = {"front": ("ingest", "alert", "dispatch", "gateway"), "owners": ("surveil",)}
TWO = {"front": ("ingest", "alert", "dispatch", "gateway"), "owners": ("surveil",), "others": ("surveil",)}


@contextmanager
def sea(directory: Path, groups: Mapping[str, Sequence[str]], rules: WorkerRules) -> Iterator[System]:
    """A broker, four owners of sectors, one radar that looks once a second, a picture a second."""
    radar = msgspec.structs.replace(boats.RADAR, revisit_s=1.0)
    settings = msgspec.structs.replace(
        boats.settings(4),
        sensors=(radar,),
        surveil=SurveilRules(tracks_every_s=1.0),
        worker=rules,
        snapshot_every_s=1.0,
    )
    with EmbeddedBroker() as broker, Deployment(broker.bootstrap, settings, directory, groups) as deployment:
        publish_zones(worlds.feature_collection(boats.ZONES), broker.bootstrap, None)
        deployment.start()
        yield System(broker, deployment)


def play(system: System, seen: Sequence[Plot], begin: datetime, at_s: float, fault: Callable[[], None]) -> datetime:
    """Send every scan in its second; the moment of the fault."""
    producer = KafkaProducer(bootstrap_servers=system.broker.bootstrap, acks="all", linger_ms=0)
    struck: datetime | None = None
    for plot in seen:
        wait_s = (begin + timedelta(seconds=plot.time_s) - datetime.now(UTC)).total_seconds()
        if wait_s > 0:
            threading.Event().wait(wait_s)
        if struck is None and plot.time_s >= at_s:
            struck = datetime.now(UTC)
            fault()
        producer.send(boats.FEED.topic, boats.event(plot, begin), key=b"radar-1", partition=0)
    producer.flush()
    producer.close()
    system.published += len(seen)
    assert struck is not None
    return struck


def ids_by_boat(pictures: Sequence[Seen], seen: Sequence[Plot], begin: datetime) -> dict[int, dict[str, list[Seen]]]:
    """The pictures of each boat by public id; by nearness, as boats here are far apart."""
    scans: defaultdict[int, list[Plot]] = defaultdict(list)
    for plot in seen:
        scans[round(plot.time_s)].append(plot)
    found: dict[int, dict[str, list[Seen]]] = {}
    for picture in pictures:
        if picture.value is None:
            continue
        time_s = (datetime.fromisoformat(picture.value["event_time"]) - begin).total_seconds()
        near = boats.nearest(scans[round(time_s)], *picture.value["position"])
        if near >= 0:
            found.setdefault(near, {}).setdefault(picture.key, []).append(picture)
    return found


def entries(system: System, begin: datetime) -> list[Entry]:
    """The incursions that stand."""
    newest: dict[str, Seen] = {}
    for seen in system.read("alerts.v1"):
        assert seen.value is not None
        known = newest.get(seen.key)
        if known is None or known.value is None or seen.value["version"] > known.value["version"]:
            newest[seen.key] = seen
    found = []
    for alert in (seen.value for seen in newest.values() if seen.value is not None):
        if alert["kind"] == "incursion" and alert["state"] != "retracted":
            time_s = (datetime.fromisoformat(alert["event_time"]) - begin).total_seconds()
            found.append(Entry(alert["zone_id"], time_s, alert["subject"]["track_ids"][0]))
    return sorted(found, key=lambda entry: (entry.time_s, entry.zone_id))


@pytest.mark.parametrize("name, groups, within_s", [("restarted in place", IN_PLACE, 5.0), ("replaced", TWO, 10.0)])
def test_a_killed_owner_under_plots(
    name: str, groups: Mapping[str, Sequence[str]], within_s: float, tmp_path: Path
) -> None:
    """Law: kill -9 of owners under a live radar: every boat is in the picture again within 5 s where they are
    restarted, within 10 s where others take over; every boat keeps its public id; the entries are those of one
    undisturbed owner."""
    seen = boats.plots(11, boats=40, seconds=SECONDS, clutter=0, radar_s=1.0)
    rules = WorkerRules(session_timeout_s=6.0, heartbeat_s=0.5, static_member=groups is IN_PLACE)
    with sea(tmp_path, groups, rules) as system:
        wait_until(lambda: len(system.health()) >= 1 + 3 * 4, 60, lambda: "the workers never reported")

        def kill() -> None:
            if groups is IN_PLACE:
                system.deployment.workers["owners"].signal(signal.SIGKILL)
            else:
                system.deployment.workers["owners"].stop(patience_s=0.0)

        begin = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
        struck = play(system, seen, begin, KILL_S, kill)
        system.end()
        began = time.monotonic()
        system.wait_until_finished(60.0)
        drained_s = time.monotonic() - began
        told = ids_by_boat([one for one in system.read("tracks.v1") if one.value is not None], seen, begin)
        found = entries(system, begin)
        counts: dict[str, int] = defaultdict(int)
        for (stage, _, _), health in system.health().items():
            for key, number in health["counts"].items():
                counts[f"{stage} {key}"] += number
    back_s = []
    for pictures in told.values():
        after = [
            one.time_ms / 1000 - struck.timestamp()
            for seen_of in pictures.values()
            for one in seen_of
            if one.value is not None and datetime.fromisoformat(one.value["event_time"]) > struck
        ]
        back_s.append(min(after))
    wanted = boats.entries(boats.live(seen, 1))
    doubled = sum(len(pictures) - 1 for pictures in told.values())
    alone = sum(boats.tracks_of(boats.live(seen, 1), seen)) - len(told)
    median_s = sorted(back_s)[len(back_s) // 2]
    print(f"\nowners killed, {name}: {len(told)} boats back within {max(back_s):.1f} s (median {median_s:.1f});")
    print(f"{doubled} ids more than boats ({alone} with one undisturbed owner); {len(found)} entries;")
    print(f"finished {drained_s:.1f} s after the last plot; {counts['surveil neighbours/said/release']} releases,")
    print(f"{counts['surveil neighbours/claimed']} claims, {counts['ingest copy/halo']} copies")
    assert len(told) == 40
    assert unlike(found, wanted) == []
    assert doubled <= alone
    assert max(back_s) <= within_s
    assert counts["ingest row"] == counts["surveil in"] == counts["surveil row"] == len(seen)
