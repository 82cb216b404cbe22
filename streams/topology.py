"""The pipeline on one screen, in order. A hop only where the owner changes.

    raw.<vendor>.<kind> ─▶ ingest ─▶ observations.v1 ─▶ surveil ─▶ detections.v1 ─▶ alert ─▶ dispatches.v1 ─▶ dispatch
                                                     │                  ▲             │          ▲              │
                                                     ▼                  │             ▼          │              ▼
                                                 tracks.v1           gateway      alerts.v1   gateway       tasks.v1
                                                                        ▲                        ▲
                                                                   commands.v1           units.v1, commands.v1

Each stage is one core per partition of what it reads. The same stages run as Faust agents (``streams.agents``), over
files (``streams.replay``) and in the tests.
"""

from collections.abc import Callable
from typing import NamedTuple

from sensors.adapters import make_adapter
from streams.alerts import AlertCore
from streams.config import Settings
from streams.core import Core
from streams.dispatch import DispatchCore
from streams.gateway import GatewayCore
from streams.ingest import IngestCore
from streams.surveil import SurveilCore
from streams.zones import ZoneVersions


class Stage(NamedTuple):
    """A named step: the topics it reads, and the core of one of their partitions."""

    name: str
    topics: tuple[str, ...]
    make_core: Callable[[str, int], Core]


def ingest(settings: Settings, zones: ZoneVersions) -> Stage:
    """Raw records of every feed to frames of observations."""
    feeds = {feed.topic: feed for feed in settings.feeds}

    def core(topic: str, partition: int) -> Core:
        feed = feeds[topic]
        adapter = make_adapter(feed.format, fragment_s=settings.ingest.fragment_s)
        newest, cleared, ruled = (lambda: zones.newest), (lambda: zones.clearances.newest), lambda: zones.rules.newest
        return IngestCore(topic, partition, feed, settings, newest, adapter, cleared, ruled)

    return Stage("ingest", tuple(feeds), core)


def surveil(settings: Settings, zones: ZoneVersions) -> Stage:
    """Observations to detections: the tracks of a sector and the zones they are in."""
    return Stage("surveil", ("observations.v1",), lambda _, partition: SurveilCore(partition, settings, zones))


def alert(settings: Settings, _: ZoneVersions) -> Stage:
    """Detections and commands to alerts."""
    return Stage("alert", ("detections.v1",), lambda _, partition: AlertCore(partition, settings))


def dispatch(settings: Settings, _: ZoneVersions) -> Stage:
    """Alerts, units and answers to tasks."""
    return Stage("dispatch", ("dispatches.v1",), lambda _, partition: DispatchCore(partition, settings))


def gateway(settings: Settings, _: ZoneVersions) -> Stage:
    """What people and units say, into the one input of the owner it concerns."""
    return Stage(
        "gateway", ("commands.v1", "units.v1"), lambda topic, partition: GatewayCore(topic, partition, settings)
    )


STAGES = {stage.__name__: stage for stage in (ingest, surveil, alert, dispatch, gateway)}
