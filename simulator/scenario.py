"""The scenario file (TOML): what sails where, who listens, and what goes wrong on the way.

Lengths are metres, speeds m/s, times seconds from the start unless a name says otherwise; places are ``[lon, lat]``
in WGS-84 degrees. A bad file stops the start, naming the key and the expected value.
"""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from sensors.observation import Distress, Share, ShortText
from simulator.craft import Transponder
from simulator.land_spec import Animals, Drones, Vehicles, Walkers
from simulator.sensor_spec import Camera, GroundSensor, Radar, Sensor, Video
from simulator.spec import Area, Count, NotNegative, Path2, Place, Positive, Range, Spec

SCENARIOS = Path(__file__).parent / "scenarios"


class Hears(StrEnum):
    """The broadcasts a receiver is made for."""

    AIS = "ais"
    REMOTE_ID = "remote-id"
    ADSB = "adsb"


class Receiver(Spec, frozen=True, kw_only=True):
    """A shore or platform station. It hears class A up to ``range_m`` and class B (lower power) up to 0.6 of it;
    drones are heard up to ``range_m``."""

    position: Place
    hears: Hears = Hears.AIS
    range_m: Positive
    latency_s: Positive = 0.4  # median of the way from the antenna to the feed
    loss: Share = 0.03  # messages lost to slot collisions, whatever the distance


class Lane(Spec, frozen=True, kw_only=True):
    """Ships under way along a path, one every ``interval_s`` on average (Poisson arrivals)."""

    path: Path2
    width_m: NotNegative = 0.0
    interval_s: Positive
    speed_mps: Range


class Ferry(Spec, frozen=True, kw_only=True):
    """A line of ferries between the two ends of a path: one leaves each end every ``every_s``."""

    path: Path2
    speed_mps: Positive
    every_s: Positive
    ships: Annotated[int, Meta(ge=1, le=50)] = 2


class Fishing(Spec, frozen=True, kw_only=True):
    """Boats that work an area, trawling from point to point."""

    area: Area
    count: Count
    speed_mps: Range
    rest_s: NotNegative = 600.0  # mean stop between two hauls
    transponder: Transponder = Transponder.B_CS


class Anchored(Spec, frozen=True, kw_only=True):
    """Ships lying at anchor in an area."""

    area: Area
    count: Count


class Crossing(Spec, frozen=True, kw_only=True):
    """Small fast boats from one shore to the other, one every ``interval_s`` on average, from ``first_s`` on.

    ``silent_share`` of them switch their transponder off between the fractions ``silent`` of the way (to a tenth);
    ``return_share`` go back after ``stay_s``. ``via`` is visited on the way. ``count`` 0 is no limit."""

    start: Area
    end: Area
    via: Place | None = None
    first_s: float = 0.0
    interval_s: Positive = 900.0
    count: Count = 0
    speed_mps: Range
    transponder: Transponder = Transponder.B_SO
    silent_share: Share = 0.0
    silent: tuple[Share, Share] = (0.5, 0.8)
    return_share: Share = 0.0
    stay_s: NotNegative = 300.0


class Beacon(Spec, frozen=True, kw_only=True):
    """One distress signal: a beacon that starts at ``at_s`` and drifts."""

    kind: Distress
    at_s: NotNegative
    position: Place
    drift_mps: NotNegative = 0.5
    drift_deg: float = 0.0


