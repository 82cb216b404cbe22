"""Sensors that are no radars: what each may begin, correct and support, through every stage."""

import json
from datetime import datetime
from pathlib import Path
from typing import cast

import msgspec
import pytest

from sensors.adapters import make_adapter
from streams.config import Feed, Format, Settings
from streams.ingest import IngestCore
from streams.log import Output, Record
from streams.messages import EdgeKind
from streams.partitioning import Owners
from streams.surveil import SurveilCore
from streams.surveil.arrival import arrive
from streams.surveil.burial import cut_frame
from tests.streams.surveil.feeds import loaded
from tests.streams.surveil.others_world import (
    CAMERAS,
    FOOTPRINTS_M,
    GROUND,
    RADAR,
    TRACKER,
    alerts,
    event,
    looks,
    plots,
    replayed,
    reports,
    walk,
)
from tests.streams.surveil.owner import edges_of

FEED = Feed("acme", "json", Format.JSON)


def test_a_walker_over_ground_sensors_alone_is_one_alert(tmp_path: Path) -> None:
    """Law: a chain of triggers at walking pace is a track, told from its first trigger on: one incursion, at the
    border, with the triggers on both sides of it for evidence; every trigger has a fate."""
    found = replayed(tmp_path, walk(), (GROUND,))
    (alert,) = alerts(found)
    assert (alert["kind"], alert["zone_id"]) == ("incursion", "west")
    assert alert["sensors"] == ["geophones"]
    assert found.residual() == 0
    assert found.counts["row"] == len(FOOTPRINTS_M)


@pytest.mark.parametrize(
    "events",
    [
        walk(speed_mps=8.0),  # nobody walks so fast
        walk(label="animal"),
        walk()[:2],  # two triggers are no chain
        [event("geophones", 60.0 * n, zone_id="z2") for n in range(8)],  # one place, again and again
    ],
    ids=["vehicle", "animal", "two", "one-place"],
)
def test_what_is_no_walk_begins_nothing(tmp_path: Path, events: list[dict[str, object]]) -> None:
    """Law: only three triggers of three places at walking pace, by what may be a person, are a track."""
    found = replayed(tmp_path, events, (GROUND,))
    assert alerts(found) == []
    assert found.residual() == 0


def test_two_cameras_find_what_one_cannot(tmp_path: Path) -> None:
    """Law: bearings of two cameras that cross begin a track and an alert; those of one never do."""
    (alert,) = alerts(replayed(tmp_path, looks(90), CAMERAS))
    assert (alert["kind"], alert["zone_id"]) == ("incursion", "west")
    assert set(cast(list[str], alert["sensors"])) <= {"camera-0", "camera-1"}
    alone = replayed(tmp_path, looks(90, sensors=CAMERAS[:1]), CAMERAS)
    assert alerts(alone) == []
    assert alone.residual() == 0


def test_an_unknown_sensor_is_not_guessed(tmp_path: Path) -> None:
    """Law: bearings and triggers of sensors, or of footprints, that nobody described are counted under their reason."""
    events = [*walk(), event("geophones", 5.0, zone_id="elsewhere"), *looks(3)]
    found = replayed(tmp_path, events, (GROUND,))
    assert found.counts["filtered/no-position"] == 7
    assert found.residual() == 0


@pytest.mark.parametrize("covariance", [True, False])
def test_another_trackers_track_is_followed(tmp_path: Path, covariance: bool) -> None:
    """Law: where we see nothing ourselves, its track is a track of ours: one alert."""
    (alert,) = alerts(replayed(tmp_path, reports(100, covariance=covariance), (TRACKER,)))
    assert (alert["kind"], alert["zone_id"], alert["sensors"]) == ("incursion", "west", ["tracker"])


