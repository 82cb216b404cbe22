"""Sensors of a scenario, one ``[[table]]`` each: what they can see, how well, and what they invent.

Lengths are metres, times seconds, angles degrees true. ``sees`` scales the chance of detection by kind of object
(1 where a kind is not named): a radar that sees half of the walkers has ``sees = {walker = 0.5}``.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, field

from sensors.observation import Share
from simulator.spec import Area, Chances, Direction, Kind, NotNegative, Place, Positive, Spec, in_order

_ALWAYS: Chances = ((0.0, 0.9),)


class Sensor(Spec, frozen=True, kw_only=True):
    """What all sensors have in common. ``name`` is the sensor id."""

    sees: dict[Kind, Share] = field(default_factory=dict)
    latency_s: NotNegative = 0.2  # mean of the way to the feed (exponential)


class Clutter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A patch with a false-plot density of its own: surf, a quay, trees. Where ``burst_share`` is positive, that share
    of the rotations brings ``burst_factor`` times as many, for ``burst_s`` at a time."""

    area: Area
    false_plots_per_km2: NotNegative  # and rotation
    burst_share: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    burst_factor: Positive = 10.0
    burst_s: Positive = 10.0


class Radar(Sensor, frozen=True, kw_only=True):
    """A rotating radar: each object once a rotation, when the beam passes it; noise and bias are polar.

    ``detection`` is the probability by range, linear between the given ranges. ``mask`` areas give no plot (land in a
    sea radar); ``obstacles`` hide what is behind them. Objects closer than the resolution in range and in azimuth give
    one plot, at their mean. The clutter of each cell of ``cell_m`` is ``false_plots_per_km2`` times a factor of its own
    (gamma, mean 1, coefficient of variation ``clutter_spread``). ``side_lobe_share`` of the plots closer than
    ``side_lobe_m`` have an echo at the same range and a wrong azimuth."""

    position: Place
    range_m: Positive
    revisit_s: Positive = 2.0
    detection: Chances = _ALWAYS
    sigma_range_m: NotNegative = 8.0
    sigma_azimuth_deg: NotNegative = 0.1
    range_bias_m: float = 0.0
    azimuth_bias_deg: float = 0.0
    time_bias_s: float = 0.0
    resolution_m: NotNegative = 0.0
    resolution_deg: NotNegative = 0.0
    false_plots_per_km2: NotNegative = 0.0  # and rotation
    clutter_spread: NotNegative = 0.0
    cell_m: Positive = 1000.0
    clutter: tuple[Clutter, ...] = ()
    mask: tuple[Area, ...] = ()
    obstacles: tuple[Area, ...] = ()
    side_lobe_share: Share = 0.0
    side_lobe_m: NotNegative = 2000.0

    def __post_init__(self) -> None:
        """Refuse ranges that do not rise."""
        in_order("detection", tuple(range_m for range_m, _ in self.detection))


class Camera(Sensor, frozen=True, kw_only=True):
    """A camera: bearings of what is in its field of view, one picture every ``revisit_s``. ``confusion`` is the share
    of pictures that call an object by a wrong kind."""

    position: Place
    range_m: Positive
    facing_deg: Direction
    field_deg: Annotated[float, Meta(gt=0, le=360)]
    revisit_s: Positive = 1.0
    detection: Chances = _ALWAYS
    sigma_deg: NotNegative = 0.2
    bias_deg: float = 0.0
    false_per_hour: NotNegative = 0.0
    confusion: Annotated[float, Meta(ge=0, le=1)] = 0.0
    obstacles: tuple[Area, ...] = ()

    def __post_init__(self) -> None:
        """Refuse ranges that do not rise."""
        in_order("detection", tuple(range_m for range_m, _ in self.detection))


class GroundSensor(Sensor, frozen=True, kw_only=True):
    """A buried or hidden sensor that says only that something is in its area. Each object gives it a chance when it
    comes in, and again every ``hold_s`` while it stays."""

    area: Area
    detection_probability: Share = 0.9
    false_per_hour: NotNegative = 0.0
    hold_s: Positive = 20.0
    confusion: Annotated[float, Meta(ge=0, le=1)] = 0.0


class Video(Sensor, frozen=True, kw_only=True):
    """A camera on a drone of the scenario, with geo-tagged detections around the point below it.

    The error of the platform's pose is common to all tags of a moment (Gauss-Markov), ``sigma_m`` is each tag's own."""

    drone: str  # name of a [[drones]] table
    footprint_m: Positive
    revisit_s: Positive = 2.0
    detection: Chances = _ALWAYS
    sigma_m: Positive = 5.0
    pose_sigma_m: NotNegative = 8.0
    pose_tau_s: Positive = 60.0
    false_per_hour: NotNegative = 0.0
    confusion: Annotated[float, Meta(ge=0, le=1)] = 0.0

    def __post_init__(self) -> None:
        """Refuse ranges that do not rise."""
        in_order("detection", tuple(range_m for range_m, _ in self.detection))
