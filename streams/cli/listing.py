"""How lists look: a table on a terminal, one tab-separated line each in a pipe, one JSON object each on request."""

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import click
import msgspec

SHORT = 12  # characters of an id that tell it apart in practice; commands take any unique beginning

SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}


def json_line(message: object) -> str:
    """One message as one line of JSON."""
    return msgspec.json.encode(message).decode()


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str] = ()) -> None:
    """Print rows: a table on a terminal, with a style a row; plain lines in a pipe, for cut and awk."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title, title_justify="left", header_style="bold")
    for column in header:
        made.add_column(column, overflow="fold")
    for number, row in enumerate(rows):
        made.add_row(*(Text(cell) for cell in row), style=styles[number] if styles else None)
    Console().print(made)


def line(cells: Sequence[str], style: str = "") -> None:
    """Print one row as it comes, for lists that are followed."""
    if not sys.stdout.isatty():
        click.echo("\t".join(cells))
        return
    from rich.console import Console
    from rich.text import Text

    Console().print(Text("  ".join(cells), style=style), soft_wrap=True)


def clock(time: datetime | None) -> str:
    """A time as people read it, UTC to the second."""
    return "" if time is None else time.strftime("%Y-%m-%d %H:%M:%SZ")


def chosen(ids: Iterable[str], beginning: str, what: str) -> str:
    """The one id that begins like this; raises click.UsageError where there is none or more than one."""
    found = sorted(name for name in ids if name.startswith(beginning))
    if beginning in found:
        return beginning
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.UsageError(f"no {what} begins with {beginning!r}; `vedette {what}s` lists them")
    more = "" if len(found) <= 5 else f" and {len(found) - 5} more"
    raise click.UsageError(f"{len(found)} {what}s begin with {beginning!r}: {', '.join(found[:5])}{more}")


def states_option(states: type[StrEnum]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add ``--state``, which may be given more than once; the parameter is ``states``."""
    return click.option(
        "--state",
        "states",
        multiple=True,
        type=click.Choice([state.value for state in states]),
        help="Only these; may be repeated.",
    )
