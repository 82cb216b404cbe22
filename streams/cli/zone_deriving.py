"""``vedette zones derive``: the territorial sea or the contiguous zone of a coast, as an indicative zones file."""

import json
from pathlib import Path

import click
import msgspec

from geo.derive import ERROR_M, Sea
from geo.derive import derive as derived
from geo.problems import ZoneErrors
from geo.zones import ZoneKind, as_features, read_zones
from streams.cli.codes import INPUT_ERRORS

_FILE = click.Path(path_type=Path, dir_okay=False)
_AREAS = [kind.value for kind in ZoneKind if kind is not ZoneKind.BORDER_LINE]


@click.command(
    "derive", epilog="Example:  vedette zones derive --kind territorial-sea --from coast.geojson --out zones.geojson"
)
@click.option("--kind", "sea", required=True, type=click.Choice([sea.value for sea in Sea]))
@click.option("--from", "coast", required=True, type=_FILE, help="Land (polygons) or coastlines, GeoJSON in WGS-84.")
@click.option("--land", type=_FILE, help="Other land that is taken out too: neighbours, islands of others.")
@click.option("--zone-kind", type=click.Choice(_AREAS), help="Kind of the zones; default territory, or protected.")
@click.option("--trust-axes", is_flag=True, help="Accept positions that look like latitude, longitude.")
@click.option("--out", type=_FILE, help="The zones file to write; default standard output.")
def derive(sea: str, coast: Path, land: Path | None, zone_kind: str | None, trust_axes: bool, out: Path | None) -> None:
    """Everything within 12 nautical miles of a coast, or from 12 to 24, without the land: geodesic, and indicative.

    The law measures from baselines that states declare, and neighbours agree on lines between them: look at the
    picture (`vedette zones show`) and correct it before it is published."""
    try:
        other = None if land is None else _document(land)
        document = derived(_document(coast), Sea(sea), land=other, kind=zone_kind, trust_axes=trust_axes)
        zones = read_zones(document, trust_axes=trust_axes)
    except ZoneErrors as found:
        for problem in found.problems:
            click.echo(f"error: {problem}", err=True)
        raise SystemExit(INPUT_ERRORS) from found
    more = {"attribution": document["attribution"]} if "attribution" in document else {}
    text = json.dumps(as_features(zones) | more)
    if out is None:
        click.echo(text)
        return
    out.write_text(text + "\n")
    many = "" if len(zones) == 1 else "s"
    click.echo(f"wrote {out}: {len(zones)} indicative zone{many}, at most {ERROR_M:g} m too near to the coast")


def _document(file: Path) -> dict[str, object]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, object])
    except OSError as problem:
        raise click.ClickException(f"cannot read {file}: {problem.strerror}") from problem
    except msgspec.MsgspecError as problem:
        raise click.ClickException(f"{file}: expected GeoJSON, got {problem}") from problem
