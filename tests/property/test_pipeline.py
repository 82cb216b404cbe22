"""The whole pipeline over an in-memory log that crashes, re-reads, freezes and writes twice."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box, mapping

from streams import topology
from streams.config import Feed, Format, Settings
from streams.messages import ZonesVersion
from streams.partitioning import Owners, drawn
from streams.provenance import KIND_HEADER
from streams.zones import ZoneVersions
from tests.oracle.entries import Fix, entries
from tests.property import worlds
from tests.property.faulty_log import FaultyLog, scramble

RAW = ("vedette-historical", b"1")
STRIPS = drawn(
    Owners(5),
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"sector": f"strip-{number}", "owner": number % 4 + 1},
                "geometry": mapping(box(-85.0 + 0.8 * number, 23.0, -84.2 + 0.8 * number, 29.0)),
            }
            for number in range(8)
        ],
    },
)
END = (b"", b"", (("vedette-end", b"1"),))


def zones_at_first() -> ZoneVersions:
    """The one version that is in force since ever."""
    zones = ZoneVersions()
    zones.add(ZonesVersion(version=1, in_force_from_us=None, zones=worlds.feature_collection()))
    return zones


def edit(zones: ZoneVersions, version: int, from_us: int) -> None:
    """Publish an edit: every other version lacks the first zone."""
    collection = worlds.feature_collection()
    features = collection["features"]
    assert isinstance(features, list)
    collection = {**collection, "features": features[version % 2 == 0 :]}
    zones.add(ZonesVersion(version=version, in_force_from_us=from_us, zones=collection))


def pipeline(
    partitions: int,
    vendors: tuple[str, ...] = ("acme",),
    zones: ZoneVersions | None = None,
    owners: Owners | None = None,
) -> FaultyLog:
    """A log with every partition open and one reader on each."""
    feeds = tuple(Feed(vendor, "json", Format.JSON) for vendor in vendors)
    configuration = Settings(feeds, owners or Owners(partitions))
    zones = zones or zones_at_first()
    log = FaultyLog(
        [topology.STAGES[name](configuration, zones) for name in ("ingest", "surveil", "alert", "dispatch")]
    )
    for feed in configuration.feeds:
        log.open(feed.topic, 0)
    for topic in ("observations.v1", "detections.v1", "dispatches.v1"):
        for partition in range(partitions):
            log.open(topic, partition)
    return log


def publish(log: FaultyLog, reports: list[worlds.Report], vendor: str = "acme") -> None:
    """All reports of one vendor, one event a record."""
    sensor = f"{vendor}-1"
    log.append(f"raw.{vendor}.json", 0, [(sensor.encode(), worlds.event(report, sensor), (RAW,)) for report in reports])


def outcome(log: FaultyLog) -> dict[str, tuple[Any, ...]]:
    """What must not depend on faults: ids, states, outcomes and evidence (not history times, not stalled sources)."""
    return {
        alert_id: (alert["state"], alert["zone_id"], alert["end_reason"], tuple(alert["evidence"]))  # type: ignore[arg-type]
        for alert_id, alert in log.latest("alerts.v1").items()
        if alert["kind"] != "source-stalled" and alert["state"] != "retracted"
    }


def undisturbed(
    reports: list[worlds.Report], partitions: int, zones: ZoneVersions | None = None, owners: Owners | None = None
) -> FaultyLog:
    """The same reports with nothing going wrong."""
    log = pipeline(partitions, zones=zones, owners=owners)
    publish(log, reports)
    log.append("raw.acme.json", 0, [END])
    log.drain()
    return log


def entered(log: FaultyLog) -> list[tuple[object, object, object]]:
    """(vessel, zone, opening time) of every alert."""
    return sorted(
        (alert["subject"]["identity"]["mmsi"], alert["zone_id"], alert["event_time"])  # type: ignore[index]
        for alert in log.latest("alerts.v1").values()
        if alert["kind"] == "incursion" and alert["state"] != "retracted"
    )


@given(seed=st.integers(0, 10_000), partitions=st.sampled_from((2, 3, 8)))
@settings(max_examples=25, deadline=None)
def test_partitions_do_not_change_the_alerts(seed: int, partitions: int) -> None:
    """The same reports give the same alerts, id for id, with one owner and with several."""
    reports = worlds.wander(seed)
    assert outcome(undisturbed(reports, partitions)) == outcome(undisturbed(reports, 1))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_drawn_owners_do_not_change_the_alerts(seed: int) -> None:
    """With the region cut into strips by polygons, each with another owner, the alerts are those of one owner."""
    reports = worlds.wander(seed)
    log = undisturbed(reports, 5, owners=STRIPS)
    read = {
        partition
        for (topic, partition), records in log.partitions.items()
        if topic == "observations.v1" and any((KIND_HEADER, b"frame") in record.headers for record in records)
    }
    assert len(read) > 1
    assert outcome(log) == outcome(undisturbed(reports, 1))


@given(seed=st.integers(0, 10_000), partitions=st.sampled_from((1, 2, 8)))
@settings(max_examples=40, deadline=None)
def test_faults_do_not_change_the_alerts(seed: int, partitions: int) -> None:
    """Crashes, re-reads with other cuts, frozen and zombie workers leave the same alerts, and the ledger balances."""
    reports = worlds.wander(seed)
    log = pipeline(partitions)
    third = len(reports) // 3
    for part in (reports[:third], reports[third : 2 * third], reports[2 * third :]):
        publish(log, part)
        scramble(log, seed + len(part), 60)
    log.append("raw.acme.json", 0, [END])
    scramble(log, seed + 1, 40)
    log.drain()
    assert outcome(log) == outcome(undisturbed(reports, 1))
    counts = log.runners[0].core.counts()
    fates = sum(n for key, n in counts.items() if key.split("/")[0] in {"row", "merged", "filtered", "dead", "held"})
    assert counts["in"] == fates == len(reports) + 1


@given(seed=st.integers(0, 10_000), partitions=st.sampled_from((1, 2, 8)))
@settings(max_examples=30, deadline=None)
def test_faults_around_zone_edits_do_not_change_the_alerts(seed: int, partitions: int) -> None:
    """Zones edited twice in the middle of crashes, re-reads, zombies and freezes: the alerts are those of a run that
    knew all versions from the start, because a version judges from its event time on and not from when it came."""
    reports = worlds.wander(seed)
    third = len(reports) // 3
    edits = {number: reports[number * third].time_s * 1_000_000 for number in (1, 2)}
    known, zones = zones_at_first(), zones_at_first()
    for number, from_us in edits.items():
        edit(known, number + 1, from_us)
    log = pipeline(partitions, zones=zones)
    for number in range(3):
        if number + 1 in edits:
            edit(zones, number + 2, edits[number + 1])  # well ahead: before anything of the next part is published
        publish(log, reports[number * third : (number + 1) * third if number < 2 else None])
        scramble(log, seed + number, 60)
    log.append("raw.acme.json", 0, [END])
    scramble(log, seed + 3, 40)
    log.drain()
    assert outcome(log) == outcome(undisturbed(reports, 1, known))


@pytest.mark.parametrize("seed", range(20))
def test_every_entry_of_the_oracle_is_alerted(seed: int) -> None:
    """Each entry found by brute force opens an alert, except where a visit shorter than the exit dwell goes on; none is
    invented."""
    reports = worlds.wander(seed, vessels=6, reports=40)
    fixes: dict[str, list[Fix]] = {}
    for report in reports:
        fixes.setdefault(str(report.mmsi), []).append(Fix(report.time_s * 1_000_000, report.lon, report.lat))
    wanted = {(int(e.vessel), e.zone_id, e.time_us) for e in entries(fixes, worlds.ZONES)}
    log = undisturbed(reports, 1)
    found = {
        (alert["subject"]["identity"]["mmsi"], alert["zone_id"], _us(alert["event_time"]))  # type: ignore[index]
        for alert in log.latest("alerts.v1").values()
    }
    assert found <= wanted
    short = {entry for entry in wanted - found if _was_inside_recently(entry, fixes)}
    assert wanted - found == short


@given(seed=st.integers(0, 10_000), partitions=st.sampled_from((1, 8)))
@settings(max_examples=25, deadline=None)
def test_two_receivers_give_one_alert_per_entry(seed: int, partitions: int) -> None:
    """Every fix at one receiver or at both: one alert per entry, the same entries as from a single receiver."""
    import random

    chance = random.Random(seed)
    reports = worlds.wander(seed)
    log = pipeline(partitions, ("acme", "bolt"))
    for start in range(0, len(reports), 10):  # the feeds stay within the lag of each other
        part = reports[start : start + 10]
        heard = [(report, chance.choice(("acme", "bolt", "both"))) for report in part]
        for vendor in ("acme", "bolt"):
            publish(log, [report for report, where in heard if where in (vendor, "both")], vendor)
        moved = True
        while moved:
            moved = sum(log.step(runner, 1000) for runner in log.runners) > 0
    for vendor in ("acme", "bolt"):
        log.append(f"raw.{vendor}.json", 0, [END])
    log.drain()
    assert entered(log) == entered(undisturbed(reports, 1))


def _us(time: object) -> int:
    from datetime import datetime

    return round(datetime.fromisoformat(str(time)).timestamp() * 1e6)


def _was_inside_recently(entry: tuple[int, str, int], fixes: dict[str, list[Fix]]) -> bool:
    """The rule 'hysteresis': within the dwell, or never beyond the exit margin, since the last fix inside."""
    vessel, zone_id, time_us = entry
    zone = worlds.ZONES[zone_id]
    from shapely.geometry import Point

    before = [fix for fix in sorted(fixes[str(vessel)]) if fix.time_us < time_us]
    outside = []
    for fix in reversed(before):
        if zone.covers(Point(fix.lon, fix.lat)):
            break
        outside.append(fix)
    else:
        return False
    near = all(zone.distance(Point(fix.lon, fix.lat)) * 111_200 < 700 for fix in outside)
    return near or time_us - outside[-1].time_us < 60_000_000
