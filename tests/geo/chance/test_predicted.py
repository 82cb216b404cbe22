"""Predicted crossings: the formula, its times, the borders ahead, and that told chances come true."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.reliability import chances
from benchmarks.reliability_cases import simulated
from geo import ZoneIndex
from geo.chance import HORIZONS_S, approach, eta, motion_of, nearby, on_course, predicted, table
from geo.chance.predicted import FITTED, Approach, score
from geo.zones import Zone, ZoneId, ZoneKind, ZoneSet
from tests.geo.chance.shapes import Floats, place, polygon


def head_on(distance_m: float, speed_mps: float, sigma_m: float = 10.0, accuracy_m: float = 0.0) -> Approach:
    """One track that comes straight towards a border in the north."""
    covariance = np.zeros((1, 4, 4))
    covariance[0, [0, 1], [0, 1]] = sigma_m**2
    covariance[0, [2, 3], [2, 3]] = 0.01
    velocity = np.array([[0.0, speed_mps]])
    motion = motion_of(np.array([speed_mps]))
    return approach(np.array([distance_m]), np.array([[0.0, 1.0]]), velocity, covariance, accuracy_m, motion)


def scalar(distance_m: float, speed_mps: float, seconds: float, sigma_m: float, accuracy_m: float) -> float:
    """The formula by itself."""
    q = FITTED.q_fast if speed_mps >= 13 else FITTED.q_vessel
    variance = sigma_m**2 + (accuracy_m / 1.959964) ** 2 + seconds**2 * 0.01 + q * seconds**3 / 3
    variance += (FITTED.weave * speed_mps * seconds) ** 2
    z = (speed_mps * seconds - distance_m) / math.sqrt(variance)
    return math.exp(-FITTED.turns_per_s * seconds) * 0.5 * math.erfc(-z / math.sqrt(2))


@given(st.floats(0, 20_000), st.floats(0.1, 25), st.sampled_from(HORIZONS_S), st.floats(1, 100), st.floats(0, 200))
def test_it_is_the_formula(distance: float, speed: float, horizon: float, sigma: float, accuracy: float) -> None:
    """Law: the vectorised chance is the scalar formula's, is a chance, and falls with distance."""
    here = float(predicted(head_on(distance, speed, sigma, accuracy), horizon)[0])
    assert here == pytest.approx(scalar(distance, speed, horizon, sigma, accuracy), abs=1e-9)
    assert 0 <= here <= 1
    assert float(predicted(head_on(distance + 50, speed, sigma, accuracy), horizon)[0]) <= here + 1e-12


@given(st.floats(50, 5_000), st.floats(1, 25))
def test_the_times_are_those_of_the_formula(distance: float, speed: float) -> None:
    """Law: the median is distance over speed; at the 10 and 90 % points the score is that of 10 and 90 %."""
    ahead = head_on(distance, speed)
    found = eta(ahead)
    assert found.early_s[0] < found.median_s[0] < found.late_s[0]
    assert found.median_s[0] == pytest.approx(distance / speed, rel=1e-6)
    assert score(ahead, found.early_s)[0] == pytest.approx(-1.2815515655, abs=1e-6)
    if np.isfinite(found.late_s[0]):
        assert score(ahead, found.late_s)[0] == pytest.approx(1.2815515655, abs=1e-6)


def test_who_goes_away_never_arrives() -> None:
    """Law: without a border ahead, or away from it, there is no chance and no time."""
    away = head_on(500.0, 5.0)._replace(closing_mps=np.array([-5.0]))
    assert predicted(away, 300.0)[0] < 1e-6
    assert eta(away).median_s[0] == np.inf
    nothing = head_on(np.inf, 5.0)
    assert predicted(nothing, 900.0)[0] == 0


def index_of(*zones: Zone) -> ZoneIndex:
    """An index."""
    return ZoneIndex.from_zones(ZoneSet(zones))


