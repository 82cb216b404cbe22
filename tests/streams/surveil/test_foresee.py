"""Predicted incursions: opened, told sooner, ended; linked to what they predicted; off unless asked for."""

import numpy as np

from geo.chance import MOVERS, Mover
from geo.concern import may_be
from geo.distance import metres_per_degree
from streams.config import SurveilRules
from streams.messages import AlertKind, Edge, EdgeKind, EndReason
from streams.rules import ruling
from streams.surveil.doubt import is_contact
from streams.surveil.foresight import Foresight, mover_of
from streams.surveil.rows import FIX, Fix
from streams.who import Who
from tests.streams.surveil.feeds import Sighting, box, loaded, version, zone
from tests.streams.surveil.owner import Owner, at

EAST = float(metres_per_degree(25.0)[0])
EDGE, SPEED = -82.4, 10.0  # the eastern side of the zone in the west; metres a second
ON = SurveilRules(predict=True)
PREDICTED, INCURSION = AlertKind.PREDICTED_INCURSION, AlertKind.INCURSION


def along(times_s: range, start_m: float, course_deg: float = 270.0, mmsi: int = 201) -> list[Sighting]:
    """Straight towards (270) or away from (90) the zone, from so many metres outside at second 0."""
    way = -1 if course_deg == 270 else 1
    return [
        at(t, (EDGE + (start_m + way * SPEED * t) / EAST, 25.0), mmsi=mmsi, speed_mps=SPEED, course_deg=course_deg)
        for t in times_s
    ]


def told(edges: list[Edge]) -> list[tuple[AlertKind, EdgeKind]]:
    """What was said, in order."""
    return [(edge.incident.kind, edge.kind) for edge in edges]


def test_nothing_is_predicted_unless_asked() -> None:
    """Law: by default only the entry is told."""
    assert told(Owner().see(*along(range(0, 700, 10), 5950))) == [(INCURSION, EdgeKind.OPENED)]


def test_a_predicted_incursion_comes_true() -> None:
    """Law: two fixes in a row open one alert; it is told again once for each shorter horizon; the entry ends it as
    happened and names it as the alert it was raised from."""
    owner = Owner(rules=ON)
    assert owner.see(*along(range(0, 10, 10), 5950)) == []
    edges = owner.see(*along(range(10, 700, 10), 5950))
    assert told(edges) == [
        (PREDICTED, EdgeKind.OPENED), (PREDICTED, EdgeKind.UPDATED), (PREDICTED, EdgeKind.UPDATED),
        (INCURSION, EdgeKind.OPENED), (PREDICTED, EdgeKind.ENDED),
    ]  # fmt: skip
    first, entry, last = edges[0].incident, edges[3].incident, edges[4].incident
    assert entry.escalates == first.alert_id == last.alert_id
    assert last.end_reason is EndReason.HAPPENED
    assert first.zone_id == "west"
    assert len(first.evidence) == 2
    assert 0.7 < first.confidence < 0.95
    assert first.reasons[0].startswith("on its course it enters West (territory) in about 10 min")
    assert "within 15 min" in first.reasons[0]
    assert "within 5 min" in edges[1].incident.reasons[0]
    assert "within 60 s" in edges[2].incident.reasons[0]


def test_one_fix_is_no_warning() -> None:
    """Law: a single fix that heads for the zone, between others that do not, opens nothing."""
    owner = Owner(rules=ON)
    away = along(range(0, 20, 10), 3000, 90.0) + along(range(20, 30, 10), 3200) + along(range(30, 60, 10), 3000, 90.0)
    assert owner.see(*away) == []


def test_who_turns_away_refutes_it() -> None:
    """Law: when the chance falls below 0.3 the alert ends as refuted, once; nothing else is said."""
    owner = Owner(rules=ON)
    edges = owner.see(*along(range(0, 60, 10), 3000), *along(range(60, 200, 10), 2400, 90.0))
    assert told(edges) == [(PREDICTED, EdgeKind.OPENED), (PREDICTED, EdgeKind.ENDED)]
    assert edges[1].incident.end_reason is EndReason.REFUTED


def test_what_does_not_come_in_time_is_refuted() -> None:
    """Law: one that is always about to enter but never does ends when its horizon has passed."""
    owner = Owner(rules=SurveilRules(predict=True, predict_horizons_s=(60.0,)))
    hover = [at(t, (EDGE + 300 / EAST, 25.0), speed_mps=SPEED, course_deg=270.0) for t in range(0, 100, 10)]
    edges = owner.see(*hover)
    assert told(edges) == [(PREDICTED, EdgeKind.OPENED), (PREDICTED, EdgeKind.ENDED)]
    assert edges[1].event_time_us - edges[0].event_time_us == 70_000_000


def test_silence_ends_it_as_lost() -> None:
    """Law: an object that is lost takes its predictions with it."""
    owner = Owner(rules=SurveilRules(predict=True, lost_after_s=600.0))
    owner.see(*along(range(0, 30, 10), 3000))
    edges = owner.tick(2000)
    assert [(edge.kind, edge.incident.end_reason) for edge in edges] == [(EdgeKind.ENDED, EndReason.LOST)]
    assert edges[0].incident.reasons[-1] == "not heard from any more"


