"""Publishing to a real broker: rows unchanged, where they belong, confirmed, and an end after them."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient

from geo.zones import ZoneErrors, read_zones
from simulator.play import play_into_kafka
from simulator.scenario import open_bundle
from simulator.setup import publish_bundle
from simulator.wire import WireFormat, make_wire
from simulator.world import World
from streams.clearances import ClearanceErrors, ClearancesVersion
from streams.cli.main import vedette
from streams.config import Feed, Format
from streams.embedded import EmbeddedBroker
from streams.inputs import Input
from streams.messages import AlertKind, Severity, Unit
from streams.partitioning import stable_partition
from streams.publisher import Sender, TopicMissing, publish, publish_units, publish_zones
from streams.publisher.clearances import all_clearances, publish_clearances
from streams.publisher.rules import publish_rules
from streams.publisher.versions import PassedOver
from streams.publisher.zones import MARGIN, TooSoon, newest_zones
from streams.rules import RuleErrors, Rules
from tests.streams.test_clearances import clearance

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]

NOW = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
ZONES: dict[str, Any] = json.loads(open_bundle("strait").zones.read_bytes())


def create(bootstrap: str, **topics: int) -> None:
    """Make topics; ``_`` in a name stands for ``.``."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    wanted = {name.replace("_", "."): {"num_partitions": n, "replication_factor": 1} for name, n in topics.items()}
    admin.create_topics(wanted, wait_for_metadata=True)
    admin.close()


def records(bootstrap: str, topic: str) -> dict[int, list[Any]]:
    """Every record of a topic now, by partition."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False)
    parts = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic))]
    consumer.assign(parts)
    consumer.seek_to_beginning(*parts)
    ends = consumer.end_offsets(parts)
    found: dict[int, list[Any]] = {part.partition: [] for part in parts}
    while any(consumer.position(part) < ends[part] for part in parts):
        for part, batch in consumer.poll(timeout_ms=500).items():
            found[part.partition] += batch
    consumer.close()
    return found


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events of two sensors, one a line, one of them damaged."""
    path = tmp_path_factory.mktemp("day") / "day.jsonl"
    lines = [
        json.dumps(
            {"sensor_id": f"s{n % 2}", "event_time": f"2026-06-01T04:00:{n % 60:02d}Z", "position": [n / 1e3, 1.0]}
        )
        for n in range(3_000)
    ]
    lines[1_234] = lines[1_234][:40]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def feed(broker: str, request: pytest.FixtureRequest) -> Iterator[Feed]:
    """A feed with three partitions that no other test uses."""
    feed = Feed(f"pub-{abs(hash(request.node.nodeid)) % 10**8}", "json", Format.JSON, 3)
    admin = KafkaAdminClient(bootstrap_servers=broker)
    admin.create_topics({feed.topic: {"num_partitions": 3, "replication_factor": 1}}, wait_for_metadata=True)
    yield feed
    admin.delete_topics([feed.topic])
    admin.close()


def test_rows_arrive_unchanged_in_the_partition_of_their_sensor(broker: str, feed: Feed, day: Path) -> None:
    """Each sensor's rows are in its one partition, byte for byte and in order, keyed by the sensor, marked historical;
    the last record of every partition is the end of input."""
    report = publish([Input(str(day), feed.vendor, "day", Format.JSON)], broker)
    assert (report.rows, report.sent, report.failed, report.ended) == (3_000, 3_000, 0, True)
    found = records(broker, feed.topic)
    for batch in found.values():
        assert dict(batch[-1].headers) == {"vedette-end": b"1"}
        assert batch[-1].value == b""
    rows = [record for batch in found.values() for record in batch[:-1]]
    assert {(r.key, r.partition) for r in rows if r.key != b"day"} == {
        (sensor.encode(), stable_partition(sensor, 3)) for sensor in ("s0", "s1")
    }
    assert all(("vedette-historical", b"1") in record.headers for record in rows)
    lines = day.read_bytes().splitlines()
    for sensor in (0, 1):
        mine = [line for n, line in enumerate(lines) if n % 2 == sensor and n != 1_234]
        assert [record.value for record in rows if record.key == b"s%d" % sensor] == mine
    assert [record.value for record in rows if record.key == b"day"] == [lines[1_234]]


