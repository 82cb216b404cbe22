"""``vedette on-scene``: a unit has arrived."""

import click

from streams.cli.giving import Giving, giving_options, to_task
from streams.messages import CommandKind, TaskState


@click.command(name="on-scene", epilog="Example: vedette on-scene 81c0de")
@click.argument("task_id", metavar="TASK")
@giving_options("unit")
def command(task_id: str, giving: Giving) -> None:
    """Say that the unit of a task has arrived. TASK is its id or any unique beginning of it."""
    to_task(giving, task_id, CommandKind.ON_SCENE, settled=(TaskState.ON_SCENE,))
