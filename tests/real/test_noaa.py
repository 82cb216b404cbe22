"""NOAA's official limits and the real day: what is found is what brute force finds, zone by zone, line by line."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo.fence import Fence
from geo.zones import ZoneSet, read_zones
from streams.inputs import parse_input, settings_for
from streams.messages import ZonesVersion
from streams.replay import replay
from streams.zones import ZoneVersions
from tests.oracle.entries import Entry, entries
from tests.real import day, noaa

pytestmark = [pytest.mark.data, pytest.mark.slow]


class Segments(NamedTuple):
    """All pairs of consecutive fixes: who, when the second was, from where to where."""

    vessels: list[str]
    times_us: list[int]
    p0: NDArray[np.float64]
    p1: NDArray[np.float64]


@pytest.fixture(scope="module")
def of_noaa(data_dir: Path) -> ZoneSet:
    """The areas and lines."""
    return read_zones(noaa.zones(data_dir / noaa.FILE))


@pytest.fixture(scope="module")
def segments(data_dir: Path) -> Segments:
    """Every segment of the day."""
    vessels, times_us, p0, p1 = [], [], [], []
    for vessel, track in day.fixes(data_dir / day.FILE).items():
        for a, b in pairwise(track):
            vessels.append(vessel)
            times_us.append(b.time_us)
            p0.append((a.lon, a.lat))
            p1.append((b.lon, b.lat))
    return Segments(vessels, times_us, np.array(p0), np.array(p1))


@pytest.fixture(scope="module")
def wanted(data_dir: Path, of_noaa: ZoneSet) -> list[Entry]:
    """Every entry into an area, by brute force."""
    return list(entries(day.fixes(data_dir / day.FILE), {zone.zone_id: zone.geometry for zone in of_noaa.areas}))


def test_entries_per_zone_are_those_of_brute_force(of_noaa: ZoneSet, segments: Segments, wanted: list[Entry]) -> None:
    """Law: of every segment of the day the fence says which areas it enters or passes, as shapely does one by one."""
    fence = Fence(of_noaa)
    before, after = fence.sets(segments.p0), fence.sets(segments.p1)
    touched: dict[int, set[str]] = {}
    for row in fence.crossings(segments.p0, segments.p1):
        touched.setdefault(int(row["segment"]), set()).update(fence.zones_of(int(row["after"])))
    found = set()
    for index, zones in touched.items():
        first, last = set(fence.zones_of(int(before[index]))), set(fence.zones_of(int(after[index])))
        for zone in zones - first:
            found.add((segments.vessels[index], zone, segments.times_us[index], zone not in last))
    assert found == {(one.vessel, one.zone_id, one.time_us, one.passed_through) for one in wanted}
    per_zone = Counter(zone for _, zone, _, _ in found)
    print(f"\nNOAA: entries per zone {dict(sorted(per_zone.items()))}")
    assert set(per_zone) == {zone.zone_id for zone in of_noaa.areas}


def test_line_crossings_are_those_of_brute_force(of_noaa: ZoneSet, segments: Segments) -> None:
    """Law: a segment crosses a limit as often as shapely finds the two to meet, and outbound after inbound."""
    fence = Fence(of_noaa)
    found = Counter((int(row["segment"]), int(row["line"])) for row in fence.line_crossings(segments.p0, segments.p1))
    tracks = [shapely.LineString(ends) for ends in np.stack([segments.p0, segments.p1], axis=1)]
    oracle: Counter[tuple[int, int]] = Counter()
    for number, line in enumerate(of_noaa.lines):
        shapely.prepare(line.geometry)
        for index in np.flatnonzero(shapely.intersects(line.geometry, tracks)).tolist():
            meeting = shapely.intersection(line.geometry, tracks[index])
            oracle[index, number] = int(shapely.get_num_geometries(meeting))
    print(f"\nNOAA: {sum(found.values())} crossings of {len(of_noaa.lines)} lines by {len(tracks)} segments")
    assert found == oracle


@pytest.mark.soak  # as `tests/real/test_day.py`, over other borders: half a minute for `make real`
def test_every_entry_is_alerted_or_explained(data_dir: Path, wanted: list[Entry]) -> None:
    """Law: the pipeline alerts what brute force finds, but for the named rules, and invents nothing.

    Two vessels here share one number. Where the fix that enters is refused because it is too far from the other
    vessel's, the next one is the first that counts, and the alert is of that one: the same entry, a fix later."""
    path, collection = data_dir / day.FILE, noaa.zones(data_dir / noaa.FILE)
    collection["features"] = [f for f in collection["features"] if f["properties"]["kind"] == "territory"]
    versions, inputs = ZoneVersions(), [parse_input(str(path))]
    versions.add(ZonesVersion(version=1, in_force_from_us=None, zones=collection))
    alerts = day.alerted(replay(inputs, versions, settings_for(inputs)).lines())
    by_key = {(entry.vessel, entry.zone_id, entry.time_us): entry for entry in wanted}
    explained = day.explain([by_key[key] for key in sorted(by_key.keys() - alerts.keys())], path, collection)
    refused = {(one.vessel, one.zone_id, one.time_us) for one in explained.get("teleport", [])}
    tracks = day.fixes(path)
    later = []
    for vessel, zone, time_us in sorted(alerts.keys() - by_key.keys()):
        index = next(i for i, fix in enumerate(tracks[vessel]) if fix.time_us == time_us)
        assert (vessel, zone, tracks[vessel][index - 1].time_us) in refused, f"invented: an entry into {zone}"
        later.append(zone)
    rules = {rule: len(found) for rule, found in explained.items()}
    print(f"\nNOAA: {len(by_key)} entries, {len(alerts)} alerts, {len(later)} a fix late; not alerted: {rules}")
    assert not explained.get("unexplained")