def test_what_happens_now_is_not_marked_and_need_not_end(broker: str, feed: Feed, day: Path) -> None:
    """A live feed's times are checked against today, and it goes on."""
    report = publish([Input(str(day), feed.vendor, "day", Format.JSON)], broker, live=True, end=False)
    assert not report.ended
    headers = {name for batch in records(broker, feed.topic).values() for r in batch for name, _ in r.headers}
    assert not headers & {"vedette-historical", "vedette-end"}


def test_an_interrupted_recording_has_no_end(broker: str, feed: Feed, day: Path) -> None:
    """An end would claim that the input is complete; what was sent until then is confirmed and counted."""
    stop = threading.Event()
    report = publish(
        [Input(str(day), feed.vendor, "day", Format.JSON)], broker,
        stop=stop, progress=lambda rows: stop.set() if rows >= 1_000 else None,
    )  # fmt: skip
    assert report.rows == report.sent == 1_000
    assert not report.ended
    found = [record for batch in records(broker, feed.topic).values() for record in batch]
    assert len(found) == 1_000


def test_a_missing_topic_is_named_within_seconds(broker: str, day: Path) -> None:
    """Kafka's own answer would be a time-out after a minute."""
    with pytest.raises(TopicMissing, match=r"raw\.nobody\.json"):
        publish([Input(str(day), "nobody", "day", Format.JSON)], broker)


def test_a_world_goes_to_kafka_by_sensor(broker: str, feed: Feed) -> None:
    """Simulated events are keyed and partitioned by the receiver that heard them, and end."""
    bundle = open_bundle("strait")
    world = World(bundle.scenario, read_zones(bundle.zones))
    truths: list[bytes] = []
    played = play_into_kafka(
        world.run(20.0), make_wire(WireFormat.JSON), broker, feed, live=False, speed=None, write_truth=truths.append
    )
    assert played.complete
    assert (played.failed, played.truths) == (0, len(truths))
    rows = [record for batch in records(broker, feed.topic).values() for record in batch]
    events = [record for record in rows if record.value]
    assert len(events) == played.events > 100
    assert len(rows) - len(events) == 3
    assert all(record.partition == stable_partition(record.key.decode(), 3) for record in events)
    assert {record.key.decode() for record in events} <= {receiver.name for receiver in bundle.scenario.receivers}


def test_zones_versions_go_up_and_never_into_the_past(fresh_broker: EmbeddedBroker) -> None:
    """The first version is in force since ever, an edit is the next one and begins later than now by the margin; the
    same zones again make no version, and what cannot be used publishes nothing."""
    broker = fresh_broker.bootstrap
    create(broker, zones_v1=1, units_v1=1)
    assert newest_zones(broker) is None
    first = publish_zones(ZONES, broker, now=lambda: NOW)
    assert (first.version, first.in_force_from_us) == (1, None)
    assert publish_zones(ZONES, broker, now=lambda: NOW) == first
    edited = json.loads(json.dumps(ZONES))
    edited["features"][0]["properties"]["name"] = "another name"
    with pytest.raises(TooSoon, match="or later"):
        publish_zones(edited, broker, NOW + MARGIN - timedelta(seconds=1), now=lambda: NOW)
    second = publish_zones(edited, broker, now=lambda: NOW)
    assert second.version == 2
    assert second.in_force_from_us == round((NOW + MARGIN).timestamp() * 1e6)
    third = publish_zones(ZONES, broker, NOW + timedelta(hours=1), now=lambda: NOW)
    assert third.version == 3
    with pytest.raises(ZoneErrors):
        publish_zones({"type": "FeatureCollection", "features": []}, broker)
    assert newest_zones(broker) == third
    written = records(broker, "zones.v1")[0]
    assert [record.key for record in written] == [b"zones/1", b"zones/2", b"zones/3"]
    assert ("ce_type", b"vedette.zones.v1") in written[0].headers


def test_clearances_versions_go_up_likewise(fresh_broker: EmbeddedBroker) -> None:
    """The first version is in force since ever, equal clearances make no other, an edit begins later than now; what
    cannot be used publishes nothing."""
    broker = fresh_broker.bootstrap
    create(broker, clearances_v1=1)
    one = clearance(0, 600, "west")
    first = publish_clearances([one], broker, now=lambda: NOW)
    assert (first.version, first.in_force_from_us) == (1, None)
    assert publish_clearances([one], broker, now=lambda: NOW) == first
    second = publish_clearances([], broker, now=lambda: NOW)
    assert (second.version, second.in_force_from_us) == (2, round((NOW + MARGIN).timestamp() * 1e6))
    with pytest.raises(ClearanceErrors):
        publish_clearances([one, one], broker)
    assert all_clearances(broker) == [first, second]


