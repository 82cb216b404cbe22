"""The real day against the brute-force oracle: every entry alerted or explained by a named rule, none invented."""

from pathlib import Path

import pytest

from streams.inputs import parse_input, settings_for
from streams.messages import ZonesVersion
from streams.replay import Replay, replay
from streams.zones import ZoneVersions
from tests.real import day
from tests.real.zones import four_countries

pytestmark = [pytest.mark.data, pytest.mark.slow]


def run(path: Path, partitions: int = 1) -> Replay:
    """The day through the replay shell."""
    versions = ZoneVersions()
    versions.add(ZonesVersion(version=1, in_force_from_us=None, zones=four_countries()))
    inputs = [parse_input(str(path))]
    return replay(inputs, versions, settings_for(inputs, partitions))


def test_every_entry_is_alerted_or_explained_and_none_is_invented(data_dir: Path) -> None:
    """Alerts and oracle agree entry by entry; what is missing falls under hysteresis, gap or teleport."""
    path = data_dir / day.FILE
    found = run(path)
    assert found.residual() == 0
    alerts = day.alerted(found.lines())
    wanted = {(entry.vessel, entry.zone_id, entry.time_us): entry for entry in day.wanted(path, four_countries())}
    invented = sorted(alerts.keys() - wanted.keys())
    explained = day.explain([wanted[key] for key in sorted(wanted.keys() - alerts.keys())], path, four_countries())
    by_rule = {rule: len(found_by_rule) for rule, found_by_rule in explained.items()}
    print(f"\n{len(wanted)} entries, {len(alerts)} alerts; not alerted: {by_rule}")
    assert not explained.get("unexplained")
    assert not invented
