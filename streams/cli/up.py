"""``vedette up``: everything at once, with a live view."""

import contextlib
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
from click.core import ParameterSource

from geo.zones import ZoneErrors
from streams.clearances import read_clearances
from streams.cli.broker_option import require_broker
from streams.cli.inputs import FORMATS, plot_sensors, units_option, zones_document
from streams.cli.pacing import speed_option
from streams.console.view import View
from streams.inputs import parse_input
from streams.messages import Unit
from streams.public import encode
from streams.rules import read_rules
from streams.up.run import Source, WorkersFailed, run
from streams.up.sources import FileSource, ScenarioSource, scenario_file

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    epilog="Examples: vedette up; vedette up --input day.csv.gz --zones zones.geojson --speed max --json",
)
@click.option("--input", "inputs", multiple=True, metavar="FILE", help="PATH or PATH@VENDOR/SENSOR; may be repeated.")
@click.option("--zones", "zones_file", type=_FILE, help="GeoJSON zones for --input.")
@click.option("--clearances", "clearances_file", type=_FILE, help="Who may enter which zone (JSON), for --input.")
@click.option("--rules", "rules_file", type=_FILE, help="How fixes are judged (TOML), for --input.")
@click.option("--sensors", "sensors_file", type=_FILE, help="TOML: who sends what says no name.")
@click.option("--units-file", type=_FILE, help="Patrols (JSON list of units); default: an exercise unit per zone.")
@click.option("--format", "format_name", type=click.Choice(FORMATS), default="auto", show_default=True)
@units_option
@click.option("--scenario", default="strait", show_default=True, help="A scenario's name or TOML file.")
@speed_option("10x")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="End after this long.")
@click.option("--partitions", type=click.IntRange(1, 96), default=1, show_default=True, help="Number of sector owners.")
@click.option("--out", "out_file", type=_FILE, help="Write the newest version of every alert here, one per line.")
@click.option("--broker", "bootstrap", envvar="VEDETTE_BROKER", metavar="HOST:PORT", help="Use this Kafka broker.")
@click.option("--run-dir", type=click.Path(path_type=Path, file_okay=False), help="Keep logs and data here.")
@click.option("--picture", type=_FILE, help="Draw the live view's last look here (.svg or .png).")
@click.option("--json", "as_json", is_flag=True, help="Print one summary object to stdout at the end.")
def command(
    inputs: tuple[str, ...],
    zones_file: Path | None,
    clearances_file: Path | None,
    rules_file: Path | None,
    sensors_file: Path | None,
    units_file: Path | None,
    format_name: str,
    units: str,
    scenario: str,
    speed: float | None,
    seconds: float | None,
    partitions: int,
    out_file: Path | None,
    bootstrap: str | None,
    run_dir: Path | None,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Start a broker of its own (or use --broker), the workers and a source, and show what happens. Without --input
    the simulator plays a strait. With --input the files go through Kafka and it ends when all is processed. Ctrl-C
    ends it. --speed defaults to 10x for a scenario and to max for files."""
    default = click.get_current_context().get_parameter_source("speed") is ParameterSource.DEFAULT
    if inputs and default:
        speed = None
    source = _source(
        inputs, zones_file, clearances_file, rules_file, sensors_file, units_file, format_name, units, scenario, speed
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with _directory(run_dir) as directory, _broker(bootstrap, directory, keep=run_dir is not None) as address:
        try:
            found, elapsed_s = run(
                source, address, directory, partitions, seconds, stop=stop, last_look=lambda view: _draw(view, picture)
            )
        except WorkersFailed as problem:
            raise click.ClickException(f"{problem}{_log_ends(directory)}") from problem
    if out_file is not None:
        out_file.write_bytes(b"".join(encode(alert) + b"\n" for alert in found.alerts_in_order()))
    summary = found.summary(elapsed_s, address)
    if as_json:
        click.echo(msgspec.json.encode(summary))
    else:
        alerts = ", ".join(f"{count} {kind}" for kind, count in summary.alerts.items()) or "none"
        click.echo(f"{summary.events_in:,} events, alerts: {alerts}, {summary.tasks} tasks", err=True)


def _draw(view: View, target: Path | None) -> None:
    if target is None:
        return
    from streams.console.picture import render_png, render_svg

    now = time.time()
    if target.suffix == ".png":
        render_png(view, now, target)
    else:
        target.write_text(render_svg(view, now))


def _source(
    inputs: tuple[str, ...],
    zones_file: Path | None,
    clearances_file: Path | None,
    rules_file: Path | None,
    sensors_file: Path | None,
    units_file: Path | None,
    format_name: str,
    units: str,
    scenario: str,
    speed: float | None,
) -> Source:
    try:
        if not inputs:
            scenario_file(scenario)
            return ScenarioSource(scenario, "max" if speed is None else f"{speed:g}x", plot_sensors(sensors_file))
        if zones_file is None:
            raise click.UsageError("--input needs --zones FILE; `vedette zones check FILE` says whether it is good")
        from geo.zones import read_zones

        zones = read_zones(zones_file)
        crews = _units(units_file) if units_file is not None else exercise_units(zones)
        parsed = [parse_input(argument, format_name, units=units) for argument in inputs]
        cleared = [] if clearances_file is None else read_clearances(clearances_file)
        rules = None if rules_file is None else read_rules(rules_file)
        return FileSource(parsed, zones_document(zones_file), crews, speed, cleared, plot_sensors(sensors_file), rules)
    except (OSError, ValueError, ZoneErrors) as problem:
        raise click.UsageError(str(problem)) from problem


def exercise_units(zones: "object") -> list[Unit]:
    """One exercise unit in the middle of every zone: recordings are never offered to an operational one."""
    from geo.zones import ZoneSet

    assert isinstance(zones, ZoneSet)
    found = []
    for zone in zones:
        point = zone.geometry.representative_point()
        found.append(
            Unit(unit_id=f"exercise-{zone.zone_id}", position=(point.x, point.y), speed_mps=15.0, exercise=True)
        )
    return found


def _units(path: Path) -> list[Unit]:
    return msgspec.json.decode(path.read_bytes(), type=list[Unit])


@contextlib.contextmanager
def _directory(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="vedette-up-") as made:
        yield Path(made)


@contextlib.contextmanager
def _broker(given: str | None, directory: Path, *, keep: bool) -> Iterator[str]:
    if given is not None:
        require_broker(given)
        yield given
        return
    from streams.embedded import EmbeddedBroker, EmbeddedError

    try:
        with EmbeddedBroker(directory / "kafka" if keep else None) as broker:
            yield broker.bootstrap
    except EmbeddedError as problem:
        raise click.ClickException(str(problem)) from problem


def _log_ends(directory: Path) -> str:
    """The last lines of each worker's log, for the person who reads the error."""
    ends = []
    for log in sorted(directory.glob("*.log")):
        lines = log.read_text(errors="replace").splitlines()[-5:]
        ends += [f"\n{log.name}: {line}" for line in lines]
    return "".join(ends)


if __name__ == "__main__":
    sys.exit(command())
