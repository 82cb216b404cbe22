"""``vedette replay``: files through every stage, without a broker."""

import sys
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from geo.zones import ZoneErrors
from streams.cli.inputs import (
    FORMATS,
    clearances_into,
    counting,
    plot_sensors,
    rules_into,
    sized,
    units_option,
    zones_from,
)
from streams.garbage import collect_seldom
from streams.inputs import parse_input, settings_for
from streams.replay import Replay, replay


@click.command(
    epilog="Example: vedette replay day.csv.gz --zones zones.geojson --out alerts.jsonl",
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--zones", "zones_file", required=True, type=click.Path(path_type=Path), help="GeoJSON zones.")
@click.option("--clearances", "clearances_file", type=click.Path(path_type=Path), help="JSON: who may enter.")
@click.option("--rules", "rules_file", type=click.Path(path_type=Path), help="TOML: how fixes are judged.")
@click.option("--sensors", "sensors_file", type=click.Path(path_type=Path), help="TOML: who sends what says no name.")
@click.option("--format", "format_name", type=click.Choice(FORMATS), default="auto", show_default=True)
@units_option
@click.option("--out", "out_file", type=click.Path(path_type=Path), help="Write alerts here instead of to stdout.")
@click.option("--partitions", type=click.IntRange(1, 96), default=1, show_default=True, help="Number of sector owners.")
@click.option("--strict", is_flag=True, help="Exit 1 when any row of the input was rejected.")
@click.option("--ledger", is_flag=True, help="Print the fate of every row to stderr.")
def command(
    inputs: tuple[str, ...],
    zones_file: Path,
    clearances_file: Path | None,
    rules_file: Path | None,
    sensors_file: Path | None,
    format_name: str,
    units: str,
    out_file: Path | None,
    partitions: int,
    strict: bool,
    ledger: bool,
) -> None:
    """Read INPUT files (PATH or PATH@VENDOR/SENSOR; - is standard input, .gz is read) through ingest, surveil, alert
    and dispatch, and write the latest version of every alert as one JSON object per line."""
    try:
        parsed = [parse_input(argument, format_name, units=units) for argument in inputs]
        versions = zones_from(zones_file)
        if clearances_file is not None:
            clearances_into(versions, clearances_file)
        if rules_file is not None:
            rules_into(versions, rules_file)
        settings = msgspec.structs.replace(settings_for(parsed, partitions), sensors=plot_sensors(sensors_file))
    except (ValueError, OSError, ZoneErrors) as problem:
        raise click.UsageError(str(problem)) from problem
    collect_seldom()
    with counting("replay", sized(inputs)) as progress:
        found = replay(parsed, versions, settings, progress=progress)
    if out_file is None:
        _write(found, sys.stdout.buffer)
    else:
        with out_file.open("wb") as out:
            _write(found, out)
    if ledger:
        for fate, count in sorted(found.counts.items()):
            click.echo(f"{fate:32} {count:10}", err=True)
        click.echo(f"{'residual':32} {found.residual():10}", err=True)
    dead = {fate.removeprefix("dead/"): count for fate, count in found.counts.items() if fate.startswith("dead/")}
    if dead:
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(dead.items()))
        click.echo(f"not usable: {reasons}; `vedette check INPUT` names each line and why", err=True)
    if strict and dead:
        sys.exit(1)


def _write(found: Replay, out: BinaryIO) -> None:
    for line in found.lines():
        out.write(line + b"\n")
    out.flush()