def test_frames_make_no_difference() -> None:
    """Law: many boats in one frame and the same rows one by one say the same, edge for edge."""
    rng = np.random.default_rng(3)
    tracks = [
        along(range(0, 600, 20), float(rng.uniform(1000, 9000)), float(rng.choice([90.0, 270.0])), mmsi=201 + n)
        for n in range(12)
    ]
    rows = [seen for step in zip(*tracks, strict=True) for seen in step]
    whole, single, half = Owner(rules=ON), Owner(rules=ON), Owner(rules=ON)
    whole.see(*rows)
    for seen in rows:
        single.see(seen)
    for low in range(0, len(rows), 29):
        half.see(*rows[low : low + 29])

    def story(owner: Owner) -> list[tuple[str, int, str, float]]:
        return sorted((e.incident.alert_id, e.sequence, e.kind, e.incident.confidence) for e in owner.edges())

    assert story(whole) == story(single) == story(half)
    assert {edge.incident.kind for edge in whole.edges()} == {PREDICTED, INCURSION}


def test_a_restart_forgets_nothing() -> None:
    """Law: a snapshot between any two rows changes nothing of what is said."""
    rows = along(range(0, 700, 20), 6000)
    plain, restarted = Owner(rules=ON), Owner(rules=ON)
    for seen in rows:
        plain.see(seen)
        restarted.core.load(restarted.core.dump())
        restarted.see(seen)
    assert [(e.kind, e.incident) for e in plain.edges()] == [(e.kind, e.incident) for e in restarted.edges()]


def test_a_late_fix_leaves_predictions_alone() -> None:
    """Law: a fix that comes late retells the visits, not what was predicted."""
    owner = Owner(rules=ON)
    rows = along(range(0, 100, 10), 2950)
    edges = owner.see(*rows[:4], *rows[5:])
    assert told(edges) == [(PREDICTED, EdgeKind.OPENED)]
    assert owner.see(rows[4]) == []
    done = owner.see(*along(range(100, 400, 10), 2950))
    assert done[-1].incident.end_reason is EndReason.HAPPENED


def harbour(**more: object) -> Owner:
    """The zone in the west with a port of entry at its eastern side."""
    port = zone("port", box(-82.5, 24.9, -82.39, 25.1), "port_of_entry", **more)
    return Owner(version([zone("west", box(-84.0, 24.0, EDGE, 26.0)), port]), rules=ON)


def test_the_way_into_an_open_port_and_out_of_it_is_foreseen_as_none() -> None:
    """Law: a port that is always open, and one with hours while it is open, take the territory away; closed, the way
    into it is foreseen like any other, and so is the way into the territory from within it: it is in it already."""
    closed = {"schedule": {"until": "2024-01-01T00:00:00Z"}}
    hours = {"schedule": {"from": "2024-01-01T00:00:00Z"}}
    way_in = along(range(0, 200, 10), 1500)
    out_of_it = [at(t, (-82.495 - SPEED * t / EAST, 25.0), speed_mps=SPEED, course_deg=270.0) for t in range(0, 40, 10)]
    for more, into in (({}, []), (hours, []), (closed, [(PREDICTED, EdgeKind.OPENED)])):
        assert told(harbour(**more).see(*way_in[:5]))[:1] == into
        assert told(harbour(**more).see(*out_of_it)) == []


def test_how_an_object_moves_is_told_by_what_it_may_be() -> None:
    """Law: walkers and small boats by class, whatever else by speed; nothing unknown is taken for either."""
    movers = [
        mover_of(Who("track:1", classes=may_be(label)))
        for label in ("walker", "fishing", "small-boat", "cargo", "vehicle", "")
    ]
    walker, small = MOVERS.index(Mover.WALKER), MOVERS.index(Mover.SMALL_BOAT)
    assert movers == [walker, small, small, -1, -1, -1]


def test_the_many_and_the_one_warn_alike() -> None:
    """Law: a frame's fixes that may warn are those that do by themselves, with the covariance and class of each."""
    foresight = Foresight(ruling(ON))
    entry = loaded().in_force(1).at(0)
    rng = np.random.default_rng(7)
    classes = ["walker", "fishing", ""]
    fixes, whos = [], []
    for number in range(60):
        speed = float(rng.choice([1.5, 5.0, 15.0]))
        fixes.append(
            Fix(
                0, 0, EDGE + float(rng.uniform(5, 9000)) * speed / 5.0 / EAST, 25.0, speed, 270.0, 0, "s",
                bytes(16), 0, float(rng.choice([np.nan, 5.0, 200.0])), float(rng.uniform(-0.8, 0.8)), 0.1,
            )
        )  # fmt: skip
        whos.append(Who(("mmsi:000000201", "track:1")[number % 2], classes=may_be(classes[number % 3])))
    rows = np.array([(*fix[:7], 0, *fix[8:]) for fix in fixes], FIX)
    mover, contact = np.array([mover_of(who) for who in whos], np.int8), np.array([is_contact(w.key) for w in whos])
    many = foresight.warns(entry, rows, mover, contact)
    one = [foresight.judge(entry, fix, who).warning() is not None for fix, who in zip(fixes, whos, strict=True)]
    assert 5 < sum(one) < 55
    assert (many | ~np.array(one)).all()
    assert (many & ~np.array(one)).sum() <= 2  # within the rounding