class Noise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Errors of position and of the log. GNSS error is a first-order Gauss-Markov process (one per craft and axis)."""

    gnss_sigma_m: NotNegative = 4.0
    gnss_tau_s: Positive = 300.0
    duplicate_share: Share = 0.0  # delivered twice, byte for byte
    flawed_share: Share = 0.0  # damaged on the way, see simulator.reception.Flaw
    wrong_clock_share: Share = 0.0  # stamped by a clock that is wrong
    late_share: Share = 0.0  # held up on the way …
    late_s: Range = (6.0, 40.0)  # … for this long


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A world. The same file and seed give the same bytes."""

    name: ShortText
    seed: int = 0
    start: datetime
    seconds: Positive = 3600.0
    origin: Place
    zones: str  # file names, beside the scenario file
    units: str | None = None
    warm_up_s: NotNegative = 0.0  # sailed before the start, unseen, so that lanes are populated
    noise: Noise = Noise()
    truth_every_s: NotNegative = 0.0  # true positions into the truth file, for the score of tracks; 0 is never
    receivers: tuple[Receiver, ...] = ()
    radars: tuple[Radar, ...] = ()
    cameras: tuple[Camera, ...] = ()
    ground_sensors: tuple[GroundSensor, ...] = ()
    videos: tuple[Video, ...] = ()
    lanes: tuple[Lane, ...] = ()
    ferries: tuple[Ferry, ...] = ()
    fishing: tuple[Fishing, ...] = ()
    anchored: tuple[Anchored, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    beacons: tuple[Beacon, ...] = ()
    walkers: tuple[Walkers, ...] = ()
    vehicles: tuple[Vehicles, ...] = ()
    animals: tuple[Animals, ...] = ()
    drones: tuple[Drones, ...] = ()


class BadScenario(ValueError):
    """The scenario cannot be used; the message names the file, the key and what was expected."""


def find(argument: str) -> Path:
    """The file of a scenario given by path, or by the name of one that comes with the simulator."""
    path = Path(argument)
    shipped = SCENARIOS / f"{argument}.toml"
    return shipped if not path.exists() and shipped.exists() else path


def load(path: Path) -> Scenario:
    """The scenario a file holds; raises :class:`BadScenario`."""
    try:
        scenario = msgspec.toml.decode(path.read_bytes(), type=Scenario)
    except (msgspec.MsgspecError, OSError, ValueError) as problem:
        raise BadScenario(f"{path}: {problem}") from problem
    if (wrong := _problem(scenario)) is not None:
        raise BadScenario(f"{path}: {wrong}")
    return scenario


def _problem(scenario: Scenario) -> str | None:
    """What the types cannot say."""
    if scenario.start.tzinfo is None:
        return "start has no zone; expected UTC, as in 2026-06-01T04:00:00Z"
    if not scenario.receivers and not sensors(scenario):
        return "no receivers and no sensors; expected at least one that could report something"
    names = [part.name for part in (*scenario.receivers, *sensors(scenario), *traffic(scenario))]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        return f"name {twice[0]!r} is used twice; expected distinct names of receivers, sensors and traffic"
    flying = {drone.name for drone in scenario.drones}
    for video in scenario.videos:
        if video.drone not in flying:
            return f"videos.{video.name}.drone is {video.drone!r}; expected the name of a [[drones]] table"
    return None


def sensors(scenario: Scenario) -> tuple[Sensor, ...]:
    """Everything that senses, in the order of the file's tables."""
    return (*scenario.radars, *scenario.cameras, *scenario.ground_sensors, *scenario.videos)


def traffic(scenario: Scenario) -> tuple[Spec, ...]:
    """Everything that puts craft on the water, in the order of the file's tables."""
    return (
        *scenario.lanes,
        *scenario.ferries,
        *scenario.fishing,
        *scenario.anchored,
        *scenario.crossings,
        *scenario.beacons,
        *scenario.walkers,
        *scenario.vehicles,
        *scenario.animals,
        *scenario.drones,
    )


class Bundle(NamedTuple):
    """A scenario with the files that belong to it."""

    scenario: Scenario
    zones: Path
    units: Path | None


def open_bundle(argument: str) -> Bundle:
    """A scenario given by path or by name, with its files; raises :class:`BadScenario`."""
    path = find(argument)
    scenario = load(path)
    files = [path.parent / name for name in (scenario.zones, scenario.units) if name]
    if missing := [file for file in files if not file.is_file()]:
        raise BadScenario(f"{path}: {missing[0]} does not exist; expected it beside the scenario file")
    return Bundle(scenario, files[0], files[1] if len(files) > 1 else None)
