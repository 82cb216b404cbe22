"""Scoring."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sensors.observation import Identity
from simulator.score import ScoredAlert, ScoredSubject, read_alerts, read_truth, score
from simulator.truth import Truth, What
from streams.clearances import Clearance
from streams.messages import AlertKind, AlertState

T0 = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Seconds after the beginning."""
    return T0 + timedelta(seconds=seconds)


def entry(seconds: float, **changes: Any) -> Truth:
    """A true entry of boat 1 into the north, noticed 3 s later."""
    fields: dict[str, Any] = {
        "what": What.ENTRY, "object": "boat-1", "identity": Identity(mmsi=291_000_001), "onset": at(seconds),
        "position": (0.0, 0.0), "zone_id": "north", "zone_kind": "territory", "kind": AlertKind.INCURSION,
        "direction": "inbound", "first_report": at(seconds + 3), "heard_before": True,
    }  # fmt: skip
    return Truth(**{**fields, **changes})


def alarm(name: str, seconds: float, **changes: Any) -> ScoredAlert:
    """An incursion alert about boat 1 in the north."""
    fields: dict[str, Any] = {
        "alert_id": name, "version": 1, "state": AlertState.ACTIVE_UNACK, "kind": "incursion",
        "subject": ScoredSubject(Identity(mmsi=291_000_001)), "event_time": at(seconds), "zone_id": "north",
    }  # fmt: skip
    return ScoredAlert(**{**fields, **changes})


def test_each_entry_with_its_alert_is_perfect() -> None:
    """Two visits and two alerts, each with the nearer one: recall and precision 1, delays from each onset."""
    result = score([alarm("b", 205), alarm("a", 104)], [entry(100), entry(200)])
    assert (result.recall, result.precision) == (1.0, 1.0)
    assert (result.delay_s.p50, result.delay_s.max) == (4.0, 5.0)
    assert result.notice_s.p50 == 1.0


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": ScoredSubject(Identity(mmsi=291_000_002))},
        {"zone_id": "south"},
        {"kind": "exclusion"},
        {"event_time": at(60)},
        {"event_time": at(5_000)},
    ],
)
def test_object_zone_kind_and_time_must_all_be_right(changes: dict[str, Any]) -> None:
    """An alert that is wrong in any of them is a phantom, and the entry is missed."""
    result = score([alarm("a", 104, **changes)], [entry(100)])
    assert (result.recall, result.precision) == (0.0, 0.0)
    assert result.missed[0].why == "not alerted"
    assert result.phantoms[0].why == "no such event"


def test_a_second_alert_for_one_entry_is_a_phantom() -> None:
    """One incident per intrusion: the second alert is told apart from an invention, and counts against precision."""
    result = score([alarm("a", 104), alarm("b", 110)], [entry(100)])
    assert (result.recall, result.precision) == (1.0, 0.5)
    assert [(p.alert_id, p.why) for p in result.phantoms] == [("b", "a second alert for one event")]


def test_what_no_sensor_could_show_is_not_expected() -> None:
    """An object first heard inside, or never heard again, is counted apart; an alert about it is not wrong."""
    truths = [entry(100, heard_before=False), entry(900, first_report=None)]
    result = score([alarm("a", 104)], truths)
    assert (result.expected, result.recall, result.precision) == (0, None, 1.0)
    assert result.not_expected == {"not heard again": 1, "not heard before": 1}


def test_out_again_before_the_next_report_is_said_so() -> None:
    """A miss that no system could avoid reads differently from one of ours."""
    gone = entry(102, what=What.EXIT, kind=None)
    assert score([], [entry(100), gone]).missed[0].why == "out again before its next report"


def test_withdrawn_alerts_and_other_kinds_are_not_judged() -> None:
    """A retracted alert is no claim any more, and truth says nothing about stalled sources."""
    others = [alarm("a", 104, state=AlertState.RETRACTED), alarm("b", 104, kind="source-stalled")]
    result = score(others, [])
    assert (result.alerts, result.precision) == (0, None)


def test_a_distress_call_needs_no_earlier_report() -> None:
    """A beacon is heard for the first time when it calls."""
    call = entry(100, what=What.DISTRESS, kind=AlertKind.DISTRESS, zone_id=None, heard_before=False)
    result = score([alarm("a", 101, kind="distress", zone_id=None)], [call])
    assert result.kinds == {"distress": (1, 1)}


def test_files_are_read_and_the_highest_version_counts(tmp_path: Path) -> None:
    """An alert's history in one file is one alert; fields that are not scored are passed over."""
    alerts, truth = tmp_path / "alerts.jsonl", tmp_path / "truth.jsonl"
    versions = [
        alarm("a", 104, version=v, state=s) for v, s in ((2, AlertState.RETRACTED), (1, AlertState.ACTIVE_UNACK))
    ]
    lines = [msgspec.json.encode({**msgspec.to_builtins(v), "risk": 1}) for v in versions]
    alerts.write_bytes(b"\n".join(lines) + b"\n")
    truth.write_bytes(msgspec.json.encode(entry(100)) + b"\n")
    assert [a.version for a in read_alerts(alerts)] == [2]
    assert read_truth(truth) == [entry(100)]


def test_what_is_excused_is_neither_missed_nor_invented() -> None:
    """A system need not know that an entry was none; it is counted apart, alerted or not."""
    excused = entry(100, excused="out of a port of entry")
    for alerts in ([], [alarm("a", 104)]):
        result = score(alerts, [excused, entry(200)])
        assert [missed.onset for missed in result.missed] == [at(200)]
        assert result.phantoms == []
        assert result.not_expected == {"out of a port of entry": 1}


def test_a_cleared_entry_is_no_event() -> None:
    """By the time it is first seen: an alert of it is a phantom, none is missed."""
    cleared = Clearance(
        clearance_id="1",
        identity=Identity(mmsi=291_000_001),
        zone_ids=("north",),
        valid_from=at(102),
        valid_until=at(110),
    )
    assert score([], [entry(100)], clearances=[cleared]).missed == []
    assert [p.alert_id for p in score([alarm("a", 104)], [entry(100)], clearances=[cleared]).phantoms] == ["a"]
    late = msgspec.structs.replace(cleared, valid_from=at(104))
    assert len(score([], [entry(100)], clearances=[late]).missed) == 1
