"""``vedette broker``: a Kafka broker of one's own that stays until it is stopped."""

import json
from pathlib import Path

import click

from streams.cli.codes import BROKER_UNREACHABLE
from streams.embedded import EmbeddedError
from streams.embedded.archive import class_archive
from streams.embedded.standing import Standing
from streams.embedded.storage import storage_template

_DATA = Path(".vedette") / "kafka"


@click.group(
    epilog="""\b
Examples:
  vedette broker start              one broker on a free port of loopback
  vedette broker status --json      where it is
  vedette broker stop"""
)
def command() -> None:
    """Start and stop a broker of one's own (data in .vedette/).

    Other verbs find it by themselves while it runs.
    """


@command.command(epilog="Example:  vedette broker start --for-load")
@click.option("--data", "data_dir", type=click.Path(path_type=Path, file_okay=False), default=_DATA, show_default=True)
@click.option("--for-load", is_flag=True, help="Start slower, run faster (512 MiB heap, optimising compiler).")
def start(data_dir: Path, for_load: bool) -> None:
    """Start it, or say where the running one is. Prints HOST:PORT."""
    try:
        click.echo(Standing.start(data_dir, for_load=for_load).bootstrap)
    except EmbeddedError as problem:
        raise _Unusable(str(problem)) from problem


@command.command(epilog="Example:  vedette broker stop --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def stop(as_json: bool) -> None:
    """Stop it cleanly; the data stays. Nothing happens where none runs."""
    standing = Standing.read()
    running = standing is not None and standing.alive()
    if standing is not None:
        standing.stop()
    if as_json:
        click.echo(json.dumps({"stopped": running}))
    else:
        click.echo("stopped" if running else "no broker was running")


@command.command(epilog="Example:  vedette broker status --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Say where it is. Exit code 3 where none runs."""
    standing = Standing.read()
    running = standing if standing is not None and standing.alive() else None
    if as_json:
        known = {"broker": running.bootstrap, "pid": running.pid, "data": running.data_dir} if running else {}
        click.echo(json.dumps({"running": running is not None, **known}))
    elif running:
        click.echo(f"running at {running.bootstrap} (process {running.pid}, data in {running.data_dir})")
    else:
        click.echo("no broker is running; start one with `vedette broker start`")
    if running is None:
        ctx.exit(BROKER_UNREACHABLE)


@command.command(epilog="Example:  vedette broker prepare")
def prepare() -> None:
    """Fetch Kafka and build its start-up caches, so that every later start takes about a second."""
    try:
        storage_template()
        class_archive()
    except EmbeddedError as problem:
        raise _Unusable(str(problem)) from problem


class _Unusable(click.ClickException):
    """The broker cannot be started: exit code 3, like any broker that is not there."""

    exit_code = BROKER_UNREACHABLE
