"""``vedette zones``: check, show, import and publish the zones."""

import json
from pathlib import Path

import click
import shapely

from geo.problems import ZoneErrors, ZoneProblem
from geo.zones import Zone, ZoneSet, as_features, read_zones
from streams.cli.broker_option import broker_option
from streams.cli.codes import INPUT_ERRORS
from streams.cli.drawing import map_file, write_map
from streams.cli.talking import talking_to
from streams.cli.zone_deriving import derive
from streams.cli.zone_importing import import_
from streams.cli.zone_publishing import publish, say, say_passed_over
from streams.console.map import scene_of_zones

_FILE = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 30
_COLUMNS = ("zone", "kind", "name", "positions", "west, south, east, north", "accuracy", "in force", "source")


@click.group("zones", help="Check, show, import and publish the zones that alerts are about.")
def command() -> None:
    """The group every verb below belongs to."""


@command.command("check", epilog="Example:  vedette zones check zones.geojson --json")
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--mend", is_flag=True, help="Repair what can be repaired, and say what was.")
@click.option("--trust-axes", is_flag=True, help="Accept positions that look like latitude, longitude.")
@click.option("--layer", help="The layer to read, where a GeoPackage has several.")
@click.option("--out", type=_FILE, help="Write the zones as read (GeoJSON), repairs included.")
def check(file: Path, as_json: bool, mend: bool, trust_axes: bool, layer: str | None, out: Path | None) -> None:
    """Say whether FILE (GeoJSON, Shapefile, GeoPackage) can be published: each problem with its feature, its reason
    and the next step."""
    problems: tuple[ZoneProblem, ...] = ()
    zones = ZoneSet(())
    try:
        zones = read_zones(file, mend=mend, trust_axes=trust_axes, layer=layer)
    except ZoneErrors as found:
        problems = found.problems
    if out is not None and not problems:
        out.write_text(json.dumps(as_features(zones)) + "\n")
    if as_json:
        report = {
            "file": str(file),
            "ok": not problems,
            "zones": len(zones),
            "problems": [problem.as_dict() for problem in problems],
            "notes": [note.as_dict() for note in zones.notes],
        }
        click.echo(json.dumps(report))
    else:
        _report(zones, problems)
    if problems:
        raise SystemExit(INPUT_ERRORS)


def _report(zones: ZoneSet, problems: tuple[ZoneProblem, ...]) -> None:
    for note in zones.notes:
        where = "file" if note.feature < 0 else f"feature {note.feature} ({note.zone_id})"
        click.echo(f"note: {where}: {note.code}: {note.message}")
    for problem in problems[:_SHOWN]:
        click.echo(f"error: {problem}", err=True)
    if len(problems) > _SHOWN:
        click.echo(f"… and {len(problems) - _SHOWN} more; `vedette zones check --json` lists all", err=True)
    if problems:
        click.echo(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}; nothing was published", err=True)
    else:
        click.echo(f"{len(zones)} zone{'' if len(zones) == 1 else 's'}, no problems")


@command.command("show", epilog="Example:  vedette zones show zones.geojson --html map.html")
@click.argument("file", type=_FILE, required=False)
@click.option("--html", type=_FILE, callback=map_file, help="Draw a map to look around in: one page, no network.")
@click.option("--png", type=_FILE, callback=map_file, help="Draw a map as a picture (.png or .svg).")
@click.option("--mend", is_flag=True, help="Repair what can be repaired first.")
@click.option("--trust-axes", is_flag=True, help="Accept positions that look like latitude, longitude.")
@click.option("--layer", help="The layer to read, where a GeoPackage has several.")
@broker_option
def show(
    file: Path | None,
    html: Path | None,
    png: Path | None,
    mend: bool,
    trust_axes: bool,
    layer: str | None,
    bootstrap: str,
) -> None:
    """List the zones of FILE, or without FILE the newest published ones, and draw them with --html or --png."""
    zones = _published(bootstrap) if file is None else _read(file, mend, trust_axes, layer)
    rows: list[tuple[str, ...]] = [_COLUMNS]
    rows += [_row(zone) for zone in zones]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    for target in (html, png):
        if target is not None:
            write_map(scene_of_zones(zones, "published zones" if file is None else file.name), target)


def _row(zone: Zone) -> tuple[str, ...]:
    bounds = ", ".join(f"{value:.2f}" for value in zone.geometry.bounds)
    accuracy = f"{zone.accuracy_m:g} m" if zone.accuracy_m else "-"
    count = str(shapely.get_num_coordinates(zone.geometry))
    when = str(zone.schedule or "always")
    return (zone.zone_id, zone.kind.value, zone.name[:40], count, bounds, accuracy, when, (zone.source or "-")[:60])


def _read(file: Path, mend: bool, trust_axes: bool, layer: str | None) -> ZoneSet:
    """The zones of a file; with the reasons printed and the process ended where it cannot be used."""
    try:
        return read_zones(file, mend=mend, trust_axes=trust_axes, layer=layer)
    except ZoneErrors as found:
        _report(ZoneSet(()), found.problems)
        raise SystemExit(INPUT_ERRORS) from found


def _published(bootstrap: str) -> ZoneSet:
    """The zones of the newest version that can be used; exit code 3 where no broker answers."""
    from streams.publisher.zones import all_zones

    with talking_to(bootstrap):
        versions = all_zones(bootstrap, say_passed_over)
    for version in reversed(versions):
        try:
            return read_zones(version.zones)
        except ZoneErrors as found:
            say(f"version {version.version} is refused by every worker: {found.problems[0]}")
    raise click.ClickException("no zones are published; `vedette zones publish FILE` does it")


command.add_command(publish)
command.add_command(derive)
command.add_command(import_)
