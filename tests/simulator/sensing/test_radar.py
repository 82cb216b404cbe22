"""Radars: how often, how far off, when, and what they cannot see. Bounds are four standard errors."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.sensing.radar import RadarAtWork
from simulator.sensor_spec import Radar
from simulator.spec import Kind
from tests.simulator.sensing.scenes import HERE, marks, measured, scenes, square
from tests.simulator.small import PLANE


def radar(seed: int = 1, **changes: Any) -> RadarAtWork:
    """A radar at the origin that sees everything exactly, once a second, unless told otherwise."""
    fields: dict[str, Any] = {
        "name": "r", "position": HERE, "range_m": 20_000.0, "revisit_s": 1.0, "detection": ((0.0, 1.0),),
        "sigma_range_m": 0.0, "sigma_azimuth_deg": 0.0,
    }  # fmt: skip
    return RadarAtWork(Radar(**{**fields, **changes}), PLANE, [seed])


def test_each_object_is_passed_once_a_rotation() -> None:
    """A still object gives one plot a revisit; a moving one loses and doubles none at the ends of steps."""
    still = marks(radar(revisit_s=2.5), scenes([(1000.0, 2000.0)], seconds=100))
    assert np.diff([mark.time_s for mark in still]) == pytest.approx(np.full(39, 2.5))
    moving = marks(radar(revisit_s=0.4), scenes([(-900.0, 300.0)], velocity=[(25.0, 3.0)], seconds=60))
    assert len(moving) == pytest.approx(150, abs=1)
    assert np.abs(np.diff([mark.time_s for mark in moving]) - 0.4).max() < 0.05


@given(st.floats(-5000, 5000), st.floats(-5000, 5000), st.floats(-30, 30), st.floats(-30, 30), st.floats(0.3, 6.0))
def test_a_plot_says_where_the_object_was_at_its_own_time(
    x: float, y: float, vx: float, vy: float, revisit_s: float
) -> None:
    """Without noise a plot lies on the object's way at the plot's time, and the beam points there then."""
    found = marks(radar(revisit_s=revisit_s), scenes([(x, y)], velocity=[(vx, vy)], seconds=20))
    way = np.array([(x + vx * mark.time_s, y + vy * mark.time_s) for mark in found]).reshape(-1, 2)
    # the bearing is taken as linear within a step, which is good to the square of its turn
    far = np.hypot(*way.T) > 500.0
    assert np.abs(measured(found)[far] - way[far]).max(initial=0.0) < 1.0
    assert 20.0 / revisit_s - 2.0 <= len(found) <= 20.0 / revisit_s + 2.0


@pytest.mark.parametrize("range_m, wanted", [(1000.0, 0.9), (5000.0, 0.9), (7500.0, 0.6), (9900.0, 0.312)])
def test_probability_of_detection_follows_range(range_m: float, wanted: float) -> None:
    """The observed share of detections is the table's, linear between its entries."""
    n, turns = 4000, np.linspace(0.0, 6.0, 100)
    sensor = radar(detection=((5000.0, 0.9), (10_000.0, 0.3)), range_m=10_000.0)
    ring = [(range_m * float(np.sin(turn)), range_m * float(np.cos(turn))) for turn in turns]
    found = len(marks(sensor, scenes(ring, seconds=n // 100)))
    assert found / n == pytest.approx(wanted, abs=4.0 * (wanted * (1 - wanted) / n) ** 0.5)


def test_kinds_are_seen_as_well_as_the_file_says() -> None:
    """``sees`` scales the probability of its kind and of no other."""
    n = 2000
    sensor = radar(detection=((0.0, 0.8),), sees={Kind.WALKER: 0.5})
    found = marks(sensor, scenes([(0, 900.0), (900.0, 0)], kinds=[Kind.WALKER, Kind.VEHICLE], seconds=n))
    for name, wanted in (("o-0", 0.4), ("o-1", 0.8)):
        share = sum(mark.objects == (name,) for mark in found) / n
        assert share == pytest.approx(wanted, abs=4.0 * (wanted * (1 - wanted) / n) ** 0.5)


def test_noise_is_polar_and_the_covariance_says_so() -> None:
    """Spread along and across the beam are the given sigmas, and the stated covariance is that of the errors."""
    n, range_m = 5000, 4000.0
    sensor = radar(sigma_range_m=8.0, sigma_azimuth_deg=0.3)
    found = marks(sensor, scenes([(range_m * 0.6, range_m * 0.8)], seconds=n))
    errors = measured(found) - np.array([range_m * 0.6, range_m * 0.8])
    along, across = errors @ np.array([0.6, 0.8]), errors @ np.array([0.8, -0.6])
    wanted_across = range_m * np.radians(0.3)
    off = 4.0 / np.sqrt(2.0 * len(found))  # relative standard error of a standard deviation, four times
    assert np.std(along) == pytest.approx(8.0, rel=off)
    assert np.std(across) == pytest.approx(wanted_across, rel=off)
    assert abs(np.mean(along)) < 4.0 * 8.0 / np.sqrt(n)
    stated = np.mean([mark.covariance_m2 for mark in found if mark.covariance_m2], axis=0)
    seen = np.cov(errors.T)
    assert stated == pytest.approx([seen[0, 0], seen[0, 1], seen[1, 1]], rel=0.1)


def test_bias_moves_range_azimuth_and_clock() -> None:
    """A biased radar is off by exactly its bias, and stamps exactly its clock's error after the true time."""
    sensor = radar(range_bias_m=30.0, azimuth_bias_deg=0.5, time_bias_s=0.25)
    found = marks(sensor, scenes([(0.0, 4000.0)], seconds=20))
    wanted = 4030.0 * np.array([np.sin(np.radians(0.5)), np.cos(np.radians(0.5))])
    assert measured(found) == pytest.approx(np.tile(wanted, (len(found), 1)))
    assert [mark.stamp_s - mark.time_s for mark in found] == pytest.approx([0.25] * len(found))


def test_nothing_is_seen_beyond_range_in_the_mask_or_behind_a_hill() -> None:
    """Four objects, of which one is in sight; ``covers`` says the same."""
    sensor = radar(range_m=9000.0, mask=(square(3000, 0, 200),), obstacles=(square(0, 2000, 200),))
    places = [(3000.0, 0.0), (0.0, 5000.0), (0.0, -9500.0), (0.0, -8000.0)]
    found = marks(sensor, scenes(places, seconds=20))
    assert {mark.objects for mark in found} == {("o-3",)}
    assert sensor.covers(np.array(places), np.zeros(4, np.int8)).tolist() == [False, False, False, True]


@pytest.mark.parametrize("apart, plots", [((10.0, 0.0), 1), ((60.0, 0.0), 2), ((0.0, 60.0), 1), ((0.0, 300.0), 2)])
def test_what_is_closer_than_the_resolution_is_one_plot(apart: tuple[float, float], plots: int) -> None:
    """Two objects 50 m and 1° (105 m at 6 km) apart or less, both, merge into one plot between them that truth knows
    the sources of."""
    sensor = radar(resolution_m=50.0, resolution_deg=1.0)
    found = marks(sensor, scenes([(6000.0, 0.0), (6000.0 + apart[0], apart[1])], seconds=50))
    per_rotation = len(found) / len({round(mark.time_s - 0.02) for mark in found})
    assert per_rotation == pytest.approx(plots, abs=0.05)
    if plots == 1:
        assert found[0].objects == ("o-0", "o-1")
        assert measured(found)[0] == pytest.approx([6000.0 + apart[0] / 2, apart[1] / 2], abs=1.0)


def test_merging_works_across_north() -> None:
    """0° and 360° are next to each other."""
    sensor = radar(resolution_m=50.0, resolution_deg=1.0)
    found = marks(sensor, scenes([(-20.0, 6000.0), (20.0, 6000.0)], seconds=50))
    assert sum(len(mark.objects) == 2 for mark in found) >= 0.9 * len(found)


def test_side_lobes_are_false_plots_at_the_right_range() -> None:
    """Their share is the given one; range fits, azimuth is at least 3° off, and truth calls them false."""
    n = 3000
    found = marks(radar(side_lobe_share=0.1), scenes([(0.0, 1500.0)], seconds=n))
    false = measured([mark for mark in found if not mark.objects])
    assert len(false) / n == pytest.approx(0.1, abs=4.0 * (0.09 / n) ** 0.5)
    assert np.hypot(*false.T) == pytest.approx(np.full(len(false), 1500.0))
    assert np.degrees(np.abs(np.arctan2(false[:, 0], false[:, 1]))).min() >= 3.0


def test_one_radar_does_not_move_another() -> None:
    """The same seed gives the same plots, and another seed gives others."""
    world = [(1000.0, 500.0), (-4000.0, 800.0)]
    first, again, other = (marks(radar(seed, sigma_range_m=5.0), scenes(world, seconds=30)) for seed in (3, 3, 4))
    assert first == again
    assert first != other
