"""What the tracker must know of a sensor."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from streams.tracks.state import Flags, Floats


class Coverage(Protocol):
    """Where a sensor sees."""

    def covers(self, x_m: Floats, y_m: Floats) -> Flags:
        """Whether each place (k,) is seen."""
        ...


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon, by its corners (n, 2) in m."""

    corners_m: tuple[tuple[float, float], ...]

    def covers(self, x_m: Floats, y_m: Floats) -> Flags:
        """Whether each place is inside: an odd number of edges to its east."""
        inside = np.zeros(x_m.shape, bool)
        before = self.corners_m[-1]
        for corner in self.corners_m:
            (ax, ay), (bx, by) = before, corner
            if ay != by:
                spans = (ay > y_m) != (by > y_m)
                inside ^= spans & (x_m < ax + (y_m - ay) * ((bx - ax) / (by - ay)))
            before = corner
        return inside


@dataclass(frozen=True, slots=True)
class Disc:
    """All around a place, between two ranges in m."""

    x_m: float
    y_m: float
    max_range_m: float
    min_range_m: float = 0.0

    def covers(self, x_m: Floats, y_m: Floats) -> Flags:
        """Whether each place lies between the ranges."""
        range_m = np.hypot(x_m - self.x_m, y_m - self.y_m)
        return (range_m >= self.min_range_m) & (range_m <= self.max_range_m)


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor: ``revisit_s`` between looks at one place · ``sigma_m`` of a plot's x and y where it does not say its
    own · ``detection_probability`` per look · ``false_plots_per_km2`` per look, a start value, None where unknown ·
    ``coverage`` None where unknown: then it misses only what it has seen before · ``scans`` all plots of one look carry
    one time (else they follow the antenna) · ``births`` may start tracks · ``evidence`` seeing
    an object, or not, says whether it exists; else its plots only move what others found · ``delay_s`` how long
    after the look its plots are stamped."""

    sensor_id: str
    modality: str = "radar"
    revisit_s: float = 1.0
    sigma_m: float = 10.0
    detection_probability: float = 0.9
    false_plots_per_km2: float | None = None
    coverage: Coverage | None = None
    scans: bool = False
    births: bool = True
    evidence: bool = True
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        for name in ("revisit_s", "sigma_m"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                raise ValueError(f"{name}: expected a positive number, got {value!r}")
        if not 0.0 < self.detection_probability < 1.0:
            raise ValueError(
                f"detection_probability: expected a number between 0 and 1, exclusive, got {self.detection_probability}"
            )
        density = self.false_plots_per_km2
        if density is not None and not (math.isfinite(density) and density > 0.0):
            raise ValueError(f"false_plots_per_km2: expected a positive number, got {density!r}")

    @property
    def patience(self) -> float:
        """Revisits after which one unseen look counts as missed: what turns may come half a turn later than expected,
        and of what scans a scan may come half an interval early."""
        return 0.5 if self.scans else 1.5