def test_rules_versions_go_up_likewise(fresh_broker: EmbeddedBroker) -> None:
    """As with clearances; `vedette rules show` lists every version that can be used."""
    broker = fresh_broker.bootstrap
    create(broker, rules_v1=1)
    one = Rules(exit_dwell_s=120.0, found_inside=("west",))
    first = publish_rules(one, broker, now=lambda: NOW)
    assert (first.version, first.in_force_from_us) == (1, None)
    assert publish_rules(one, broker, now=lambda: NOW) == first
    second = publish_rules(Rules(), broker, now=lambda: NOW)
    assert (second.version, second.in_force_from_us) == (2, round((NOW + MARGIN).timestamp() * 1e6))
    with pytest.raises(RuleErrors):
        publish_rules(Rules(severities={AlertKind.DISTRESS: Severity.LOW}), broker)
    with Sender(broker) as sender:
        sender.send("rules.v1", 0, b"x", b"x", [])
    shown = CliRunner().invoke(vedette, ["rules", "show", "--json", "--broker", broker])
    assert [json.loads(line)["version"] for line in shown.stdout.splitlines()] == [1, 2]
    assert "record 2 is passed over" in shown.stderr
    people = CliRunner().invoke(vedette, ["rules", "show", "--broker", broker]).stdout
    assert "exit_dwell_s = 120.0" in people


def test_records_that_are_no_versions_are_passed_over(fresh_broker: EmbeddedBroker) -> None:
    """Whoever lists or publishes versions is warned of each such record, by its offset and the reason, and goes on;
    a version that is one in form only is passed over by those who list likewise."""
    broker = fresh_broker.bootstrap
    create(broker, clearances_v1=1, zones_v1=1)
    one = clearance(0, 600, "west")
    backwards = msgspec.structs.replace(one, valid_until=one.valid_from)
    with Sender(broker) as sender:
        for topic in ("clearances.v1", "zones.v1"):
            sender.send(topic, 0, b"x", b"x", [])
            sender.send(topic, 0, b"y", b'{"version": "two"}', [])
    runner = CliRunner()
    shown = runner.invoke(vedette, ["clearances", "show", "--broker", broker])
    assert shown.exit_code == 0
    assert shown.stdout == ""
    assert [line.split(": ")[:3] for line in shown.stderr.splitlines()] == [
        ["warning", "clearances.v1/0", f"record {offset} is passed over"] for offset in (0, 1)
    ]
    heard: list[PassedOver] = []
    assert publish_clearances([one], broker, hear=heard.append).version == 1
    assert [(found.topic, found.offset) for found in heard] == [("clearances.v1", 0), ("clearances.v1", 1)]
    with Sender(broker) as sender:
        bad = ClearancesVersion(version=2, in_force_from_us=0, clearances=[backwards])
        sender.send("clearances.v1", 0, b"z", msgspec.json.encode(bad), [])
    shown = runner.invoke(vedette, ["clearances", "show", "--broker", broker])
    assert shown.stdout.startswith(one.clearance_id)
    assert "version 2 is refused by every worker" in shown.stderr

    path = Path(open_bundle("strait").zones)
    published = runner.invoke(vedette, ["zones", "publish", str(path), "--broker", broker])
    assert published.exit_code == 0, published.output
    assert published.stderr.count("is passed over") == 2
    with Sender(broker) as sender:
        sender.send("zones.v1", 0, b"z", b'{"version": 2, "in_force_from_us": 0, "zones": {}}', [])
    shown = runner.invoke(vedette, ["zones", "show", "--broker", broker])
    assert shown.exit_code == 0, shown.output
    assert len(shown.stdout.splitlines()) == 1 + len(ZONES["features"])
    assert "version 2 is refused by every worker" in shown.stderr


def test_units_and_a_whole_scenario(fresh_broker: EmbeddedBroker) -> None:
    """A scenario's set-up publishes its zones and its units, keyed by unit."""
    broker = fresh_broker.bootstrap
    create(broker, zones_v1=1, units_v1=1)
    bundle = open_bundle("strait")
    assert publish_bundle(bundle, broker).version == 1
    publish_units([Unit(unit_id="one-more", position=(1.0, 2.0), speed_mps=9.0, exercise=True)], broker)
    units = records(broker, "units.v1")[0]
    assert units[-1].key == b"one-more"
    assert json.loads(units[-1].value)["exercise"] is True
    assert len(units) == 6