def test_the_border_on_the_course_is_the_one_that_is_met() -> None:
    """Law: of two zones ahead the first is found, at its distance across its own edge, however slanted; a zone one is
    in is not entered; and who would pass none has none."""
    slanted = Zone(ZoneId("a"), ZoneKind.TERRITORY, "a", polygon([(0, 1000), (4000, 5000), (-6000, 9000)]))
    behind = Zone(ZoneId("b"), ZoneKind.TERRITORY, "b", polygon([(-9000, 9500), (9000, 9500), (0, 12000)]))
    index = index_of(slanted, behind)

    def gains(here: int, beyond: int) -> bool:
        return bool(set(index.zones_of(beyond)) - set(index.zones_of(here)))

    spots = place([(1000, 0), (1000, 0), (1000, 3000), (-9000, 0)])
    velocity = np.array([(0.0, 10.0), (0.0, -10.0), (0.0, 10.0), (0.0, 1.0)])
    found = on_course(index, spots, velocity, 900.0, gains)
    assert found.distance_m[0] == pytest.approx(2000 / math.sqrt(2), rel=2e-3)  # 2 km to go, edge at 45 degrees
    assert found.normal[0] == pytest.approx([-math.sqrt(0.5), math.sqrt(0.5)], abs=5e-3)
    assert index.zones_of(int(found.beyond[0])) == ("a",)
    assert np.isinf(found.distance_m[[1, 3]]).all()
    assert index.zones_of(int(found.beyond[2])) == ("b",)


def test_the_nearest_border_and_its_direction() -> None:
    """Law: the nearest border's normal points to it, the signed distance is the index's, and beyond it lies what one
    comes into by a step across, also over the antimeridian and near a pole."""
    square = Zone(ZoneId("s"), ZoneKind.TERRITORY, "s", polygon([(0, 0), (3000, 0), (3000, 3000), (0, 3000)]))
    east = Zone(ZoneId("e"), ZoneKind.EXCLUSION, "e", shapely.box(-179.9995, 10, -179.9, 11))
    cap = Zone(ZoneId("c"), ZoneKind.EXCLUSION, "c", shapely.box(-180, 85, 180, 90))
    index = index_of(square, east, cap)
    spots = np.vstack([place([(1500, -40), (100, 1500), (-30, -40)]), [[179.9995, 10.5]], [[20.0, 84.999]]])
    found = index.nearest(spots)
    assert found.signed_m == pytest.approx(index.distance(spots), abs=1e-6)
    assert found.normal == pytest.approx(np.array([(0, 1), (-1, 0), (0.6, 0.8), (1, 0), (0, 1)]), abs=2e-3)
    assert [index.zones_of(number) for number in found.beyond.tolist()] == [("s",), (), ("s",), ("e",), ("c",)]
    far = index.nearest(place([(0, -20_000)]))
    assert np.isnan(far.signed_m[0])
    assert np.isnan(far.normal).all()
    assert nearby(index, spots, 5000.0, lambda here, beyond: beyond > 0 and here == 0).distance_m[1] == np.inf


def test_the_normal_is_the_gradient() -> None:
    """Law: beside rough outlines the normal is the direction in which the distance falls, by finite differences."""
    rng = np.random.default_rng(4)
    angle = np.sort(rng.random(60)) * 2 * np.pi
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * rng.uniform(2000, 4000, (60, 1))
    index = index_of(Zone(ZoneId("z"), ZoneKind.TERRITORY, "z", polygon([(x, y) for x, y in ring.tolist()])))
    metres = rng.uniform(-5000, 5000, (300, 2))
    found = index.nearest(place(metres))
    slopes = []
    for step in ([0.5, 0.0], [0.0, 0.5]):
        ahead, back = (np.abs(index.distance(place(metres + np.array(step) * sign))) for sign in (1, -1))
        slopes.append(back - ahead)
    slope: Floats = np.column_stack(slopes)
    smooth = np.isfinite(slope).all(1) & (np.hypot(slope[:, 0], slope[:, 1]) > 0.999)  # where one border is nearest
    assert smooth.sum() > 200
    assert np.abs(found.normal - slope)[smooth].max() < 0.02


@pytest.mark.slow
def test_told_chances_come_true() -> None:
    """Law: in a simulated world that was not used for the fit, of all crossings told with more than 0.7, within each
    horizon, at least 0.7 came true; told with more than 0.95, at least 0.9; below 0.3, at most 0.05."""
    world = simulated(301, 4_500.0)
    for horizon_s in HORIZONS_S:
        told = chances(world, horizon_s, FITTED)
        happened = world.crossed_after_s <= horizon_s
        assert (told > 0.7).sum() > 30
        assert happened[told > 0.7].mean() > 0.7
        assert happened[told < 0.3].mean() < 0.05
        if (told > 0.95).sum() > 30:
            assert happened[told > 0.95].mean() > 0.9


def test_the_table_counts_what_it_is_given() -> None:
    """Law: every case is in one bin; its mean and share are those of its cases."""
    told = np.array([0.01, 0.02, 0.6, 0.65, 1.0])
    bins = table(told, np.array([False, False, True, False, True]))
    assert [(b.told, b.came, b.cases) for b in bins] == [(0.015, 0.0, 2), (0.625, 0.5, 2), (1.0, 1.0, 1)]
