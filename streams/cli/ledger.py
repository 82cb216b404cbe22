"""``vedette ledger``: every item that came in has exactly one fate, partition by partition."""

import sys
from collections.abc import Iterable
from typing import NamedTuple

import click
import msgspec

from sensors.reasons import Fate
from streams.cli.broker_option import broker_option
from streams.cli.codes import INPUT_ERRORS
from streams.cli.listing import table
from streams.cli.talking import talking_to
from streams.health import Health

ORDER = ("ingest", "surveil", "alert", "dispatch", "gateway")
HEADER = ("STAGE", "PARTITION", "IN", *(fate.upper() for fate in Fate), "RESIDUAL", "REPEATS", "GAPS", "LAG")


class Line(NamedTuple):
    """The ledger of one partition of one stage."""

    stage: str
    partition: str
    items: int
    fates: dict[str, int]
    reasons: dict[str, int]
    residual: int
    repeats: int
    gaps: int  # holes passed: an accepted one, or what the log no longer held; what was there is in no ledger
    lag: int | None


@click.command(epilog="Example: vedette ledger --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@broker_option
def command(as_json: bool, bootstrap: str) -> None:
    """Prove that every item has exactly one fate: in = row + merged + filtered + dead + held, per partition.

    Read from the newest word of every partition. Exit code 1 where one does not balance, or where there is none.
    """
    with talking_to(bootstrap):
        from streams.console.public_log import public_log

        newest: dict[bytes, bytes] = {}
        with public_log(bootstrap, "health.v1") as log:
            for record in log.to_now():
                if record.key is not None and record.value is not None:
                    newest[record.key] = record.value
    lines = balanced(msgspec.json.decode(value, type=Health) for value in newest.values())
    residual = sum(abs(line.residual) for line in lines)
    if as_json:
        found = {"residual": residual, "partitions": [line._asdict() for line in lines]}
        click.echo(msgspec.json.encode(found).decode())
    else:
        table("Ledger", HEADER, [_cells(line) for line in lines], [_style(line) for line in lines])
        for name, number in sorted(_reasons(lines).items()):
            click.echo(f"{name}\t{number}")
        click.echo(f"residual\t{residual}")
    if not lines:
        click.echo("no worker has spoken yet; start one with `vedette worker` or `vedette up`", err=True)
    if residual or not lines:
        sys.exit(INPUT_ERRORS)


def balanced(healths: Iterable[Health]) -> list[Line]:
    """The ledgers in the order of the stream."""
    return sorted(map(_line, healths), key=lambda line: (_place(line.stage), line.partition))


def _line(health: Health) -> Line:
    counts = health.counts
    fates = {fate.value: 0 for fate in Fate}
    reasons: dict[str, int] = {}
    for name, number in counts.items():
        fate, _, reason = name.partition("/")
        if fate in fates:
            fates[fate] += number
            if reason and number:
                reasons[name] = number
    items = counts.get("in", 0)
    return Line(
        health.stage,
        f"{health.topic}/{health.partition}",
        items,
        fates,
        reasons,
        items - sum(fates.values()),
        counts.get("repeat", 0),
        counts.get("gap", 0),
        health.lag,
    )


def _place(stage: str) -> int:
    return ORDER.index(stage) if stage in ORDER else len(ORDER)


def _cells(line: Line) -> tuple[str, ...]:
    numbers = (line.items, *line.fates.values(), line.residual, line.repeats, line.gaps)
    return (line.stage, line.partition, *map(str, numbers), "" if line.lag is None else str(line.lag))


def _style(line: Line) -> str:
    return "bold red" if line.residual else "yellow" if line.gaps else ""


def _reasons(lines: Iterable[Line]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines:
        for name, number in line.reasons.items():
            key = f"{line.stage}/{name}"
            found[key] = found.get(key, 0) + number
    return found
