"""Versions that are refused, and those that come after them."""

import pytest

from geo.problems import ZoneErrors
from streams.core import NeedsVersion
from streams.messages import ZonesVersion
from streams.zones import ZoneVersions
from tests.property import worlds

GOOD = worlds.feature_collection()
BAD = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": None}]}


def test_a_refused_version_is_passed_over() -> None:
    """What was in force stays so, a later good version is used, and nobody waits for the bad one."""
    versions = ZoneVersions()
    versions.add(ZonesVersion(version=1, in_force_from_us=None, zones=GOOD))
    with pytest.raises(ZoneErrors):
        versions.add(ZonesVersion(version=2, in_force_from_us=1_000_000, zones=BAD))
    assert versions.newest == 1
    versions.add(ZonesVersion(version=3, in_force_from_us=2_000_000, zones=GOOD))
    calendar = versions.in_force(3)
    assert [calendar.at(time_us).version for time_us in (0, 1_500_000, 2_500_000)] == [1, 1, 3]
    versions.add(ZonesVersion(version=2, in_force_from_us=1_000_000, zones=GOOD))  # its number is not given again
    assert versions.in_force(3).at(1_500_000).version == 1


def test_where_the_only_version_is_refused_nothing_is_judged() -> None:
    """An owner waits for a good one, as if none had come."""
    versions = ZoneVersions()
    with pytest.raises(ZoneErrors):
        versions.add(ZonesVersion(version=1, in_force_from_us=None, zones=BAD))
    with pytest.raises(NeedsVersion):
        versions.in_force(1)


def test_a_version_whose_number_nobody_could_read_stops_nobody() -> None:
    """Versions stand in order: one below a loaded one is passed over whatever it was; only what was announced and is
    not loaded is waited for, and before anything is announced the first usable one judges."""
    versions = ZoneVersions()
    versions.add(ZonesVersion(version=2, in_force_from_us=1_000_000, zones=GOOD))  # the first could not be decoded
    versions.add(ZonesVersion(version=4, in_force_from_us=2_000_000, zones=GOOD))
    assert [versions.in_force(announced).at(3_000_000).version for announced in (0, 1, 2, 3, 4)] == [2, 2, 2, 2, 4]
    with pytest.raises(NeedsVersion):
        versions.in_force(5)
    with pytest.raises(ZoneErrors):
        versions.add(ZonesVersion(version=9, in_force_from_us=3_000_000, zones=BAD))
    with pytest.raises(NeedsVersion):  # a refused higher one says nothing of those below it
        versions.in_force(5)
    assert versions.in_force(9).at(9_000_000).version == 4


def test_a_version_behind_a_higher_one_is_refused() -> None:
    """Else a restart would judge by it what was judged without it."""
    versions = ZoneVersions()
    versions.add(ZonesVersion(version=1, in_force_from_us=None, zones=GOOD))
    versions.add(ZonesVersion(version=3, in_force_from_us=2_000_000, zones=GOOD))
    with pytest.raises(ValueError, match="expected a number above 3"):
        versions.add(ZonesVersion(version=2, in_force_from_us=1_000_000, zones=GOOD))
    assert versions.in_force(3).at(1_500_000).version == 1
    versions.add(ZonesVersion(version=1, in_force_from_us=None, zones=GOOD))  # the log is read again
    assert versions.newest == 3
