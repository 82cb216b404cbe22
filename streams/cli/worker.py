"""``vedette worker``: any set of agents in this process."""

import logging
import os
import socket

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
    from streams.cli.working import run  # late: Faust takes a second, and ``--help`` does not need it
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
    run(settings, agents, engine)
