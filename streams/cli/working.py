"""A worker's work, apart from its command line: what takes time to import is imported here, for workers only."""

import asyncio
from importlib.metadata import version

import click
import msgspec
import uvloop

from streams.agents import AGENTS
from streams.cache import cache_dir
from streams.clearances import ClearancesVersion
from streams.config import Settings
from streams.engine import worker
from streams.engine.exits import Exit
from streams.engine.lock import InstanceTaken
from streams.engine.probe import MissingTopics
from streams.engine.rights import MissingRights
from streams.engine.settings import BadEngineSettings, EngineSettings
from streams.fences import Fences
from streams.garbage import collect_seldom
from streams.log import Record
from streams.messages import ZonesVersion
from streams.rules import RulesVersion
from streams.topics import catalogue
from streams.zones import ZoneVersions


def run(settings: Settings, agents: tuple[str, ...], engine: EngineSettings) -> None:
    """Run the agents until SIGTERM or SIGINT; what cannot be started is a message and an exit code."""
    zones = ZoneVersions(Fences(cache_dir() / "zones"))
    read = msgspec.json.Decoder(ZonesVersion).decode
    read_clearances = msgspec.json.Decoder(ClearancesVersion).decode
    read_rules = msgspec.json.Decoder(RulesVersion).decode

    def take(record: Record) -> None:
        if record.value is not None:
            zones.add(read(record.value))

    def take_clearances(record: Record) -> None:
        if record.value is not None:
            zones.clearances.add(read_clearances(record.value))

    def take_rules(record: Record) -> None:
        if record.value is not None:
            zones.rules.add(read_rules(record.value))

    async def main() -> None:
        stop = asyncio.Event()
        worker.stop_on_signals(stop)
        specs = [AGENTS[name](settings, zones) for name in agents]
        judging = {"ingest", "surveil"} & set(agents)
        side_inputs = {"zones.v1": take, "clearances.v1": take_clearances, "rules.v1": take_rules} if judging else {}
        writes = [topic.name for topic in catalogue(settings) if {*agents, "every stage"} & set(topic.writers)]
        await worker.run(specs, engine, stop, side_inputs=side_inputs, writes=writes, version=version("vedette"))

    collect_seldom()
    uvloop.install()  # also for the loops of Faust's consumer threads
    try:
        uvloop.run(main())
    except InstanceTaken as taken:
        click.echo(f"Error: {taken}; give each worker its own --instance", err=True)
        raise SystemExit(Exit.STAY_DOWN) from taken
    except MissingTopics as missing:
        raise click.ClickException(f"{missing}; `vedette topics apply` makes what is missing") from missing
    except MissingRights as missing:
        raise click.ClickException(f"the broker's ACLs do not allow: {missing}") from missing
    except BadEngineSettings as bad:
        raise click.ClickException(str(bad)) from bad
