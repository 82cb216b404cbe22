"""One configuration file for every worker (TOML, or JSON where its name ends so).

A bad one stops the start, naming the key and the expected value."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta
from shapely import Polygon

from streams.partitioning import Owners, drawn

Positive = Annotated[float, Meta(gt=0)]
Seconds = Positive


class Format(StrEnum):
    """The wire formats a feed may carry."""

    JSON = "json"
    NMEA = "nmea"
    CSV = "csv"
    GEOJSON = "geojson"


class Feed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One raw topic ``raw.<vendor>.<kind>``. ``sensors`` are the registered ones; ``*`` lets any publish."""

    vendor: Annotated[str, Meta(pattern="^[a-z0-9-]{1,32}$")]
    kind: Annotated[str, Meta(pattern="^[a-z0-9-]{1,32}$")]
    format: Format
    partitions: Annotated[int, Meta(ge=1, le=96)] = 1
    sensors: tuple[str, ...] = ("*",)

    @property
    def topic(self) -> str:
        """The raw topic's name."""
        return f"raw.{self.vendor}.{self.kind}"


class IngestRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Checks at the boundary. Sources of the defaults stand in ``docs/reference/configuration.md``."""

    ahead_s: Seconds = 60.0  # a live event may lie this far ahead of its broker time
    behind_s: Seconds = 86_400.0  # … and this far behind
    jump_s: Seconds = 86_400.0  # a historical event may lie this far ahead of its sensor's newest
    late_s: Seconds = 5.0  # older than its sensor's newest by more: late
    teleport_mps: Positive = 30.87  # 60 kn
    teleport_slack_m: Positive = 500.0
    duplicate_s: Seconds = 120.0  # repeats of an observation are recognised this far back (event time)
    fragment_s: Seconds = 10.0  # a multi-part message must be complete after this long (log time)


class SurveilRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Geofencing and patience."""

    lost_after_s: Seconds = 43_200.0  # an object silent for this long is lost; its next fix starts a new track
    exit_dwell_s: Seconds = 60.0  # outside for this long ends a visit …
    exit_margin_m: Positive = 500.0  # … once one fix since was at least this far outside
    handoff_wait_s: Seconds = 2.0  # log time before a waiting owner publishes provisionally
    tracks_every_s: Seconds = 10.0  # event time between two public pictures of one track
    predict: bool = False  # whether incursions are predicted, as alerts of their own
    predict_horizons_s: Annotated[tuple[Seconds, ...], Meta(min_length=1)] = (60.0, 300.0, 900.0)  # how far ahead
    predict_warn: Annotated[float, Meta(gt=0.0, lt=1.0)] = 0.7  # chance above which two fixes in a row open one …
    predict_refuted: Annotated[float, Meta(gt=0.0, lt=1.0)] = 0.3  # … and below which it ends
    stalled_s: Seconds = 15.0  # distinct log seconds without a word from a source while another ticked


class DispatchRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How tasks are offered."""

    offer_s: Seconds = 120.0  # an offer not answered for this long expires
    attempts: Annotated[int, Meta(ge=1)] = 10  # offers per alert before it is left to the dispatcher


Place = tuple[Annotated[float, Meta(ge=-180, le=180)], Annotated[float, Meta(ge=-90, le=90)]]  # lon, lat degrees
_NOT_SAID = 0.0  # of what is above 0 where it is said
_NEEDED = {  # by modality; of every other one the last
    "camera": ("site", "max_range_m", "sigma_deg"),
    "ground": ("footprints", "detection_probability", "false_per_hour"),
    "external": ("sigma_m",),
    "": ("revisit_s", "sigma_m", "detection_probability"),
}


class PlotSensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A sensor whose nameless observations are followed: plots (a radar), bearings (``camera``), triggers (``ground``)
    or another tracker's tracks (``external``)."""

    sensor_id: Annotated[str, Meta(min_length=1, max_length=128)]
    modality: Annotated[str, Meta(min_length=1)]
    revisit_s: Positive = _NOT_SAID
    sigma_m: Positive = _NOT_SAID  # of a plot's east and north where it does not say its own
    detection_probability: Annotated[float, Meta(gt=0.0, lt=1.0)] = _NOT_SAID
    false_plots_per_km2: Positive | None = None  # per look, to begin with
    # Where it stands, lon, lat degrees: with it a radar's bias is found against AIS; without it nothing is called dark.
    site: Place | None = None
    sigma_deg: Positive | None = None  # of a plot's azimuth, or of a bearing that does not say its own
    max_range_m: Annotated[float, Meta(gt=0, le=100_000)] | None = None  # how far a camera sees
    # what a trigger of a zone id means: a ring of three or more places
    footprints: dict[str, Annotated[tuple[Place, ...], Meta(min_length=3)]] = {}
    false_per_hour: Annotated[float, Meta(ge=0)] | None = None  # triggers of one footprint by nothing

    def __post_init__(self) -> None:
        """Refuse a description in which something is missing that its modality needs."""
        for name in _NEEDED.get(self.modality, _NEEDED[""]):
            if getattr(self, name) in (None, _NOT_SAID, {}):
                raise ValueError(f"{name}: expected beside modality {self.modality!r}")
        for zone_id, ring in self.footprints.items():
            if not Polygon(ring).is_valid or Polygon(ring).area == 0.0:
                raise ValueError(f"footprints.{zone_id}: expected a ring of places that does not cross itself")


class WorkerRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a worker takes part in its groups; ``docs/reference/engine.md`` says what each costs."""

    session_timeout_s: Seconds = 6.0  # a worker lost with its host is replaced after this
    heartbeat_s: Seconds = 0.5  # how soon the others learn that partitions are free
    static_member: bool = True  # a restart in place keeps its partitions without a rebalance
    economy: bool = False  # bigger fetches: half the CPU for about 13 ms more latency


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a worker is told."""

    feeds: tuple[Feed, ...]
    owners: Owners
    ingest: IngestRules = IngestRules()
    surveil: SurveilRules = SurveilRules()
    dispatch: DispatchRules = DispatchRules()
    worker: WorkerRules = WorkerRules()
    snapshot_every_s: Seconds = 5.0
    sensors: tuple[PlotSensor, ...] = ()  # whose nameless positions are followed; those of all others are refused
    partners: tuple[Annotated[str, Meta(pattern="^[a-z0-9-]{1,32}$")], ...] = ()  # each gets share.<partner>.v1

    def sensor_kinds(self) -> dict[str, str]:
        """The kind of every sensor that a feed names; of one that two feeds of different kinds name, none."""
        kinds: dict[str, set[str]] = {}
        for feed in self.feeds:
            for sensor in feed.sensors:
                kinds.setdefault(sensor, set()).add(feed.kind)
        return {sensor: next(iter(kind)) for sensor, kind in kinds.items() if len(kind) == 1 and sensor != "*"}

    def modalities(self) -> dict[str, str]:
        """The kind of every sensor that a feed names or that is described; the description counts."""
        return {**self.sensor_kinds(), **{sensor.sensor_id: sensor.modality for sensor in self.sensors}}

    def sources(self) -> tuple[str, ...]:
        """Every raw ``topic/partition``: the sources whose ticks make an owner's clock."""
        return tuple(f"{feed.topic}/{p}" for feed in self.feeds for p in range(feed.partitions))


class BadSettings(ValueError):
    """The configuration cannot be used; the message names the file, the key and what was expected."""


def _drawn(path: Path, owners: Owners) -> Owners:
    """The owners with the polygons of their file, which lies beside the configuration."""
    polygons = path.parent / (owners.polygons or "")
    try:
        return drawn(owners, msgspec.json.decode(polygons.read_bytes(), type=dict[str, object]))
    except (msgspec.MsgspecError, OSError, ValueError) as problem:
        raise BadSettings(f"{path}: owners.polygons: {polygons}: {problem}") from problem


def load(path: Path) -> Settings:
    """The settings a file holds."""
    try:
        decode = msgspec.json.decode if path.suffix == ".json" else msgspec.toml.decode
        settings = decode(path.read_bytes(), type=Settings)
    except (msgspec.MsgspecError, OSError) as problem:
        raise BadSettings(f"{path}: {problem}") from problem
    if settings.owners.polygons is not None:
        settings = msgspec.structs.replace(settings, owners=_drawn(path, settings.owners))
    topics = [feed.topic for feed in settings.feeds]
    if len(set(topics)) != len(topics):
        raise BadSettings(f"{path}: two feeds share one raw topic; expected distinct vendor and kind")
    return settings
