"""``vedette dead-letters``: what could not be used, why, and back into the stream once the reason is gone."""

import base64
import json
from collections.abc import Iterable

import click

from streams.cli.broker_option import broker_option
from streams.cli.listing import clock, line, table
from streams.cli.pacing import stopping
from streams.cli.talking import talking_to
from streams.dead_letters import TOPIC, DeadLetter
from streams.log import Record
from streams.public import rfc3339, to_time

HEADER = ("ARRIVED", "FROM", "STAGE", "REASON", "DETAIL", "BYTES")
_PREVIEW = 60
_reason = click.option("--reason", "reasons", multiple=True, help="Only these reasons; may be repeated.")
_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of lines for people.")


@click.group(
    invoke_without_command=True,
    epilog="""\b
Examples:
  vedette dead-letters --reason bad-checksum
  vedette dead-letters --follow
  vedette dead-letters replay --reason unknown-sensor""",
)
@_reason
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@_json
@broker_option
@click.pass_context
def command(ctx: click.Context, reasons: tuple[str, ...], follow: bool, as_json: bool, bootstrap: str) -> None:
    """List what could not be used, one line an item: when, from where, why, and how its bytes begin."""
    if ctx.invoked_subcommand is not None:
        return
    with stopping() as stop, talking_to(bootstrap):
        from streams.console.public_log import public_log

        with public_log(bootstrap, TOPIC) as log:
            letters = distinct(log.to_now(), reasons)
            if as_json:
                for key, letter in letters.items():
                    click.echo(_line(key, letter))
            else:
                table(f"{len(letters)} dead letters", HEADER, [_cells(letter) for letter in letters.values()])
            for record in log.follow(stop) if follow else ():
                for key, letter in distinct([record], reasons).items():
                    if key not in letters:
                        letters[key] = letter
                        click.echo(_line(key, letter)) if as_json else line(_cells(letter))


@command.command(epilog="Example: vedette dead-letters replay --reason unknown-sensor")
@_reason
@_json
@broker_option
def replay(reasons: tuple[str, ...], as_json: bool, bootstrap: str) -> None:
    """Send the original bytes to their original topic once more, with the header x-replayed-from.

    Ids come from content, so an item that is replayed twice is still one observation. What was replayed before and
    died again is represented by its first letter. Records between stages are not replayed: they are read from the log.
    """
    with talking_to(bootstrap):
        from streams.console.public_log import public_log
        from streams.console.replayed import is_replayable, send_again

        with public_log(bootstrap, TOPIC) as log:
            letters = distinct(log.to_now(), reasons)
        wanted = {key: letter for key, letter in letters.items() if is_replayable(letter)}
        sent, failed = send_again(bootstrap, wanted)
    left = len(letters) - len(wanted)
    if as_json:
        click.echo(json.dumps({"replayed": sent, "failed": failed, "not_replayable": left}))
    else:
        click.echo(f"replayed {sent}, failed {failed}, not replayable {left}")
    if failed:
        raise SystemExit(1)


def distinct(records: Iterable[Record], reasons: tuple[str, ...]) -> dict[str, DeadLetter]:
    """Dead letters by key, one an item however often it was written; records that are none are left out."""
    from streams.dead_letters import read

    found: dict[str, DeadLetter] = {}
    for record in records:
        try:
            letter = read(record)
        except (KeyError, ValueError):
            continue
        if not reasons or letter.reason in reasons:
            found[(record.key or b"").decode(errors="replace")] = letter
    return found


def _cells(letter: DeadLetter) -> tuple[str, ...]:
    origin = letter.origin
    value = (letter.value or b"")[:_PREVIEW]
    shown = value.decode(errors="backslashreplace").encode("unicode_escape").decode()
    return (
        *(clock(to_time(origin.time_us)), f"{origin.topic}/{origin.partition}@{origin.offset}.{origin.item}"),
        *(letter.stage, letter.reason, letter.detail, shown),
    )


def _line(key: str, letter: DeadLetter) -> str:
    origin, value = letter.origin, letter.value
    try:
        text = {"value": None if value is None else value.decode()}
    except UnicodeDecodeError:
        text = {"value_base64": base64.b64encode(value or b"").decode()}
    return json.dumps(
        {
            "key": key,
            "reason": letter.reason,
            "stage": letter.stage,
            "detail": letter.detail,
            "topic": origin.topic,
            "partition": origin.partition,
            "offset": origin.offset,
            "item": origin.item,
            "time": rfc3339(origin.time_us),
            **text,
        }
    )
