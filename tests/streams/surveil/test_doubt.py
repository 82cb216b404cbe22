"""How sure an entry is: the chance, the word, and when it is said again."""

import numpy as np
import pytest
from scipy.special import ndtr

from geo.distance import metres_per_degree
from streams.config import Feed, Format, Settings
from streams.messages import Edge, EdgeKind
from streams.partitioning import Owners
from streams.surveil.doubt import CONTACT_M, SELF_REPORTED_M, sigma_of
from streams.surveil.rows import Fix
from tests.streams.surveil import feeds
from tests.streams.surveil.feeds import box, zone
from tests.streams.surveil.owner import LINE, Owner, at, kinds, only

EAST = float(metres_per_degree(25.0)[0])
EDGE = -82.4  # of the zone in the west


def beside(metres: float) -> tuple[float, float]:
    """A place so many metres inside the edge (negative: outside)."""
    return EDGE - metres / EAST, 25.0


def land(accuracy_m: float = 0.0) -> Owner:
    """One owner, one territory."""
    return Owner(feeds.version([zone("land", box(-84, 24, EDGE, 26), accuracy_m=accuracy_m)]))


@pytest.mark.parametrize("sigma_m, accuracy_m", [(np.nan, 0.0), (30.0, 0.0), (np.nan, 100.0), (30.0, 100.0)])
def test_confidence_is_the_chance_to_be_inside(sigma_m: float, accuracy_m: float) -> None:
    """Law: at a straight edge it is Phi(depth / all deviations): the fix's own, 10 m where it says none, and the
    border's accuracy as two deviations."""
    fix = at(60, beside(8.0), sigma_m=sigma_m)
    incident = only(land(accuracy_m).see(at(0, beside(-5000)), fix))
    across = np.hypot(10.0 if np.isnan(sigma_m) else sigma_m, accuracy_m / 1.959964)
    assert incident.confidence == pytest.approx(float(ndtr(8.0 / across)), abs=2e-3)
    assert any(
        reason.startswith("probable: " if incident.confidence > 0.7 else "possible: ") for reason in incident.reasons
    )


@pytest.mark.parametrize("quiet", [False, True])
@pytest.mark.parametrize("covariance_m2", [(900.0, 0.0, 25.0), (25.0, 0.0, 900.0), (400.0, 300.0, 400.0)])
def test_a_covariance_counts_across_the_border(covariance_m2: tuple[float, float, float], quiet: bool) -> None:
    """Law: where a row says a covariance, an entry over a straight meridian is as sure as its east variance makes it,
    whatever the north one is and whichever way (alone or among many rows) the fix was taken in."""
    fix = at(60, beside(8.0), covariance_m2=covariance_m2, sigma_m=500.0)
    owner = land()
    before = [at(0, beside(-5000)), at(50, beside(-4000), covariance_m2=covariance_m2)][: 1 + quiet]
    incident = only([edge for seen in ((before, [fix]) if quiet else ([*before, fix],)) for edge in owner.see(*seen)])
    assert incident.confidence == pytest.approx(float(ndtr(8.0 / np.sqrt(covariance_m2[0]))), abs=5e-3)


@pytest.mark.parametrize("covariance_m2", [(900.0, 0.0, 25.0), (25.0, 0.0, 900.0), (400.0, -300.0, 400.0)])
def test_a_covariance_counts_across_a_line(covariance_m2: tuple[float, float, float]) -> None:
    """Law: over a straight meridian both sides are as sure as the east variance makes them."""
    fence = feeds.version([zone("line", LINE, "border_line")])
    side = [at(30 * (1 - way), (-82.2 + way * 5.0 / EAST, 25.0), covariance_m2=covariance_m2) for way in (1, -1)]
    told = Owner(fence).see(*side)[0].incident.confidence
    assert told == pytest.approx(float(ndtr(5.0 / np.sqrt(covariance_m2[0]))) ** 2, abs=5e-3)


