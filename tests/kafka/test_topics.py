"""The catalogue on a real broker: created, compared, corrected, refused."""

import pytest
from click.testing import CliRunner
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from streams import topics
from streams.cli.main import vedette
from streams.config import Feed, Format, Settings
from streams.embedded import EmbeddedBroker
from streams.partitioning import Owners

pytestmark = pytest.mark.kafka


def _catalogue(owners: int = 2, feeds: int = 2) -> tuple[topics.Topic, ...]:
    all_feeds = (Feed("one", "nmea", Format.NMEA, 3), Feed("two", "json", Format.JSON))
    return topics.catalogue(Settings(all_feeds[:feeds], Owners(owners)))


def test_apply_diff_and_again(fresh_broker: EmbeddedBroker) -> None:
    """Law: a fresh broker lacks every topic; apply creates them all; then nothing differs and nothing is done."""
    address, catalogue = fresh_broker.bootstrap, _catalogue()
    before = topics.diff(address, catalogue)
    assert [(found.topic, found.what) for found in before] == [(topic.name, "missing") for topic in catalogue]
    assert len(topics.apply(address, catalogue)) == len(catalogue)
    assert topics.diff(address, catalogue) == ()
    assert topics.apply(address, catalogue) == []


def test_changed_configuration_is_seen_and_corrected(fresh_broker: EmbeddedBroker) -> None:
    """Law: a retention changed by hand is one named difference, and apply sets it back and nothing else."""
    address, catalogue = fresh_broker.bootstrap, _catalogue()
    topics.apply(address, catalogue)
    admin = KafkaAdminClient(bootstrap_servers=address)
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "raw.one.nmea", {"retention.ms": "1000"})])
    admin.close()
    while not (differences := topics.diff(address, catalogue)):
        pass  # the controller's change has not reached the broker yet; the time-out ends this otherwise
    (found,) = differences
    assert str(found) == "raw.one.nmea: retention.ms is 1000, expected 604800000"
    assert topics.apply(address, catalogue) == ["set retention.ms=604800000 on raw.one.nmea"]
    assert topics.diff(address, catalogue) == ()


def test_other_partition_count_is_refused(fresh_broker: EmbeddedBroker) -> None:
    """Law: another partition count is refused by name before anything is changed, missing topics included."""
    address = fresh_broker.bootstrap
    topics.apply(address, _catalogue(owners=2, feeds=1))
    with pytest.raises(topics.TopicMismatch, match=r"observations\.v1: partitions is 2, expected 4"):
        topics.apply(address, _catalogue(owners=4, feeds=2))
    assert topics.diff(address, _catalogue(owners=2, feeds=1)) == ()


def test_raw_topic_without_a_feed_is_told(fresh_broker: EmbeddedBroker) -> None:
    """Law: a raw topic that no feed reads is a difference: what is sent there would silently never be judged."""
    address = fresh_broker.bootstrap
    topics.apply(address, _catalogue(feeds=2))
    (found,) = topics.diff(address, _catalogue(feeds=1))
    assert (found.topic, found.what) == ("raw.two.json", "unread")


def test_unknown_topic_is_never_made_by_writing(fresh_broker: EmbeddedBroker) -> None:
    """Law: asking for a topic that is not there does not create it."""
    admin = KafkaAdminClient(bootstrap_servers=fresh_broker.bootstrap)
    try:
        admin.describe_topics(["raw.misspelt.nmea"])
        assert "raw.misspelt.nmea" not in admin.list_topics()
    finally:
        admin.close()


def test_command_line(fresh_broker: EmbeddedBroker) -> None:
    """Law: diff exits 1 while topics are missing and 0 after apply; a wrong count is usage, exit code 2."""
    run, to = CliRunner(), ["--config", "deploy/vedette.toml", "--broker", fresh_broker.bootstrap]
    assert run.invoke(vedette, ["topics", "diff", *to]).exit_code == 1
    assert run.invoke(vedette, ["topics", "apply", *to]).exit_code == 0
    again = run.invoke(vedette, ["topics", "apply", *to])
    assert (again.exit_code, again.output) == (0, "nothing to do\n")
    assert run.invoke(vedette, ["topics", "diff", "--json", *to]).output == "[]\n"
