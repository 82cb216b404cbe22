"""``vedette en-route``: a unit is on its way."""

import click

from streams.cli.giving import Giving, giving_options, to_task
from streams.messages import CommandKind, TaskState


@click.command(name="en-route", epilog="Example: vedette en-route 81c0de")
@click.argument("task_id", metavar="TASK")
@giving_options("unit")
def command(task_id: str, giving: Giving) -> None:
    """Say that the unit of an accepted task is on its way. TASK is its id or any unique beginning of it."""
    to_task(giving, task_id, CommandKind.EN_ROUTE, settled=(TaskState.EN_ROUTE, TaskState.ON_SCENE))
