"""The topic catalogue: what the design promises of every topic."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.config import Feed, Format, Settings, load
from streams.partitioning import Owners
from streams.topics import Cleanup, Topic, Visibility, catalogue
from streams.topology import STAGES
from streams.zones import ZoneVersions

_DAY_MS = 86_400_000
_SIDE_INPUTS = {"zones.v1", "rules.v1", "sensors.v1", "clearances.v1"}
_OWNED = {"observations.v1", "detections.v1", "dispatches.v1", "tracks.v1", "alerts.v1", "tasks.v1"}

_feeds = st.lists(
    st.builds(
        Feed,
        vendor=st.from_regex("[a-z0-9-]{1,8}", fullmatch=True),
        kind=st.from_regex("[a-z0-9-]{1,8}", fullmatch=True),
        format=st.sampled_from(Format),
        partitions=st.integers(1, 96),
    ),
    unique_by=lambda feed: feed.topic,
    max_size=5,
)
_settings = st.builds(
    Settings,
    feeds=_feeds.map(tuple),
    owners=st.builds(Owners, st.integers(1, 96)),
    partners=st.lists(st.from_regex("[a-z0-9-]{1,8}", fullmatch=True), unique=True, max_size=3).map(tuple),
)


def _named(settings: Settings) -> dict[str, Topic]:
    return {topic.name: topic for topic in catalogue(settings)}


@pytest.fixture
def settings() -> Settings:
    """Two feeds, 16 owners, one partner."""
    return Settings(
        (Feed("one", "nmea", Format.NMEA, 3), Feed("two", "json", Format.JSON)), Owners(16), partners=("p",)
    )


@given(_settings)
def test_every_name_once_and_legal(settings: Settings) -> None:
    """Law: names are distinct and legal in Kafka, and differ by more than '.' and '_', which its metrics confuse."""
    names = [topic.name for topic in catalogue(settings)]
    assert len({name.replace(".", "_") for name in names}) == len(names)
    assert all(re.fullmatch(r"[a-z0-9.-]{1,249}", name) for name in names)


@given(_settings)
def test_partitions_are_the_configurations(settings: Settings) -> None:
    """Law: owners have the configured partitions, feeds their own, and side inputs exactly one, compacted."""
    named = _named(settings)
    assert {named[name].partitions for name in _OWNED} == {settings.owners.partitions}
    for feed in settings.feeds:
        assert named[feed.topic].partitions == feed.partitions
    for name in _SIDE_INPUTS:
        assert (named[name].partitions, named[name].cleanup) == (1, Cleanup.COMPACT)
    assert named["snapshots.v1"].partitions == 8


@given(_settings)
def test_no_input_of_a_stage_is_compacted(settings: Settings) -> None:
    """Law: what a stage reads in order keeps every offset: compaction would look like a hole in its log."""
    named = _named(settings)
    for stage in STAGES.values():
        for name in stage(settings, ZoneVersions()).topics:
            assert named[name].cleanup is Cleanup.DELETE, name


@given(_settings)
def test_every_input_of_a_stage_is_there_and_says_its_reader(settings: Settings) -> None:
    """Law: the catalogue holds what the topology reads, and names the same reader."""
    named = _named(settings)
    for name, stage in STAGES.items():
        for topic in stage(settings, ZoneVersions()).topics:
            assert name in named[topic].readers


def test_retention(settings: Settings) -> None:
    """Law: raw events are gone after 7 days and tracks after 60 (EU 1052/2013, Art. 13); alerts stay by case."""
    named = _named(settings)
    assert named["raw.one.nmea"].config()["retention.ms"] == str(7 * _DAY_MS)
    assert named["observations.v1"].config()["retention.ms"] == str(7 * _DAY_MS)
    assert named["tracks.v1"].config()["retention.ms"] == str(60 * _DAY_MS)
    assert named["tracks.v1"].config()["cleanup.policy"] == "compact,delete"
    assert named["alerts.v1"].config() | {"segment.ms": ""} == {
        "cleanup.policy": "compact",
        "retention.ms": "-1",
        "segment.ms": "",
        "message.timestamp.type": "LogAppendTime",
        "min.compaction.lag.ms": str(_DAY_MS),
    }


def test_what_is_mended_stays_long_enough_to_be_read_back(settings: Settings) -> None:
    """Law: no version of an alert or a task is compacted away within a day of a newer record of its key, so an owner
    that was away for less finds the highest one before a zombie's lower one and can write it again."""
    lags = {topic.name: topic.config().get("min.compaction.lag.ms") for topic in catalogue(settings)}
    assert {name for name, lag in lags.items() if lag == str(_DAY_MS)} == {"alerts.v1", "tasks.v1"}
    assert {lags[name] for name in lags.keys() - {"alerts.v1", "tasks.v1"}} == {None}


def test_snapshots_are_compacted_soon(settings: Settings) -> None:
    """Law: snapshots fill a segment within a minute, not with the broker's 1 GiB, because only closed ones are
    compacted."""
    assert _named(settings)["snapshots.v1"].config()["segment.bytes"] == str(64 << 20)


@given(_settings)
def test_kept_no_longer_than_an_eighth_more(settings: Settings) -> None:
    """Law: Kafka deletes closed segments only, so a segment closes within a seventh of the retention, or a day."""
    for topic in catalogue(settings):
        segment_ms = int(topic.config()["segment.ms"])
        assert 0 < segment_ms <= _DAY_MS
        if topic.retention_s is not None:
            assert segment_ms * 7 <= topic.retention_s * 1000


@given(_settings)
def test_time_is_the_brokers(settings: Settings) -> None:
    """Law: no client can set the time by which lateness and patience are judged."""
    assert {topic.config()["message.timestamp.type"] for topic in catalogue(settings)} == {"LogAppendTime"}


def test_public_and_internal(settings: Settings) -> None:
    """Law: exactly the binary topics are internal."""
    hidden = {topic.name for topic in catalogue(settings) if topic.visibility is Visibility.INTERNAL}
    assert hidden == {"observations.v1", "detections.v1", "dispatches.v1", "snapshots.v1"}


def test_each_partner_has_one_topic(settings: Settings) -> None:
    """Law: a partner reads one topic of its own and is named as its reader."""
    assert _named(settings)["share.p.v1"].readers == ("partner p",)


def test_the_example_configuration_is_usable() -> None:
    """Law: the example in deploy/ loads, and its feeds are in the catalogue."""
    settings = load(Path(__file__).parents[2] / "deploy" / "vedette.toml")
    assert {"raw.coastal.nmea", "raw.tracks.json"} <= set(_named(settings))
