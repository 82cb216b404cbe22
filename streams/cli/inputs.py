"""What the commands that read files share: formats, zones, a progress bar on a terminal."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from geo.zones import SUFFIXES, as_features, read_zones
from streams.cache import cache_dir
from streams.clearances import ClearancesVersion, read_clearances
from streams.config import Format, PlotSensor
from streams.fences import Fences
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
    versions = ZoneVersions(Fences(cache_dir() / "zones"))
    versions.begin(read_zones(path))
    return versions


def zones_document(path: Path, layer: str | None = None) -> dict[str, object]:
    """A zones file as the GeoJSON that is published; ``layer`` is one of a GeoPackage.

    Raises geo.zones.ZoneErrors, OSError, or msgspec.DecodeError where it is no JSON."""
    if path.suffix.lower() in SUFFIXES:
        return as_features(read_zones(path, layer=layer))
    document: dict[str, object] = msgspec.json.decode(path.read_bytes())
    return document


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
