"""``vedette hole``: rows that are missing, and who let their owner go on without them."""

import re
from datetime import UTC, datetime

import click

from streams.cli.broker_option import broker_option
from streams.cli.listing import json_line, table
from streams.cli.talking import talking_to

_PARTITION = re.compile(r"(.+)[-/](\d+)")


@click.group()
def command() -> None:
    """Let an owner go on past rows that are missing, and show where that was done."""


def _source(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    found = _PARTITION.fullmatch(value)
    if found is None:
        raise click.BadParameter(f"{value!r}: expected TOPIC-PARTITION, such as raw.coastal.nmea-0")
    return f"{found[1]}/{found[2]}"


@command.command(epilog="Example: vedette hole accept raw.coastal.nmea-0 1200 1350 --note 'disk lost, case 17'")
@click.argument("source", metavar="TOPIC-PARTITION", callback=_source)
@click.argument("first", metavar="FROM", type=click.IntRange(0))
@click.argument("last", metavar="TO", type=click.IntRange(0))
@click.option("--as", "actor", envvar="VEDETTE_ROLE", default="supervisor", show_default=True, help="A role, no name.")
@click.option("--note", required=True, help="Why; kept for ever. Names no person.")
@broker_option
def accept(source: str, first: int, last: int, actor: str, note: str, bootstrap: str) -> None:
    """Accept that rows of a source partition between two of its offsets are missing.

    The worker that is down because of them says which: it goes on by itself, and `vedette ledger` shows the gap.
    What the missing rows would have shown is never judged.
    """
    if last < first:
        raise click.BadParameter(f"{last}: expected FROM or more", param_hint="TO")
    with talking_to(bootstrap):
        from streams.holes import AcceptedHole
        from streams.publisher.holes import accept_hole

        hole = AcceptedHole(source=source, first=first, last=last, actor=actor, at=datetime.now(UTC), note=note)
        accept_hole(hole, bootstrap)
    click.echo(f"accepted: {source} {first} to {last}")


@command.command(name="list", epilog="Example: vedette hole list --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@broker_option
def listed(as_json: bool, bootstrap: str) -> None:
    """Every hole that was accepted: by whom, when and why."""
    with talking_to(bootstrap):
        from streams.publisher.holes import accepted_holes

        holes = accepted_holes(bootstrap)
    if as_json:
        for hole in holes:
            click.echo(json_line(hole))
        return
    rows = [(f"{h.at:%Y-%m-%d %H:%M:%S}", h.source, str(h.first), str(h.last), h.actor, h.note) for h in holes]
    table("Accepted holes", ("AT", "SOURCE", "FROM", "TO", "BY", "WHY"), rows)
