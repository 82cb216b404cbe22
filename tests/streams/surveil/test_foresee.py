"""Predicted incursions: opened, told sooner, ended; linked to what they predicted; off unless asked for."""

import numpy as np

from geo.distance import metres_per_degree
from streams.config import SurveilRules
from streams.messages import AlertKind, Edge, EdgeKind, EndReason
from tests.streams.surveil.feeds import Sighting
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
