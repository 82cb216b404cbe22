"""``vedette rules``: check, publish and show how fixes are judged."""

from pathlib import Path

import click
import msgspec

from streams.cli.broker_option import broker_option
from streams.cli.codes import INPUT_ERRORS
from streams.cli.talking import talking_to
from streams.cli.zone_publishing import say, say_passed_over, say_published, time_of
from streams.rules import RuleErrors, Rules, read_rules
from streams.rules import check as problems_of

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_EXAMPLE = """\b
Example: vedette rules check rules.toml

\b
A file looks like this; what it leaves out is as the workers are configured:
  exit_dwell_s = 120
  found_inside = ["west", "exclusion"]
  severities = { incursion = "critical" }"""


@click.group("rules")
def command() -> None:
    """Say how fixes are judged: hysteresis, lost time, predictions, what is first seen inside, severities."""


@command.command("check", epilog=_EXAMPLE)
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(file: Path, as_json: bool) -> None:
    """Say whether FILE (TOML, or JSON where its name ends so) can be published: each problem with its field and what
    is expected."""
    problems: list[str] = []
    try:
        found = read_rules(file)
    except RuleErrors as errors:
        found, problems = Rules(), errors.problems
    if as_json:
        click.echo(msgspec.json.encode({"ok": not problems, "rules": found, "problems": problems}))
    else:
        for problem in problems:
            click.echo(f"error: {problem}", err=True)
        click.echo("nothing to publish" if problems else "\n".join(lines(found)) or "all as configured")
    if problems:
        raise SystemExit(INPUT_ERRORS)


@command.command("publish", epilog="Example: vedette rules publish rules.toml")
@click.argument("file", type=_FILE)
@click.option(
    "--from", "start", metavar="TIME", help="In force from this event time (ISO 8601 with a zone); default soon."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@broker_option
def publish(file: Path, start: str | None, as_json: bool, bootstrap: str) -> None:
    """Publish the rules of FILE as the next version, in place of all others. The first is in force since ever."""
    from streams.publisher.rules import publish_rules
    from streams.publisher.zones import NotConfirmed, TooSoon

    with talking_to(bootstrap):
        try:
            version = publish_rules(read_rules(file), bootstrap, time_of(start), hear=say_passed_over)
        except RuleErrors as errors:
            click.echo(str(errors), err=True)
            click.echo(f"nothing published; `vedette rules check {file}` says more", err=True)
            raise SystemExit(INPUT_ERRORS) from errors
        except (TooSoon, NotConfirmed) as problem:
            raise click.ClickException(str(problem)) from problem
    say_published(version.version, version.in_force_from_us, as_json, "is published")


@command.command("show", epilog="Example: vedette rules show --json")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per version.")
@broker_option
def show(as_json: bool, bootstrap: str) -> None:
    """List every version with its rules, the newest last."""
    from streams.publisher.rules import all_rules

    with talking_to(bootstrap):
        versions = all_rules(bootstrap, say_passed_over)
    for version in versions:
        if problems := problems_of(version.rules):
            say(f"version {version.version} is refused by every worker: {'; '.join(problems)}")
        elif as_json:
            click.echo(msgspec.json.encode(version))
        else:
            say_published(version.version, version.in_force_from_us, False, "")
            for line in lines(version.rules):
                click.echo(f"  {line}")


def lines(rules: Rules) -> list[str]:
    """What the rules say, a line each; nothing of what is as configured."""
    said: dict[str, object] = msgspec.to_builtins(rules)
    return [f"{name} = {msgspec.json.encode(value).decode()}" for name, value in said.items()]
