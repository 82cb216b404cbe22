"""``vedette clearances``: check, publish and list who may enter which zone, and when."""

from pathlib import Path

import click
import msgspec

from streams.clearances import Clearance, ClearanceErrors, read_clearances
from streams.clearances import check as check_all
from streams.cli.broker_option import broker_option
from streams.cli.codes import INPUT_ERRORS
from streams.cli.talking import talking_to
from streams.cli.zone_publishing import say, say_passed_over, say_published, time_of

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_EXAMPLE = """\b
Example: vedette clearances check clearances.json

\b
A file looks like this:
  {"clearances": [{"clearance_id": "2026-118", "identity": {"mmsi": 205123000}, "zone_ids": ["west"],
    "valid_from": "2026-06-01T00:00:00Z", "valid_until": "2026-06-08T00:00:00Z"}]}"""


@click.group("clearances")
def command() -> None:
    """Say who may enter which zone, and when: a cleared entry opens no alert."""


@command.command("check", epilog=_EXAMPLE)
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(file: Path, as_json: bool) -> None:
    """Say whether FILE can be published: each problem with its entry, its field and what is expected."""
    problems: list[str] = []
    found: list[Clearance] = []
    try:
        found = read_clearances(file)
    except ClearanceErrors as errors:
        problems = errors.problems
    if as_json:
        click.echo(msgspec.json.encode({"ok": not problems, "clearances": len(found), "problems": problems}))
    else:
        for problem in problems:
            click.echo(f"error: {problem}", err=True)
        click.echo("nothing to publish" if problems else _number(found))
    if problems:
        raise SystemExit(INPUT_ERRORS)


@command.command("publish", epilog="Example: vedette clearances publish clearances.json")
@click.argument("file", type=_FILE)
@click.option(
    "--from", "start", metavar="TIME", help="In force from this event time (ISO 8601 with a zone); default soon."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@broker_option
def publish(file: Path, start: str | None, as_json: bool, bootstrap: str) -> None:
    """Publish the clearances of FILE as the next version, in place of all others. The first is in force since ever."""
    from streams.publisher.clearances import publish_clearances
    from streams.publisher.zones import NotConfirmed, TooSoon

    with talking_to(bootstrap):
        try:
            version = publish_clearances(read_clearances(file), bootstrap, time_of(start), hear=say_passed_over)
        except ClearanceErrors as errors:
            click.echo(str(errors), err=True)
            click.echo(f"nothing published; `vedette clearances check {file}` says more", err=True)
            raise SystemExit(INPUT_ERRORS) from errors
        except (TooSoon, NotConfirmed) as problem:
            raise click.ClickException(str(problem)) from problem
    say_published(version.version, version.in_force_from_us, as_json, f"is published: {_number(version.clearances)}")


@command.command("show", epilog="Example: vedette clearances show --json")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per clearance.")
@broker_option
def show(as_json: bool, bootstrap: str) -> None:
    """List the clearances of the newest version."""
    from streams.publisher.clearances import all_clearances

    with talking_to(bootstrap):
        versions = all_clearances(bootstrap, say_passed_over)
    usable = [version for version in versions if not check_all(version.clearances)]
    for version in versions:
        if version not in usable:
            say(f"version {version.version} is refused by every worker: {'; '.join(check_all(version.clearances))}")
    for clearance in usable[-1].clearances if usable else []:
        if as_json:
            click.echo(msgspec.json.encode(clearance))
        else:
            span = f"{clearance.valid_from.isoformat()} to {clearance.valid_until.isoformat()}"
            click.echo(
                f"{clearance.clearance_id}  {clearance.identity.key('')}  {', '.join(clearance.zone_ids)}  {span}"
            )


def _number(clearances: list[Clearance]) -> str:
    return f"{len(clearances)} clearance{'' if len(clearances) == 1 else 's'}"
