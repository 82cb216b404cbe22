"""``vedette tasks``: what units are asked to do."""

import click

from streams.cli.broker_option import broker_option
from streams.cli.listing import SHORT, clock, json_line, line, states_option, table
from streams.cli.pacing import stopping
from streams.cli.talking import talking_to
from streams.messages import Task, TaskState

HEADER = ("OFFERED", "TASK", "STATE", "UNIT", "ALERT", "ATTEMPT", "AWAY", "ANSWER BY")


@click.command(epilog="Example: vedette tasks --state offered --state accepted")
@states_option(TaskState)
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, as published.")
@broker_option
def command(states: tuple[str, ...], follow: bool, as_json: bool, bootstrap: str) -> None:
    """List the newest version of every task by time of offer; with --follow go on with every new version."""
    with stopping() as stop, talking_to(bootstrap):
        from streams.console.public_log import Newest, public_log

        seen = Newest(Task)
        with public_log(bootstrap, "tasks.v1") as log:
            for record in log.to_now():
                seen.take(record)
            tasks = [task for task in seen.by_key.values() if not states or task.state in states]
            tasks.sort(key=lambda task: (task.offered_time, task.alert_id, task.attempt))
            if as_json:
                for task in tasks:
                    click.echo(json_line(task))
            else:
                table(f"{len(tasks)} tasks", HEADER, [cells(task) for task in tasks])
            for record in log.follow(stop) if follow else ():
                found = seen.take(record)
                if found is not None and (not states or found.state in states):
                    click.echo(json_line(found)) if as_json else line(cells(found))


def cells(task: Task) -> tuple[str, ...]:
    """One task as one row."""
    away = (
        ""
        if task.eta_s is None or task.distance_m is None
        else f"{task.distance_m / 1852:.1f} NM, {task.eta_s / 60:.0f} min"
    )
    state = f"{task.state} ({task.outcome or task.reason})" if task.outcome or task.reason else str(task.state)
    return (
        *(
            clock(task.offered_time),
            task.task_id[:SHORT],
            state,
            task.unit_id + (" (exercise)" if task.exercise else ""),
        ),
        *(task.alert_id[:SHORT], str(task.attempt), away, clock(task.expires_time)),
    )
