"""Schedules on one owner: what a boundary does to one that stays inside, and what is judged when."""

from streams.messages import EdgeKind, EndReason
from tests.streams.surveil import feeds
from tests.streams.surveil.feeds import BEGIN_S, SECOND_US, Appended, box, zone
from tests.streams.surveil.owner import INSIDE, OUTSIDE, PORT, Owner, at, kinds, only

WEST = box(-84, 24, -82.4, 26)
NEAR = (-83.5, 25.0)  # in the west, beside the port
HOUR_S = 3600


def hours(opens: int, closes: int) -> dict[str, object]:
    """In force each day between two hours UTC; the feeds begin at midnight."""
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    return {"weekly": [{"days": days, "from": f"{opens:02d}:00", "until": f"{closes:02d}:00"}]}


def west(opens: int, closes: int) -> Owner:
    """An owner with one territory that has hours."""
    return Owner(feeds.version([zone("west", WEST, schedule=hours(opens, closes))]))


def test_a_zone_that_is_not_in_force_judges_nothing() -> None:
    """Law: what counts is the event time of the fix: no entry, no passage, no exit while the zone is not in force."""
    owner = west(6, 8)
    assert owner.see(at(0, OUTSIDE), at(600, INSIDE), at(1200, OUTSIDE), at(1800, (-84.5, 25.0))) == []
    assert owner.see(at(6 * HOUR_S - 1, OUTSIDE)) == []
    assert kinds(owner.see(at(6 * HOUR_S, INSIDE))) == [(EdgeKind.OPENED, "west")]


def test_opening_around_an_object_finds_it() -> None:
    """Law: a zone that opens around an object makes no incident, by the clock or by its next fix; then it may leave
    and enter."""
    for ticked in (False, True):
        owner = west(6, 20)
        owner.see(at(5 * HOUR_S, INSIDE))
        if ticked:
            assert owner.tick(7 * HOUR_S) == []
        assert owner.see(at(8 * HOUR_S, INSIDE), at(9 * HOUR_S, OUTSIDE), at(10 * HOUR_S, OUTSIDE)) == []
        assert kinds(owner.see(at(11 * HOUR_S, INSIDE))) == [(EdgeKind.OPENED, "west")]


def test_closing_on_an_object_ends_the_incident_by_that_reason_at_that_moment() -> None:
    """Law: the end is dated to the boundary and says why, whether the clock or the next fix tells it first."""
    ends = []
    for ticked in (False, True):
        owner = west(0, 6)
        opened = only(owner.see(at(0, OUTSIDE), at(HOUR_S, INSIDE)))
        owner.see(at(2 * HOUR_S, NEAR), at(3 * HOUR_S, INSIDE))
        if ticked:
            assert owner.tick(6 * HOUR_S - 1) == []
            edges = owner.tick(6 * HOUR_S)
        else:
            edges = owner.see(at(7 * HOUR_S, INSIDE))
        ended = only(edges)
        assert (edges[0].kind, ended.alert_id) == (EdgeKind.ENDED, opened.alert_id)
        assert (ended.end_reason, ended.ended_us) == (EndReason.NOT_IN_FORCE, (BEGIN_S + 6 * HOUR_S) * SECOND_US)
        assert ended.reasons[-1] == "by its schedule, West (territory) is not in force there any more"
        ends.append((ended.alert_id, ended.reasons, edges[0].sequence))
        assert owner.see(at(8 * HOUR_S, INSIDE), at(9 * HOUR_S, OUTSIDE)) == []
    assert ends[0] == ends[1]


def test_what_entered_yesterday_is_found_today() -> None:
    """Law: a zone that closes and opens again around a silent object ends its incident once and opens none."""
    owner = west(0, 6)
    owner.see(at(0, OUTSIDE), at(3 * HOUR_S, INSIDE), at(23 * HOUR_S, INSIDE))
    owner.tick(25 * HOUR_S)
    owner.see(at(26 * HOUR_S, INSIDE))
    edges = owner.tick(31 * HOUR_S)
    assert edges == []
    told = [(edge.kind, edge.incident.end_reason) for edge in owner.edges()]
    assert told == [(EdgeKind.OPENED, None), (EdgeKind.ENDED, EndReason.NOT_IN_FORCE)]