@pytest.mark.parametrize("covariance", [True, False])
def test_one_boat_of_two_trackers_is_one_alert(tmp_path: Path, covariance: bool) -> None:
    """Law: another tracker's track of what our radar sees is fused with ours, and alerted once; a second one that it
    alone reports is an alert of its own."""
    boat = [*plots(100), *reports(100, covariance=covariance)]
    (alert,) = alerts(replayed(tmp_path, boat, (RADAR, TRACKER)))
    assert alert["zone_id"] == "west"
    other = reports(100, covariance=covariance, ref="8", seed=9)
    for report in other:
        lon, lat = cast(tuple[float, float], report["position"])
        report["position"] = (lon, lat + 0.02)
    assert len(alerts(replayed(tmp_path, [*boat, *other], (RADAR, TRACKER)))) == 2


def test_a_word_of_a_tracker_that_is_no_track_is_refused(tmp_path: Path) -> None:
    """Law: positions of a tracker without a reference are followed by nobody, and are no plots."""
    events = [{key: value for key, value in report.items() if key != "track"} for report in reports(60)]
    found = replayed(tmp_path, events, (TRACKER,))
    assert alerts(found) == []
    assert found.counts["filtered/no-identity"] == len(events)


def test_a_camera_corrects_what_the_radar_found(tmp_path: Path) -> None:
    """Law: bearings of one camera move the radar's track: the camera is a sensor of the alert, which is one."""
    boat = [*plots(100, speed_mps=3.0), *looks(90, sensors=CAMERAS[:1])]
    found = replayed(tmp_path, boat, (RADAR, *CAMERAS[:1]))
    (alert,) = alerts(found)
    assert "camera-0" in cast(list[str], alert["sensors"])
    assert found.residual() == 0


def mixed() -> list[dict[str, object]]:
    """Everything at once, in order of time."""
    return sorted([*plots(100), *reports(100), *looks(90), *walk()], key=lambda one: str(one["event_time"]))


SETTINGS = Settings((FEED,), Owners(1), sensors=(RADAR, TRACKER, GROUND, *CAMERAS))


def log_of(batch: int) -> list[Record]:
    """``observations.v1`` as ingest writes it, so many records at a time."""
    core = IngestCore(FEED.topic, 0, FEED, SETTINGS, lambda: 1, make_adapter(Format.JSON, fragment_s=10.0))
    raw = []
    for offset, one in enumerate(mixed()):
        time_us = round(datetime.fromisoformat(str(one["event_time"])).timestamp() * 1e6)
        raw.append(Record(offset, time_us, str(one["sensor_id"]).encode(), json.dumps(one).encode()))
    outputs = [out for start in range(0, len(raw), batch) for out in core.apply(raw[start : start + batch])]
    return [
        Record(offset, raw[0].log_time_us + offset, out.key, out.value, tuple(out.headers))
        for offset, out in enumerate(outputs)
        if out.topic == "observations.v1"
    ]


@pytest.mark.parametrize("stop", [40, 120, 200])
def test_a_restored_owner_goes_on_as_if_nothing_had_happened(stop: int) -> None:
    """Law: state taken at any frame (aims, contacts, walks, foreign tracks and all): the outputs after it, and the
    state in the end, are bit for bit the same."""
    log = log_of(1)
    whole, first, second = (SurveilCore(0, SETTINGS, loaded()) for _ in range(3))
    outputs: list[Output] = []
    for record in log:
        outputs += whole.apply([record])
    for record in log[:stop]:
        first.apply([record])
    second.load(first.dump())
    after = [out for record in log[stop:] for out in second.apply([record])]
    assert after == outputs[len(outputs) - len(after) :]
    states = [msgspec.msgpack.encode(core._plots.state()) for core in (whole, second)]
    assert states[0] == states[1]
    assert sorted(whole._objects.slots) == sorted(second._objects.slots)  # their order is an accident of arrival
    assert [edge.kind for edge in edges_of(outputs)][:1] == [EdgeKind.OPENED]


def test_a_row_is_cut_out_of_a_frame_with_what_it_says() -> None:
    """Law: where a fault is looked for row by row, a bearing or trigger keeps its own rarer fields."""
    frame = next(record for record in log_of(50) if len(arrive(record.value or b"")) > 20)
    whole = arrive(frame.value or b"")
    for row in (3, 7, 11):
        cut = cut_frame(frame, range(row, row + 1))
        assert cut is not None
        assert arrive(cut.value or b"").extras == ({0: whole.extras[row]} if row in whole.extras else {})
