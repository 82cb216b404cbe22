"""Rules: files are refused with their reasons, versions judge by event time, and each rule does what it says."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from geo.zones import ZoneKind
from streams.cli.replay import command as replay
from streams.cli.rules import check as check_verb
from streams.config import SurveilRules
from streams.core import NeedsVersion
from streams.messages import AlertKind, EdgeKind, EndReason, Severity, ZonesVersion
from streams.rules import Rulebook, RuleErrors, Rules, RulesVersion, RuleVersions, read_rules
from tests.streams.surveil import feeds
from tests.streams.surveil.feeds import BEGIN_S, SECOND_US, box, boxes, zone
from tests.streams.surveil.owner import INSIDE, OUTSIDE, Owner, at, kinds, only

BASE = SurveilRules()
NEAR = (-82.399, 25.0)  # some 100 m outside of the west


def owner(*edits: tuple[float, Rules], zones: ZonesVersion | None = None) -> Owner:
    """An owner told of versions, each in force from some seconds after the beginning."""
    found = Owner(zones or feeds.version([zone("west", box(-84.0, 24.0, -82.4, 26.0))]))
    for number, (from_s, rules) in enumerate(edits, 1):
        from_us = None if number == 1 else (BEGIN_S * SECOND_US + round(from_s * 1e6))
        found.zones.rules.add(RulesVersion(version=number, in_force_from_us=from_us, rules=rules))
    found.feeds["acme"].rules_version = len(edits)
    return found


def test_a_file_is_read_and_refused_with_reasons(tmp_path: Path) -> None:
    """What is wrong is said by field; what is absent is as configured; TOML and JSON say the same."""
    path = tmp_path / "rules.toml"
    path.write_text('exit_dwell_s = 120\nfound_inside = ["west"]\nseverities = { incursion = "critical" }\n')
    wanted = Rules(exit_dwell_s=120, found_inside=("west",), severities={AlertKind.INCURSION: Severity.CRITICAL})
    assert read_rules(path) == wanted
    (tmp_path / "rules.json").write_bytes(msgspec.json.encode(wanted))
    assert read_rules(tmp_path / "rules.json") == wanted
    for text, part in (
        ("exit_dwell_s = 0\n", "exit_dwell_s"),
        ("dwell = 3\n", "dwell"),
        ('severities = { distress = "low" }\n', "severities.distress: expected some of incursion"),
        ("predict_warn = 0.2\n", "predict_refuted: expected less than predict_warn"),
        ("= 3\n", "rules.toml"),
    ):
        path.write_text(text)
        with pytest.raises(RuleErrors, match=part):
            read_rules(path)
        result = CliRunner().invoke(check_verb, [str(path)])
        assert (result.exit_code, part in result.stderr) == (1, True)


def test_the_book_follows_the_versions() -> None:
    """The highest version that has begun judges; a later one replaces those that would begin after it."""
    versions = RuleVersions()
    with pytest.raises(NeedsVersion):
        versions.in_force(1, BASE)
    versions.add(RulesVersion(version=1, in_force_from_us=None, rules=Rules(lost_after_s=10)))
    versions.add(RulesVersion(version=2, in_force_from_us=100, rules=Rules(lost_after_s=20)))
    versions.add(RulesVersion(version=3, in_force_from_us=50, rules=Rules(predict=True)))
    assert versions.newest == 3
    assert versions.in_force(0, BASE).single == Rulebook(BASE).single
    times = np.array([-5, 49, 50, 99, 100, 200])
    book = versions.in_force(2, BASE)
    assert [book.at(time_us).lost_us for time_us in times.tolist()] == [10_000_000] * 4 + [20_000_000] * 2
    assert np.array_equal(book.lost_us(times), [book.at(time_us).lost_us for time_us in times.tolist()])
    late = versions.in_force(3, BASE)
    assert [bool(late.at(time_us).horizons_s) for time_us in (49, 50, 100)] == [False, True, True]
    assert late.at(100).lost_us == round(BASE.lost_after_s * 1e6) == late.longest_lost_us
    assert late.one(0, 49)
    assert not late.one(49, 50)
    for bad in (
        RulesVersion(version=2, in_force_from_us=9, rules=Rules()),
        RulesVersion(version=0, in_force_from_us=9, rules=Rules()),
        RulesVersion(version=4, in_force_from_us=None, rules=Rules()),
        RulesVersion(version=4, in_force_from_us=9, rules=Rules(severities={AlertKind.DISTRESS: Severity.LOW})),
    ):
        if bad.version != 2:
            with pytest.raises(ValueError, match=r"expected"):
                versions.add(bad)
    versions.add(RulesVersion(version=2, in_force_from_us=9, rules=Rules()))  # read again: left alone
    assert versions.in_force(2, BASE).at(99).lost_us == 10_000_000


def test_an_owner_waits_for_a_version_it_has_not_loaded() -> None:
    """A tick that names rules the owner lacks stops it before anything is changed; the state names it too."""
    found = Owner()
    before = found.core.dump()
    with pytest.raises(NeedsVersion):
        found.tick(0, rules_version=1)
    assert found.core.dump() == before
    told = owner((0, Rules()))
    told.tick(0)
    other = Owner()
    other.core.load(told.core.dump())
    with pytest.raises(NeedsVersion):
        other.tick(5)


def test_the_margin_and_the_dwell_of_the_time_of_a_fix() -> None:
    """A visit ends once outside for the dwell and by the margin that are in force when the fix is made."""
    edits = ((0, Rules(exit_dwell_s=60, exit_margin_m=500)), (900, Rules(exit_margin_m=50)))
    found = owner(*edits)
    assert kinds(found.see(at(0, OUTSIDE), at(300, INSIDE), at(600, NEAR), at(800, NEAR))) == [
        (EdgeKind.OPENED, "west")
    ]
    ended = only(found.see(at(900, NEAR)))
    assert (ended.end_reason, ended.ended_us) == (EndReason.EXITED, (BEGIN_S + 600) * SECOND_US)


def test_how_long_one_may_be_silent() -> None:
    """By the rules of its last word: an edit afterwards neither hastens nor delays it."""
    found = owner((0, Rules(lost_after_s=1000)), (500, Rules(lost_after_s=10)))
    found.see(at(0, OUTSIDE), at(300, INSIDE))
    assert found.tick(1299.0) == []
    lost = only(found.tick(1300.0))
    assert (lost.end_reason, lost.ended_us) == (EndReason.LOST, (BEGIN_S + 1300) * SECOND_US)


def test_first_seen_inside_opens_where_a_rule_asks_for_it() -> None:
    """By the zone's name or by its kind; it goes on and ends as any other; elsewhere it opens nothing."""
    zones = feeds.version(
        [
            zone("west", box(-84.0, 24.0, -82.4, 26.0)),
            zone("birds", box(-83.5, 24.5, -82.5, 25.5), "protected"),
            zone("lane", box(-83.5, 24.5, -82.5, 25.5), "lane"),
        ]
    )
    assert owner((0, Rules()), zones=zones).see(at(0, INSIDE)) == []
    assert owner((0, Rules(found_inside=("east", "lane"))), zones=zones).see(at(0, INSIDE)) == []
    by_kind = owner((0, Rules(found_inside=("protected",))), zones=zones)
    assert kinds(by_kind.see(at(0, INSIDE))) == [(EdgeKind.OPENED, "birds")]
    by_name = owner((0, Rules(found_inside=("west",))), zones=zones)
    incident = only(by_name.see(at(0, INSIDE)))
    assert (incident.kind, incident.zone_id, incident.direction) == (AlertKind.INCURSION, "west", None)
    assert incident.reasons[0].startswith("first seen inside West (territory)")
    assert len(incident.evidence) == 1
    assert by_name.see(at(60, INSIDE)) == []
    ended = only(by_name.see(at(600, OUTSIDE), at(700, OUTSIDE)))
    assert (ended.alert_id, ended.end_reason) == (incident.alert_id, EndReason.EXITED)


