"""``vedette decline``: a unit cannot; the next one is asked."""

import click

from streams.cli.giving import Giving, giving_options, to_task
from streams.messages import CommandKind, TaskState


@click.command(epilog="Example: vedette decline 81c0de --note 'low on fuel'")
@click.argument("task_id", metavar="TASK")
@giving_options("unit")
def command(task_id: str, giving: Giving) -> None:
    """Decline a task; its alert is offered to the next unit. TASK is its id or any unique beginning of it."""
    to_task(giving, task_id, CommandKind.DECLINE, settled=(TaskState.DECLINED,))
