"""The ingest stage as a Faust agent."""

from streams import topology
from streams.config import Settings
from streams.engine.stage import StageSpec
from streams.zones import ZoneVersions


def spec(settings: Settings, zones: ZoneVersions) -> StageSpec:
    """One app, one group, one core per partition read."""
    return StageSpec(*topology.ingest(settings, zones), settings)
