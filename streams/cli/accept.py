"""``vedette accept``: a unit takes a task."""

import click

from streams.cli.giving import Giving, giving_options, to_task
from streams.messages import CommandKind, TaskState


@click.command(epilog="Example: vedette accept 81c0de")
@click.argument("task_id", metavar="TASK")
@giving_options("unit")
def command(task_id: str, giving: Giving) -> None:
    """Accept a task for its unit. TASK is its id or any unique beginning of it."""
    settled = (TaskState.ACCEPTED, TaskState.EN_ROUTE, TaskState.ON_SCENE)
    to_task(giving, task_id, CommandKind.ACCEPT, settled=settled)
