"""Ground sensors: presence in an area, and nothing more."""

from typing import Any

import numpy as np
import pytest

from simulator.sensing.ground import GroundSensorAtWork
from simulator.sensor_spec import GroundSensor
from simulator.spec import Kind
from tests.simulator.sensing.scenes import marks, scenes, square
from tests.simulator.small import PLANE


def ground(**changes: Any) -> GroundSensorAtWork:
    """A sensor of 100 m about the origin that never errs unless told otherwise."""
    fields: dict[str, Any] = {"name": "g", "area": square(0, 0, 50), "detection_probability": 1.0, "hold_s": 20.0}
    return GroundSensorAtWork(GroundSensor(**{**fields, **changes}), PLANE, [4])


def test_a_walker_who_crosses_triggers_on_his_way_and_only_there() -> None:
    """100 m at 1.25 m/s take 80 s: a trigger when he comes in and one each 20 s, no word of where."""
    found = marks(ground(), scenes([(-200.0, 0.0)], velocity=[(1.25, 0.0)], seconds=400))
    assert len(found) == 4
    assert found[0].time_s == pytest.approx(120.0, abs=1.0)
    assert np.diff([mark.time_s for mark in found]) == pytest.approx([20.0] * 3)
    assert {(mark.zone_id, mark.xy_m, mark.bearing_deg) for mark in found} == {("g", None, None)}


def test_each_stay_gives_so_many_chances() -> None:
    """The share of chances that become triggers is the probability, scaled by kind."""
    n = 400
    sensor = ground(detection_probability=0.8, sees={Kind.ANIMAL: 0.5}, hold_s=5.0)
    crowd = scenes([(0.0, 0.0)] * 20, kinds=[Kind.ANIMAL] * 10 + [Kind.VEHICLE] * 10, seconds=n)
    found = marks(sensor, crowd)
    chances = 10 * n / 5
    animals = sum(int(mark.objects[0][2:]) < 10 for mark in found)
    assert animals / chances == pytest.approx(0.4, abs=4.0 * (0.24 / chances) ** 0.5)
    assert (len(found) - animals) / chances == pytest.approx(0.8, abs=4.0 * (0.16 / chances) ** 0.5)


def test_false_triggers_come_at_their_rate() -> None:
    """Two hours alone: Poisson about the rate; truth knows that nobody was there."""
    found = marks(ground(false_per_hour=60.0), scenes([(500.0, 0.0)], seconds=7200))
    assert len(found) == pytest.approx(120, abs=4.0 * 120**0.5)
    assert not any(mark.objects for mark in found)


def test_coming_back_is_a_new_stay() -> None:
    """Who leaves and returns within the hold is noticed again."""
    sensor = ground(hold_s=1000.0)
    there_and_back = [*scenes([(0.0, 0.0)], seconds=3), *scenes([(300.0, 0.0)], seconds=3)]
    found = marks(sensor, iter([*there_and_back, *scenes([(0.0, 0.0)], seconds=3)]))
    assert len(found) == 2
