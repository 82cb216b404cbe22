"""Clearances: files are refused with their reasons, versions judge by event time, cleared entries open nothing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from sensors.observation import Identity
from streams.clearances import (
    Clearance,
    ClearanceErrors,
    ClearancesVersion,
    ClearanceVersions,
    read_clearances,
)
from streams.cli.clearances import check
from streams.cli.replay import command as replay
from streams.core import NeedsVersion
from streams.messages import EdgeKind
from tests.streams.surveil.feeds import BEGIN_S, box, boxes, version, zone
from tests.streams.surveil.owner import INSIDE, LINE, OUTSIDE, Owner, at, kinds

BEGIN = datetime.fromtimestamp(BEGIN_S, UTC)
MMSI = 205_123_000


def clearance(from_s: float, until_s: float, *zones: str, mmsi: int = MMSI) -> Clearance:
    """Of one vessel, in seconds after the beginning."""
    return Clearance(
        clearance_id=f"{mmsi}-{from_s}",
        identity=Identity(mmsi=mmsi),
        zone_ids=zones,
        valid_from=BEGIN + timedelta(seconds=from_s),
        valid_until=BEGIN + timedelta(seconds=until_s),
    )


def owner(*clearances: Clearance) -> Owner:
    """An owner that has been told of them."""
    found = Owner(version([zone("west", box(-84.0, 24.0, -82.4, 26.0)), zone("line", LINE, "border_line")]))
    found.zones.clearances.add(ClearancesVersion(version=1, in_force_from_us=None, clearances=list(clearances)))
    found.tick(-10, clearances_version=1)
    return found


def test_a_cleared_entry_opens_nothing() -> None:
    """Zone and border line are entered and left within the time: no incident; coming back later is one in each."""
    cleared = owner(clearance(0, 1_300, "west", "line"))
    assert cleared.see(at(0, OUTSIDE, mmsi=MMSI), at(300, INSIDE, mmsi=MMSI)) == []
    assert cleared.see(at(900, OUTSIDE, mmsi=MMSI), at(1_200, OUTSIDE, mmsi=MMSI)) == []
    opened = {zone_id for kind, zone_id in kinds(cleared.see(at(1_500, INSIDE, mmsi=MMSI))) if kind == EdgeKind.OPENED}
    assert opened == {"line", "west"}


@pytest.mark.parametrize(
    "granted",
    [
        clearance(0, 300, "west", "line"),  # its last moment is excluded
        clearance(301, 900, "west", "line"),  # not yet
        clearance(0, 900, "east"),  # elsewhere
        clearance(0, 900, "west", "line", mmsi=MMSI + 1),  # somebody else
    ],
)
def test_anything_else_is_an_entry(granted: Clearance) -> None:
    """Too late, too early, another zone, another vessel: both incidents open."""
    edges = owner(granted).see(at(0, OUTSIDE, mmsi=MMSI), at(300, INSIDE, mmsi=MMSI))
    assert {zone_id for kind, zone_id in kinds(edges) if kind == EdgeKind.OPENED} == {"line", "west"}


def test_an_owner_waits_for_a_version_it_has_not_loaded() -> None:
    """A tick that names clearances the owner lacks stops it before anything is changed; the state names it too."""
    found = Owner()
    before = found.core.dump()
    with pytest.raises(NeedsVersion):
        found.tick(0, clearances_version=1)
    assert found.core.dump() == before
    told = owner(clearance(0, 600, "west"))
    again = owner(clearance(0, 600, "west"))
    again.core.load(told.core.dump())
    assert again.core.dump() == told.core.dump()


def test_versions_judge_from_their_time_on() -> None:
    """The highest version that has begun counts, whole: what it leaves out is cleared no more."""
    versions = ClearanceVersions()
    versions.add(ClearancesVersion(version=1, in_force_from_us=None, clearances=[clearance(0, 900, "west")]))
    later_us = (BEGIN_S + 100) * 1_000_000
    versions.add(ClearancesVersion(version=2, in_force_from_us=later_us, clearances=[]))
    roll = versions.in_force(2)
    key = f"mmsi:{MMSI:09d}"
    assert roll.cleared(key, "west", later_us - 1)
    assert not roll.cleared(key, "west", later_us)
    assert versions.in_force(1).cleared(key, "west", later_us)
    assert not versions.in_force(0).cleared(key, "west", later_us)
    with pytest.raises(ValueError, match="in_force_from_us"):
        versions.add(ClearancesVersion(version=3, in_force_from_us=None, clearances=[]))


def test_a_refused_version_stops_nobody() -> None:
    """What a later version announces is in force although an earlier one could not be used; it is not waited for."""
    versions = ClearanceVersions()
    versions.add(ClearancesVersion(version=1, in_force_from_us=None, clearances=[clearance(0, 900, "west")]))
    backwards = clearance(900, 0, "west")
    with pytest.raises(ClearanceErrors, match="valid_until"):
        versions.add(ClearancesVersion(version=2, in_force_from_us=0, clearances=[backwards]))
    with pytest.raises(NeedsVersion):
        versions.in_force(2)
    versions.add(ClearancesVersion(version=3, in_force_from_us=0, clearances=[clearance(0, 900, "east")]))
    roll, key, time_us = versions.in_force(versions.newest), f"mmsi:{MMSI:09d}", BEGIN_S * 1_000_000
    assert (roll.cleared(key, "west", time_us), roll.cleared(key, "east", time_us)) == (False, True)


def test_a_file_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    """Every bad entry is named with its field and what is expected; a good file is read whole."""
    path = tmp_path / "clearances.json"
    good = msgspec.to_builtins(clearance(0, 600, "west"))
    bad = [
        {**good, "clearance_id": "a", "valid_until": good["valid_from"]},
        {**good, "clearance_id": "b", "identity": {"name": "ALBATROS"}},
        {**good, "clearance_id": "c", "zone_ids": []},
        good,
        good,
    ]
    path.write_text(json.dumps({"clearances": bad}, default=str))
    with pytest.raises(ClearanceErrors) as refused:
        read_clearances(path)
    told = "\n".join(refused.value.problems)
    for part in ("a: valid_until", "b: identity: expected one of mmsi", "clearances[2]", "expected each only once"):
        assert part in told
    outcome = CliRunner().invoke(check, [str(path)])
    assert (outcome.exit_code, "nothing to publish" in outcome.output) == (1, True)
    path.write_text(json.dumps({"clearances": [good]}, default=str))
    assert read_clearances(path) == [clearance(0, 600, "west")]
    assert CliRunner().invoke(check, [str(path)]).output == "1 clearance\n"


def test_replay_takes_a_file_of_clearances(tmp_path: Path) -> None:
    """The same rows: an incursion without the clearance, none with it."""
    rows, zones, cleared = tmp_path / "rows.csv", tmp_path / "zones.geojson", tmp_path / "clearances.json"
    lines = [
        f"{(BEGIN + timedelta(seconds=s)).isoformat()},25.0,{lon},{MMSI}" for s, lon in ((0, -82.39), (60, -82.41))
    ]
    rows.write_text("\n".join(["time,lat,lon,mmsi", *lines]) + "\n")
    zones.write_text(json.dumps(boxes().zones))
    cleared.write_text(json.dumps({"clearances": [msgspec.to_builtins(clearance(0, 600, "west"))]}, default=str))
    command = [str(rows), "--zones", str(zones)]
    (alert,) = CliRunner().invoke(replay, command).output.splitlines()
    assert json.loads(alert)["kind"] == "incursion"
    assert CliRunner().invoke(replay, [*command, "--clearances", str(cleared)]).output == ""


def test_numbers_begin_with_1() -> None:
    """Version 0 is that there are none: a record that says 0 would be in force or not by when it was loaded."""
    table = ClearanceVersions()
    with pytest.raises(ValueError, match="expected above 0"):
        table.add(ClearancesVersion(version=0, in_force_from_us=1, clearances=[]))
    assert table.newest == 0
