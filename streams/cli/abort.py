"""``vedette abort``: a task is called off."""

import click

from streams.cli.giving import Giving, giving_options, to_task
from streams.messages import CommandKind, TaskState


@click.command(name="abort", epilog="Example: vedette abort 81c0de --note 'false alarm'")
@click.argument("task_id", metavar="TASK")
@giving_options("dispatcher")
def command(task_id: str, giving: Giving) -> None:
    """Call a task off; its unit is free, and its alert is offered to the next unit while it is open."""
    to_task(giving, task_id, CommandKind.ABORT, settled=(TaskState.ABORTED,))