def test_the_word_is_said_again_where_it_changes_and_only_there() -> None:
    """Law: deeper fixes make a possible entry probable and confirmed: one update a word, under the same alert id, with
    the fix as evidence; nothing for a fix that changes no word, and no way back."""
    owner = land(200.0)
    edges = owner.see(
        at(0, beside(-5000)), at(60, beside(20)), at(70, beside(25)), at(80, beside(90)), at(90, beside(80)),
        at(100, beside(400)), at(110, beside(30)), at(120, beside(900)),
    )  # fmt: skip
    assert kinds(edges) == [(EdgeKind.OPENED, "land"), (EdgeKind.UPDATED, "land"), (EdgeKind.UPDATED, "land")]
    assert len({edge.incident.alert_id for edge in edges}) == 1
    words = [[r.partition(":")[0] for r in edge.incident.reasons if ": a chance of " in r] for edge in edges]
    assert words == [["possible"], ["probable"], ["confirmed"]]
    assert [len(edge.incident.evidence) for edge in edges] == [2, 3, 4]
    assert [edge.event_time_us for edge in edges[1:]] == [at(80, (0, 0)).time_us, at(100, (0, 0)).time_us]


def test_frames_make_no_difference() -> None:
    """Law: the same words come at the same fixes whatever frames the rows arrive in."""
    track = [at(10 * k, beside(-300 + 12 * k), mmsi=m) for k in range(60) for m in (201, 202)]
    whole, single = land(150.0), land(150.0)
    at_once = whole.see(*track)
    one_by_one = [edge for seen in track for edge in single.see(seen)]

    def told(edges: list[Edge]) -> list[tuple[str, int, float]]:
        return sorted((e.incident.alert_id, e.event_time_us, e.incident.confidence) for e in edges)

    assert told(at_once) == told(one_by_one)
    assert len(at_once) >= 4


def test_two_kinds_of_sensors_confirm() -> None:
    """Law: a fix inside by a sensor of another kind confirms what is possible; one of the same kind does not."""
    for second, label in (("ais", "possible"), ("radar", "confirmed")):
        owner = Owner(feeds.version([zone("land", box(-84, 24, EDGE, 26), accuracy_m=200.0)]), vendors=("acme", "bolt"))
        owner.core._follower.kinds = {"acme-1": "ais", "bolt-1": second}
        owner.see(at(0, beside(-5000)), at(60, beside(20)))
        owner.see(at(70, beside(20.5)), vendor="bolt")
        last = owner.edges()[-1].incident
        assert any(reason.startswith(f"{label}: ") for reason in last.reasons)


def test_which_kind_a_sensor_is_of() -> None:
    """Law: a named sensor is of its feed's kind; a wildcard, or a name in two kinds of feeds, tells nothing."""
    named = [("a", "ais", ("one", "both")), ("b", "radar", ("two", "both")), ("c", "other", ("*",))]
    table = Settings(tuple(Feed(v, kind, Format.JSON, sensors=names) for v, kind, names in named), Owners(1))
    assert table.sensor_kinds() == {"one": "ais", "two": "radar"}


def test_a_line_is_as_sure_as_its_two_sides() -> None:
    """Law: crossing a line by 5 m on either side is less sure than by 500, and equals the product of both sides."""
    fence = feeds.version([zone("line", LINE, "border_line")])

    def crossing(metres: float) -> float:
        side = [(-82.2 + way * metres / EAST, 25.0) for way in (1, -1)]
        return Owner(fence).see(at(0, side[0]), at(30, side[1]))[0].incident.confidence

    assert crossing(500.0) == 0.99
    assert crossing(5.0) == pytest.approx(float(ndtr(0.5)) ** 2, abs=2e-3)


def test_a_passage_is_less_sure_the_longer_the_gap() -> None:
    """Law: through a zone 2 km wide, unseen: never confirmed, and doubtful where the gap is long."""
    strip = feeds.version([zone("strip", box(-82.42, 24.9, EDGE, 25.1))])

    def passing(gap_s: float) -> float:
        return Owner(strip).see(at(0, (-82.5, 25.0)), at(gap_s, (-82.3, 25.0)))[0].incident.confidence

    assert passing(300) == 0.9
    assert passing(300) > passing(3600) > passing(14400)


def test_what_a_fix_says_counts_first() -> None:
    """Law: the fix's own deviation, else 10 m for who names himself, else 50 m."""
    fix = Fix(0, 0, 0.0, 0.0, 0.0, 0.0, 0, "s", b"", 0)
    assert sigma_of(fix._replace(sigma_m=3.0), "mmsi:1") == 3.0
    assert sigma_of(fix, "mmsi:1") == SELF_REPORTED_M
    assert sigma_of(fix._replace(sigma_m=0.0), "sensor:x") == CONTACT_M
