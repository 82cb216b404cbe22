"""What the verbs that give orders share: who gives them, how long to wait, what is said of the answer."""

import sys
from collections.abc import Callable, Collection
from datetime import datetime
from functools import wraps
from typing import Any, NamedTuple, TypeVar

import click

from streams.cli.broker_option import broker_option
from streams.cli.codes import INPUT_ERRORS
from streams.cli.listing import SHORT, chosen, json_line
from streams.cli.talking import talking_to
from streams.messages import Alert, CommandKind, Outcome, Task

_WHY = {
    "unknown-target": "its owner does not hold it any more",
    "not-allowed": "its state does not allow that",
}
Target = TypeVar("Target", Alert, Task)


class Giving(NamedTuple):
    """Who gives an order, and how it is given."""

    actor: str
    note: str | None
    command_id: str | None
    patience_s: float
    as_json: bool
    bootstrap: str


def giving_options(role: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add what every order takes; the verb gets it as ``giving``. ``role`` is who usually gives it."""
    options = (
        click.option("--as", "actor", envvar="VEDETTE_ROLE", default=role, show_default=True, help="A role, no name."),
        click.option("--note", default=None, help="Why; kept in the history. Names no person."),
        click.option("--command-id", default=None, help="To repeat an order safely: one id is done once."),
        click.option("--wait", "patience_s", type=float, default=5.0, show_default=True, help="Seconds; 0: only send."),
        click.option("--json", "as_json", is_flag=True, help="The new version as one JSON object."),
        broker_option,
    )

    def add(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def bundled(**values: Any) -> None:
            function(giving=Giving(*(values.pop(name) for name in Giving._fields)), **values)

        verb: Callable[..., None] = bundled
        for option in reversed(options):
            verb = option(verb)
        return verb

    return add


def to_alert(
    giving: Giving,
    beginning: str,
    kind: CommandKind,
    *,
    settled: Collection[str] = (),
    outcome: Outcome | None = None,
    until: Callable[[Alert], datetime] | None = None,
) -> None:
    """Give an order for the alert whose id begins so; one whose state is among ``settled`` needs none."""
    _to(giving, beginning, kind, "alert", Alert, settled, outcome, until)


def to_task(
    giving: Giving, beginning: str, kind: CommandKind, *, settled: Collection[str] = (), outcome: Outcome | None = None
) -> None:
    """As :func:`to_alert`, for a task."""
    _to(giving, beginning, kind, "task", Task, settled, outcome, None)


def _to(
    giving: Giving,
    beginning: str,
    kind: CommandKind,
    noun: str,
    message: type[Target],
    settled: Collection[str],
    outcome: Outcome | None,
    until: Callable[[Target], datetime] | None,
) -> None:
    topic = f"{noun}s.v1"
    with talking_to(giving.bootstrap):
        from streams.console import orders
        from streams.console.public_log import newest

        targets = newest(giving.bootstrap, topic, message)
        name = chosen(targets, beginning, noun)
        target = targets[name]
        if target.state in settled:
            _say(giving, target, f"{noun} {name[:SHORT]} is {target.state} already")
            return
        command = orders.order(
            kind,
            name,
            target.area,
            giving.actor,
            command_id=giving.command_id,
            outcome=outcome,
            until=None if until is None else until(target),
            note=giving.note,
        )
        found = orders.give(giving.bootstrap, command, topic, message, giving.patience_s)
    if isinstance(found.message, Alert | Task):
        _say(giving, found.message, f"{noun} {name[:SHORT]} is {found.message.state} (version {found.message.version})")
    elif found.answer is orders.Answer.REFUSED:
        click.echo(f"Error: {noun} {name[:SHORT]}: {_WHY.get(found.reason, found.reason)} ({found.reason})", err=True)
        sys.exit(INPUT_ERRORS)
    elif giving.patience_s > 0:
        click.echo(
            f"sent, but no worker has answered in {giving.patience_s:g} s; it is done when one reads it"
            f" (repeat it safely with --command-id {command.command_id})",
            err=True,
        )


def _say(giving: Giving, message: Alert | Task, text: str) -> None:
    click.echo(json_line(message) if giving.as_json else text)
