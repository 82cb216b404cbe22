"""``vedette outcome``: how a task ended."""

import click

from streams.cli.giving import Giving, giving_options, to_task
from streams.messages import CommandKind, Outcome, TaskState


@click.command(epilog="Example: vedette outcome 81c0de assistance --note 'towed to port'")
@click.argument("task_id", metavar="TASK")
@click.argument("outcome", type=click.Choice([outcome.value for outcome in Outcome]))
@giving_options("unit")
def command(task_id: str, outcome: Outcome, giving: Giving) -> None:
    """Report how an accepted task ended; its unit is free then. The alert stays open for the watch officer."""
    to_task(giving, task_id, CommandKind.OUTCOME, settled=(TaskState.DONE,), outcome=Outcome(outcome))
