"""``vedette worker``: any set of agents in this process."""

import asyncio
import logging
import os
import socket
from importlib.metadata import version

import click

from streams.cli.broker_option import broker_option, require_broker
from streams.cli.config_option import config_option
from streams.config import Settings

NAMES = ("ingest", "surveil", "alert", "dispatch", "gateway")


def _agents(ctx: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    chosen = tuple(name.strip() for name in value.split(",") if name.strip())
    unknown = [name for name in chosen if name not in NAMES]
    if unknown or not chosen:
        raise click.BadParameter(f"{', '.join(unknown) or 'nothing'}: expected some of {', '.join(NAMES)}")
    return chosen


@click.command(
    epilog="Example: vedette worker --config vedette.toml --agents ingest,surveil --instance worker-1",
)
@config_option
@broker_option
@click.option("--agents", callback=_agents, default=",".join(NAMES), show_default=True, help="Which agents to run.")
@click.option("--instance", default=None, help="Unique name of this worker; default host and process id.")
@click.option(
    "--metrics-port", type=click.IntRange(0, 65535), default=0, show_default=True, help="Prometheus; 0 is off."
)
@click.option("--metrics-host", default="127.0.0.1", show_default=True)
def command(
    settings: Settings,
    bootstrap: str,
    agents: tuple[str, ...],
    instance: str | None,
    metrics_port: int,
    metrics_host: str,
) -> None:
    """Run agents in this process until SIGTERM or Ctrl-C. Any number of workers share the partitions of an agent."""
    require_broker(bootstrap, timeout_s=30.0)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    from streams.engine.settings import EngineSettings

    rules = settings.worker
    engine = EngineSettings(
        broker=bootstrap,
        instance=instance or f"{socket.gethostname()}-{os.getpid()}",
        static_member=rules.static_member and instance is not None,
        session_timeout_s=rules.session_timeout_s,
        heartbeat_s=rules.heartbeat_s,
        fetch_min_bytes=65_536 if rules.economy else 1,
        fetch_wait_s=0.02 if rules.economy else 0.05,
        snapshot_every_s=settings.snapshot_every_s,
        metrics_port=metrics_port,
        metrics_host=metrics_host,
    )
    _run(settings, agents, engine)


def _run(settings: Settings, agents: tuple[str, ...], engine: "object") -> None:
    """Imported late: Faust takes a second, and ``--help`` does not need it."""
    import msgspec
    import uvloop

    from streams.agents import AGENTS
    from streams.clearances import ClearancesVersion
    from streams.engine import worker
    from streams.engine.exits import Exit
    from streams.engine.lock import InstanceTaken
    from streams.engine.probe import MissingTopics
    from streams.engine.rights import MissingRights
    from streams.engine.settings import BadEngineSettings, EngineSettings
    from streams.garbage import collect_seldom
    from streams.log import Record
    from streams.messages import ZonesVersion
    from streams.topics import catalogue
    from streams.zones import ZoneVersions

    assert isinstance(engine, EngineSettings)
    zones, read = ZoneVersions(), msgspec.json.Decoder(ZonesVersion).decode
    read_clearances = msgspec.json.Decoder(ClearancesVersion).decode

    def take(record: Record) -> None:
        if record.value is not None:
            zones.add(read(record.value))

    def take_clearances(record: Record) -> None:
        if record.value is not None:
            zones.clearances.add(read_clearances(record.value))

    async def main() -> None:
        stop = asyncio.Event()
        worker.stop_on_signals(stop)
        specs = [AGENTS[name](settings, zones) for name in agents]
        judging = {"ingest", "surveil"} & set(agents)
        side_inputs = {"zones.v1": take, "clearances.v1": take_clearances} if judging else {}
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
