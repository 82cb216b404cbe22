"""``vedette zones publish``: the zones of a file as the next version, in force from a moment on."""

from datetime import datetime
from pathlib import Path

import click
import msgspec

from geo.problems import ZoneErrors
from streams.cli.broker_option import broker_option
from streams.cli.codes import INPUT_ERRORS
from streams.cli.inputs import zones_document
from streams.cli.talking import talking_to


@click.command("publish", epilog="Example: vedette zones publish zones.geojson --from 2026-06-01T06:00:00+00:00")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--from", "start", metavar="TIME", help="In force from this event time (ISO 8601 with a zone); default soon."
)
@click.option("--layer", help="The layer to read, where a GeoPackage has several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@broker_option
def publish(file: Path, start: str | None, layer: str | None, as_json: bool, bootstrap: str) -> None:
    """Publish the zones of FILE (GeoJSON, Shapefile, GeoPackage) as the next version.

    Versions are immutable; the first is in force since ever."""
    from streams.publisher.zones import NotConfirmed, TooSoon, publish_zones

    with talking_to(bootstrap):
        try:
            version = publish_zones(zones_document(file, layer), bootstrap, time_of(start), hear=say_passed_over)
        except ZoneErrors as found:
            for problem in found.problems:
                click.echo(str(problem), err=True)
            click.echo(f"nothing published; `vedette zones check {file}` says more", err=True)
            raise SystemExit(INPUT_ERRORS) from found
        except (TooSoon, NotConfirmed, msgspec.DecodeError) as problem:
            raise click.ClickException(str(problem)) from problem
    say_published(version.version, version.in_force_from_us, as_json, "is published")


def say_published(number: int, from_us: int | None, as_json: bool, what: str) -> None:
    """Tell the number of a version that was published and from when it is in force, event time in microseconds."""
    if as_json:
        click.echo(msgspec.json.encode({"version": number, "in_force_from_us": from_us}))
        return
    since = "since ever" if from_us is None else f"from {datetime.fromtimestamp(from_us / 1e6).astimezone()}"
    click.echo(f"version {number}{' ' * bool(what)}{what}, in force {since}")


def say(warning: str) -> None:
    """Warn on stderr."""
    click.echo(f"warning: {warning}", err=True)


def say_passed_over(found: object) -> None:
    """Warn of a record that is no version (:class:`streams.publisher.versions.PassedOver`)."""
    say(str(found))


def time_of(text: str | None) -> datetime | None:
    """The moment an option names; None where it was not given."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as problem:
        raise click.BadParameter(f"{text!r}: expected ISO 8601 such as 2026-06-01T06:00:00+00:00") from problem
    if found.tzinfo is None:
        raise click.BadParameter(f"{text!r}: expected a time zone, such as +00:00 at its end")
    return found
