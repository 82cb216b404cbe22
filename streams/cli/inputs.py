"""What the commands that read files share: formats, zones, a progress bar on a terminal."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from geo.zones import read_zones
from streams.clearances import ClearancesVersion, read_clearances
from streams.config import Format, PlotSensor
from streams.messages import ZonesVersion
from streams.rules import RulesVersion, read_rules
from streams.zones import ZoneVersions

FORMATS = ["auto", *(form.value for form in Format)]  # by value: click names the members of an enum
_F = TypeVar("_F", bound=Callable[..., Any])


def units_option(function: _F) -> _F:
    """Add ``--units``: what speeds in CSV and GeoJSON are in."""
    return click.option(
        "--units",
        type=click.Choice(["nautical", "si"]),
        default="nautical",
        show_default=True,
        help="Of CSV and GeoJSON: knots and degrees, or m/s and degrees.",
    )(function)


def zones_from(path: Path) -> ZoneVersions:
    """The zones of a file as the first version, in force since ever.

    Raises geo.zones.ZoneErrors or OSError where the file cannot be used."""
    read_zones(path)  # the reasons name the file's own features
    versions = ZoneVersions()
    versions.add(ZonesVersion(version=1, in_force_from_us=None, zones=json.loads(path.read_bytes())))
    return versions


def clearances_into(versions: ZoneVersions, path: Path) -> None:
    """The clearances of a file as the first version, in force since ever.

    Raises streams.clearances.ClearanceErrors or OSError where the file cannot be used."""
    versions.clearances.add(ClearancesVersion(version=1, in_force_from_us=None, clearances=read_clearances(path)))


def rules_into(versions: ZoneVersions, path: Path) -> None:
    """The rules of a file as the first version, in force since ever.

    Raises streams.rules.RuleErrors or OSError where the file cannot be used."""
    versions.rules.add(RulesVersion(version=1, in_force_from_us=None, rules=read_rules(path)))


def plot_sensors(path: Path | None) -> tuple[PlotSensor, ...]:
    """The sensors of a TOML file whose nameless observations are followed; none without a file.

    Raises streams.registry.BadSensors or OSError where the file cannot be used."""
    if path is None:
        return ()
    from streams.registry import read_sensors

    return read_sensors(path.read_text())


def sized(inputs: Sequence[str]) -> str:
    """What a progress bar says it is reading."""
    return ", ".join(argument.rpartition("/")[2] for argument in inputs)


@contextmanager
def counting(verb: str, what: str) -> Iterator[Callable[[int], None]]:
    """A live count of rows on a terminal's stderr; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{verb} {what}", total=None)
        yield lambda rows: bar.update(task, completed=rows)