def test_a_late_fix_from_before_makes_it_an_entry_under_its_id() -> None:
    """What was found is an entry once a fix outside before it comes; nothing is opened twice."""
    found = owner((0, Rules(found_inside=("west",))))
    incident = only(found.see(at(600, INSIDE)))
    revised = only(found.see(at(0, OUTSIDE)))
    assert (revised.alert_id, revised.direction) == (incident.alert_id, "inbound")
    assert found.edges()[-1].kind is EdgeKind.UPDATED


def test_severities_are_those_of_the_time() -> None:
    """By kind, where the zone itself does not say; the time is that of the opening fix."""
    edits = ((0, Rules()), (1000, Rules(severities={AlertKind.INCURSION: Severity.CRITICAL})))
    zones = feeds.version([zone("west", box(-84.0, 24.0, -82.4, 26.0))])
    said = feeds.version([zone("west", box(-84.0, 24.0, -82.4, 26.0), severity="low")])
    severities = [
        only(owner(*edits, zones=version).see(at(start, OUTSIDE), at(start + 300, INSIDE))).severity
        for version, start in ((zones, 0), (zones, 2000), (said, 2000))
    ]
    assert severities == [Severity.HIGH, Severity.CRITICAL, Severity.LOW]


def test_predictions_are_switched_by_a_rule() -> None:
    """On from the version's time, with its threshold; switched off, what is open ends at the next fix."""
    west = [at(10.0 * n, (-82.385 - 0.0005 * n, 25.0), speed_mps=5.04, course_deg=270.0) for n in range(25)]

    def predicted(*edits: tuple[float, Rules]) -> list[tuple[float, EdgeKind]]:
        edges = owner(*edits).see(*west)
        return [
            ((edge.event_time_us - BEGIN_S * SECOND_US) / 1e6, edge.kind)
            for edge in edges
            if edge.incident.kind is AlertKind.PREDICTED_INCURSION
        ]

    on = Rules(predict=True, predict_horizons_s=(600.0,))
    assert predicted((0, Rules())) == []
    always = predicted((0, on))
    assert always[0] == (20.0, EdgeKind.OPENED)
    assert predicted((0, Rules()), (100, on))[0] == (110.0, EdgeKind.OPENED)
    assert predicted((0, on), (150, Rules()))[-1] == (150.0, EdgeKind.ENDED)
    wary = Rules(predict=True, predict_horizons_s=(600.0,), predict_warn=0.999)
    assert predicted((0, wary)) == []


def test_replay_takes_a_file_of_rules(tmp_path: Path) -> None:
    """With --rules a vessel first seen inside is alerted, as critical."""
    rows, zones, rules = tmp_path / "rows.csv", tmp_path / "zones.geojson", tmp_path / "rules.toml"
    lines = [f"2024-01-01T00:{minute:02d}:00Z,25.0,-83.0,205123000" for minute in range(5)]
    rows.write_text("\n".join(["time,lat,lon,mmsi", *lines]) + "\n")
    zones.write_text(json.dumps(boxes().zones))
    rules.write_text('found_inside = ["territory"]\nseverities = { incursion = "critical" }\n')
    command = [str(rows), "--zones", str(zones)]
    assert CliRunner().invoke(replay, command).output == ""
    alert = json.loads(CliRunner().invoke(replay, [*command, "--rules", str(rules)]).output)
    assert (alert["zone_id"], alert["severity"], alert["kind"]) == ("west", "critical", "incursion")
    assert CliRunner().invoke(replay, [*command, "--rules", str(zones)]).exit_code == 2
    assert ZoneKind.TERRITORY.value in rules.read_text()
