"""True positions at set moments, for the score of tracks."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from simulator.plane import Plane
from simulator.scenario import Scenario
from simulator.sensing.lookout import Lookout
from simulator.sensing.scene import Scene
from simulator.truth import TruePosition, Truth, What

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Positions:
    """Tells where everything is every ``truth_every_s`` of a scenario (a whole number of steps; 0 is never)."""

    def __init__(self, scenario: Scenario, plane: Plane, start_us: int) -> None:
        self._every_s, self._plane, self._start_us = scenario.truth_every_s, plane, start_us
        self._receivers = [receiver.name for receiver in scenario.receivers]

    def due(self, time_s: float, dt_s: float) -> bool:
        """Whether positions are to be told at ``time_s``, the end of a step of ``dt_s``."""
        return self._every_s > 0.0 and not round(time_s / dt_s) % max(1, round(self._every_s / dt_s))

    def told(self, scene: Scene, lookout: Lookout, heard: NDArray[np.bool_]) -> list[Truth]:
        """The positions at the end of a step. ``heard`` ``(n, receivers)`` is who could be heard by whom."""
        time_s = scene.time_s + scene.dt_s
        onset = _EPOCH + timedelta(microseconds=self._start_us + round(time_s * 1e6))
        covers = np.column_stack([*(sensor.covers(scene.after, scene.kinds) for sensor in lookout.sensors), heard])
        names = [*(sensor.name for sensor in lookout.sensors), *self._receivers]
        reporting: list[bool] = np.any(heard, axis=1).tolist()
        places, metres = np.round(self._plane.to_lonlat(scene.after), 7).tolist(), np.round(scene.after, 3).tolist()
        return [
            TruePosition(
                what=What.POSITION, object=craft.label, identity=craft.identity, onset=onset, position=(lon, lat),
                time_s=time_s, xy_m=(x, y), object_kind=craft.kind,
                covered_by=tuple(name for name, seen in zip(names, row, strict=True) if seen), reporting=reports,
            )
            for craft, (lon, lat), (x, y), row, reports in zip(
                scene.crafts, places, metres, covers.tolist(), reporting, strict=True
            )
        ]  # fmt: skip
