"""``vedette simulate``: the events of a scenario, into a file or into Kafka, with the truth beside them."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from geo.zones import read_zones
from simulator.drawing import draw
from simulator.play import Played, play, play_into_kafka
from simulator.plots import PlotTable, sensors_toml
from simulator.scaling import at_rate
from simulator.scenario import BadScenario, Bundle, open_bundle
from simulator.wire import WireFormat, make_wire
from simulator.world import World
from streams.cli.broker_option import broker_option, require_broker
from streams.cli.codes import BROKER_UNREACHABLE, BrokerUnreachable
from streams.cli.inputs import counting
from streams.cli.pacing import speed_option, stopping
from streams.config import Feed, Format
from streams.console.quiet import quiet_kafka
from streams.publisher.speed import Pace

_FILE = click.Path(path_type=Path, dir_okay=False)
_INTERRUPTED = 130
_FOR_EVER = float("inf")


@click.command(
    epilog="Examples: vedette simulate strait --out events.jsonl --truth truth.jsonl; vedette simulate strait --live",
)
@click.argument("scenario", default="strait", metavar="[SCENARIO]")
@click.option("--out", "out_file", type=_FILE, help="Write events here, one a line, in order of arrival.")
@click.option("--truth", "truth_file", type=_FILE, help="Write what really happened here, one JSON object a line.")
@click.option("--plots", "plots_file", type=_FILE, help="Write measured positions here, as `vedette track` reads them.")
@click.option(
    "--sensors", "sensors_file", type=_FILE, help="Write what is known of the sensors of --plots here (TOML)."
)
@click.option("--picture", "picture_file", type=_FILE, help="Draw the world here (SVG).")
@click.option("--zones", "zones_file", type=_FILE, help="Write the scenario's zones here (GeoJSON).")
@click.option("--seed", type=click.IntRange(0), help="Another world of the same kind; default: the scenario's.")
@click.option(
    "--plot-rate", type=click.FloatRange(0, min_open=True), help="Scale traffic and clutter to so many plots a second."
)
@click.option("--seconds", type=click.FloatRange(0.0), help="How long; default: the scenario's, --live: for ever.")
@click.option(
    "--format", "form", type=click.Choice([form.value for form in WireFormat]), default="json", show_default=True
)
@speed_option("1x")
@click.option("--live", is_flag=True, help="It happens now; only at 1x.")
@click.option("--setup", is_flag=True, help="Publish the scenario's zones and units first.")
@click.option("--vendor", default="sim", show_default=True, help="Feed raw.VENDOR.FORMAT.")
@broker_option
def command(
    scenario: str,
    out_file: Path | None,
    truth_file: Path | None,
    plots_file: Path | None,
    sensors_file: Path | None,
    picture_file: Path | None,
    zones_file: Path | None,
    seed: int | None,
    plot_rate: float | None,
    seconds: float | None,
    form: str,
    speed: float | None,
    live: bool,
    setup: bool,
    vendor: str,
    bootstrap: str,
) -> None:
    """Make the events of SCENARIO (a TOML file, or one that comes along: strait, frontier, radars), the same for
    the same seed: into files with --out, --plots or --picture, else into Kafka. Every JSON event says that it is
    simulated."""
    into_files = any(file is not None for file in (out_file, plots_file, picture_file))
    if live and (into_files or speed != 1.0):
        raise click.UsageError("--live is for Kafka at 1x: faster, its times would lie in the future")
    try:
        bundle = open_bundle(scenario)
        zones = read_zones(bundle.zones)
        if plot_rate is not None:
            bundle = bundle._replace(scenario=at_rate(bundle.scenario, zones, plot_rate))
    except BadScenario as problem:
        raise click.UsageError(str(problem)) from problem
    if zones_file is not None:
        zones_file.write_bytes(bundle.zones.read_bytes())
    start_us = time.time_ns() // 1000 if live else None
    seconds = seconds if seconds is not None else _FOR_EVER if live else bundle.scenario.seconds
    world = World(bundle.scenario, zones, seed=seed, start_us=start_us)
    moments, wire = world.run(None if seconds == _FOR_EVER else seconds), make_wire(WireFormat(form))
    if sensors_file is not None:
        sensors_file.write_bytes(sensors_toml(bundle.scenario))
    table = PlotTable(bundle.scenario, world.start_us)
    if plots_file is not None or picture_file is not None:
        moments = table.watch(moments)
    with (
        quiet_kafka(),
        stopping() as stop,
        _lines(truth_file, at_once=True) as write_truth,
        counting("simulate", bundle.scenario.name) as progress,
    ):
        if into_files:
            with _lines(out_file) as write:
                pace = Pace(None, stop)
                played = play(moments, wire, lambda _, event: write(event), write_truth, pace, progress=progress)
            if plots_file is not None:
                table.write(plots_file)
            if picture_file is not None:
                picture_file.write_text(draw(bundle.scenario, zones, table.positions, table.plots, seconds))
        else:
            require_broker(bootstrap)
            feed = Feed(vendor, form, Format(form))
            played = _into_kafka(
                bundle, bootstrap, setup,
                lambda: play_into_kafka(
                    moments, wire, bootstrap, feed,
                    live=live, speed=speed, stop=stop, write_truth=write_truth, progress=progress,
                ),
            )  # fmt: skip
    click.echo(f"{played.events:,} events of {played.reports:,} reports, {played.truths:,} truths", err=True)
    if played.failed:
        click.echo(f"Error: {played.failed:,} events were not confirmed", err=True)
        sys.exit(BROKER_UNREACHABLE)
    if not played.complete:
        sys.exit(_INTERRUPTED)


def _into_kafka(bundle: Bundle, bootstrap: str, setup: bool, run: Callable[[], Played]) -> Played:
    from kafka.errors import KafkaError

    from simulator.setup import publish_bundle
    from streams.publisher import TopicMissing

    try:
        if setup:
            publish_bundle(bundle, bootstrap)
        return run()
    except TopicMissing as missing:
        raise click.ClickException(f"topic {missing} does not exist; `vedette topics apply` makes it") from missing
    except KafkaError as problem:
        raise BrokerUnreachable(bootstrap) from problem


@contextmanager
def _lines(path: Path | None, *, at_once: bool = False) -> Iterator[Callable[[bytes], None]]:
    """Write lines to a file, each ``at_once`` where it is read while it grows; nothing where there is no file."""
    if path is None:
        yield lambda _: None
        return
    with path.open("wb", buffering=0 if at_once else -1) as out:
        yield lambda line: _write(out.write, line)


def _write(write: Callable[[bytes], int | None], line: bytes) -> None:
    write(line + b"\n")
