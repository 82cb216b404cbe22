"""What the tracker believes and what it is told: :class:`Belief` is its public picture, :class:`Frame` its input.

The plane is the sector's local one: x east, y north, metres; times are seconds of event time on one scale."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ids = NDArray[np.uint64]
Indices = NDArray[np.intp]

NO_TRACK: Final = np.uint64(0)


@dataclass(frozen=True, slots=True)
class Belief:
    """Everything believed about the objects of a sector, one row per track, oldest first.

    ``id`` (n,) uint64, from the observation that started the track · ``time_s`` (n,) of the state · ``mean`` (n, 4)
    x, y, vx, vy in m and m/s · ``covariance`` (n, 4, 4) · ``existence`` (n,) probability that there is an object ·
    ``confirmed`` (n,) shown to an operator · ``class_code`` (n,) int8, into :data:`streams.tracks.classes.CLASSES` ·
    ``updated_s`` (n,) time of the last plot · ``hits`` (n,) plots so far."""

    id: Ids
    time_s: Floats
    mean: Floats
    covariance: Floats
    existence: Floats
    confirmed: Flags
    class_code: NDArray[np.int8]
    updated_s: Floats
    hits: NDArray[np.int32]

    def __len__(self) -> int:
        return self.id.size

    def only(self, rows: Flags | Indices) -> "Belief":
        """The chosen tracks."""
        return Belief(
            self.id[rows],
            self.time_s[rows],
            self.mean[rows],
            self.covariance[rows],
            self.existence[rows],
            self.confirmed[rows],
            self.class_code[rows],
            self.updated_s[rows],
            self.hits[rows],
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """What arrived together: one step of the tracker, plots of any sensors in order of arrival.

    ``time_s``, ``x_m``, ``y_m`` (m,) · ``sensor`` (m,) index into the tracker's sensors · ``xx_m2``, ``xy_m2``,
    ``yy_m2`` (m,) the plots' covariances · ``observation_id`` (m,) uint64, never 0 · ``class_code`` (m,) int8 what the
    sensor says it is, or None · ``looks`` (sensor, time) of scans that were made, whether or not they saw anything."""

    time_s: Floats
    sensor: Indices
    x_m: Floats
    y_m: Floats
    xx_m2: Floats
    xy_m2: Floats
    yy_m2: Floats
    observation_id: Ids
    class_code: NDArray[np.int8] | None = None
    looks: tuple[tuple[int, float], ...] = ()

    def __len__(self) -> int:
        return self.time_s.size

    def only(self, rows: Flags | Indices) -> "Frame":
        """The chosen plots, without the looks."""
        return replace(
            self,
            time_s=self.time_s[rows],
            sensor=self.sensor[rows],
            x_m=self.x_m[rows],
            y_m=self.y_m[rows],
            xx_m2=self.xx_m2[rows],
            xy_m2=self.xy_m2[rows],
            yy_m2=self.yy_m2[rows],
            observation_id=self.observation_id[rows],
            class_code=None if self.class_code is None else self.class_code[rows],
            looks=(),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a frame's plots, in the frame's order: ``track_id`` (m,) uint64, :data:`NO_TRACK` where a plot
    neither belonged to a track nor started one; ``born`` (m,) where it started one; ``ended`` ids of tracks that
    ended; ``aliases`` pairs (id that goes, id that stays) of tracks found to be one object."""

    track_id: Ids
    born: Flags
    ended: Ids
    aliases: tuple[tuple[int, int], ...]
