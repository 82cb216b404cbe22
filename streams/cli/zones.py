"""``vedette zones``: check, show, import and publish the zones."""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import click
import shapely

from geo.osm_borders import UnknownCountry, read_borders, territories
from geo.problems import ZoneErrors, ZoneProblem
from geo.zones import Zone, ZoneSet, as_features, read_zones
from streams.cli.broker_option import broker_option
from streams.cli.codes import INPUT_ERRORS
from streams.cli.drawing import map_file, write_map
from streams.cli.talking import talking_to
from streams.cli.zone_publishing import publish
from streams.console.map import scene_of_zones

_FILE = click.Path(path_type=Path, dir_okay=False)
_NPM_TIMEOUT_S = 300
_SHOWN = 30
_COLUMNS: tuple[str, ...] = ("zone", "kind", "name", "positions", "west, south, east, north", "accuracy", "source")


@click.group("zones", help="Check, show, import and publish the zones that alerts are about.")
def command() -> None:
    """The group every verb below belongs to."""


@command.command("check", epilog="Example:  vedette zones check zones.geojson --json")
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--mend", is_flag=True, help="Repair what can be repaired, and say what was.")
@click.option("--trust-axes", is_flag=True, help="Accept positions that look like latitude, longitude.")
@click.option("--out", type=_FILE, help="Write the zones as read, repairs included.")
def check(file: Path, as_json: bool, mend: bool, trust_axes: bool, out: Path | None) -> None:
    """Say whether FILE (GeoJSON) can be published: each problem with its feature, its reason and the next step."""
    problems: tuple[ZoneProblem, ...] = ()
    zones = ZoneSet(())
    try:
        zones = read_zones(file, mend=mend, trust_axes=trust_axes)
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
        click.echo(f"note: feature {note.feature} ({note.zone_id}): {note.code}: {note.message}")
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
@broker_option
def show(file: Path | None, html: Path | None, png: Path | None, mend: bool, trust_axes: bool, bootstrap: str) -> None:
    """List the zones of FILE, or without FILE the newest published ones, and draw them with --html or --png."""
    zones = _published(bootstrap) if file is None else _read(file, mend=mend, trust_axes=trust_axes)
    rows: list[tuple[str, ...]] = [
        ("zone", "kind", "name", "positions", "west, south, east, north", "accuracy", "source")
    ]
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
    return (zone.zone_id, zone.kind.value, zone.name[:40], count, bounds, accuracy, (zone.source or "-")[:60])


def _read(file: Path, *, mend: bool = False, trust_axes: bool = False) -> ZoneSet:
    """The zones of a file; with the reasons printed and the process ended where it cannot be used."""
    try:
        return read_zones(file, mend=mend, trust_axes=trust_axes)
    except ZoneErrors as found:
        _report(ZoneSet(()), found.problems)
        raise SystemExit(INPUT_ERRORS) from found


def _published(bootstrap: str) -> ZoneSet:
    """The zones of the newest version; exit code 3 where no broker answers."""
    from streams.publisher.zones import newest_zones

    with talking_to(bootstrap):
        newest = newest_zones(bootstrap)
    if newest is None:
        raise click.ClickException("no zones are published; `vedette zones publish FILE` does it")
    return read_zones(newest.zones)


command.add_command(publish)


# --- import ---------------------------------------------------------------------------------------------------------


@command.group("import")
def import_() -> None:
    """Make a zones file from a public source."""


@import_.command(
    "osm-borders", epilog="Example:  vedette zones import osm-borders --countries US,CU,BS,MX --out zones.geojson"
)
@click.option("--countries", required=True, help="ISO 3166 codes, comma separated (US,CU,BS,MX), or `all`.")
@click.option("--resolution", type=click.Choice(["1000m", "10m"]), default="1000m", show_default=True)
@click.option("--out", required=True, type=_FILE, help="The zones file to write.")
@click.option("--package", type=click.Path(path_type=Path, exists=True), help="An unpacked package or its .tgz.")
def osm_borders(countries: str, resolution: str, out: Path, package: Path | None) -> None:
    """Land and territorial sea of countries, from OpenStreetMap through npm (ODbL: keep the attribution)."""
    name = f"@osm_borders/maritime_{resolution}"
    try:
        features = read_borders(_borders_file(package) if package else _fetched(name, resolution))
        codes = None if countries == "all" else [code.strip() for code in countries.split(",") if code.strip()]
        document = territories(features, codes, package=name, resolution=resolution)
    except UnknownCountry as problem:
        raise click.BadParameter(str(problem), param_hint="--countries") from problem
    zones = read_zones(document, mend=True)
    out.write_text(json.dumps(document) + "\n")
    click.echo(f"wrote {out}: {len(zones)} zones; {document['attribution']}")


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "vedette" / "osm-borders"


def _fetched(name: str, resolution: str) -> Path:
    """The package's borders file, fetched once with ``npm pack`` and kept in the user's cache."""
    kept = _cache() / f"maritime_{resolution}.geo.json"
    if kept.exists():
        return kept
    npm = shutil.which("npm")
    if npm is None:
        raise click.ClickException(
            f"npm is not installed, and it is what fetches {name}. Install Node.js (`apt-get install npm`), "
            "or give an unpacked package with --package."
        )
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as work:
        try:
            done = subprocess.run(
                [npm, "pack", name], cwd=work, capture_output=True, text=True, timeout=_NPM_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired as problem:
            raise click.ClickException(f"npm pack {name} took more than {_NPM_TIMEOUT_S} s; try again") from problem
        archives = sorted(Path(work).glob("*.tgz"))
        if done.returncode != 0 or not archives:
            last = (done.stderr.strip().splitlines() or ["no output"])[-1]
            raise click.ClickException(f"npm pack {name} failed: {last}. Is the npm registry reachable?")
        found = _unpacked(archives[0], Path(work))
        found.replace(kept)
    return kept


def _borders_file(package: Path) -> Path:
    if package.is_file() and package.suffix == ".tgz":
        return _unpacked(package, Path(tempfile.mkdtemp(prefix="vedette-borders-")))
    found = package if package.is_file() else package / "borders.geo.json"
    if not found.exists():
        found = package / "package" / "borders.geo.json"
    if not found.exists():
        raise click.BadParameter(f"no borders.geo.json in {package}", param_hint="--package")
    return found


def _unpacked(archive: Path, work: Path) -> Path:
    """``borders.geo.json`` out of an npm archive; nothing else is written."""
    target = work / "borders.geo.json"
    with tarfile.open(archive) as packed:
        member = packed.extractfile("package/borders.geo.json")
        if member is None:
            raise click.ClickException(f"{archive.name} holds no borders.geo.json")
        with target.open("wb") as out:
            shutil.copyfileobj(member, out)
    return target


# --- publish --------------------------------------------------------------------------------------------------------
