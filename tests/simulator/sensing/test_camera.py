"""Cameras: bearings, their field of view, what they miss, invent and confuse."""

from typing import Any

import numpy as np
import pytest

from simulator.sensing.camera import CameraAtWork
from simulator.sensor_spec import Camera
from simulator.spec import KINDS, Kind
from tests.simulator.sensing.scenes import HERE, marks, scenes, square
from tests.simulator.small import PLANE


def camera(**changes: Any) -> CameraAtWork:
    """A camera at the origin that looks north-east, once a second, and errs in nothing unless told otherwise."""
    fields: dict[str, Any] = {
        "name": "c", "position": HERE, "range_m": 3000.0, "facing_deg": 45.0, "field_deg": 60.0,
        "detection": ((0.0, 1.0),), "sigma_deg": 0.0,
    }  # fmt: skip
    return CameraAtWork(Camera(**{**fields, **changes}), PLANE, [2])


def test_only_what_is_in_the_field_is_seen() -> None:
    """Of five objects one is in range, in the field and in front of the obstacle; ``covers`` agrees."""
    places = [(1000.0, 1000.0), (2500.0, 2500.0), (-500.0, 500.0), (1000.0, 100.0), (600.0, 900.0)]
    sensor = camera(obstacles=(square(450, 675, 30),))
    found = marks(sensor, scenes(places, seconds=10))
    assert {mark.objects for mark in found} == {("o-0",)}
    assert [mark.bearing_deg for mark in found] == pytest.approx([45.0] * len(found))
    assert sensor.covers(np.array(places), np.zeros(5, np.int8)).tolist() == [True, False, False, False, False]


def test_detection_noise_and_bias_are_as_given() -> None:
    """Share of pictures, spread and mean error of the bearing, each within four standard errors."""
    n = 4000
    found = marks(
        camera(detection=((0.0, 1.0), (2000.0, 0.5)), sigma_deg=0.3, bias_deg=-0.2, facing_deg=0.0),
        scenes([(0.0, 1000.0)], seconds=n),
    )
    assert len(found) / n == pytest.approx(0.75, abs=4.0 * (0.75 * 0.25 / n) ** 0.5)
    error = np.array([((mark.bearing_deg or 0.0) + 180.0) % 360.0 - 180.0 for mark in found])
    assert np.mean(error) == pytest.approx(-0.2, abs=4.0 * 0.3 / n**0.5)
    assert np.std(error) == pytest.approx(0.3, rel=4.0 / (2.0 * len(found)) ** 0.5)
    assert {mark.sigma_deg for mark in found} == {0.3}


def test_false_bearings_come_at_their_rate_all_over_the_field() -> None:
    """An hour and more without objects: Poisson, even over the field, with half the confidence."""
    hours = 2
    found = marks(camera(false_per_hour=120.0), scenes([], seconds=3600 * hours))
    assert len(found) == pytest.approx(240, abs=4.0 * 240**0.5)
    bearings = np.array([mark.bearing_deg for mark in found], np.float64)
    assert (np.abs(bearings - 45.0) <= 30.0).all()
    assert np.std(bearings) == pytest.approx(60.0 / 12**0.5, rel=0.2)
    assert not any(mark.objects for mark in found)


def test_a_classifier_errs_as_often_as_it_admits() -> None:
    """The share of wrong kinds is ``confusion``, and the confidence is one less it."""
    n = 2000
    found = marks(camera(confusion=0.2), scenes([(1000.0, 1000.0)], kinds=[Kind.ANIMAL], seconds=n))
    wrong = sum(mark.kind is not Kind.ANIMAL for mark in found) / len(found)
    assert wrong == pytest.approx(0.2, abs=4.0 * (0.16 / n) ** 0.5)
    assert {mark.kind for mark in found} == set(KINDS)
    assert {mark.confidence for mark in found} == {0.8}
