"""Worlds: the same again from the same seed, and truth that agrees with what can be seen."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import shapely

from simulator.json_wire import JsonWire
from simulator.reception import Report
from simulator.truth import Truth, What
from simulator.world import World
from tests.oracle.entries import Fix, entries
from tests.simulator.small import box, place, scenario, zones


def run(seed: int | None = None, seconds: float = 900.0, **changes: Any) -> tuple[list[Report], list[Truth]]:
    """Every report and every truth of a small world."""
    moments = list(World(scenario(**changes), zones(), seed=seed).run(seconds))
    return [r for moment in moments for r in moment.reports], [t for moment in moments for t in moment.truths]


def encoded(reports: list[Report]) -> Iterator[bytes]:
    """The events of reports, as JSON."""
    wire = JsonWire()
    return (event for report in reports for event in wire.encode(report))


NOISY: dict[str, Any] = {
    "noise": {"duplicate_share": 0.02, "flawed_share": 0.02, "wrong_clock_share": 0.01, "late_share": 0.02},
    "receivers": [
        {"name": "west", "position": place(-15, 10), "range_m": 40_000.0},
        {"name": "east", "position": place(15, 10), "range_m": 40_000.0, "latency_s": 0.9},
    ],
}


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    """Events, their order and the truth are a function of scenario and seed, whatever goes wrong on the way."""
    first, again, other = run(seed=5, **NOISY), run(seed=5, **NOISY), run(seed=6, **NOISY)
    assert list(encoded(first[0])) == list(encoded(again[0]))
    assert first[1] == again[1]
    assert list(encoded(first[0])) != list(encoded(other[0]))


def test_a_shorter_run_is_the_beginning_of_a_longer_one() -> None:
    """How long one watches changes nothing in what happens."""
    short, long = run(seconds=300.0, **NOISY)[0], run(seconds=600.0, **NOISY)[0]
    arrived = [report for report in short if report.arrival_us <= short[0].true_time_us + 290_000_000]
    assert arrived == long[: len(arrived)]


def test_events_come_in_the_order_of_arrival_and_all_of_them_come() -> None:
    """The file is what a feed would have been; at the end nothing is left on its way."""
    reports, _ = run(**NOISY)
    assert reports == sorted(reports)
    keys = [(report.sensor_id, report.craft.label, report.sent) for report in reports if report.sequence % 2 == 0]
    assert len(set(keys)) == len(keys)


def test_adding_traffic_does_not_move_the_others() -> None:
    """Each craft's way is drawn from its own numbers: another boat more does not make another world."""
    few, _ = run()
    more, _ = run(anchored=(), beacons=[{"name": "mob", "kind": "mob", "at_s": 10.0, "position": place(-30, 0)}])
    tracks = [
        {(round(r.true_time_us / 1e6), r.lon, r.lat) for r in reports if r.craft.label == "boat-0"}
        for reports in (few, more)
    ]
    few_way, more_way = (shapely.LineString([(lon, lat) for _, lon, lat in sorted(track)]) for track in tracks)
    assert shapely.hausdorff_distance(few_way, more_way) < 0.002


def test_truth_is_what_a_perfect_observer_would_see() -> None:
    """With every report heard and exact, the entries of the truth are those a brute-force oracle finds in the reports,
    each shown by the report that the truth calls the first."""
    reports, truths = run()
    fixes: dict[str, list[Fix]] = {}
    for report in reports:
        fixes.setdefault(report.craft.label, []).append(Fix(report.true_time_us, report.lon, report.lat))
    shapes = {str(zone.zone_id): zone.geometry for zone in zones().areas}
    shapes["north"] = shapely.difference(shapes["north"], shapes["port"])
    seen = {(e.vessel, e.zone_id, e.time_us) for e in entries(fixes, shapes) if not e.passed_through}
    told = {
        (truth.object, truth.zone_id, round(truth.first_report.timestamp() * 1e6))
        for truth in truths
        if truth.what is What.ENTRY and truth.heard_before and truth.first_report is not None
    }
    assert len(seen) >= 5
    assert told == seen


@pytest.mark.parametrize("what", [What.ENTRY, What.CROSSING])
def test_the_first_report_comes_no_earlier_than_the_onset(what: What) -> None:
    """Nobody can know before it has happened."""
    _, truths = run(**NOISY)
    found = [truth for truth in truths if truth.what is what and truth.first_report is not None]
    assert found
    assert all(truth.first_report is not None and truth.first_report >= truth.onset for truth in found)


def test_a_boat_that_goes_dark_is_heard_again_only_inside() -> None:
    """Between the given shares of its way a silent boat sends nothing, and its entry says when it was heard again."""
    crossing = {
        "name": "dark", "start": box(-10, 1), "end": box(-10, 20), "count": 1, "speed_mps": [15.0, 15.0],
        "silent_share": 1.0, "silent": [0.1, 0.6],
    }  # fmt: skip
    reports, truths = run(crossings=[crossing], fishing=(), ferries=())
    times = [report.true_time_us for report in reports]
    assert max(b - a for a, b in pairwise(times)) > 400_000_000
    entry = next(truth for truth in truths if truth.what is What.ENTRY and truth.zone_id == "north")
    assert entry.first_report is not None
    assert (entry.first_report - entry.onset).total_seconds() > 300


def test_a_beacon_is_a_call_for_help_with_an_identity_of_its_kind() -> None:
    """A man-overboard device has an MMSI of 972, bursts, and is expected as a distress alert."""
    beacon = {"name": "mob", "kind": "mob", "at_s": 30.0, "position": place(1, 1)}
    reports, truths = run(seconds=200.0, crossings=(), fishing=(), ferries=(), beacons=[beacon])
    assert {(report.craft.mmsi or 0) // 1_000_000 for report in reports} == {972}
    assert len(reports) == pytest.approx(24, abs=3)
    assert [(truth.what, truth.kind) for truth in truths if truth.what is What.DISTRESS] == [("distress", "distress")]


def test_a_world_can_begin_at_any_time() -> None:
    """A live world begins now: the same events, moved."""
    base, moved = (
        [r for m in World(scenario(), zones(), start_us=start).run(120.0) for r in m.reports]
        for start in (0, 1_000_000_000_000)
    )
    assert [r.true_time_us + 1_000_000_000_000 for r in base] == [r.true_time_us for r in moved]
    assert [(r.lon, r.lat) for r in base] == [(r.lon, r.lat) for r in moved]


def test_warm_up_populates_the_lanes() -> None:
    """At the first second ships are all along a lane, not all at its beginning."""
    lane = {"name": "lane", "path": [place(-60, 0), place(60, 0)], "interval_s": 300.0, "speed_mps": [8.0, 9.0]}
    reports, _ = run(seconds=15.0, lanes=[lane], crossings=(), fishing=(), ferries=(), warm_up_s=15_000.0)
    lons = sorted(report.lon for report in reports)
    assert lons[-1] - lons[0] > 1.0
    assert len({report.craft.label for report in reports}) > 20
