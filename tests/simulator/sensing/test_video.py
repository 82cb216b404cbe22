"""Video of a drone: tags of what is below it."""

from typing import Any

import numpy as np
import pytest

from simulator.sensing.scene import Scene
from simulator.sensing.video import VideoAtWork
from simulator.sensor_spec import Video
from simulator.spec import KINDS, Kind
from tests.simulator.sensing.scenes import marks, measured, scenes
from tests.simulator.small import PLANE


def video(**changes: Any) -> VideoAtWork:
    """A camera on drone ``o``, of which ``o-0`` flies."""
    fields: dict[str, Any] = {
        "name": "v", "drone": "o", "footprint_m": 200.0, "revisit_s": 1.0, "detection": ((0.0, 1.0),),
        "sigma_m": 3.0, "pose_sigma_m": 0.0,
    }  # fmt: skip
    return VideoAtWork(Video(**{**fields, **changes}), PLANE, [5])


def flight(places: list[tuple[float, float]], seconds: int) -> list[Scene]:
    """Drone ``o-0`` over the origin, and walkers at ``places``."""
    kinds = [Kind.DRONE] + [Kind.WALKER] * len(places)
    return list(scenes([(0.0, 0.0), *places], kinds=kinds, seconds=seconds))


def test_it_sees_what_is_below_and_never_itself() -> None:
    """One of two walkers is within the footprint; without a drone nothing is seen or covered."""
    sensor = video()
    found = marks(sensor, iter(flight([(100.0, 50.0), (400.0, 0.0)], 20)))
    assert {mark.objects for mark in found} == {("o-1",)}
    assert sensor.covers(np.array([[100.0, 50.0], [400.0, 0.0]]), np.zeros(2, np.int8)).tolist() == [True, False]
    grounded = video(drone="elsewhere")
    assert not marks(grounded, iter(flight([(100.0, 50.0)], 20)))
    assert not grounded.covers(np.zeros((1, 2)), np.array([KINDS.index(Kind.WALKER)], np.int8)).any()


def test_tags_err_each_for_itself_and_all_together() -> None:
    """The difference of two tags of one picture spreads by their own sigmas alone; their mean moves with the pose; the
    stated variance is the sum of both."""
    found = marks(video(pose_sigma_m=10.0, pose_tau_s=2.0), iter(flight([(50.0, 0.0), (-50.0, 0.0)], 3000)))
    first, second = (
        measured([mark for mark in found if mark.objects == (name,)]) - place
        for name, place in (("o-1", [50.0, 0.0]), ("o-2", [-50.0, 0.0]))
    )
    own = np.std(first - second) / np.sqrt(2.0)
    assert own == pytest.approx(3.0, rel=4.0 / (2.0 * first.size) ** 0.5)
    assert np.std((first + second) / 2.0) == pytest.approx((10.0**2 + 4.5) ** 0.5, rel=0.12)  # correlated over 2 s
    assert {mark.covariance_m2 for mark in found} == {(109.0, 0.0, 109.0)}


def test_false_tags_lie_below_too() -> None:
    """They come at their rate, within the footprint."""
    found = marks(video(false_per_hour=360.0), iter(flight([], 3600)))
    assert len(found) == pytest.approx(360, abs=4.0 * 360**0.5)
    assert np.hypot(*measured(found).T).max() <= 200.0