def test_a_port_that_closes_is_territory_again() -> None:
    """Law: an open port is a hole; what it closes on is found in the territory; a closed port may be entered."""
    port = zone("port", PORT, "port_of_entry", schedule=hours(6, 18))
    owner = Owner(feeds.version([zone("west", WEST), port]))
    assert owner.see(at(7 * HOUR_S, OUTSIDE), at(7 * HOUR_S + 60, (-82.95, 25.0))) != []  # passed through the west
    assert owner.tick(19 * HOUR_S) == []  # still in port: lost after twelve hours
    owner = Owner(feeds.version([zone("west", WEST), port]))
    owner.see(at(17 * HOUR_S, INSIDE))
    assert owner.see(at(19 * HOUR_S, INSIDE), at(20 * HOUR_S, NEAR)) == []  # found when it closed, and stays
    late = at(21 * HOUR_S, OUTSIDE, 202), at(22 * HOUR_S, INSIDE, 202)
    assert kinds(owner.see(*late)) == [(EdgeKind.OPENED, "west")]
    edges = owner.see(at(29 * HOUR_S, INSIDE, 202), at(30 * HOUR_S, INSIDE, 202))
    assert [(edge.kind, edge.incident.end_reason) for edge in edges] == [(EdgeKind.ENDED, EndReason.NOT_IN_FORCE)]
    assert owner.see(at(31 * HOUR_S, NEAR, 202)) == []  # out of the open port: known to the officers there


def test_a_row_from_before_a_boundary_that_has_passed_is_put_in_order() -> None:
    """Law: a fix that comes behind the clock changes what the boundary found, and nothing else."""
    prompt, late = west(0, 6), west(0, 6)
    seen = [at(0, OUTSIDE), at(HOUR_S, INSIDE)], [at(5 * HOUR_S, OUTSIDE), at(5 * HOUR_S + 120, OUTSIDE)]
    for owner in (prompt, late):
        owner.see(*seen[0])
    late.tick(7 * HOUR_S)
    for owner in (prompt, late):
        owner.see(*seen[1])
        owner.tick(8 * HOUR_S)
    ends = [owner.edges()[-1].incident for owner in (prompt, late)]
    assert {(end.end_reason, end.ended_us) for end in ends} == {
        (EndReason.EXITED, (BEGIN_S + 5 * HOUR_S) * SECOND_US),
    }


def test_many_inside_make_no_storm() -> None:
    """Law: at a boundary each open incident ends once, and nothing opens."""
    owner = west(0, 6)
    many = range(300, 340)
    owner.see(*(at(0, OUTSIDE, mmsi) for mmsi in many))
    owner.see(*(at(HOUR_S, INSIDE if mmsi % 2 else OUTSIDE, mmsi) for mmsi in many))
    edges = owner.tick(6 * HOUR_S)
    assert kinds(edges) == [(EdgeKind.ENDED, "west")] * 20
    assert owner.tick(7 * HOUR_S) == []


def test_a_restored_owner_keeps_its_timetable() -> None:
    """Law: ``load(dump())`` before a boundary: the same edges at it, to the byte."""
    owner, twin = west(0, 6), west(0, 6)
    owner.see(at(0, OUTSIDE), at(HOUR_S, INSIDE))
    twin.core.load(owner.core.dump())
    twin.feeds, twin.log, twin.log_us = owner.feeds, owner.log, owner.log_us
    tick: Appended = owner.feeds["acme"].tick(0, (BEGIN_S + 6 * HOUR_S) * SECOND_US)
    owner.append(tick)
    record = owner.log[-1:]
    assert twin.core.apply(record) == owner.outputs[-1:]
    assert twin.core.dump() == owner.core.dump()


def test_an_alert_in_a_disputed_strip_names_who_claims_it() -> None:
    """Law: claimants of the zone, and of any strip that holds the place, are among the reasons; elsewhere none."""
    strip = zone("strip", PORT, "lane", claimants=["Alba", "Borduria"])
    owner = Owner(feeds.version([zone("west", WEST), strip]))
    inside = only(owner.see(at(0, OUTSIDE), at(600, INSIDE)))
    assert "Strip is disputed: claimed by Alba and Borduria" in inside.reasons
    beside = only(owner.see(at(0, OUTSIDE, 202), at(600, NEAR, 202)))
    assert not any("disputed" in reason for reason in beside.reasons)
